"""What the manifests say about one account: its settings and its desired state."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from datetime import datetime
from fnmatch import fnmatchcase
from functools import cached_property, partial
from typing import Any, Literal

from iamctl.model import Address, Finding, Origin, Resource, State, UndeclaredPolicy
from iamctl.model.approval_line import Approval, Approvals
from iamctl.model.assertion import Assertion
from iamctl.model.lock import LockSettings
from iamctl.model.organization import ACTIVE
from iamctl.model.wave import ONE_WAVE, WaveRule
from iamctl.text.late_dataclass import dataclass
from iamctl.text.once import once

OWN_TAG_PREFIX = "iamctl:"
"""What the keys of the tags begin with that iamctl writes for itself."""

DEFAULT_HANDOVER = "handover"
"""The folder of the files with encrypted passwords."""

MOST_OF_A_REASON = 500
"""How many characters say why; a page for reviewers has room for so many."""


PARTITION = "{{ partition }}"
"""What stands in a role of an organization for the partition, which is known once a session is open."""


@dataclass(frozen=True)
class Limit:
    """How many removals one plan may hold: a ``count``, a ``share`` (0 to 1) of the live ones, or the lower of both."""

    count: int | None = None
    share: float | None = None

    def allowed(self, live: int) -> int:
        """Return how many of ``live`` things one plan may remove; a share always allows two."""
        if self.count is not None and self.share is not None:
            return min(self.count, _allowed_by_share(self.share, live))
        return self.count if self.count is not None else _allowed_by_share(self.share or 0, live)

    def __str__(self) -> str:
        if self.count is not None and self.share is not None:
            return f"{self.count} or {self.share * 100:g}%, whichever is lower"
        return str(self.count) if self.count is not None else f"{(self.share or 0) * 100:g}%"


def _allowed_by_share(share: float, live: int) -> int:
    return max(2, int(share * live))


@dataclass(frozen=True)
class IgnoreRule:
    """Resources that iamctl never touches: by address pattern, by path prefix, or by tags that all match."""

    address: str | None = None
    path: str | None = None
    tags: tuple[tuple[str, str], ...] = ()
    within: IgnoreRule | None = None
    """Another rule that must match, too."""

    def __str__(self) -> str:
        return f"{self._alone} and {self.within}" if self.within else self._alone

    @property
    def _alone(self) -> str:
        if self.address is not None:
            return self.address
        if self.path is not None:
            return f"path {self.path}"
        return "tag " + ", ".join(f"{key}={value}" for key, value in self.tags)

    def matches(self, address: Address, path: str, tags: Mapping[str, str]) -> bool:
        """Tell whether a resource with these properties is ignored; names match without regard to case."""
        if self.within is not None and not self.within.matches(address, path, tags):
            return False
        if self.address is not None:
            return fnmatchcase(str(address).lower(), self.address.lower())
        if self.path is not None:
            return path.startswith(self.path)
        return bool(self.tags) and all(
            fnmatchcase(tags[key], pattern) if key in tags else False for key, pattern in self.tags
        )


@dataclass(frozen=True)
class PolicyException:
    """A direct policy on a user that is older than iamctl and stays until ``until``."""

    address: Address
    reason: str = ""
    until: datetime | None = None
    origin: Origin | None = field(default=None, compare=False)

    def holds(self, now: datetime) -> bool:
        """Tell whether the exception is in force; it ends after ``until``."""
        return self.until is None or now <= self.until


@dataclass(frozen=True)
class Acceptance:
    """A finding of an audit that is accepted until ``until``."""

    control: str
    address: Address | None
    """What fails, or the user whose key or policy it is; None: the account or its root user."""
    until: datetime
    reason: str
    origin: Origin | None = field(default=None, compare=False)

    def holds(self, now: datetime) -> bool:
        """Tell whether the acceptance is in force; it ends after ``until``."""
        return now <= self.until


@dataclass(frozen=True)
class AuditSettings:
    """What an audit accepts, and which tags it wants on users."""

    accept: tuple[Acceptance, ...] = ()
    owner_tags: tuple[str, ...] = ()
    """Keys of tags that each user should have; empty: any tag is enough."""


@dataclass(frozen=True)
class MfaSettings:
    """What is asked of users who sign in to the console."""

    existing: Literal["warn", "refuse"] = "warn"
    """What happens while users have a password and no MFA guard, whoever made it so."""
    enrol_within_days: int = 7
    """A user with a password and no MFA device for longer is named in every plan."""


@dataclass(frozen=True)
class AccessKeySettings:
    """How long access keys may live, in days."""

    max_age_days: int = 90
    """An older key is warned of."""
    delete_after_days: int = 14
    """A key that iamctl made inactive is deleted when it stayed inactive and unused for so long."""


@dataclass(frozen=True)
class LeaverSettings:
    """What happens to users after their ``until``."""

    delete_after_days: int = 0
    """How long a user without a way in is kept before iamctl deletes it."""


@dataclass(frozen=True)
class Secrets:
    """How the passwords that an apply makes reach people."""

    deliver: Literal["age", "terminal"]
    directory: str = DEFAULT_HANDOVER
    """Where the encrypted files go, relative to the working directory."""
    recipients: tuple[str, ...] = ()
    """Public keys, of age or of SSH, of the people who hand over."""


@dataclass(frozen=True)
class Settings:
    """The settings that hold for one account."""

    account_name: str
    account_id: str
    assume_role: Mapping[str, str] = field(default_factory=dict)
    """Role ARN by command, ``plan`` or ``apply``; empty when the caller's own credentials are used; see ``role``."""
    undeclared: Mapping[str, UndeclaredPolicy] = field(default_factory=dict)
    """By kind, what happens to live resources that no manifest declares; a kind left out has its own default."""
    ignore: tuple[IgnoreRule, ...] = ()
    ignore_tags: tuple[str, ...] = ()
    """Patterns of tag keys that other tools own."""
    protect: tuple[str, ...] = ()
    """Patterns of addresses that no plan may remove or take access from."""
    limits: Mapping[str, Limit] = field(default_factory=dict)
    """By name; a limit left out has the default that the kind states."""
    exceptions: tuple[PolicyException, ...] = ()
    mfa: MfaSettings = MfaSettings()
    access_keys: AccessKeySettings = AccessKeySettings()
    leavers: LeaverSettings = LeaverSettings()
    audit: AuditSettings = AuditSettings()
    secrets: Secrets | None = None
    """None: no password may be made."""
    lock: LockSettings | None = None
    """None: nothing keeps a second apply away."""
    manifests: tuple[str, ...] | None = None
    """The files and folders that the account reads; None for everything."""
    ou: str = ""
    """The path of its organizational unit, ``/prod/payments``; empty for an account listed by hand."""
    tags: Mapping[str, str] | None = field(default_factory=dict)
    """Its tags in the organization, which are not those of IAM; None if they were not read."""
    account_state: str = ACTIVE
    """In the words of Organizations; iamctl skips an account that is not ``ACTIVE``."""
    wave: WaveRule = ONE_WAVE
    """Its wave in a fleet run."""
    origins: Mapping[tuple[str | int, ...], Origin] = field(default_factory=dict, compare=False)
    """Where settings stand: ``("limits", "users")``, ``("scope", "ignore", 0)``; for what is left out, what it is left out of."""

    def role(self, command: str, partition: str) -> str | None:
        """Return the ARN of the role for ``plan`` or ``apply``; None for the caller's own credentials."""
        arn = self.assume_role.get(command)
        return arn.replace(PARTITION, partition) if arn else None

    @property
    def is_active(self) -> bool:
        """Whether the account can be planned; if not, ``account_state`` is the reason."""
        return self.account_state == ACTIVE

    def origin_of(self, *setting: str | int) -> Origin | None:
        """Return where iamctl.yaml sets a setting, given as its keys; None for a default."""
        return self.origins.get(setting)

    def ignore_rule_for(self, address: Address, path: str, tags: Mapping[str, str]) -> IgnoreRule | None:
        """Return the first rule that ignores the resource, or None."""
        return next((rule for rule in self.ignore if rule.matches(address, path, tags)), None)

    def undeclared_of(self, kind: type[Resource]) -> UndeclaredPolicy:
        """Return what happens to a live resource of ``kind`` that no manifest declares."""
        default = kind.section.undeclared if kind.section else "report"
        return self.undeclared.get(kind.kind, default)

    def is_protected(self, address: Address) -> bool:
        """Tell whether a pattern of ``protect`` matches the address; case does not count."""
        return any(fnmatchcase(str(address).lower(), pattern.lower()) for pattern in self.protect)

    def owns_tag(self, key: str) -> bool:
        """Tell whether iamctl compares a tag; ``aws:`` keys and those of ``ignore_tags`` belong to others.

        Its own notes are no part of what a manifest declares.
        """
        if key.lower().startswith(("aws:", OWN_TAG_PREFIX)):
            return False
        return not any(fnmatchcase(key.lower(), pattern.lower()) for pattern in self.ignore_tags)


