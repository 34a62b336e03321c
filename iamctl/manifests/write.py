"""Writes the manifest tree of a live account."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Any

from iamctl.account.live import Live
from iamctl.account.role_policies import role_policies
from iamctl.kinds import (
    KINDS,
    AccessKey,
    LoginProfile,
    Policy,
    User,
    UserInlinePolicy,
    listed_sections,
    root_kinds,
    sections,
)
from iamctl.manifests.bounds import MAX_FILE_BYTES
from iamctl.manifests.declarable import NO_WISHES, Declarable, ImportWishes, declarable
from iamctl.manifests.direct_groups import MovedPolicies
from iamctl.manifests.document_file import document_text, is_kept, secret_in
from iamctl.manifests.events import load_yaml
from iamctl.manifests.folder import SETTINGS_FILE
from iamctl.manifests.made_elsewhere import NOTHING, OwnedElsewhere
from iamctl.manifests.merged_policies import MergedPolicies
from iamctl.manifests.policy_name import PolicyNameError, PolicyNames
from iamctl.manifests.secret import find_secrets
from iamctl.manifests.writing import Writing, file_name
from iamctl.manifests.yaml_text import block, comment
from iamctl.model import Address, Resource, State
from iamctl.policy import Document
from iamctl.policy.names import name_error
from iamctl.text.counted import listed
from iamctl.text.late_dataclass import dataclass
from iamctl.text.late_pattern import late_pattern

EXCEPTION_REASON = "older than iamctl"

UNSORTED = "unsorted"
"""The folder of the documents of inline policies that stay on users; no manifest refers to it."""

MAX_REASONS = 5000
"""Exceptions that each get a reason; with more, iamctl.yaml would be too large."""

MAX_PART_BYTES = MAX_FILE_BYTES // 2
"""Maximum size of a file before a section continues in another, far below what the loader reads."""

_NEVER_IN_SETTINGS = late_pattern("{{|[\ud800-\udfff]")
"""Two braces, because iamctl.yaml has no variables, and half characters, which YAML cannot contain."""

_SETTINGS = """\
# The account of these manifests. They were imported from it, so `iamctl plan` {finds}.
# Next: keep this folder in version control. List under `protect` what no plan may remove: [user/break-glass].
"""
_IGNORED = """\
# Manifests cannot declare what is listed under `ignore`, so iamctl leaves it alone. Correct it, then import again:
"""
_ELSEWHERE = """\
# AWS's consoles or other tools made these and go on changing them, so they are under `ignore`, too. To manage one, delete
# its entry there and declare it, or import again with --include PATTERN:
"""
_UNREAD = """\
# Nobody read whether these users have passwords, access keys or API keys; the imported file does not say:
{names}
# So users.yaml does not permit them, and a plan for the account would take them away. The limits of 0 below refuse that.
# Import again from the account, or add `console`, `access_keys` and `api_keys` to users.yaml. Then delete both limits.
"""
_EXCEPTIONS = """\
# The policies under `exceptions` are attached directly to users. Move each to a group and delete its entry here.
"""
_UNSORTED = """\
# The documents of inline ones are in unsorted/, for groups to refer to: `inline_policies: {NAME: {file: ...}}`.
"""


@dataclass(frozen=True)
class LiveCounts:
    """How many of the live resources of a kind are declared, and how many are not and why; the parts add up."""

    live: int
    managed: int
    elsewhere: int
    refused: int
    of_roles: int


@dataclass(frozen=True)
class ImportedTree:
    """The files of a manifest tree, and the number of resources in them."""

    files: Mapping[str, str]
    """Path below the tree, with ``/``, to text; ``iamctl.yaml``, without which there is no tree, is last."""
    counts: Mapping[str, int]
    """How many resources the manifests declare, by section."""
    exceptions: int
    """Policies attached directly to users."""
    role_policies: int
    """Customer-managed policies that only roles use and that are left out."""
    refused: Mapping[Address, str]
    """Users, groups and policies that manifests cannot declare as they are, and why."""
    unread: tuple[str, ...] = ()
    """Names of users of whom nobody read whether they have a password, access keys or API keys."""
    moved: MovedPolicies | None = None
    """How groups replace the policies on users; None where these stay."""
    merged: MergedPolicies | None = None
    """How managed policies replace equal inline ones of groups; None where these stay."""
    elsewhere: OwnedElsewhere = NOTHING
    """What others manage and ``iamctl.yaml`` ignores."""
    declared: frozenset[Address] = frozenset()
    """The live users, groups and policies that the manifests declare."""
    live_counts: Mapping[str, LiveCounts] = field(default_factory=dict)
    """What became of the live users, groups and policies, by section."""


def manifest_files(live: Live, *, account_name: str, wishes: ImportWishes = NO_WISHES) -> ImportedTree:
    """Return the tree from which a plan for ``live`` finds nothing to change.

    The same account gives the same bytes. What manifests cannot declare, for example a document that IAM's grammar
    refuses in a group, is ignored in ``iamctl.yaml`` and listed in ``refused``. Where groups replace the policies on
    users, the plan moves these.
    """
    found = _writable(live, account_name, wishes)
    written, documents = _sections(live, found.state)
    documents = {**documents, **dict(_unsorted(found, live))}
    files = {path: document_text(document) for path, document in documents.items()}
    for section, entries in written.items():
        if entries or section in listed_sections():
            files |= _manifests(section, entries)
    files[SETTINGS_FILE] = _settings(found)
    return ImportedTree(
        files=files,
        counts={
            name: len(found.state.of_kind(kind))
            for name, (kind, section) in sections().items()
            if not section.has_fixed_keys or found.state.of_kind(kind)
        },
        exceptions=len(found.exceptions),
        role_policies=len(found.role_policies),
        refused=found.refused,
        unread=_unread(found.state),
        moved=found.moved,
        merged=found.merged,
        elsewhere=found.elsewhere,
        declared=frozenset(found.state.resources).intersection(live.state.resources),
        live_counts={
            name: _live_counts(kind.kind, found, live)
            for name, (kind, _) in listed_sections().items()
            if kind.owner_field is None
        },
    )


def _unsorted(found: Declarable, live: Live) -> Iterator[tuple[str, Document]]:
    """Yield the documents of inline policies that stay on users, for groups that are to hold them, by path."""
    for address in found.exceptions:
        policy = live.state.get(address)
        if not isinstance(policy, UserInlinePolicy) or name_error("policy", policy.name, UserInlinePolicy.longest_name):
            continue
        if is_kept(policy.document) and not secret_in(policy.document):
            yield f"{UNSORTED}/{file_name(policy.user)}/{file_name(policy.name)}.json", policy.document


def _live_counts(kind: str, found: Declarable, live: Live) -> LiveCounts:
    """Return what became of the live resources of a kind; each is counted once."""
    addresses = [address for address in live.state.resources if address.kind == kind]
    return LiveCounts(
        live=len(addresses),
        managed=sum(address in found.state.resources for address in addresses),
        elsewhere=sum(address in found.elsewhere.addresses for address in addresses),
        refused=sum(address in found.refused for address in addresses),
        of_roles=sum(address.kind == kind for address in found.role_policies),
    )


def newer_than_the_report(state: State) -> tuple[str, ...]:
    """Return the names of the users whose passwords or access keys are in neither exact answers nor the report."""
    users = (
        user for user in state.of_kind(User) if None in (user.credentials.has_password, user.credentials.access_keys)
    )
    return tuple(user.name for user in users)


def _unread(state: State) -> tuple[str, ...]:
    """Return the names of the users of whom nobody read whether they have a password, access keys or API keys.

    IAM lists and creates no API keys for names that are longer than those of new users.
    """
    without = {
        user.name
        for user in state.of_kind(User)
        if user.credentials.service_credentials is None and len(user.name) <= (User.longest_name or 0)
    }
    return tuple(sorted(without.union(newer_than_the_report(state))))


def policies_to_describe(live: Live) -> tuple[str, ...]:
    """Return the ARNs of the policies that an import may declare; GetPolicy returns their descriptions and tags."""
    left_out = frozenset(role_policies(live))
    return tuple(policy.arn for policy in live.state.of_kind(Policy) if policy.address not in left_out)


def _writable(live: Live, account_name: str, wishes: ImportWishes) -> Declarable:
    """Return what to declare, without users, groups and policies whose entries the loader would refuse."""
    refused: dict[Address, str] = {}
    while True:
        found = declarable(live, account_name, refused, wishes)
        more = dict(_unwritable(found, *_sections(live, found.state), live))
        if not more:
            return found
        sources = found.moved.sources if found.moved else {}
        refused.update({one: why for address, why in more.items() for one in sources.get(address, (address,))})


def _unwritable(
    found: Declarable, written: Mapping[str, Mapping[str, Any]], documents: Mapping[str, Document], live: Live
) -> Iterator[tuple[Address, str]]:
    exceptions: dict[str, list[str]] = {}
    for address in found.exceptions:
        exceptions.setdefault(address.parts[0].lower(), []).append(str(address))
    known = PolicyNames(live.partition, live.account_id, {}, {}, is_whole=False)
    for kind in root_kinds():
        for name, entry in (
            written[kind.section.name].items() if kind.section and not kind.section.has_fixed_keys else ()
        ):
            fields = entry or {}
            listed = [name, *exceptions.get(name.lower(), ())] if kind is User else []
            why = (
                _settings_error(listed)
                or _unknown_policy(fields, known)
                or _secret({name: {**fields, "listed": listed}})
            )
            why = why or next(filter(None, (secret_in(documents[file]) for file in _files(fields))), None)
            if why:
                yield Address.of(kind.kind, name), why


def _settings_error(listed: list[str]) -> str | None:
    """Return what is wrong with names in iamctl.yaml, where no escape helps against these."""
    found = next((match[0] for text in listed if (match := _NEVER_IN_SETTINGS.search(text))), None)
    return f"the name of a policy on the user contains {found!r}" if found else None


def _unknown_policy(entry: Mapping[str, Any], known: PolicyNames) -> str | None:
    """Return why a policy of an entry cannot be named there: IAM would not accept the name."""
    boundary = entry.get("permissions_boundary")
    for text in (*entry.get("policies", ()), *([boundary] if boundary else [])):
        try:
            known.arn(text)
        except PolicyNameError as error:
            return str(error)
    return None


def _secret(entry: Mapping[str, Any]) -> str | None:
    """Return the message on the secret that the loader would find in an entry; it does not show the secret."""
    data = "\n".join(block(entry)).encode("utf-8", "replace")
    root = load_yaml("", data, wanted="an entry").root
    secrets = find_secrets("", data, root)
    return secrets[0].finding.message if secrets else None


def _files(entry: Any) -> Iterator[str]:
    """Yield the paths of the documents that an entry points to."""
    if isinstance(entry, Mapping):
        for key, value in entry.items():
            if key == "file" and isinstance(value, str):
                yield value
            elif key == "inline_policies":
                for below in value.values():
                    yield from _files(below)


def _sections(live: Live, state: State) -> tuple[dict[str, dict[str, Any]], Mapping[str, Document]]:
    """Return the entries of each section by name, and the documents that they point to by file."""
    writing = Writing(live, state)
    entries: dict[str, dict[Address, Any]] = {}
    by_kind: dict[str, dict[Address, Any]] = {}
    for name, (kind, section) in sections().items():
        if section.keyed_by:  # every key has an entry, though nothing may be in it
            entries[name] = {address: [] for address in by_kind[section.keyed_by]}
        else:
            entries[name] = by_kind[kind.kind] = {one.address: one.to_manifest(writing) for one in state.of_kind(kind)}
    for kind in KINDS:
        for resource in state.of_kind(kind) if kind.owner_field else ():
            owner, part = resource.owner, resource.to_manifest(writing)
            if owner is None or part is None:
                continue
            if kind.section:
                entries[kind.section.name][owner].append(part)
            else:
                _add(by_kind[owner.kind][owner], part)
    written = {
        section: {address.name: None if entry == {} else entry for address, entry in found.items()}
        for section, found in entries.items()
    }
    return written, writing.documents


def _add(entry: dict[str, Any], part: Mapping[str, Any]) -> None:
    """Add to an entry what one more thing that hangs on it says there."""
    for key, value in part.items():
        if isinstance(value, list):
            entry.setdefault(key, []).extend(value)
        elif isinstance(value, dict):
            entry.setdefault(key, {}).update(value)
        else:
            entry[key] = value


def _manifests(section: str, entries: Mapping[str, Any]) -> dict[str, str]:
    """Return the file of a section, or several if one would be larger than the loader reads."""
    parts: list[list[str]] = [[]]
    size = 0
    for name, value in entries.items():
        text = "".join(f"{line}\n" for line in block({name: value}, 2))
        if parts[-1] and size + len(text.encode()) > MAX_PART_BYTES:
            parts.append([])
            size = 0
        parts[-1].append(text)
        size += len(text.encode())
    above = "".join(f"# {line}\n" for line in sections()[section][1].comment)
    start = above + (f"{section}:\n" if entries else f"{section}: {{}}\n")
    if len(parts) == 1:
        return {f"{section}.yaml": start + "".join(parts[0])}
    width = len(str(len(parts)))
    return {f"{section}-{number:0{width}}.yaml": start + "".join(part) for number, part in enumerate(parts, 1)}


def _settings(found: Declarable) -> str:
    comments = _SETTINGS.format(finds=_found_by_plan(found))
    settings: dict[str, Any] = {
        "version": 1,
        "accounts": {found.settings.account_name: {"id": found.settings.account_id}},
    }
    scope: dict[str, Any] = {
        "undeclared": {name: "drift" for name, (kind, _) in listed_sections().items() if _is_root(kind)}
    }
    if found.elsewhere.rules:
        comments += _ELSEWHERE + "".join(
            f"{comment(f'  {_masked(str(entry))}: {rule.words}')}\n"
            for rule in found.elsewhere.rules
            for entry in rule.entries
        )
    if found.refused:
        comments += _IGNORED + "".join(
            f"{comment(f'  {_masked(str(address))}: {why}')}\n" for address, why in found.refused.items()
        )
    if found.refused or found.elsewhere.rules:
        scope["ignore"] = [*_entries(found.elsewhere), *map(_pattern, found.refused)]
    if found.settings.ignore_tags:
        scope["ignore_tags"] = list(found.settings.ignore_tags)
    settings["scope"] = scope
    if unread := _unread(found.state):
        comments += _UNREAD.format(names=comment(f"  {_masked(listed(unread))}"))
        settings["limits"] = {limit.name: 0 for kind in (LoginProfile, AccessKey) if (limit := kind.limit)}
    if found.exceptions:
        comments += _EXCEPTIONS
        comments += _UNSORTED if any(address.kind == UserInlinePolicy.kind for address in found.exceptions) else ""
        reason = {"reason": EXCEPTION_REASON} if len(found.exceptions) <= MAX_REASONS else {}
        settings["exceptions"] = [{"address": str(address), **reason} for address in found.exceptions]
    return comments + "".join(f"{line}\n" for line in block(settings))


def _found_by_plan(found: Declarable) -> str:
    """Return what the first plan from these manifests finds."""
    moves = bool(found.moved and found.moved.moved)
    merges = bool(found.merged and found.merged.replaced)
    if moves and merges:
        return "moves policies from users to groups and merges equal policies"
    if moves:
        return "moves policies from users to groups"
    return "merges equal policies" if merges else "finds nothing to change yet"


def _entries(elsewhere: OwnedElsewhere) -> Iterator[Any]:
    for rule in elsewhere.rules:
        yield from (_pattern(entry) if isinstance(entry, Address) else entry for entry in rule.entries)


def _is_root(kind: type[Resource]) -> bool:
    return kind.owner_field is None


def _pattern(address: Address) -> str:
    """Return the pattern of ``ignore`` that matches this; sets keep braces from beginning variables and names from being keys."""
    pattern = _masked(re.sub(r"[*?[{]", lambda match: f"[{match[0]}]", str(address)))
    return re.sub("[\ud800-\udfff]", "?", pattern)  # YAML cannot contain half a character


def _masked(text: str) -> str:
    """Return a text in which nothing looks like an access key id."""
    return re.sub("A(?=[KS]IA)", "[A]", text)
