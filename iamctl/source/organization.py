"""Opens the organization that a command line names, and reads its accounts."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from iamctl.model.failures import RefusedError, UsageError
from iamctl.source.open import SourceOptions
from iamctl.terminal.log import log_to_stderr

if TYPE_CHECKING:
    from iamctl.aws.session import Session
    from iamctl.model.organization import OrganizationAccount

SESSION_NAME = "iamctl-discover"


def organization_accounts(
    options: SourceOptions, role: str | None, now: datetime, *, with_tags: bool
) -> tuple[OrganizationAccount, ...]:
    """Return the accounts of the organization by id, read in ``role``, or with the caller's own credentials without one.

    Raises:
        UsageError: the sandbox cannot run here, or its file does not exist.
        RefusedError: the caller is the root user, or the sandbox is of another account than the role.
        AwsError: the role cannot be assumed, or the organization cannot be read.
    """
    log_to_stderr()
    if options.sandbox:
        return _of_sandbox(options, role, now, with_tags=with_tags)
    from iamctl.aws.session import open_session

    return _read(open_session(options.profile, options.region), role, with_tags=with_tags)


def _of_sandbox(
    options: SourceOptions, role: str | None, now: datetime, *, with_tags: bool
) -> tuple[OrganizationAccount, ...]:
    from iamctl.sandbox import open_sandbox
    from iamctl.source.sandbox import check_sandbox, read_file

    path = options.sandbox
    if path is None or not path.exists():
        raise UsageError(f"--sandbox {str(path)!r} does not exist; it must have the accounts under 'organization'")
    check_sandbox(path)
    snapshot = read_file(path)
    account = snapshot["account"] if snapshot else {"id": "", "partition": "aws"}
    if role and role.split(":")[4] != account["id"]:
        raise RefusedError(f"the role {role} is not in account {account['id']}, which --sandbox has; nothing was read")
    with open_sandbox(snapshot, account_id=account["id"], partition=account["partition"], moment=now) as session:
        return _read(session, role, with_tags=with_tags)


def _read(session: Session, role: str | None, *, with_tags: bool) -> tuple[OrganizationAccount, ...]:
    from iamctl.aws.organizations import read_organization
    from iamctl.aws.session import assume, identify
    from iamctl.aws.watch import watch
    from iamctl.source.live_source import check_identity
    from iamctl.source.watched import Reading

    reading = Reading()
    watch(session, reading)
    if role:
        session = assume(session, role, SESSION_NAME)
    else:
        caller = identify(session)
        check_identity(None, caller.account_id, is_root=caller.is_root)
    with reading.shown():
        return read_organization(session, with_tags=with_tags)
