"""What the file of a sandbox knows of credentials; what it does not know stays unknown in the embedded IAM."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from iamctl.account.needs import Needs
from iamctl.account.shape import iso
from iamctl.kinds.credentials import is_about
from iamctl.source.live_source import Decorator, LiveSource

if TYPE_CHECKING:
    from iamctl.model.snapshot import Snapshot

Facts = Mapping[str, Any]

_REPORTED: Mapping[str, tuple[str, ...]] = {
    "LoginProfile": ("PasswordEnabled", "PasswordLastUsed", "PasswordLastChanged"),
    "AccessKeyMetadata": ("AccessKeys",),
    "MFADevices": ("MFAActive",),
}
"""The columns of the credential report that tell something of each exact fact."""


class FileCredentials:
    """The exact facts of the file by user, and what only the credential report in the file knows."""

    def __init__(self, loaded: Facts) -> None:
        users = loaded.get("UserDetailList", ())
        held = loaded.get("credentials", {})
        rows = (loaded.get("credential_report") or {}).get("users", {})
        self._known: dict[str, tuple[Facts, Facts]] = {}
        for user in users:
            name = user["UserName"]
            row = rows[name] if name in rows and is_about(rows[name], user) else {}
            exact = {**_exact_in(row), **held.get(name, {})}
            self._known[user.get("UserId", name)] = (exact, _without(row, exact))
        self.loaded = {
            **{key: value for key, value in loaded.items() if key != "credential_report"},
            "credentials": {user["UserName"]: facts for user in users if (facts := self.of(user))},
        }
        """The file without its report, which the first write makes stale; exact facts of the report are kept."""

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
                held[name] = {fact: value for fact, value in held[name].items() if fact in known[0]}
            if report and name in report["users"]:
                row = report["users"][name]
                rows[name] = row if known is None else {**_without(row, _REPORTED.keys() - known[0].keys()), **known[1]}
        known_facts: Snapshot = {**snapshot, "credentials": held}
        if not report:
            return known_facts
        return {**known_facts, "credential_report": {**report, "GeneratedTime": generated, "users": rows}}


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


def _without(row: Facts, facts: Iterable[str]) -> dict[str, Any]:
    """Return a row of the report without its columns about these exact facts."""
    left_out = {cell for fact in facts for cell in _REPORTED.get(fact, ())}
    return {cell: value for cell, value in row.items() if cell not in left_out}
