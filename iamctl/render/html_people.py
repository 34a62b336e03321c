"""People, groups and policies of a page as short arrays: an account of 5,000 users stays below half a megabyte."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from iamctl.report.page import Edge, Page, PageCredentials, PageGroup, PagePerson, PagePolicy, Sign
from iamctl.text.visible import visible

_SIGNS = (Sign.KEPT, Sign.ADDED, Sign.REMOVED)


_NAME = "\x00"
"""Stands for the name of a person in a tag or a finding, so that people share the text."""


class Texts:
    """Texts that several entries share, each once; the first is the empty one."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {"": 0}

    def number(self, text: str) -> int:
        """Return the position of a text, which is escaped."""
        return self.of_visible(visible(text))

    def of_visible(self, text: str) -> int:
        """Return the position of a text that is escaped already."""
        return self._numbers.setdefault(text, len(self._numbers))

    def all(self) -> list[str]:
        """Return all texts so far, in order."""
        return [*self._numbers]


def people_data(page: Page, texts: Texts) -> dict[str, Any]:
    """Return people, groups and policies; an edge is three times its target plus 0 if kept, 1 if added, 2 if removed.

    People are columns: most of them have the same profile as others, and few of them change.
    """
    profiles: dict[str, int] = {}
    rows = [_profile(person, texts) for person in page.people]
    numbers = [profiles.setdefault(json.dumps(row), len(profiles)) for row in rows]
    held = [_credentials(person.credentials) for person in page.people]
    return {
        "people": {
            "names": [visible(person.name) for person in page.people],
            "groups": [_edges(person.groups) for person in page.people],
            "profile": numbers,
            "held": held if any(held) else [],
            "signs": {number: _SIGNS.index(one.sign) for number, one in enumerate(page.people) if one.sign},
            "changed": [number for number, one in enumerate(page.people) if one.is_changed],
        },
        "profiles": [json.loads(row) for row in profiles],
        "groups": [_group(group, texts) for group in page.groups],
        "policies": [_policy(policy, texts) for policy in page.policies],
    }


def _profile(person: PagePerson, texts: Texts) -> list[Any]:
    name = visible(person.name)

    def number(text: str) -> int:
        return texts.of_visible(visible(text).replace(name, _NAME))

    return _trimmed(
        [
            texts.number(person.path),
            [number(f"{key}={value}") for key, value in person.tags.items()],
            _edges(person.policies),
            _edges(person.boundary),
            texts.number(person.status),
            [number(note) for note in person.notes],
            [part for edge in person.groups if edge.terms for part in (edge.target, texts.number(edge.terms))],
            [number(way) for way in person.ways],
        ]
    )


def _group(group: PageGroup, texts: Texts) -> list[Any]:
    """Return a group; what its members gain and lose is left out where it is just what all members have."""
    kept = [edge.target for edge in group.policies if edge.sign is Sign.KEPT]
    moved = [[Edge(target, sign) for target in kept] for sign in (Sign.ADDED, Sign.REMOVED)]
    is_plain = [list(group.joining), list(group.leaving)] == moved
    row: list[Any] = [
        visible(group.name),
        _SIGNS.index(group.sign),
        list(group.members),
        _edges(group.policies),
        0 if is_plain else _edges(group.joining),
        0 if is_plain else _edges(group.leaving),
        texts.number(group.status),
    ]
    while row[-1] == 0:
        row.pop()
    return row


def _policy(policy: PagePolicy, texts: Texts) -> list[Any]:
    return [
        visible(policy.name),
        int(policy.is_changed),
        int(policy.is_known),
        [texts.number(line) for line in policy.grants],
    ]


def _credentials(held: PageCredentials) -> list[Any] | int:
    """Return what is known of how a user signs in: 0 for nothing."""
    if held == PageCredentials():
        return 0
    keys = held.keys
    return _trimmed(
        [
            _known(held.has_password),
            _known(held.has_mfa),
            _day(held.password_since),
            _day(held.password_used),
            int(held.is_password_use_known),
            None
            if keys is None
            else [[int(key.is_active), _day(key.created), _day(key.used), int(key.is_use_known)] for key in keys],
        ]
    )


def _known(fact: bool | None) -> int | None:  # noqa: FBT001 - one fact
    return None if fact is None else int(fact)


def _day(moment: datetime | None) -> int | None:
    """Return a day as its number since 1970."""
    return None if moment is None else (moment.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)).days


def _edges(edges: Iterable[Edge]) -> list[int]:
    return [3 * edge.target + _SIGNS.index(edge.sign) for edge in edges]


def _trimmed(values: Sequence[Any]) -> list[Any]:
    """Return values without the empty ones at the end."""
    found = list(values)
    while found and found[-1] in (0, [], None):
        found.pop()
    return found
