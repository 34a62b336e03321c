"""The embedded IAM as the live account, loaded from a file and saved to it after an apply."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from iamctl.account.audit_facts import AuditFact
from iamctl.account.needs import Needs
from iamctl.account.snapshot_file import load_snapshot, save_snapshot
from iamctl.aws.session import Session, custom_endpoints, identify
from iamctl.aws.watch import watch
from iamctl.kinds.arn import policy_account
from iamctl.model import Call, IamctlError
from iamctl.model.failures import UsageError
from iamctl.model.settings import Settings
from iamctl.sandbox import open_sandbox
from iamctl.source.aws import AwsSource, CredentialReads
from iamctl.source.file_credentials import FileCredentials, UnknownCredentials
from iamctl.source.live_source import Decorator, LiveSource, Waits, check_identity, whole_snapshot
from iamctl.source.watched import Reading, Watched

if TYPE_CHECKING:
    from iamctl.model.lock import LockSettings
    from iamctl.model.snapshot import Snapshot, SnapshotAccount

_log = logging.getLogger(__name__)


class SandboxSource(Decorator):
    """A source that remembers which calls it was to run, and can be saved to the file that it came from.

    The embedded IAM is made for one thread: writes side by side change its tables while another one walks through them.
    """

    def __init__(
        self, source: LiveSource, path: Path, known: FileCredentials, aws_policies: tuple[Any, ...] = ()
    ) -> None:
        """``aws_policies`` are those that the file describes; no listing of the account returns them."""
        super().__init__(source)
        self.is_shared = False
        self._aws_policies = aws_policies
        self._path = path
        self._known = known
        self._written: list[Call] = []
        self._one_at_a_time = Lock()

    def execute(self, call: Call) -> Mapping[str, Any]:
        """Run one write and return the answer, one at a time."""
        with self._one_at_a_time:
            self.note_written(call)
            return self.source.execute(call)

    def note_written(self, call: Call) -> None:
        """Remember a write that reached the embedded IAM without this source."""
        self._written.append(call)

    def ask(self, operation: str, params: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Return the answer to one read, while no write runs."""
        with self._one_at_a_time:
            return self.source.ask(operation, params)

    def lock_store(self, settings: LockSettings) -> None:
        """Return nothing: the account exists in this process alone."""

    def save(self) -> None:
        """Write the account to its file, unless no call was run: then the file keeps its bytes."""
        if self._written:
            save_snapshot(self._path, self._carried_over(whole_snapshot(self.source)))

    def _carried_over(self, snapshot: Snapshot) -> Snapshot:
        """Return the snapshot with the credentials of the file for its users, and those of new or changed users read.

        It has no credential report: the one that was read is older than the writes.
        """
        touched = {call.params.get(name) for call in self._written for name in ("UserName", "NewUserName")}
        users = snapshot["UserDetailList"]
        asked = [user["UserName"] for user in users if self._known.of(user) is None or user["UserName"] in touched]
        everyone = [user["UserName"] for user in users]  # with nobody to ask about, the listing of devices is still due
        needs = Needs.of(all_credentials=asked) if asked else Needs.of(unassigned_devices=everyone or ["nobody"])
        read = self.source.fetch(needs, snapshot)
        held: dict[str, Any] = dict(read.get("credentials", {}))
        for user in users:
            if facts := self._known.of(user):  # of a user whom no call touched, the read has only what a report tells
                held[user["UserName"]] = {**facts, **held.get(user["UserName"], {})}
        listed = {policy["Arn"] for policy in snapshot["Policies"]}
        kept = [policy for policy in self._aws_policies if policy["Arn"] not in listed]
        saved: Snapshot = {**read, "Policies": [*snapshot["Policies"], *kept], "credentials": held}
        saved.pop("credential_report", None)
        if facts := self._facts(read):
            saved["audit"] = facts
        if "events" in self._known.loaded:
            saved["events"] = self._known.loaded["events"]
        if "usage" in self._known.loaded:
            saved["usage"] = self._known.loaded["usage"]
        if "signin_sessions" in self._known.loaded:
            saved["signin_sessions"] = self.source.fetch(Needs.of(signin_sessions=everyone), snapshot)[
                "signin_sessions"
            ]
        if "organization" in self._known.loaded:
            saved["organization"] = self._known.loaded["organization"]
        return saved

    def _facts(self, snapshot: Snapshot) -> Mapping[str, Any]:
        """Return what the file knows of the account itself, with its settings and sessions as the calls left them."""
        loaded: Mapping[str, Any] = self._known.loaded.get("audit", {})
        changed = self._known.settings | ({AuditFact.SIGNIN_SESSIONS.value} & loaded.keys())
        if not changed:
            return loaded
        found = self.source.fetch(Needs.of(audit=changed), {**snapshot, "audit": {}})["audit"]
        return {**loaded, **{key: found.get(key, loaded.get(key)) for key in sorted(changed)}}


