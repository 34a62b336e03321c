"""The least-privilege policy of the role that runs plan or apply, from what the manifests may change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Literal

from iamctl.apply.guard_check import GUARD_READS
from iamctl.apply.read_back import reads_back, repairs
from iamctl.aws.reads import ACCOUNT_READS, PASSWORD_READS
from iamctl.kinds import KINDS, AccountSetting, LoginProfile, NewAccessKey, User
from iamctl.kinds.account_setting import READS, WRITES
from iamctl.kinds.rotation import RotationRule
from iamctl.kinds.signin_session import PARTITION as SESSIONS_PARTITION
from iamctl.kinds.signin_session import REVOKE, SIGNIN
from iamctl.kinds.transition import TRANSITION_WRITES
from iamctl.model import Address, Resource
from iamctl.model.lock import LockSettings
from iamctl.model.settings import Desired
from iamctl.planning.account_settings import named_settings
from iamctl.policy.actions.details import Level, details

Job = Literal["plan", "apply"]

LONGEST_POLICY = 6144
"""Characters of a managed policy without white space.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

_ANYWHERE = ("*",)
_ACTS_ON_ALL = frozenset({"ListServiceSpecificCredentials"})
"""Reads that may concern all users at once. Assumed: AWS does not document on which resource it then decides."""
_NEVER_TOUCHED = frozenset({"sms-mfa"})
"""Types of resources that actions act on, and iamctl does not."""


def needed_policy(
    desired: Desired, job: Job, paths: Collection[str] = (), *, with_transition: bool = False
) -> dict[str, Any]:
    """Return the policy document: the reads of a plan and, for apply, the writes of each kind with what they need.

    Reads are allowed on all users, groups and policies of the account, because a plan looks at all of them. Writes are
    allowed below the paths that the manifests declare, and below ``paths``, where nothing else can be removed.
    ``with_transition`` allows the temporary policies of ``--allow-transition`` as well.
    """
    writes = _writes(desired) if job == "apply" else frozenset[str]()
    if with_transition:
        writes = writes.union(TRANSITION_WRITES, *map(repairs, TRANSITION_WRITES))
    settings = named_settings(desired)
    reads = {*ACCOUNT_READS, *(READS[name][1] for name in settings)}
    for operation in writes:
        reads |= reads_back(operation)
    if "CreateLoginProfile" in writes:
        reads |= PASSWORD_READS
    if writes:
        reads |= GUARD_READS
    statements = [
        *_statements("Read", {name: _resources(desired, name, None) for name in reads}),
        *_statements("Write", {name: _resources(desired, name, paths) for name in writes}),
    ]
    if secrets := sorted({rule.secret for rule in _rotations(desired) if rule.secret}):
        statements.append(_secrets_statement(desired, secrets, job))
    if desired.partition == SESSIONS_PARTITION and _is_managed(desired, User):
        statements.append(_sessions_statement(job))
    if job == "apply" and (lock := desired.settings.lock):
        statements.append(_lock_statement(desired, lock))
    return {"Version": "2012-10-17", "Statement": statements}


def _secrets_statement(desired: Desired, secrets: Iterable[str], job: Job) -> dict[str, Any]:
    """Return what delivers new access keys: the named secrets are described and filled, and never read.

    AWS adds a hyphen and six characters to the name of a secret.

    https://docs.aws.amazon.com/secretsmanager/latest/userguide/getting-started.html#term_secret
    """
    head = f"arn:{desired.partition}:secretsmanager:*:{desired.settings.account_id}:secret"
    writes = ["secretsmanager:PutSecretValue"] if job == "apply" else []
    return {
        "Sid": "Secrets",
        "Effect": "Allow",
        "Action": ["secretsmanager:DescribeSecret", *writes],
        "Resource": [f"{head}:{name}-??????" for name in secrets],
    }


def _sessions_statement(job: Job) -> dict[str, Any]:
    """Return what lists and revokes sign-in sessions of users who leave.

    Assumed: AWS does not document on which resources it decides about these.
    """
    writes = [f"{SIGNIN}:{REVOKE}"] if job == "apply" else []
    return {"Sid": "SigninSessions", "Effect": "Allow", "Action": [*writes, f"{SIGNIN}:ListSessions"], "Resource": "*"}


def _rotations(desired: Desired) -> list[RotationRule]:
    return [user.rotation for user in desired.state.of_kind(User) if user.rotation]


def _lock_statement(desired: Desired, lock: LockSettings) -> dict[str, Any]:
    """Return what keeps a second apply away: the object of the lock is written, read and deleted."""
    place = f"arn:{desired.partition}:s3:::{lock.bucket}/{lock.key(desired.settings.account_id)}"
    actions = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
    return {"Sid": "Lock", "Effect": "Allow", "Action": actions, "Resource": place}


def gives_access(policy: Mapping[str, Any]) -> bool:
    """Return whether the policy allows an action that manages permissions: then it is as good as administrator access."""
    service = next(one for one in details() if one.prefix == "iam")
    levels = dict(zip(service.actions, service.levels, strict=True))
    actions = {action.partition(":")[2] for statement in policy["Statement"] for action in statement["Action"]}
    return any(levels.get(name) == Level.PERMISSIONS.value for name in actions)


