"""What an import says: what it wrote, what it left out, and what a plan from it does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from iamctl.account.live import Live
from iamctl.kinds import (
    Group,
    GroupInlinePolicy,
    GroupPolicy,
    Membership,
    Policy,
    UserInlinePolicy,
    UserPolicy,
    sections,
)
from iamctl.manifests.direct_groups import MovedPolicies
from iamctl.manifests.write import ImportedTree, LiveCounts
from iamctl.model import Action, Change, Plan, Severity
from iamctl.text.counted import counted, listed

_MADE = (Group, GroupPolicy, GroupInlinePolicy, Membership, Policy)
_TAKEN = (UserPolicy, UserInlinePolicy, GroupInlinePolicy)


def summary_lines(tree: ImportedTree, live: Live, directory: Path) -> Iterator[str]:
    """Yield what the tree declares and what it does not."""
    counts = [
        counted(tree.counts[name], section.noun) for name, (_, section) in sections().items() if name in tree.counts
    ]
    yield f"{directory}: account {live.account_id}, {', '.join(counts)}"
    if tree.moved:
        yield from _moved_lines(tree.moved)
    elif tree.exceptions:
        attached = counted(tree.exceptions, "policy of a user", "policies of users")
        yield f"{attached} became exceptions in iamctl.yaml; move them to groups, or import with --direct-policies groups"
    if tree.merged:
        groups = {group for found in tree.merged.policies.values() for group in found}
        yield (
            f"{counted(len(tree.merged.replaced), 'inline policy')} of {counted(len(groups), 'group')} became "
            f"{counted(len(tree.merged.policies), 'managed policy')}"
        )
    if tree.unread:
        users = counted(len(tree.unread), "user")
        yield (
            f"warning: nobody read the passwords, access keys or API keys of {users}: {listed(tree.unread)}; limits of "
            "0 in iamctl.yaml refuse a plan that takes them. Import again from the account, or add console, "
            "access_keys and api_keys"
        )
    for text in tree.elsewhere.unmatched:
        yield f"warning: --include {text!r} matches nothing that others manage"
    if tree.elsewhere.rules:
        yield "iamctl.yaml ignores these, since others manage them (--include PATTERN imports them):"
        for rule in tree.elsewhere.rules:
            number, first = len(rule.addresses), rule.addresses[0]
            names = listed(address.name for address in rule.addresses)
            yield f"  {counted(number, first.kind)}: {rule.words}: {names}"
    if tree.refused:
        yield "iamctl.yaml ignores these, since manifests cannot declare them; fix them, then import again:"
        yield from (f"  {address}: {why}" for address, why in tree.refused.items())
    yield from (_counts_line(section, found) for section, found in tree.live_counts.items() if found.live)


def _counts_line(section: str, found: LiveCounts) -> str:
    parts = (
        (found.managed, "managed"),
        (found.elsewhere, "ignored"),
        (found.refused, "refused"),
        (found.of_roles, "only of roles"),
    )
    return f"{section}: {found.live:,} live = {' + '.join(f'{number:,} {word}' for number, word in parts if number)}"


def _moved_lines(moved: MovedPolicies) -> Iterator[str]:
    if moved.moved:
        users = {address.parts[0].lower() for address in moved.moved}
        groups = [counted(len(moved.groups), "new group")] if moved.groups else []
        groups += [counted(len(moved.reused), "existing group")] if moved.reused else []
        policies = counted(len(moved.moved), "direct policy", "direct policies")
        verb = "moves" if len(moved.moved) == 1 else "move"
        to = f" {verb} to {' and '.join(groups)}" if groups else ": groups of theirs grant the same already"
        yield f"{policies} of {counted(len(users), 'user')}{to}"
    if alone := [group.name for group, users in moved.groups.items() if len(users) == 1]:
        have = counted(len(alone), "group has", "groups have")
        yield f"{have} one member: look for a common one ({listed(alone)})"
    if moved.kept:
        yield "these policies stay on users, as exceptions in iamctl.yaml:"
        yield from (f"  {address}: {why}" for address, why in sorted(moved.kept.items()))


def is_move(plan: Plan) -> bool:
    """Tell whether a plan only moves policies, and provably keeps what everybody may do."""
    return not plan.access_unproved and all(map(_is_part_of_move, plan.changes))


def _is_part_of_move(change: Change) -> bool:
    if change.action is Action.CREATE:
        return isinstance(change.resource, _MADE)
    return change.action is Action.DELETE and isinstance(change.resource, _TAKEN)


def plan_lines(plan: Plan, *, is_done: bool) -> Iterator[str]:
    """Yield what a plan from the manifests does; nothing if it is empty, as expected."""
    if plan.access_unchanged:
        yield f"the plan leaves access unchanged for {counted(len(plan.access_unchanged), 'user')} (proved)"
    if not is_done:
        for finding in plan.findings:
            if finding.severity is Severity.REFUSE:
                about = f"{finding.address}: " if finding.address else ""
                yield f"refused: {about}{finding.message} ({finding.rule})"
        told = "is refused" if plan.is_refused else "is not empty"
        yield f"a plan from these manifests {told}; review it first"
