"""Where live IAM is read from and written to: AWS, a snapshot file, or the embedded sandbox."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from iamctl.model import Call, IamctlError
from iamctl.model.failures import RefusedError, UsageError
from iamctl.model.settings import Settings
from iamctl.source.file_credentials import FileCredentials
from iamctl.source.watching import Watching

if TYPE_CHECKING:
    from iamctl.aws.session import Caller, Session
    from iamctl.handover.password import PasswordPolicy

SETTLE_SECONDS = (2.0, 4.0, 8.0)
"""How long to wait before each further look at AWS: IAM is eventually consistent.

https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_general.html#troubleshoot_general_eventual-consistency
"""

SPREAD_SECONDS = 15.0
"""How long a change may need to be seen by all of AWS; AWS names no number, and most are seen within seconds."""


@dataclass(frozen=True)
class Source:
    """What the command line says about the live account."""

    profile: str | None
    region: str | None
    snapshot: Path | None
    sandbox: Path | None
    credentials: Literal["auto", "exact", "none"]
    """How passwords, keys and devices are read: user by user in small accounts and from the report in larger ones, user
    by user in all, or not."""

    def __post_init__(self) -> None:
        if self.snapshot and self.sandbox:
            raise UsageError("--snapshot and --sandbox exclude each other: both say where live IAM is")


@dataclass(frozen=True)
class Connection:
    """An open live account."""

    account_id: str
    partition: str
    caller_arn: str | None
    read: Callable[[], dict[str, Any]]
    """Read everything; the same JSON whatever the source."""
    complete: Callable[[Mapping[str, Any], Collection[str], Collection[str]], dict[str, Any]]
    """Add to a snapshot all that hangs on the named users, and the details of the policies with these ARNs."""
    look_up: Callable[[Mapping[str, Any], Collection[str]], dict[str, Any]]
    """Add to a snapshot the passwords, access keys and MFA devices of the named users, who stay."""
    read_documents: Callable[[Mapping[str, Any], Collection[str]], dict[str, Any]]
    """Add to a snapshot the documents of the AWS-managed policies with these ARNs."""
    execute: Callable[[Call], Mapping[str, Any]] | None = None
    """Run one write; None where nothing can be written."""
    password_policy: Callable[[], PasswordPolicy] | None = None
    """Read what the account demands of passwords; None where nothing can be written."""
    settle_seconds: tuple[float, ...] = ()
    spread_seconds: float = 0.0
    """How long a change needs to be seen everywhere."""


@contextmanager
def open_source(
    source: Source, settings: Settings | None, purpose: Literal["plan", "apply"], now: datetime
) -> Iterator[Connection]:
    """Yield the live account, whose identity is that of ``settings`` before anything else is asked.

    Raises:
        RefusedError: it is another account, or the caller is the root user.
    """
    if source.snapshot:
        opened = _snapshot(source.snapshot, settings)
    elif source.sandbox:
        opened = _sandbox(source, source.sandbox, settings, purpose, now)
    else:
        opened = _aws(source, settings, purpose, now)
    with opened as connection:
        yield connection


def whole_snapshot(connection: Connection) -> dict[str, Any]:
    """Return a snapshot with the descriptions and tags of all customer-managed policies in it."""
    snapshot = connection.read()
    return connection.complete(snapshot, (), [policy["Arn"] for policy in snapshot["Policies"]])


def check_identity(settings: Settings | None, account_id: str, caller_arn: str | None) -> None:
    """Refuse another account than the manifest's, and the root user.

    Raises:
        RefusedError: so it is.
    """
    if settings and account_id != settings.account_id:
        raise RefusedError(
            f"the manifests are for account {settings.account_id} ({settings.account_name}), the live account is "
            f"{account_id}; nothing was read or changed (IAM402)"
        )
    if caller_arn and caller_arn.endswith(":root"):
        raise RefusedError("the credentials are those of the root user; use a role or a user (IAM403)")


@contextmanager
def _snapshot(path: Path, settings: Settings | None) -> Iterator[Connection]:
    from iamctl.account.snapshot_file import load_snapshot

    snapshot = load_snapshot(path)
    account = snapshot["account"]
    check_identity(settings, account["id"], None)
    yield Connection(
        account_id=account["id"],
        partition=account["partition"],
        caller_arn=None,
        read=lambda: snapshot,
        complete=lambda known, _users, _arns: dict(known),
        look_up=lambda known, _names: dict(known),
        read_documents=lambda known, _arns: dict(known),
    )


@contextmanager
def _sandbox(
    source: Source, path: Path, settings: Settings | None, purpose: str, now: datetime
) -> Iterator[Connection]:
    from iamctl.account.snapshot_file import load_snapshot, save_snapshot
    from iamctl.aws.session import custom_endpoint, identify
    from iamctl.aws.watch import watch
    from iamctl.sandbox import open_sandbox

    if find_spec("moto") is None:
        raise UsageError("--sandbox needs moto, which is not installed; install iamctl with its extra: '.[sandbox]'")
    if endpoint := custom_endpoint(source.profile):
        raise UsageError(
            f"--sandbox runs in this process, so it does not go with the custom endpoint {endpoint}; unset it"
        )
    if not path.parent.is_dir():
        raise UsageError(f"--sandbox {str(path)!r}: there is no folder {str(path.parent)!r} to save it in")
    snapshot = load_snapshot(path) if path.exists() else None
    try:
        json.dumps(snapshot, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise IamctlError(f"{path}: half of a surrogate pair stands in a text, which no IAM takes") from error
    if snapshot is None and settings is None:
        raise UsageError(f"{path} does not exist, and nothing says which account it would hold")
    account = snapshot["account"] if snapshot else {"id": settings.account_id if settings else "", "partition": "aws"}
    check_identity(settings, account["id"], None)
    known = FileCredentials(snapshot or {})
    loaded = known.loaded if snapshot else None
    with open_sandbox(loaded, account_id=account["id"], partition=account["partition"], moment=now) as session:
        watching = Watching()
        watch(session, watching)
        opened = watching.told(_connection(session, identify(session), source, now, ()))
        connection = _keeping_unknown(opened, known, now)
        written: list[Call] = []
        try:
            yield _noting(connection, written)
        finally:
            if written and purpose == "apply":  # a FILE to which nothing happened keeps its bytes
                save_snapshot(path, _carried_over(whole_snapshot(connection), connection, known, written))


@contextmanager
def _aws(source: Source, settings: Settings | None, purpose: str, now: datetime) -> Iterator[Connection]:
    from iamctl.aws.session import assume, custom_endpoint, identify, open_session
    from iamctl.aws.watch import watch

    session = open_session(source.profile, source.region)
    watching = Watching()
    watch(session, watching)
    role = settings.assume_role.get(purpose) if settings else None
    if role:
        session = assume(session, role, f"iamctl-{purpose}")
    caller = identify(session)
    check_identity(settings, caller.account_id, caller.arn)
    opened = watching.told(_connection(session, caller, source, now, SETTLE_SECONDS))
    yield opened if custom_endpoint(source.profile) else replace(opened, spread_seconds=SPREAD_SECONDS)


def _connection(
    session: Session, caller: Caller, source: Source, now: datetime, settle: tuple[float, ...]
) -> Connection:
    from iamctl.aws.execute import Executor
    from iamctl.aws.password_policy import password_policy
    from iamctl.aws.read import (
        read_snapshot,
        with_aws_policy_documents,
        with_credentials,
        with_looked_up,
        with_policy_details,
    )
    from iamctl.aws.session import identify, reading_client

    iam = reading_client(session)

    def wait(seconds: float) -> None:
        if settle:  # what the embedded IAM is asked for is there at once
            time.sleep(seconds)

    def complete(snapshot: Mapping[str, Any], users: Collection[str], arns: Collection[str]) -> dict[str, Any]:
        known = with_credentials(snapshot, iam, sorted(users)) if users else snapshot
        return with_policy_details(known, iam, sorted(arns))

    def look_up(snapshot: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
        return with_looked_up(snapshot, iam, names) if names and source.credentials != "none" else dict(snapshot)

    executor: list[Executor] = []

    def execute(call: Call) -> Mapping[str, Any]:
        if not executor:  # the account may have changed under a long prompt
            again = identify(session)
            if again != caller:
                raise RefusedError(f"the credentials are now those of {again.arn}; nothing was changed (IAM402)")
            executor.append(Executor(session))
        return executor[0](call)

    return Connection(
        account_id=caller.account_id,
        partition=caller.partition,
        caller_arn=caller.arn,
        read=lambda: read_snapshot(session, caller, credentials=source.credentials, now=now, sleep=wait),
        complete=complete,
        look_up=look_up,
        read_documents=lambda known, arns: with_aws_policy_documents(known, iam, arns) if arns else dict(known),
        execute=execute,
        password_policy=lambda: password_policy(session),
        settle_seconds=settle,
    )


def _noting(connection: Connection, written: list[Call]) -> Connection:
    """Return a connection that adds every call it is to execute to ``written``."""
    execute = connection.execute
    assert execute is not None

    def noted(call: Call) -> Mapping[str, Any]:
        written.append(call)
        return execute(call)

    return replace(connection, execute=noted)


def _keeping_unknown(connection: Connection, known: FileCredentials, now: datetime) -> Connection:
    """Return a connection in which a credential that FILE does not tell is unknown, though the embedded IAM has none.

    The credential report of the embedded IAM is as old as the command, whose clock may not be that of the machine.
    """
    from iamctl.account.shape import iso

    def told(snapshot: Mapping[str, Any]) -> dict[str, Any]:
        return known.told(snapshot, iso(now))

    return replace(
        connection,
        read=lambda: told(connection.read()),
        complete=lambda snapshot, users, arns: told(connection.complete(snapshot, users, arns)),
        look_up=lambda snapshot, names: told(connection.look_up(snapshot, names)),
    )


def _carried_over(
    snapshot: dict[str, Any], connection: Connection, known: FileCredentials, written: Sequence[Call]
) -> dict[str, Any]:
    """Return the snapshot with the credentials of FILE for the users of FILE, and those of new or changed users read.

    It has no credential report: the one that was read is older than the writes.
    """
    touched = {call.params.get(name) for call in written for name in ("UserName", "NewUserName")}
    users = snapshot["UserDetailList"]
    asked = [user["UserName"] for user in users if known.of(user) is None or user["UserName"] in touched]
    held = dict(connection.complete(snapshot, asked, ())["credentials"]) if asked else dict(snapshot["credentials"])
    for user in snapshot["UserDetailList"]:
        if user["UserName"] not in held and (facts := known.of(user)):
            held[user["UserName"]] = facts
    return {**{key: value for key, value in snapshot.items() if key != "credential_report"}, "credentials": held}