def _writes(desired: Desired) -> frozenset[str]:
    """Return the writes that plans for these manifests can contain, and those that repair one of them."""
    found: set[str] = set()
    for kind in KINDS:
        root = _root(kind)
        if not _is_managed(desired, root) or (kind is NewAccessKey and not _rotations(desired)):
            continue
        operations = kind.operations
        if kind is AccountSetting:
            found.update(_setting_writes(desired))
            continue
        if kind is not LoginProfile or desired.state.of_kind(LoginProfile):
            found.update(operations.create)
        if kind is not LoginProfile or any(one.max_session is not None for one in desired.state.of_kind(LoginProfile)):
            found.update(operations.update)
        is_removable = _is_removable(desired, root)
        if is_removable or (kind.owner_field is not None and operations.is_deleted_alone):
            found.update(operations.delete)
    if not any(user.permissions_boundary for user in desired.state.of_kind(User)):
        found.discard("PutUserPermissionsBoundary")
    return frozenset(found.union(*map(repairs, found)))


def _setting_writes(desired: Desired) -> Iterator[str]:
    """Yield the writes of the settings of the account that the manifests declare, or list under ``removed``."""
    removed = {address.name for address in _removed(desired, AccountSetting)}
    for name in named_settings(desired):
        yield from WRITES[name].delete if name in removed else WRITES[name].create


def _root(kind: type[Resource]) -> type[Resource]:
    """Return the kind on which a kind hangs, or itself."""
    if kind.owner_field is None:
        return kind
    owner = kind.reference_fields[kind.owner_field]
    return next(one for one in KINDS if one.kind == owner)


def _is_managed(desired: Desired, root: type[Resource]) -> bool:
    """Return whether plans may change resources of a kind: some are declared or removed, or undeclared ones are."""
    return bool(desired.state.of_kind(root)) or _is_removable(desired, root)


def _is_removable(desired: Desired, root: type[Resource]) -> bool:
    if desired.settings.undeclared_of(root) == "remove" or _removed(desired, root):
        return True
    return root is User and any(user.until for user in (*desired.state.of_kind(User), *_ended(desired)))


def _ended(desired: Desired) -> Iterator[User]:
    yield from (one for one in desired.ended if isinstance(one, User))


def _removed(desired: Desired, root: type[Resource]) -> list[Address]:
    return sorted((address for address in desired.removed if address.kind == root.kind), key=str)


def _resources(desired: Desired, operation: str, paths: Collection[str] | None) -> tuple[str, ...]:
    """Return the ARN patterns on which an operation is allowed, from the types of resources on which it acts.

    ``paths`` are allowed beside the declared ones; None for a read, which is allowed on all resources of its types.
    """
    if operation in _ACTS_ON_ALL:
        return _ANYWHERE
    found: list[str] = []
    for form in _forms(operation):
        head, _, last = form.rpartition(":")
        noun = last.partition("/")[0]
        prefix = head.replace("${Partition}", desired.partition).replace("${Account}", desired.settings.account_id)
        if noun in _NEVER_TOUCHED:
            continue
        found += [f"{prefix}:{rest}" for rest in ([f"{noun}/*"] if paths is None else _below(desired, noun, paths))]
        if noun == "policy" and paths is None:  # documents of AWS's own policies are read, too
            found.append(f"arn:{desired.partition}:iam::aws:policy/*")
    return tuple(sorted(set(found))) or _ANYWHERE


def _forms(operation: str) -> tuple[str, ...]:
    """Return the forms of the ARNs on which an action of IAM acts; none if it acts on the account.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
    """
    service = next(one for one in details() if one.prefix == "iam")
    return service.formats_of(service.actions.index(operation))


def _below(desired: Desired, noun: str, more: Collection[str]) -> list[str]:
    """Return the patterns of the names of one type, with their paths, on which iamctl may act."""
    root = next((kind for kind in KINDS if kind.kind == noun), None)
    if root is None or desired.settings.undeclared_of(root) == "remove":
        return [f"{noun}/*"]
    declared: Iterable[Any] = (*desired.state.of_kind(root), *(_ended(desired) if root is User else ()))
    paths = {resource.path for resource in declared}.union(more)
    outermost = [path for path in paths if not any(path != other and path.startswith(other) for other in paths)]
    found = [f"{noun}{path}*" for path in outermost]
    former = {resource.renamed_from for resource in declared if getattr(resource, "renamed_from", None)}
    for name in sorted(former.union(address.name for address in _removed(desired, root))):  # wherever they are
        found += [f"{noun}/{name}", f"{noun}/*/{name}"]
    return found if "/" not in paths else [f"{noun}/*"]


def _statements(sid: str, needed: Mapping[str, tuple[str, ...]]) -> Iterator[dict[str, Any]]:
    """Yield one statement for each set of resources."""
    by_resources: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for operation, resources in needed.items():
        by_resources[resources].append(f"iam:{operation}")
    for number, (resources, actions) in enumerate(sorted(by_resources.items()), 1):
        resource = resources[0] if len(resources) == 1 else list(resources)
        yield {"Sid": f"{sid}{number}", "Effect": "Allow", "Action": sorted(actions), "Resource": resource}
