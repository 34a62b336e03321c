"""The manifest tree that says what a live account holds."""

from __future__ import annotations

import glob
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from iamctl.kinds import Group, GroupInlinePolicy, GroupPolicy, Membership, Policy, User
from iamctl.kinds.arn import customer_policy_arn, is_aws_managed
from iamctl.live import Live
from iamctl.manifests.declarable import Declarable, declarable
from iamctl.manifests.document_file import document_text
from iamctl.manifests.file_name import file_name
from iamctl.manifests.folder import SETTINGS_FILE
from iamctl.manifests.yaml_text import block, without_variables
from iamctl.model import Address, State
from iamctl.render.visible import visible

POLICY_FOLDER = "policies"
INLINE_POLICY_FOLDER = "inline_policies"
"""Holds a folder for each group: beside that of the managed policies, so that no group and policy share a path."""

EXCEPTION_REASON = "imported; move it to a group"

_USERS = """\
# The users of the account, by name; a name that stands alone has all defaults.
# To take a user away, write `removed: [user/NAME]`. A line that is only deleted removes nobody.
"""
_GROUPS = """\
# The groups of the account, by name, and the policies that each one has: what is not here is taken away by a plan.
# Policies: a name of policies.yaml, `aws:NAME` for one of AWS, `live:NAME` for one that another tool owns.
"""
_MEMBERSHIPS = """\
# Who belongs to which group; `[]` is nobody. For a while only: {user: NAME, until: 2026-12-31, reason: "why"}.
"""
_POLICIES = """\
# The customer-managed policies of the account, by name, each with the file of its document.
# Policies that only roles use are not here; iamctl leaves them alone.
"""
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
    found = declarable(live, account_name)
    state = found.state
    documents = {_policy_file(policy): policy.document for policy in state.of_kind(Policy)}
    documents |= {_inline_policy_file(policy): policy.document for policy in state.of_kind(GroupInlinePolicy)}
    names = _PolicyNames(live, state)
    files = {path: document_text(document) for path, document in documents.items()}
    files["users.yaml"] = _manifest(_USERS, "users", _users(state, names))
    files["groups.yaml"] = _manifest(_GROUPS, "groups", _groups(state, names))
    files["memberships.yaml"] = _manifest(_MEMBERSHIPS, "memberships", _memberships(state))
    files["policies.yaml"] = _manifest(_POLICIES, "policies", _policies(state))
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


def policies_to_describe(live: Live) -> tuple[str, ...]:
    """Return the ARNs of the policies that an import declares: GetPolicy tells their descriptions and tags."""
    return tuple(policy.arn for policy in declarable(live, "").state.of_kind(Policy))


class _PolicyNames:
    """How manifests name the managed policies of an account."""

    def __init__(self, live: Live, declared: State) -> None:
        self._declared = {policy.arn: policy.name for policy in declared.of_kind(Policy)}
        self._live = {policy.arn for policy in live.state.of_kind(Policy)}
        self._aws = f"arn:{live.partition}:iam::aws:policy/"
        self._own = customer_policy_arn(live.partition, live.account_id, "/", "")

    def name(self, arn: str) -> str:
        if arn in self._declared:
            return self._declared[arn]
        if is_aws_managed(arn) and arn.startswith(self._aws):
            return without_variables(f"aws:{arn.removeprefix(self._aws)}")
        if arn in self._live and arn.startswith(self._own):
            return without_variables(f"live:{arn.removeprefix(self._own)}")
        return without_variables(arn)


def _manifest(comment: str, section: str, entries: Mapping[str, Any]) -> str:
    return comment + "".join(f"{line}\n" for line in block({section: entries}))


def _users(state: State, names: _PolicyNames) -> dict[str, Any]:
    return {user.name: _user(user, names) or None for user in state.of_kind(User)}


def _user(user: User, names: _PolicyNames) -> dict[str, Any]:
    fields: dict[str, Any] = {**_path(user.path), **_tags(user.tags)}
    if user.permissions_boundary:
        fields["permissions_boundary"] = names.name(user.permissions_boundary)
    return fields


def _groups(state: State, names: _PolicyNames) -> dict[str, Any]:
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
    comment = _SETTINGS
    settings: dict[str, Any] = {
        "version": 1,
        "accounts": {found.settings.account_name: {"id": f"{found.settings.account_id}"}},
    }
    scope: dict[str, Any] = {}
    if found.refused:
        comment += _IGNORED + "".join(f"#   {visible(f'{address}: {why}')}\n" for address, why in found.refused.items())
        scope["ignore"] = [glob.escape(str(address)) for address in found.refused]
    if found.settings.ignore_tags:
        scope["ignore_tags"] = list(found.settings.ignore_tags)
    if scope:
        settings["scope"] = scope
    if found.exceptions:
        comment += _EXCEPTIONS
        settings["exceptions"] = [{"address": str(address), "reason": EXCEPTION_REASON} for address in found.exceptions]
    return comment + "".join(f"{line}\n" for line in block(settings))
