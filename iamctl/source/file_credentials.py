"""What the FILE of a sandbox tells of credentials: the embedded IAM has none where FILE only does not know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from iamctl.kinds.credentials import is_about

Facts = Mapping[str, Any]

_REPORTED: Mapping[str, tuple[str, ...]] = {
    "LoginProfile": ("PasswordEnabled", "PasswordLastUsed", "PasswordLastChanged"),
    "AccessKeyMetadata": ("AccessKeys",),
    "MFADevices": ("MFAActive",),
}
"""What the credential report tells of each exact fact."""


class FileCredentials:
    """Exact facts of FILE by user, and beside them what only the credential report in FILE tells."""

    def __init__(self, loaded: Facts) -> None:
        users = loaded.get("UserDetailList", ())
        held = loaded.get("credentials", {})
        rows = (loaded.get("credential_report") or {}).get("users", {})
        self._known: dict[str, tuple[Facts, Facts]] = {}
        for user in users:
            name = user["UserName"]
            row = rows[name] if name in rows and is_about(rows[name], user) else {}
            exact = {**_settled(row), **held.get(name, {})}
            self._known[user.get("UserId", name)] = (exact, _without(row, exact))
        self.loaded = {
            **{key: value for key, value in loaded.items() if key != "credential_report"},
            "credentials": {user["UserName"]: facts for user in users if (facts := self.of(user))},
        }
        """FILE without its report, which the first write makes stale; what it settles stands among the exact facts."""

    def of(self, user: Facts) -> Facts | None:
        """Return the exact facts that FILE tells of a user; None for a user who is not in FILE."""
        known = self._of(user)
        return known[0] if known else None

    def _of(self, user: Facts) -> tuple[Facts, Facts] | None:
        """Return what FILE knows of a user, by the id, which a rename keeps; by the name of one without."""
        return self._known.get(user.get("UserId", ""), self._known.get(user["UserName"]))

    def told(self, snapshot: Facts, generated: str) -> dict[str, Any]:
        """Return a snapshot of the embedded IAM without the facts that FILE does not know.

        Its credential report, made at ``generated``, tells instead what only the report in FILE told.
        """
        held = dict(snapshot.get("credentials", {}))
        report = snapshot.get("credential_report", {})
        rows = {}
        for user in snapshot["UserDetailList"]:
            name, known = user["UserName"], self._of(user)
            if name in held and known is not None:
                held[name] = {fact: value for fact, value in held[name].items() if fact in known[0]}
            if name in report.get("users", {}):
                row = report["users"][name]
                rows[name] = row if known is None else {**_without(row, _REPORTED.keys() - known[0].keys()), **known[1]}
        told = {**snapshot, "credentials": held}
        return {**told, "credential_report": {**report, "GeneratedTime": generated, "users": rows}} if report else told


def _settled(row: Facts) -> dict[str, Any]:
    """Return the exact facts that a row of the credential report settles: what there is none of, and the password."""
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
    """Return a row of the report without what it tells of these exact facts."""
    left_out = {cell for fact in facts for cell in _REPORTED.get(fact, ())}
    return {cell: value for cell, value in row.items() if cell not in left_out}
