"""Who is affected by changes, by name: the first names for a terminal, all of them where details are folded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from iamctl.access.affected import joined
from iamctl.model import Address
from iamctl.model.affected import Affected, Through, Way
from iamctl.report.blocks import Line, Span
from iamctl.text.counted import counted, listed

MOST_NAMES = 10
"""So many users and so many roles are named where there is no room for all."""

_WAYS = {Way.DIRECT: "direct attachment", Way.BOUNDARY: "permissions boundary"}


def affected_line(found: Sequence[Affected], subject: Address) -> Line | None:
    """Return the line with the users and roles whose access changes of ``subject`` touch; None if none of them does."""
    if not found:
        return None
    everybody = joined(dict.fromkeys(found))
    counts = [counted(len(names), noun) for noun, names in _named(everybody)]
    if not counts:
        return Line((Span("affects nobody", "dim"),))
    ways = [_way(through) for through in everybody.through if through.group != subject.name]
    head = f"affects {' and '.join(counts)}{' through ' if ways else ''}{listed(ways)}: "
    everyone = _names(everybody, len(everybody.users) + len(everybody.roles))
    return Line((Span(head), Span(_names(everybody, MOST_NAMES), whole=everyone)))


def _named(found: Affected) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield from ((noun, names) for noun, names in (("user", found.users), ("role", found.roles)) if names)


def _names(found: Affected, most: int) -> str:
    roles = listed(found.roles, most)
    if not (found.users and roles):
        return listed(found.users, most) or roles
    return f"{listed(found.users, most)}; {'role' if len(found.roles) == 1 else 'roles'} {roles}"


def _way(through: Through) -> str:
    return f"group {through.group}" if through.way is Way.GROUP else _WAYS[through.way]
