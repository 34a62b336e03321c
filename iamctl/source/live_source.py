"""What every source of live IAM offers: AWS, a snapshot file, or the embedded sandbox."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from iamctl.account.needs import Needs
from iamctl.model import Call
from iamctl.model.failures import RefusedError
from iamctl.model.settings import Settings
from iamctl.text.late_dataclass import dataclass

if TYPE_CHECKING:
    from iamctl.handover.password import PasswordPolicy
    from iamctl.model.lock import LockSettings, LockStore
    from iamctl.model.snapshot import Snapshot


@dataclass(frozen=True)
class Waits:
    """How long a source takes to show what was written to it."""

    settle_seconds: tuple[float, ...] = ()
    """The pause before each further read that looks for the result of an apply."""
    spread_seconds: float = 0.0
    """The time that a change needs until all of the source sees it."""
    sweep_seconds: float = 0.0
    """How long after the calls a last read makes sure that what was removed stays removed; 0: there is none."""


class LiveSource(Protocol):
    """Live IAM of one account, read as snapshots of one format and changed call by call."""

    account_id: str
    partition: str
    caller_arn: str | None
    waits: Waits
    is_shared: bool
    """Whether others can change the account at the same time."""

    def fetch(self, needs: Needs, known: Snapshot | None = None) -> Snapshot:
        """Return ``known`` with what is needed beyond it; without ``known``, read the whole account first."""
        ...

    def execute(self, call: Call) -> Mapping[str, Any]:
        """Run one write and return the answer."""
        ...

    def ask(self, operation: str, params: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Return the answer to one read with all its pages, None where IAM has no such thing."""
        ...

    def password_policy(self) -> PasswordPolicy:
        """Return what the account demands of passwords."""
        ...

    def events(self, attribute: str, value: str) -> Iterator[list[Mapping[str, Any]]]:
        """Yield pages of recorded calls with an attribute, newest first."""
        ...

    def lock_store(self, settings: LockSettings) -> LockStore | None:
        """Return who keeps the lock of the account; None where no other apply can reach it."""
        ...


class Decorator:
    """A source that passes everything on to another; a subclass changes the part that it is for."""

    def __init__(self, source: LiveSource) -> None:
        self.source = source
        self.account_id = source.account_id
        self.partition = source.partition
        self.caller_arn = source.caller_arn
        self.waits = source.waits
        self.is_shared = source.is_shared

    def fetch(self, needs: Needs, known: Snapshot | None = None) -> Snapshot:
        """Return what the decorated source returns."""
        return self.source.fetch(needs, known)

    def execute(self, call: Call) -> Mapping[str, Any]:
        """Run the write on the decorated source."""
        return self.source.execute(call)

    def ask(self, operation: str, params: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Return what the decorated source returns."""
        return self.source.ask(operation, params)

    def password_policy(self) -> PasswordPolicy:
        """Return what the decorated source returns."""
        return self.source.password_policy()

    def events(self, attribute: str, value: str) -> Iterator[list[Mapping[str, Any]]]:
        """Return what the decorated source returns."""
        return self.source.events(attribute, value)

    def lock_store(self, settings: LockSettings) -> LockStore | None:
        """Return what the decorated source returns."""
        return self.source.lock_store(settings)


def whole_snapshot(source: LiveSource) -> Snapshot:
    """Return a snapshot with the descriptions and tags of all customer-managed policies in it."""
    snapshot = source.fetch(Needs())
    return source.fetch(Needs.of(policy_details=[policy["Arn"] for policy in snapshot["Policies"]]), snapshot)


def check_identity(settings: Settings | None, account_id: str, *, is_root: bool = False) -> None:
    """Refuse another account than the manifest's, and the root user.

    Raises:
        RefusedError: the account is another one, or the caller is the root user.
    """
    if settings and account_id != settings.account_id:
        raise RefusedError(
            f"the manifests are for account {settings.account_id} ({settings.account_name}), but the live account is "
            f"{account_id}; nothing was read or changed (IAM402)"
        )
    if is_root:
        raise RefusedError("the credentials are those of the root user; use a role or an IAM user (IAM403)")
