"""The manifest tree that says what a live account holds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from iamctl.account.live import Live
from iamctl.kinds import Group, GroupInlinePolicy, GroupPolicy, Membership, Policy, User
from iamctl.kinds.arn import aws_policy_arn, customer_policy_arn
from iamctl.manifests.declarable import Declarable, declarable, role_policies
from iamctl.manifests.document_file import document_text
from iamctl.manifests.events import load_yaml
from iamctl.manifests.file_name import file_name
from iamctl.manifests.folder import MAX_FILE_BYTES, SETTINGS_FILE
from iamctl.manifests.policy_name import PolicyNameError, PolicyNames
from iamctl.manifests.secret import find_secrets
from iamctl.manifests.yaml_text import block, comment, without_variables
from iamctl.model import Address, State
from iamctl.policy.names import policy_path_error

POLICY_FOLDER = "policies"
INLINE_POLICY_FOLDER = "inline_policies"
"""Holds a folder for each group: beside that of the managed policies, so that no group and policy share a path."""

EXCEPTION_REASON = "older than iamctl"

MAX_REASONS = 5000
"""Exceptions with a reason each; more of them would not fit into the one file that holds them."""

MAX_PART_BYTES = MAX_FILE_BYTES // 2
"""How large a file may grow before a section goes on in another: far from what the loader reads at most."""

_NEVER_IN_SETTINGS = re.compile("{{|[\ud800-\udfff]")
"""Two braces, since iamctl.yaml has no variables, and half characters, which no YAML has."""

_COMMENTS = {
    "users": """\
# The users of the account, by name; a name that stands alone has all defaults.
# To take a user away, write `removed: [user/NAME]`. A line that is only deleted removes nobody.
""",
    "groups": """\
# The groups of the account, by name, and the policies that each one has: what is not here is taken away by a plan.
# Policies: a name of policies.yaml, `aws:NAME` for one of AWS, `live:NAME` for one that another tool owns.
""",
    "memberships": """\
# Who belongs to which group; `[]` is nobody. For a while only: {user: NAME, until: 2026-12-31, reason: "why"}.
""",
    "policies": """\