@contextmanager
def open_sandbox_file(
    path: Path,
    profile: str | None,
    settings: Settings | None,
    *,
    is_saved: bool,
    credentials: CredentialReads,
    now: datetime,
) -> Iterator[LiveSource]:
    """Yield the embedded IAM with what the file holds; at the end write it back, if ``is_saved``.

    Raises:
        UsageError: the sandbox cannot run here, or nothing tells which account a new file is for.
        RefusedError: the file holds another account than that of ``settings``.
    """
    check_sandbox(path)
    if endpoints := custom_endpoints(profile):
        shown = next(iter(endpoints.values()))
        raise UsageError(f"--sandbox runs in this process and cannot use the custom endpoint {shown}; unset it")
    snapshot = read_file(path)
    if snapshot is None and settings is None:
        raise UsageError(f"{path} does not exist, and no manifests say which account it is for")
    account: SnapshotAccount = (
        snapshot["account"] if snapshot else {"id": settings.account_id if settings else "", "partition": "aws"}
    )
    check_identity(settings, account["id"])
    with loaded_sandbox(path, snapshot, account, credentials=credentials, now=now, moment=now) as (_, source):
        try:
            yield source
        finally:
            if is_saved:
                source.save()


@contextmanager
def loaded_sandbox(
    path: Path,
    snapshot: Snapshot | None,
    account: SnapshotAccount,
    *,
    credentials: CredentialReads,
    now: datetime,
    moment: datetime | None,
) -> Iterator[tuple[Session, SandboxSource]]:
    """Yield the session of an embedded IAM that holds ``snapshot``, and the source that saves it to ``path``.

    Its clock is fixed at ``moment``, or is that of the machine.
    """
    known = FileCredentials(snapshot or {}, is_new=snapshot is None)
    loaded = known.loaded if snapshot else None
    with open_sandbox(loaded, account_id=account["id"], partition=account["partition"], moment=moment) as session:
        reading = Reading()
        watch(session, reading)
        embedded = AwsSource(
            session, identify(session), credentials=credentials, now=now, waits=Waits(), sleep=_no_sleep
        )
        source = UnknownCredentials(Watched(embedded, reading), known, now)
        yield session, SandboxSource(source, path, known, _aws_policies(snapshot))


def read_file(path: Path) -> Snapshot | None:
    """Return the snapshot in the file of a sandbox, or None with a warning if there is no file.

    Raises:
        IamctlError: the file cannot be used.
    """
    if not path.exists():
        _log.warning("%s does not exist; the sandbox starts with an empty account", path)
        return None
    snapshot = load_snapshot(path)
    try:
        json.dumps(snapshot, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise IamctlError(f"{path}: a text contains half of a surrogate pair, which IAM rejects") from error
    return snapshot


def _aws_policies(snapshot: Snapshot | None) -> tuple[Any, ...]:
    """Return the AWS-managed policies that a file describes, without the counts that the writes change."""
    counts = {"AttachmentCount", "PermissionsBoundaryUsageCount"}
    return tuple(
        {key: value for key, value in policy.items() if key not in counts}
        for policy in (snapshot["Policies"] if snapshot else ())
        if policy_account(policy["Arn"]) == "aws"
    )


def check_sandbox(path: Path) -> None:
    """Refuse a sandbox that cannot run here, or could not be saved.

    Raises:
        UsageError: moto is not installed, or the folder of ``path`` does not exist.
    """
    if find_spec("moto") is None:
        raise UsageError("--sandbox needs moto, which is not installed; install iamctl with its extra: '.[sandbox]'")
    if not path.parent.is_dir():
        raise UsageError(f"--sandbox {str(path)!r}: the folder {str(path.parent)!r} does not exist")


def _no_sleep(_seconds: float) -> None:
    """Return at once: what the embedded IAM is asked for is ready immediately."""
