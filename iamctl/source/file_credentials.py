"""What the file of a sandbox knows of credentials; what it does not know stays unknown in the embedded IAM."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from iamctl.account.audit_facts import UNREAD, AuditFact
from iamctl.account.needs import Needs
from iamctl.account.shape import iso
from iamctl.kinds.account_setting import READS
from iamctl.kinds.credentials import is_about
from iamctl.source.live_source import Decorator, LiveSource

if TYPE_CHECKING:
    from iamctl.model.snapshot import CredentialReport, ReportRow, Snapshot

Facts = Mapping[str, Any]

_REPORTED: Mapping[str, tuple[str, ...]] = {
    "LoginProfile": ("PasswordEnabled", "PasswordLastUsed", "PasswordLastChanged"),
    "AccessKeyMetadata": ("AccessKeys",),
    "MFADevices": ("MFAActive",),
}
"""The columns of the credential report that tell something of each exact fact."""


_ONLY_TOLD = ("PasswordLastUsed",)
"""What FILE tells of users and no call for exact facts does."""

_ROOT_FACTS = (
    "AccountAccessKeysPresent",
    "AccountMFAEnabled",
    "AccountPasswordPresent",
    "AccountSigningCertificatesPresent",
)
"""What only FILE can tell of the root user; the embedded IAM assumes a root user in good order."""


class FileCredentials:
    """The exact facts of the file by user, and what only the credential report in the file knows."""

    def __init__(self, loaded: Facts, *, is_new: bool = False) -> None:
        """With ``is_new`` there is no file yet: then the account is empty, and nothing of its settings is unknown."""
        in_file = loaded.get("audit", {})
        self.settings = frozenset(key for key, _ in READS.values() if is_new or key in in_file)
        users = loaded.get("UserDetailList", ())
        reported = loaded.get("credential_report") or {}
        self._root: ReportRow | None = reported.get("root")
        held = loaded.get("credentials", {})
        rows = reported.get("users", {})
        self._has_password_use = any("PasswordLastUsed" in user for user in users)
        self._known: dict[str, tuple[Facts, Facts]] = {}
        for user in users:
            name = user["UserName"]
            row = rows[name] if name in rows and is_about(rows[name], user) else {}
            exact = {**_exact_in(row), **self._password_use(user), **_reported_use(row), **held.get(name, {})}
            self._known[user.get("UserId", name)] = (exact, _without(row, exact))
        self.loaded = {
            **{key: value for key, value in loaded.items() if key != "credential_report"},
            "credentials": {user["UserName"]: facts for user in users if (facts := self.of(user))},
        }
        """The file without its report, which the first write makes stale; exact facts of the report are kept."""

    def _password_use(self, user: Facts) -> dict[str, Any]:
        """Return when FILE says that the password was used last, None for never."""
        return {"PasswordLastUsed": user.get("PasswordLastUsed")} if self._has_password_use else {}

    def of(self, user: Facts) -> Facts | None:
        """Return the exact facts that the file knows of a user; None for a user who is not in it."""
        known = self._of(user)
        return known[0] if known else None

    def _of(self, user: Facts) -> tuple[Facts, Facts] | None:
        """Return what the file knows of a user, by the id, which a rename keeps; by name if there is no id."""
        return self._known.get(user.get("UserId", ""), self._known.get(user["UserName"]))

    def without_unknown(self, snapshot: Snapshot, generated: str) -> Snapshot:
        """Return a snapshot of the embedded IAM without the facts that the file does not know.

        Its credential report, generated at ``generated``, has what only the report in the file knew.
        """
        held: dict[str, Any] = dict(snapshot.get("credentials", {}))
        report = snapshot.get("credential_report")
        rows: dict[str, Any] = {}
        for user in snapshot["UserDetailList"]:
            name, known = user["UserName"], self._of(user)
            if name in held and known is not None:
                kept = {fact: value for fact, value in held.pop(name).items() if fact in known[0]}
                facts = {**{fact: known[0][fact] for fact in _ONLY_TOLD if fact in known[0]}, **kept}
                held.update({name: facts} if facts else {})
            if report and name in report["users"]:
                row = report["users"][name]
                rows[name] = row if known is None else _told_row(row, known)
        known_facts = self._without_unknown_audit({**snapshot, "credentials": held})
        if "SummaryMap" in snapshot:
            known_facts["SummaryMap"] = self._summary(snapshot["SummaryMap"])
        if not report:
            return known_facts
        told: CredentialReport = {**report, "GeneratedTime": generated, "users": rows}
        told.pop("root", None)
        if self._root is not None:
            told["root"] = self._root
        return {**known_facts, "credential_report": told}

    def _summary(self, summary: dict[str, int]) -> dict[str, int]:
        """Return the summary without what FILE does not tell of the root user."""
        written = self.loaded.get("SummaryMap") or {}
        return {name: value for name, value in summary.items() if name not in _ROOT_FACTS or name in written}

    def _without_unknown_audit(self, snapshot: Snapshot) -> Snapshot:
        """Return the snapshot with those of the facts of an audit that FILE has, and those whose read failed."""
        if "audit" not in snapshot:
            return snapshot
        told = {UNREAD, *self.settings, *self.loaded.get("audit", {})}
        if "signin_sessions" in self.loaded:
            told.add(AuditFact.SIGNIN_SESSIONS)
        kept: Snapshot = {
            **snapshot,
            "audit": {name: value for name, value in snapshot["audit"].items() if name in told},
        }
        if AuditFact.VIRTUAL_DEVICES not in told and "virtual_mfa_devices" not in self.loaded:
            kept.pop("virtual_mfa_devices", None)
        return kept


class UnknownCredentials(Decorator):
    """A source in which a credential that the file does not know is unknown, although the embedded IAM has none."""

    def __init__(self, source: LiveSource, known: FileCredentials, now: datetime) -> None:
        super().__init__(source)
        self._known = known
        self._generated = iso(now)  # the report is as old as the command, whose clock may not be the machine's

    def fetch(self, needs: Needs, known: Snapshot | None = None) -> Snapshot:
        """Return what the decorated source returns, without what the file does not know."""
        return self._known.without_unknown(self.source.fetch(needs, known), self._generated)


def _exact_in(row: Facts) -> dict[str, Any]:
    """Return the exact facts in a row of the credential report: what a user has none of, and the password."""
    facts: dict[str, Any] = {}
    if row.get("PasswordEnabled") is False:
        facts["LoginProfile"] = None
    if row.get("PasswordEnabled") and "PasswordLastChanged" in row:
        facts["LoginProfile"] = {"CreateDate": row["PasswordLastChanged"], "PasswordResetRequired": False}
    if row.get("AccessKeys") == []:
        facts["AccessKeyMetadata"] = []
    if row.get("MFAActive") is False:
        facts["MFADevices"] = []
    return facts


def _reported_use(row: Facts) -> dict[str, Any]:
    """Return when the report in FILE says that the password was used last, None for never."""
    return {"PasswordLastUsed": row.get("PasswordLastUsed")} if row.get("PasswordEnabled") else {}


def _told_row(row: Facts, known: tuple[Facts, Facts]) -> ReportRow:
    """Return a row of the embedded report without what FILE does not tell, and with what its own report tells."""
    told: Any = {**_without(row, _REPORTED.keys() - known[0].keys()), **known[1]}
    if told.get("PasswordEnabled") and "PasswordLastUsed" not in known[0]:
        told["IsPasswordUseKnown"] = False
    return told  # type: ignore[no-any-return]


def _without(row: Facts, facts: Iterable[str]) -> dict[str, Any]:
    """Return a row of the report without its columns about these exact facts."""
    left_out = {cell for fact in facts for cell in _REPORTED.get(fact, ())}
    return {cell: value for cell, value in row.items() if cell not in left_out}
