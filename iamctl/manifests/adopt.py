"""Edits manifests so that they declare what is live, for ``import --update``."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field
from typing import Any

from iamctl.kinds import (
    AccessKey,
    AccountSetting,
    ApiKey,
    Group,
    GroupInlinePolicy,
    GroupPolicy,
    LoginProfile,
    Membership,
    Policy,
    User,
)
from iamctl.kinds.session_limit import console_of
from iamctl.manifests.document_edit import edited_document, raw_of
from iamctl.manifests.document_file import document_text
from iamctl.manifests.edited_tree import EditedTree, NotEditableError, beside
from iamctl.manifests.spans import Leaf, Raw
from iamctl.manifests.writing import Writing
from iamctl.model import Address, Change, Resource, State
from iamctl.policy import Document
from iamctl.text.late_dataclass import dataclass


@dataclass
class Adopter:
    """Edits a tree change by change; what has no place in manifests raises ``NotEditableError``."""

    tree: EditedTree
    writing: Writing
    live: State
    """The whole live account, without tags of other tools."""
    desired: State
    fill: Callable[[str], str]
    """Returns a text with the variables of the account filled in."""
    read: Callable[[str], bytes]
    """Returns the bytes of a document's file."""
    added: set[Address] = field(default_factory=set)
    """The users and groups that the edits declare."""

    def adopt(self, change: Change) -> None:
        """Edit the manifests so that they say what is live.

        Raises:
            NotEditableError: manifests cannot say it, or the place cannot be edited.
        """
        before, after = change.before, change.after
        match change.resource:
            case User() | Group() | Policy() as one:
                self._root(one, before, after)
            case Membership() as one:
                self._membership(one, before)
            case GroupPolicy() as one:
                self._group_policy(one, before)
            case GroupInlinePolicy() as one:
                self._inline_policy(one, before)
            case LoginProfile() as one:
                self._console(one.user, before, after)
            case AccessKey() as one:
                self._access_keys(one.user)
            case ApiKey() as one:
                self._api_keys(one.user)
            case AccountSetting() as one if after is not None:
                self._account_setting(one.name, before)
            case one:
                raise NotEditableError(f"manifests cannot declare {one.kind}; a plan removes it")

    def declare(self, resource: Resource) -> None:
        """Add the entry of a live user, group or policy that no manifest declares."""
        self._root(resource, resource, None)

    def _console(self, user: str, live: Resource | None, declared: Resource | None) -> None:
        value: Raw | None = None
        if isinstance(live, LoginProfile):
            console = console_of(live.max_session)
            value = raw_of_entry(console) if isinstance(console, dict) else Leaf("true", True)
            if isinstance(declared, LoginProfile) and declared.reissue:
                value = {**(value if isinstance(value, dict) else {}), "reissue": Leaf(declared.reissue)}
        self._of_user(user, "console", value)

    def _account_setting(self, name: str, live: Resource | None) -> None:
        path, key = self._entry("account", name)
        if live is None:
            self.tree.delete(path, "account", key)
        else:
            self.tree.set(path, ("account", key), raw_of_entry(live.to_manifest(self.writing)))

    def _root(self, one: Resource, before: Resource | None, after: Resource | None) -> None:
        section = one.section.name if one.section else ""
        if before is None:
            for path, key in list(self.tree.find_all(section, one.address.name)):
                self.tree.delete(path, section, key)
            self._leave_memberships(one)
        elif after is None:
            self._add(section, before)
        else:
            path, key = self._entry(section, one.address.name)
            self._fields(path, (section, key), before, after)

    def _add(self, section: str, one: Resource) -> None:
        path = self.tree.place_of(section)
        entry = dict(one.to_manifest(self.writing))
        if isinstance(one, Group):
            for part in self.live:
                if part.owner == one.address and isinstance(part, (GroupPolicy, GroupInlinePolicy)):
                    for key, value in part.to_manifest(self.writing).items():
                        entry[key] = (
                            [*entry.get(key, ()), *value]
                            if isinstance(value, list)
                            else {**entry.get(key, {}), **value}
                        )
            self._new_group(one)
        for file, document in self.writing.take_documents().items():
            self.tree.create(beside(path, file), document_text(document))
        self.tree.set(path, (section, one.address.name), raw_of_entry(entry))
        self.added.add(one.address)

    def _new_group(self, group: Group) -> None:
        members = [
            Leaf(one.user)
            for one in self.live.of_kind(Membership)
            if Address.of("group", one.group) == group.address and self._is_declared(Address.of("user", one.user))
        ]
        self.tree.set(self.tree.place_of("memberships"), ("memberships", group.name), list(members))

    def _is_declared(self, user: Address) -> bool:
        return user in self.desired or user in self.added

    def _leave_memberships(self, one: Resource) -> None:
        """Delete the memberships of a user or a group that is gone."""
        if isinstance(one, Group):
            for path, key in list(self.tree.find_all("memberships", one.name)):
                self.tree.delete(path, "memberships", key)
        if isinstance(one, User):
            for found in self.desired.of_kind(Membership):
                if Address.of("user", found.user) == one.address and found.address not in self.live:
                    self._delete_membership(found)

    def _fields(self, path: str, at: tuple[str, str], before: Resource, after: Resource) -> None:
        wanted = dict(before.to_manifest(self.writing))
        self.writing.take_documents()
        live_tags, tags = getattr(before, "tags", None) or {}, getattr(after, "tags", None) or {}
        if getattr(before, "path", "/") != getattr(after, "path", "/"):
            self._set_or_delete(path, (*at, "path"), wanted.get("path"))
        for key in [*live_tags, *(key for key in tags if key not in live_tags)]:
            if live_tags.get(key) != tags.get(key):
                self._tag(path, at, key, wanted.get("tags", {}).get(key))
        if isinstance(before, User) and isinstance(after, User):
            if before.permissions_boundary != after.permissions_boundary:
                self._set_or_delete(path, (*at, "permissions_boundary"), wanted.get("permissions_boundary"))
        elif isinstance(before, Policy) and isinstance(after, Policy):
            if before.description != after.description:
                self._set_or_delete(path, (*at, "description"), wanted.get("description"))
            if before.document != after.document:
                self._policy_document(path, at, before.document)

    def _set_or_delete(self, path: str, steps: tuple[str, ...], value: Any) -> None:
        if value is None:
            self.tree.delete(path, *steps)
        else:
            self.tree.set(path, steps, raw_of_entry(value))

    def _tag(self, path: str, at: tuple[str, str], key: str, value: str | None) -> None:
        tags = self.tree.get(path, *at, "tags")
        spelled = next((one for one in tags if one.lower() == key.lower()), key) if isinstance(tags, dict) else key
        self._set_or_delete(path, (*at, "tags", spelled), value)
        if self.tree.get(path, *at, "tags") == {}:
            self.tree.delete(path, *at, "tags")

    def _entry(self, section: str, name: str) -> tuple[str, str]:
        found = self.tree.find(section, name)
        if found is None:
            raise NotEditableError(f"no file that may be edited declares it under {section!r}")
        return found

    def _of_user(self, user: str, key: str, value: Raw | None) -> None:
        path, name = self._entry("users", user)
        if value is None:
            self.tree.delete(path, "users", name, key)
        else:
            self.tree.set(path, ("users", name, key), value)

    def _access_keys(self, user: str) -> None:
        keys = [key for key in self.live.of_kind(AccessKey) if Address.of("user", key.user) == Address.of("user", user)]
        number = Leaf(str(sum(key.is_active for key in keys)), True)
        path, name = self._entry("users", user)
        if isinstance(self.tree.get(path, "users", name, "access_keys"), dict):
            self.tree.set(path, ("users", name, "access_keys", "count"), number)
            self.tree.delete(path, "users", name, "access_keys", "retire")
        else:
            self._of_user(user, "access_keys", number)

    def _api_keys(self, user: str) -> None:
        mine = [key for key in self.live.of_kind(ApiKey) if Address.of("user", key.user) == Address.of("user", user)]
        self._of_user(user, "api_keys", Leaf(str(sum(key.held.is_active for key in mine)), True))

    def _membership(self, one: Membership, before: Resource | None) -> None:
        if before is None:
            self._delete_membership(one)
            return
        if not self._is_declared(Address.of("user", one.user)):
            raise NotEditableError(f"user/{one.user} is not declared; adopt it as well")
        if Address.of("group", one.group) in self.added:
            return  # its entry has all members
        path, key = self._entry("memberships", one.group)
        self.tree.append(path, ("memberships", key), Leaf(one.user))

    def _delete_membership(self, one: Membership) -> None:
        declared = self.desired.get(one.address)
        origin = declared.origin if declared else None
        if origin is None or origin.path not in self.tree.files:
            raise NotEditableError("no file that may be edited declares it")
        _, key = next(pair for pair in self.tree.find_all("memberships", one.group) if pair[0] == origin.path)
        self.tree.delete_item(origin, ("memberships", key))

    def _group_policy(self, one: GroupPolicy, before: Resource | None) -> None:
        path, key = self._entry("groups", one.group)
        if before is not None:
            self.tree.append(path, ("groups", key, "policies"), raw_of_entry(self.writing.policy_name(one.policy_arn)))
        elif one.origin:
            self.tree.delete_item(one.origin, ("groups", key, "policies"))

    def _inline_policy(self, one: GroupInlinePolicy, before: Resource | None) -> None:
        path, key = self._entry("groups", one.group)
        at = ("groups", key, "inline_policies", one.name)
        declared = self.tree.get(path, *at)
        if before is None:
            self.tree.delete(path, *at)
            if self.tree.get(path, *at[:-1]) == {}:
                self.tree.delete(path, *at[:-1])
        elif declared is None:
            self.tree.set(path, at, raw_of(one.document.data))
        else:
            assert isinstance(before, GroupInlinePolicy)
            self._document(path, at, declared, before.document)

    def _policy_document(self, path: str, at: tuple[str, str], live: Document) -> None:
        entry = self.tree.get(path, *at)
        if isinstance(entry, dict) and "builtin" in entry:
            self.tree.delete(path, *at, "builtin")
            self.tree.set(path, (*at, "document"), raw_of(live.data))
        elif isinstance(entry, dict) and "document" in entry:
            self._document(path, (*at, "document"), entry["document"], live)
        else:
            self._document(path, at, entry, live)

    def _document(self, path: str, at: tuple[str, ...], declared: Raw | None, live: Document) -> None:
        """Edit a document where it is written: at a place of a manifest, or in the file that the place names."""
        if live.normalized is None:
            raise NotEditableError("the live document is malformed, so it cannot be written to a manifest")
        name = declared.get("file") if isinstance(declared, dict) else None
        if isinstance(name, Leaf):
            target = beside(path, self.fill(name.text))
            file = self.tree.document(target, self.read(target))
            self.tree.set_root(
                target, edited_document(file.wanted, live.data, self.fill), str(posixpath.basename(target))
            )
        else:
            self.tree.set(path, at, edited_document(declared or {}, live.data, self.fill))


def raw_of_entry(value: Any) -> Raw:
    """Return an entry as kinds write it, in which variables are escaped already."""
    if isinstance(value, Mapping):
        return {key: raw_of_entry(below) for key, below in value.items()}
    if isinstance(value, (list, tuple)):
        return [raw_of_entry(item) for item in value]
    return Leaf(value) if isinstance(value, str) else raw_of(value)


def in_order(changes: Iterable[Change]) -> Iterator[Change]:
    """Yield changes so that what others need comes first: policies, users and groups before what hangs on them."""
    ranks = {Policy.kind: 0, User.kind: 1, Group.kind: 2}
    yield from sorted(changes, key=lambda change: (ranks.get(change.address.kind, 3), change.address.rank))
