"""What groups and policies hold at one moment, to tell what a call adds and takes."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from iamctl.access.statement_sets import Grants, StatementSets
from iamctl.model.access_change import AccessChange, AttachmentChange, DocumentChange, MembershipChange
from iamctl.order.rank import Content
from iamctl.order.world import World, policy_key


class Contents:
    """What groups and policies hold at one moment."""

    def __init__(self, world: World, effects: Iterable[AccessChange]) -> None:
        self._world = world
        policies, groups = set[str](), set[str]()
        for change in effects:
            if isinstance(change, MembershipChange):
                groups.add(change.group_key)
            elif isinstance(change, AttachmentChange):
                policies.add(policy_key(change.policy))
        self.documents = {policy: world.document_grants(policy) for policy in sorted(policies)}
        self.holders = {group: world.grants(group) for group in sorted(groups)}

    def joined(self, other: Contents, sets: StatementSets, is_unseen: Callable[[AccessChange], bool]) -> Content:
        """Return the contents of both moments together."""

        def written(change: DocumentChange) -> tuple[Grants, Grants]:
            before, after = change.before, change.after
            return (sets.of(before) if before else Grants(), sets.of(after) if after else Grants())

        joined = {policy: grants.joined(other.documents[policy]) for policy, grants in self.documents.items()}
        held = {group: grants.joined(other.holders[group]) for group, grants in self.holders.items()}
        return Content(
            document=joined.__getitem__,
            holder=held.__getitem__,
            written=written,
            is_unseen=is_unseen,
        )
