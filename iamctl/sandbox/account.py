"""The account in a sandbox: moto's IAM backend and its entities, with the facts that moto does not keep."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections import Counter
from collections.abc import Container, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from moto.iam.exceptions import NoSuchEntity, ValidationError
from moto.iam.models import Group, IAMBackend, ManagedPolicy, Role, User

from iamctl.sandbox.managed import bundle
from iamctl.sandbox.refusals import refuse_attaching
from iamctl.sandbox.secrets import StoredSecrets
from iamctl.sandbox.signin import StoredSessions
from iamctl.text.late_dataclass import dataclass

ID_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"

POLICY_ARN = re.compile(r"arn:[a-z-]+:iam::(\d{12}|aws):policy/.+")


CLOCK: ContextVar[datetime | None] = ContextVar("CLOCK", default=None)
"""What time it is in the sandbox; None for that of the machine."""


@contextmanager
def at(moment: datetime | None) -> Iterator[None]:
    """Set the sandbox's clock to ``moment``, where it stays."""
    token = CLOCK.set(moment)
    try:
        yield
    finally:
        CLOCK.reset(token)


def now() -> datetime:
    """Return the time as IAM keeps it: UTC, in whole seconds."""
    return (CLOCK.get() or datetime.now(UTC)).astimezone(UTC).replace(microsecond=0)


def unique_id(prefix: str) -> str:
    """Return a new unique id: AIDA for users, AGPA for groups, ANPA for managed policies, AROA for roles.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
    """
    return prefix + "".join(secrets.choice(ID_CHARACTERS) for _ in range(17))


def stable_id(prefix: str, text: str) -> str:
    """Return an id in the form of ``unique_id`` that ``text`` decides, for what is the same each time."""
    digest = hashlib.sha256(text.encode()).digest()
    return prefix + "".join(ID_CHARACTERS[byte % len(ID_CHARACTERS)] for byte in digest[:17])


class Named:
    """What an entity is called; a loaded ARN is valid until the entity is renamed or moved."""

    name: str
    path: str
    loaded_arn: str | None = None

    @property
    def arn(self) -> str:
        """The ARN: the loaded one, or the one that moto derives from account, path and name."""
        return self.loaded_arn or str(super().arn)  # type: ignore[misc]

    def rename(self, name: str | None, path: str | None) -> None:
        """Set a new name, a new path or both; None keeps the old one. The ARN follows."""
        self.name = name or self.name
        self.path = path or self.path
        self.loaded_arn = None


@dataclass
class LoginProfile:
    """The password of a user, without the password."""

    create_date: datetime
    reset_required: bool
    max_session: int | None = None


@dataclass
class LoadedDevice:
    """A virtual MFA device whose seed nobody knows; moto would draw one."""

    serial_number: str


class SandboxUser(Named, User):  # type: ignore[misc]
    """A user with tags, groups, boundary and credentials of its own."""

    def __init__(self, account: Account, name: str, path: str | None = None) -> None:
        super().__init__(account.account_id, account.region_name, name, path)
        self.id = unique_id("AIDA")
        self.create_date = now()
        self.tag_values: dict[str, str] = {}
        self.groups: list[SandboxGroup] = []
        self.boundary: dict[str, str] | None = None
        self.login_profile: LoginProfile | None = None
        self.service_credentials: dict[str, dict[str, Any]] = {}

    @property
    def tags(self) -> list[dict[str, str]]:
        """The tags as IAM returns them: a list of ``Key`` and ``Value``."""
        return [{"Key": key, "Value": value} for key, value in self.tag_values.items()]


class SandboxGroup(Named, Group):  # type: ignore[misc]
    """A group; its members know it too."""

    def __init__(self, account: Account, name: str, path: str | None = None) -> None:
        super().__init__(account.account_id, account.region_name, name, path or "/")
        self.id = unique_id("AGPA")
        self.create_date = now()

    def add(self, user: SandboxUser) -> None:
        """Add a user; a user who is already a member stays one."""
        if self not in user.groups:
            self.users.append(user)
            user.groups.append(self)

    def remove(self, user: SandboxUser) -> None:
        """Remove a member.

        Raises:
            ValueError: the user is not a member.
        """
        self.users.remove(user)
        user.groups.remove(self)


class SandboxRole(Named, Role):  # type: ignore[misc]
    """A role; ``boundary_type`` is the word that a loaded snapshot used."""

    boundary_type = "Policy"


class SandboxPolicy(ManagedPolicy):  # type: ignore[misc]
    """A managed policy of the account or of AWS; ``known`` is false for one that is attached but not described."""

    def __init__(self, account: Account, arn: str, **facts: Any) -> None:
        self.fixed_arn = arn
        path, _, name = arn.partition(":policy")[2].rpartition("/")
        super().__init__(name, account_id=account.account_id, region=account.region_name, path=f"{path}/", **facts)
        self.aws_managed = arn.split(":")[4] == "aws"
        self.id = stable_id("ANPA", arn) if self.aws_managed else unique_id("ANPA")
        self.known = self.attachable = True
        self.tag_values: dict[str, str] = {}
        self.create_date = self.update_date = self.versions[0].create_date = now()

    @property
    def arn(self) -> str:
        """The ARN, which never changes."""
        return self.fixed_arn

    def make_default(self, version: Any) -> None:
        """Make one of the versions the default, and all others not."""
        for other in self.versions:
            other.is_default = other is version
        self.default_version_id = version.version_id

    @property
    def tag_list(self) -> list[dict[str, str]]:
        """The tags as IAM returns them: a list of ``Key`` and ``Value``."""
        return [{"Key": key, "Value": value} for key, value in self.tag_values.items()]


