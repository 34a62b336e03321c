"""People, groups and policies of a page as short arrays: an account of 5,000 users stays below half a megabyte."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from iamctl.render.html_services import ServiceSets
from iamctl.report.page import Edge, Page, PageCredentials, PageGroup, PagePerson, PagePolicy, PageServices, Sign
from iamctl.text.visible import visible

_SIGNS = (Sign.KEPT, Sign.ADDED, Sign.REMOVED)


_NAME = "\x00"
"""Stands for the name of a person in a tag or a finding, so that people share the text."""


_BEFORE_RESOURCES = " on "
"""What stands between actions and resources: many lines share the one or the other."""

_ARN = f"{_BEFORE_RESOURCES}arn:"


class Texts:
    """Texts that several entries share, each once; the first is the empty one."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {"": 0}
        self._texts: list[str | list[int]] = [""]

    def number(self, text: str) -> int:
        """Return the position of a text, which is escaped."""
        return self.of_visible(visible(text))

    def of_visible(self, text: str) -> int:
        """Return the position of a text that is escaped already."""
        if text not in self._numbers:
            self._numbers[text] = self._add(text)
        return self._numbers[text]

    def all(self) -> list[str | list[int]]:
        """Return all texts so far, in order; two numbers are those of the two parts of a text."""
        return [*self._texts]

    def _add(self, text: str) -> int:
        parts = [self.of_visible(part) for part in _parts(text)]
        self._texts.append(parts or text)
        return len(self._texts) - 1


def _parts(text: str) -> tuple[str, ...]:
    """Return the two parts of a text that others share: actions and resources, or an ARN up to its last colon."""
    if text.startswith(_ARN):
        start, between, name = text.rpartition(":")
        return (start + between, name) if name and not start.endswith(":") else ()
    actions, between, resources = text.partition(_BEFORE_RESOURCES)
    return (actions, between + resources) if actions and resources else ()


def people_data(page: Page, texts: Texts) -> dict[str, Any]:
    """Return people, groups and policies; an edge is three times its target plus 0 if kept, 1 if added, 2 if removed.

    People are columns: most of them have the same profile as others, and few of them change. Groups that stay are
    their numbers alone.
    """
    profiles: dict[str, int] = {}
    services = ServiceSets(page.services)
    limits = page.services.of_people or [(0, 0)] * len(page.people)
    rows = [_profile(person, texts, limit) for person, limit in zip(page.people, limits, strict=True)]
    numbers = [profiles.setdefault(json.dumps(row), len(profiles)) for row in rows]
    held = [_credentials(person.credentials, page.created_at) for person in page.people]
    return {
        "people": {
            "names": [visible(person.name) for person in page.people],
            "groups": [[edge.target for edge in person.groups if not edge.sign] for person in page.people],
            "moves": {number: _edges(moved) for number, one in enumerate(page.people) if (moved := _moved(one))},
            "profile": numbers,
            "held": held if any(held) else [],
            "signs": {number: _SIGNS.index(one.sign) for number, one in enumerate(page.people) if one.sign},
            "changed": [number for number, one in enumerate(page.people) if one.is_changed],
        },
        "profiles": [json.loads(row) for row in profiles],
        "groups": [_group(group, texts) for group in page.groups],
        "policies": [
            [*_policy(policy, texts), *_shares(page.services, number, services)]
            for number, policy in enumerate(page.policies)
        ],
        "services": services.data(page.services),
    }


def _moved(person: PagePerson) -> list[Edge]:
    return [edge for edge in person.groups if edge.sign]


def _shares(found: PageServices, policy: int, sets: ServiceSets) -> Iterator[int]:
    """Yield what a policy adds by itself, and before the plan if that is something else."""
    yield from map(sets.share, found.after[policy : policy + 1])
    if policy in found.before:
        yield sets.share(found.before[policy])


def _profile(person: PagePerson, texts: Texts, limits: tuple[int, int]) -> list[Any]:
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
            [] if limits == (0, 0) else [limits[1]] if limits[0] == limits[1] else [limits[1], limits[0]],
        ]
    )


def _group(group: PageGroup, texts: Texts) -> list[Any]:
    """Return a group; what its members gain and lose is left out where it is just what all members have."""
    kept = [edge.target for edge in group.policies if edge.sign is Sign.KEPT]
    moved = [[Edge(target, sign) for target in kept] for sign in (Sign.ADDED, Sign.REMOVED)]
    is_plain = [list(group.joining), list(group.leaving)] == moved
    before, after = group.members
    row: list[Any] = [
        visible(group.name),
        _SIGNS.index(group.sign),
        before if before == after else [before, after],
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
        texts.number(policy.name),
        int(policy.is_changed) + 2 * policy.is_known,
        [texts.number(line) for line in policy.grants],
    ]


def _credentials(held: PageCredentials, now: datetime) -> list[int | None] | int:
    """Return what is known of how a user signs in, 0 for nothing: a number for each fact, then three for each key.

    The first number has two bits each for the password, the MFA device, the use of the password and the keys: 0 for
    no, 1 for yes, 2 for unknown. See ``_age`` for times.
    """
    if held == PageCredentials():
        return 0
    facts = (held.has_password, held.has_mfa, held.is_password_use_known, None if held.keys is None else True)
    bits = sum((2 if fact is None else int(fact)) << 2 * place for place, fact in enumerate(facts))
    row = [bits, _age(held.password_since, now), _age(held.password_used, now)]
    for key in held.keys or ():
        row += [int(key.is_active) + 2 * key.is_use_known, _age(key.created, now), _age(key.used, now)]
    while row[-1] is None:
        row.pop()
    return row


def _age(moment: datetime | None, now: datetime) -> int | None:
    """Return how many days before today something was, doubled, plus 1 if the last of them is not over."""
    if moment is None:
        return None
    then, today = moment.astimezone(UTC), now.astimezone(UTC)
    return 2 * (today.date() - then.date()).days + (then.time() > today.time())


def _edges(edges: Iterable[Edge]) -> list[int]:
    return [3 * edge.target + _SIGNS.index(edge.sign) for edge in edges]


def _trimmed(values: Sequence[Any]) -> list[Any]:
    """Return values without the empty ones at the end."""
    found = list(values)
    while found and found[-1] in (0, [], None):
        found.pop()
    return found