# The customer-managed policies of the account, by name, each with the file of its document.
# Policies that only roles use are not here; iamctl leaves them alone.
""",
}
_SETTINGS = """\
# Which account these manifests are for. They were imported from it, so `iamctl plan` finds nothing to change yet.
# Next: keep this folder in version control, and name under `protect` whom no plan may remove: [user/break-glass].
"""
_IGNORED = """\
# Manifests cannot say what stands under `ignore` as it is, so iamctl leaves it alone. Mend it, then import anew:
"""
_EXCEPTIONS = """\
# The policies under `exceptions` stand directly on users. Move each to a group and take its entry out of the list.
"""


@dataclass(frozen=True)
class ImportedTree:
    """The files of a manifest tree, and what they hold."""

    files: Mapping[str, str]
    """Path below the tree, with ``/``, to text; ``iamctl.yaml``, without which there is no tree, comes last."""
    users: int
    groups: int
    memberships: int
    policies: int
    """Customer-managed policies."""
    exceptions: int
    """Policies directly on users."""
    role_policies: int
    """Customer-managed policies that only roles use, and that are left out."""
    refused: Mapping[Address, str]
    """Users, groups and policies that manifests cannot declare as they are, and why."""


def manifest_files(live: Live, *, account_name: str) -> ImportedTree:
    """Return the tree from which a plan for ``live`` finds nothing to change.

    The same account gives the same bytes. What a manifest may not say (a document that IAM's grammar refuses inside a
    group, say) is ignored by ``iamctl.yaml`` and told in ``refused``.
    """
    found = _writable(live, account_name)
    state = found.state
    documents = {_policy_file(policy): policy.document for policy in state.of_kind(Policy)}
    documents |= {_inline_policy_file(policy): policy.document for policy in state.of_kind(GroupInlinePolicy)}
    files = {path: document_text(document) for path, document in documents.items()}
    for section, entries in _sections(live, state).items():
        files |= _manifests(section, entries)
    files[SETTINGS_FILE] = _settings(found)
    return ImportedTree(
        files=files,
        users=len(state.of_kind(User)),
        groups=len(state.of_kind(Group)),
        memberships=len(state.of_kind(Membership)),
        policies=len(state.of_kind(Policy)),
        exceptions=len(found.exceptions),
        role_policies=len(found.role_policies),
        refused=found.refused,
    )


def newer_than_the_report(state: State) -> tuple[str, ...]:
    """Return the names of the users whose passwords or access keys neither exact answers nor the report tell."""
    users = (
        user for user in state.of_kind(User) if None in (user.credentials.has_password, user.credentials.access_keys)
    )
    return tuple(user.name for user in users)


def policies_to_describe(live: Live) -> tuple[str, ...]:
    """Return the ARNs of the policies that an import may declare: GetPolicy tells their descriptions and tags."""
    left_out = frozenset(role_policies(live))
    return tuple(policy.arn for policy in live.state.of_kind(Policy) if policy.address not in left_out)


def _writable(live: Live, account_name: str) -> Declarable:
    """Return what to declare, without users, groups and policies whose entries the loader would not take."""
    refused: dict[Address, str] = {}
    while True:
        found = declarable(live, account_name, refused)
        more = dict(_unwritable(found, _sections(live, found.state), live))
        if not more:
            return found
        refused.update(more)


def _unwritable(
    found: Declarable, sections: Mapping[str, Mapping[str, Any]], live: Live
) -> Iterator[tuple[Address, str]]:
    exceptions: dict[str, list[str]] = {}
    for address in found.exceptions:
        exceptions.setdefault(address.parts[0].lower(), []).append(str(address))
    known = PolicyNames(live.partition, live.account_id, {}, {}, is_whole=False)
    for section, kind in (("users", "user"), ("groups", "group"), ("policies", "policy")):
        for name, entry in sections[section].items():
            fields = entry or {}
            listed = [name, *exceptions.get(name.lower(), ())] if kind == "user" else []
            why = _settings_error(listed) or _unknown_policy(fields, known) or _secret({**fields, "listed": listed})
            if why:
                yield Address.of(kind, name), why


def _settings_error(listed: list[str]) -> str | None:
    """Return what is wrong with the names that stand in iamctl.yaml, where no escape helps against these."""
    found = next((match[0] for text in listed if (match := _NEVER_IN_SETTINGS.search(text))), None)
    return f"the name of a policy on the user holds {found!r}" if found else None


def _unknown_policy(entry: Mapping[str, Any], known: PolicyNames) -> str | None:
    """Return why a policy of an entry cannot be named there: IAM would not take the name."""
    boundary = entry.get("permissions_boundary")
    for text in (*entry.get("policies", ()), *([boundary] if boundary else [])):
        try:
            known.arn(text)
        except PolicyNameError as error:
            return str(error)
    return None


def _secret(entry: Mapping[str, Any]) -> str | None:
    """Return the secret that the loader would find in an entry, in words that do not show it."""
    data = "\n".join(block(entry)).encode("utf-8", "replace")
    root = load_yaml("", data, wanted="an entry").root
    secrets = find_secrets("", data, root) if root else ()
    return secrets[0].finding.message if secrets else None


class _Naming:
    """How manifests name the managed policies of an account."""

    def __init__(self, live: Live, declared: State) -> None:
        self._declared = {policy.arn: policy.name for policy in declared.of_kind(Policy)}
        self._live = {policy.arn for policy in live.state.of_kind(Policy) if policy_path_error(policy.path) is None}
        self._aws = aws_policy_arn(live.partition, "")
        self._own = customer_policy_arn(live.partition, live.account_id, "/", "")

    def name(self, arn: str) -> str:
        if arn in self._declared:
            return self._declared[arn]
        if arn.startswith(self._aws):
            return without_variables(f"aws:{arn.removeprefix(self._aws)}")
        if arn in self._live and arn.startswith(self._own):
            return without_variables(f"live:{arn.removeprefix(self._own)}")
        return without_variables(arn)


def _sections(live: Live, state: State) -> dict[str, dict[str, Any]]:
    names = _Naming(live, state)
    return {
        "users": _users(state, names),
        "groups": _groups(state, names),
        "memberships": _memberships(state),
        "policies": _policies(state),
    }


def _manifests(section: str, entries: Mapping[str, Any]) -> dict[str, str]:
    """Return the file of a section, or several where one would be larger than the loader reads."""
    parts: list[list[str]] = [[]]
    size = 0
    for name, value in entries.items():
        text = "".join(f"{line}\n" for line in block({name: value}, 2))
        if parts[-1] and size + len(text.encode()) > MAX_PART_BYTES:
            parts.append([])
            size = 0
        parts[-1].append(text)
        size += len(text.encode())
    start = _COMMENTS[section] + (f"{section}:\n" if entries else f"{section}: {{}}\n")
    if len(parts) == 1:
        return {f"{section}.yaml": start + "".join(parts[0])}
    width = len(str(len(parts)))
    return {f"{section}-{number:0{width}}.yaml": start + "".join(part) for number, part in enumerate(parts, 1)}


def _users(state: State, names: _Naming) -> dict[str, Any]:
    return {user.name: _user(user, names) or None for user in state.of_kind(User)}


def _user(user: User, names: _Naming) -> dict[str, Any]:
    fields: dict[str, Any] = {**_path(user.path), **_tags(user.tags)}
    if user.permissions_boundary:
        fields["permissions_boundary"] = names.name(user.permissions_boundary)
    if user.credentials.has_password:
        fields["console"] = True
    if active := sum(key.is_active for key in user.credentials.access_keys or ()):
        fields["access_keys"] = active
    return fields


def _groups(state: State, names: _Naming) -> dict[str, Any]:
    groups = {group.address: _path(group.path) for group in state.of_kind(Group)}
    for attached in state.of_kind(GroupPolicy):
        group = groups[Address.of("group", attached.group)]
        group.setdefault("policies", []).append(names.name(attached.policy_arn))
    for written in state.of_kind(GroupInlinePolicy):
        group = groups[Address.of("group", written.group)]
        group.setdefault("inline_policies", {})[written.name] = {"file": _inline_policy_file(written)}
    return {address.name: fields or None for address, fields in groups.items()}


def _memberships(state: State) -> dict[str, Any]:
    members: dict[Address, list[str]] = {group.address: [] for group in state.of_kind(Group)}
    for membership in state.of_kind(Membership):
        members[Address.of("group", membership.group)].append(membership.user)
    return {address.name: users for address, users in members.items()}


def _policies(state: State) -> dict[str, Any]:
    return {policy.name: _policy(policy) for policy in state.of_kind(Policy)}


def _policy(policy: Policy) -> dict[str, Any]:
    fields: dict[str, Any] = _path(policy.path)
    if policy.description:
        fields["description"] = without_variables(policy.description)
    return {**fields, **_tags(policy.tags or {}), "file": _policy_file(policy)}


def _path(path: str) -> dict[str, Any]:
    return {} if path == "/" else {"path": without_variables(path)}


def _tags(tags: Mapping[str, str]) -> dict[str, Any]:
    ordered = {key: without_variables(tags[key]) for key in sorted(tags, key=lambda key: (key.lower(), key))}
    return {"tags": ordered} if ordered else {}


def _policy_file(policy: Policy) -> str:
    return f"{POLICY_FOLDER}/{file_name(policy.name)}.json"


def _inline_policy_file(policy: GroupInlinePolicy) -> str:
    return f"{INLINE_POLICY_FOLDER}/{file_name(policy.group)}/{file_name(policy.name)}.json"


def _settings(found: Declarable) -> str:
    comments = _SETTINGS
    settings: dict[str, Any] = {
        "version": 1,
        "accounts": {found.settings.account_name: {"id": found.settings.account_id}},
    }
    scope: dict[str, Any] = {}
    if found.refused:
        comments += _IGNORED + "".join(f"{comment(f'  {address}: {why}')}\n" for address, why in found.refused.items())
        scope["ignore"] = [_pattern(address) for address in found.refused]
    if found.settings.ignore_tags:
        scope["ignore_tags"] = list(found.settings.ignore_tags)
    if scope:
        settings["scope"] = scope
    if found.exceptions:
        comments += _EXCEPTIONS
        reason = {"reason": EXCEPTION_REASON} if len(found.exceptions) <= MAX_REASONS else {}
        settings["exceptions"] = [{"address": str(address), **reason} for address in found.exceptions]
    return comments + "".join(f"{line}\n" for line in block(settings))


def _pattern(address: Address) -> str:
    """Return what ``ignore`` matches this with: sets keep braces from beginning a variable and names from being keys."""
    pattern = re.sub(r"[*?[{]|A(?=[KS]IA)", lambda match: f"[{match[0]}]", str(address))
    return re.sub("[\ud800-\udfff]", "?", pattern)  # no YAML can hold half a character