@dataclass(frozen=True)
class Base:
    """The settings of the tree as it was (``--base``), which no change may loosen in passing."""

    accounts: Mapping[str, Settings]
    """By name; empty when that tree had no iamctl.yaml."""
    loosening_allowed: bool = False
    """Whether ``--allow-loosening`` was said: what is looser is a warning and holds."""
    desired: Desired | None = None
    """What the manifests before the change declared for the account; None where that is unknown."""
    approved: Approval | None = None
    """The line of approvals.yaml that permits all that is looser."""
    others: int = 0
    """How many more accounts that tree had, where ``accounts`` was narrowed to what concerns one account."""

    @cached_property
    def names_by_id(self) -> Mapping[str, tuple[str, ...]]:
        """The names of the accounts by their id, so that thousands of accounts need no look at all others each."""
        found: dict[str, list[str]] = {}
        for name, settings in self.accounts.items():
            found.setdefault(settings.account_id, []).append(name)
        return {account_id: tuple(names) for account_id, names in found.items()}


@dataclass(frozen=True)
class Desired:
    """All that a manifest tree says about one account at one moment."""

    settings: Settings
    partition: str
    state: State
    """What must exist; what has ended or begins later is left out."""
    ended: tuple[Resource, ...] = ()
    """What must be gone because its ``until``, or that of its user, has passed: memberships, passwords and users."""
    removed: Mapping[Address, Origin | None] = field(default_factory=dict)
    """What must be gone."""
    digest_of: Callable[[], str] = field(default=str, compare=False, repr=False)
    """Returns the digest, which few commands need and which takes a look at every byte."""
    findings: tuple[Finding, ...] = ()
    """Warnings about the files."""
    base: Base | None = None
    """What the settings are compared with; None without ``--base``."""
    own_settings: Settings | None = None
    """What iamctl.yaml says where, because of ``base``, stricter ``settings`` hold; None where it holds itself."""
    upcoming: tuple[Resource, ...] = ()
    """The memberships whose ``from`` lies ahead."""
    assertions: tuple[Assertion, ...] = ()
    """What must hold in the account, by name."""

    approvals: Approvals = field(default_factory=Approvals)
    """What lines of approvals.yaml permit."""

    @once
    def digest(self) -> str:
        """``sha256:…`` of the manifests and the files they point to."""
        return self.digest_of()

    def __getstate__(self) -> dict[str, Any]:
        """Return what another process needs: the digest, and no file that it was computed from."""
        return {**vars(self), "digest_of": partial(str, self.digest)}

    @property
    def has_assertions(self) -> bool:
        """Whether the manifests, or those of the base, state anything that must hold."""
        base = self.base.desired if self.base else None
        return bool(self.assertions or (base and base.assertions))

    @property
    def known_ends(self) -> frozenset[Address]:
        """What had ended in the base as well, so that no line of this change ends it.

        Empty without a base, or where its manifests could not be read.
        """
        if self.base is None or self.base.desired is None:
            return frozenset()
        before = {resource.address for resource in self.base.desired.ended}
        return frozenset(resource.address for resource in self.ended if resource.address in before)