class Account(IAMBackend):  # type: ignore[misc]
    """One account's IAM, in one partition."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.short_pages: int | None = None
        self.summary: dict[str, int] = {}
        self.secrets = StoredSecrets()
        self.sessions = StoredSessions()
        self.audit: dict[str, Any] = {}
        self.events: list[dict[str, Any]] = []
        self.usage: dict[str, dict[str, str]] = {}
        self.usage_jobs: dict[str, str] = {}
        self.organization: list[dict[str, Any]] | None = None
        self.report: tuple[datetime, str] | None = None

    def _init_aws_policies(self) -> list[Any]:
        return []  # AWS-managed policies are created when a call refers to one

    def user(self, name: str) -> SandboxUser:
        """Return the user of that name.

        Raises:
            NoSuchEntity: there is none.
        """
        user: SandboxUser = self.get_user(name)
        return user

    def group(self, name: str) -> SandboxGroup:
        """Return the group of that name.

        Raises:
            NoSuchEntity: there is none.
        """
        if name not in self.groups:
            raise NoSuchEntity(f"The group with name {name} cannot be found.")
        group: SandboxGroup = self.groups[name]
        return group

    def policy(self, arn: str) -> SandboxPolicy:
        """Return the managed policy, making it first when it is AWS's.

        Raises:
            NoSuchEntity: there is none.
        """
        found = self.managed_policies.get(arn) or self.aws_policy(arn)
        if found is None or not found.known:
            raise NoSuchEntity(f"Policy {arn} was not found.")
        policy: SandboxPolicy = found
        return policy

    def attachable(self, arn: str) -> SandboxPolicy:
        """Return the managed policy that a call attaches or uses as a boundary.

        Raises:
            ValidationError: ``arn`` is no ARN of a managed policy.
            NoSuchEntity: there is no such policy.
            PolicyNotAttachable: nobody can attach it.
        """
        if not POLICY_ARN.fullmatch(arn):
            raise ValidationError("Invalid ARN:  Could not be parsed!")
        try:
            policy = self.policy(arn)
        except NoSuchEntity:
            raise NoSuchEntity(f"Policy {arn} does not exist or is not attachable.") from None
        refuse_attaching(policy)
        return policy

    def aws_policy(self, arn: str) -> SandboxPolicy | None:
        """Add the AWS-managed policy with that ARN to the account and return it; None if AWS has no such policy."""
        if arn.split(":")[:5] != ["arn", self.partition, "iam", "", "aws"]:
            return None
        facts = bundle().get(arn.split(":", 5)[5])
        if facts is None:
            return None
        policy = SandboxPolicy(
            self, arn, document=json.dumps(facts["Document"]), default_version_id=facts["DefaultVersionId"]
        )
        policy.create_date = facts["CreateDate"]
        policy.update_date = policy.versions[0].create_date = facts["UpdateDate"]
        policy.description = facts["Description"]
        self.managed_policies[arn] = policy
        return policy

    def aws_policies(self, arns: Container[str] | None = None) -> Iterator[SandboxPolicy]:
        """Yield every AWS-managed policy, also those that only a snapshot knows; with ``arns``, only those of them."""
        for resource in bundle():
            arn = f"arn:{self.partition}:iam::aws:{resource}"
            if arns is None or arn in arns:
                self.aws_policy_or_loaded(arn)
        for policy in self.managed_policies.values():
            if policy.aws_managed and (arns is None or policy.arn in arns):
                yield policy

    def aws_policy_or_loaded(self, arn: str) -> None:
        """Add the AWS-managed policy with that ARN unless the account already has it."""
        if arn not in self.managed_policies:
            self.aws_policy(arn)

    def local_policies(self) -> list[SandboxPolicy]:
        """Return the managed policies of the account itself, without those that nobody described."""
        return [policy for policy in self.managed_policies.values() if policy.known and not policy.aws_managed]

    def principals(self) -> Iterator[Any]:
        """Yield everything that a managed policy may be attached to."""
        yield from self.users.values()
        yield from self.groups.values()
        yield from self.roles.values()

    def device_count(self) -> int:
        """Return how many MFA devices there are: virtual ones, assigned or not, and the others that users have."""
        assigned = {serial for user in self.users.values() for serial in user.mfa_devices}
        return len(assigned | self.virtual_mfa_devices.keys())

    def attachment_counts(self) -> Mapping[str, int]:
        """Return how many users, groups and roles each managed policy is attached to, by ARN."""
        return Counter(arn for principal in self.principals() for arn in principal.managed_policies)

    def boundary_counts(self) -> Mapping[str, int]:
        """Return for how many users and roles each managed policy is the permissions boundary, by ARN."""
        users = (user.boundary["PermissionsBoundaryArn"] for user in self.users.values() if user.boundary)
        roles = (role.permissions_boundary_arn for role in self.roles.values() if role.permissions_boundary_arn)
        return Counter([*users, *roles])
