"""Names across all manifests of an account: each is declared once, and every reference exists; rule IAM003."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from iamctl.kinds import UserInlinePolicy, UserPolicy, parse_address, root_kinds
from iamctl.manifests.manifest import Content
from iamctl.manifests.node import Path
from iamctl.model import Address, Entry, Finding, Origin, Severity
from iamctl.text.nearest import did_you_mean, either

MAX_GUESSES = 25
"""How often one run looks for a similar name; among thousands of names each search takes a while."""

_DIRECT_POLICIES = (UserPolicy.kind, UserInlinePolicy.kind)
"""What no section declares, but ``removed`` can list: policies of users that only deny stay otherwise."""


class References:
    """The names that the manifests of one account declare and remove, checked against each other."""

    def __init__(self, content: Content, report: Callable[[Finding], None]) -> None:
        self._content = content
        self._report = report
        self._guesses = 0
        self.left_out = False
        """Whether a name was skipped because it may be in a file that could not be read."""
        self._kinds = {kind.section.name: kind.kind for kind in root_kinds() if kind.section}
        self.declared: dict[str, dict[str, Entry]] = {section: self._index(section) for section in self._kinds}
        self.removed: dict[Address, Origin] = {}
        self._memberships: dict[str, list[Entry]] = {}

    def check(self) -> None:
        """Report every mistake."""
        self._check_removed()
        self._check_renames()
        self._check_membership_entries()
        self._check_groups_without_entry()
        self._check_members()

    def first_entries(self, section: str) -> Iterator[Entry]:
        """Yield the entries that kinds may read: valid ones, and the first of duplicate names."""
        known, entries = self.declared.get(section), self._content.whole_entries(section)
        if known is None or len(known) == len(self._content.entries[section]):
            yield from entries
        else:
            yield from (entry for entry in entries if known[entry.name.lower()] is entry)

    def _refuse(self, message: str, place: Origin | None, address: Address | None = None) -> None:
        self._report(Finding("IAM003", Severity.ERROR, message, address, place))

    def _guess(self, name: str, section: str) -> str:
        self._guesses += 1
        if self._guesses > MAX_GUESSES:
            return ""
        return did_you_mean(name[:256], (entry.name for entry in self.declared[section].values()))

    def _index(self, section: str) -> dict[str, Entry]:
        found: dict[str, Entry] = {}
        kind = self._kinds[section]
        for entry in self._content.entries[section]:
            first = found.setdefault(entry.name.lower(), entry)
            if first is not entry:
                spelled = "" if first.name == entry.name else f" as {first.name!r}; IAM ignores case"
                message = f"{kind} {entry.name!r} is already declared at {first.origin()}{spelled}"
                self._refuse(message, entry.origin(), Address.of(kind, entry.name))
        return found

    def _check_removed(self) -> None:
        sections = {kind: section for section, kind in self._kinds.items()}
        kinds = {*sections, *_DIRECT_POLICIES}
        for text, place in self._content.removed:
            address = parse_address(text)
            if address is None or address.kind not in kinds:
                kind = text.partition("/")[0]
                words = did_you_mean(kind, sections) if "/" in text and kind not in kinds else ""
                message = f"{text!r} is not valid here; write {either(sections)}, '/' and the name{words}"
                self._refuse(message, place)
                continue
            if address.kind == UserPolicy.kind and not address.parts[1].startswith("arn:"):
                user, policy = address.parts
                self._refuse(f"{text!r} needs the ARN of the policy: user-policy/{user}/arn:...:policy/{policy}", place)
                continue
            first = self.removed.setdefault(address, place)
            if first is not place:
                self._refuse(f"{text!r} is already listed under 'removed' at {first}; keep one", place, address)
            if address.kind in _DIRECT_POLICIES:
                continue
            entry = self.declared[sections[address.kind]].get(address.name.lower())
            if entry is not None:
                message = f"{text!r} is declared at {entry.origin()} but listed under 'removed' here; keep one"
                self._refuse(message, place, address)

    def _check_renames(self) -> None:
        for section in self._kinds:
            used: dict[str, Entry] = {}
            for entry in self.first_entries(section):
                old = entry.value.get("renamed_from") if isinstance(entry.value, dict) else None
                if old is not None:
                    self._check_rename(section, entry, old, used.setdefault(old.lower(), entry))

    def _check_rename(self, section: str, entry: Entry, old: str, first: Entry) -> None:
        kind = self._kinds[section]
        address, place = Address.of(kind, entry.name), entry.origin("renamed_from")
        other = self.declared[section].get(old.lower())
        removed = self.removed.get(Address.of(kind, old))
        if not old:
            self._refuse(f"'renamed_from' of {kind} {entry.name!r} is empty; write the old name", place, address)
        elif old.lower() == entry.name.lower():
            message = f"'renamed_from' of {kind} {entry.name!r} is its own name; remove the line"
            self._refuse(message, place, address)
        elif other is not None:
            message = f"{kind} {entry.name!r} is renamed from {old!r}, which is declared at {other.origin()}; keep one"
            self._refuse(message, place, address)
        elif removed is not None:
            message = f"{kind} {entry.name!r} is renamed from {old!r}, which is listed under 'removed' at {removed}"
            message += "; keep one"
            self._refuse(message, place, address)
        elif first is not entry:
            message = f"{kind} {old!r} is already renamed at {first.origin('renamed_from')}; keep one"
            self._refuse(message, place, address)

    def _check_membership_entries(self) -> None:
        for entry in self._content.entries["memberships"]:
            address = Address.of("group", entry.name)
            before = self._memberships.setdefault(entry.name.lower(), [])
            group = self.declared["groups"].get(entry.name.lower())
            if before and not _is_open(group):
                message = (
                    f"the members of {entry.name!r} are already listed at {before[0].origin()}; merge the lists, or declare "
                    "the group with 'members: open'"
                )
                self._refuse(message, entry.origin(), address)
            before.append(entry)
            if group is None:
                self._refuse_group(entry, address)
            elif group.name != entry.name:
                message = (
                    f"group {entry.name!r} is declared as {group.name!r} at {group.origin()}; use the same spelling"
                )
                self._refuse(message, entry.origin(), address)

    def _refuse_group(self, entry: Entry, address: Address) -> None:
        removed = self.removed.get(address)
        if removed is not None:
            message = f"group {entry.name!r} is listed under 'removed' at {removed}; delete its members here"
            self._refuse(message, entry.origin(), address)
        elif self._content.is_whole:
            words = self._guess(entry.name, "groups") or "; declare it under 'groups'"
            self._refuse(f"group {entry.name!r} is not declared{words}", entry.origin(), address)
        else:
            self.left_out = True

    def _check_groups_without_entry(self) -> None:
        for name, group in self.declared["groups"].items():
            if name in self._memberships or _is_open(group) or _has_members(group):
                continue
            if not self._content.is_whole:
                self.left_out = True
            else:
                message = f"group {group.name!r} has no entry in 'memberships'; if it has no members, write '{group.name}: []'"
                self._refuse(message, group.origin(), Address.of("group", group.name))

    def _check_members(self) -> None:
        for entries in self._memberships.values():
            seen: dict[str, tuple[Entry, Path]] = {}
            for entry in entries:
                for path, name in _members(entry.value):
                    self._check_member(entry, path, name)
                    member = entry, path
                    first = seen.setdefault(name.lower(), member)
                    if first is not member:
                        message = f"user {name!r} is already a member of {entry.name!r} at {_place(*first)}; keep one"
                        self._refuse(message, _place(*member), Address.of("membership", entry.name, name))

    def _check_member(self, entry: Entry, path: Path, name: str) -> None:
        user = self.declared["users"].get(name.lower())
        if user is not None and user.name == name:
            return
        group, place = entry.name, _place(entry, path)
        address = Address.of("membership", group, name)
        removed = self.removed.get(Address.of("user", name))
        if user is not None:
            message = f"user {name!r} is declared as {user.name!r} at {user.origin()}; use the same spelling"
        elif removed is not None:
            message = f"user {name!r} is listed under 'removed' at {removed}; delete the user from {group!r}"
        elif self._content.is_whole:
            words = self._guess(name, "users") or "; declare the user under 'users'"
            message = f"user {name!r} in {group!r} is not declared{words}"
        else:
            self.left_out = True
            return
        self._refuse(message, place, address)


def _place(entry: Entry, path: Path) -> Origin | None:
    return entry.origin(*path)


def _is_open(group: Entry | None) -> bool:
    return group is not None and isinstance(group.value, dict) and group.value.get("members") == "open"


def _has_members(group: Entry) -> bool:
    """Return whether the group lists members, which is a mistake reported elsewhere."""
    return isinstance(group.value, dict) and isinstance(group.value.get("members"), list | dict)


def _members(value: Any) -> Iterator[tuple[Path, str]]:
    """Yield the users of a memberships entry, even of one that does not match its schema, with their paths."""
    for index, member in enumerate(value if isinstance(value, list) else ()):
        if isinstance(member, str):
            yield (index,), member
        elif isinstance(member, dict) and isinstance(member.get("user"), str):
            yield (index, "user"), member["user"]
