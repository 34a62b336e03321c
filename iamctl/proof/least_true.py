"""Finds contexts in which some conditions hold and as few others as possible; they stand for all contexts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple, TypeVar

from iamctl.proof.contexts import Values, options
from iamctl.proof.lines import Line, is_opaque

MOST_STATES = 512
Kept = TypeVar("Kept")

Condition = frozenset[Line]
Context = tuple[tuple[str, Values], ...]
"""Keys with their values, none for an absent one; other keys are of no importance."""


class Choice(NamedTuple):
    """One context, and which of the other conditions hold in it, as bits of their positions."""

    certain: int
    """Those that may hold: each of the rest certainly does not."""
    possible: int
    """Those that hold if each line that is not known, and can be false, is false."""
    context: Context
    is_exact: bool
    """Whether the given conditions certainly hold, and no better context was left out."""


def least_true(given: Condition, against: Sequence[Condition], earliest: Mapping[str, Decimal]) -> tuple[Choice, ...]:
    """Return contexts in which all of ``given`` holds and a smallest set of ``against``; none if ``given`` never holds.

    Each context that exists is dominated by one of them: which conditions hold grows with the lines that hold, and keys
    do not depend on each other. Those in which fewer conditions hold come first.
    """
    refuted, opaque = _Refuted(against), set[Line]()
    states: dict[int, Context] = {0: ()}
    is_complete = True
    listed: dict[str, list[tuple[int, Values]]] = {}
    for key, lines in _by_key(given, against):
        usable = tuple(one for one in lines if not is_opaque(one))
        opaque.update(one for one in lines if is_opaque(one))
        found = options(key, usable, earliest.get(key)) if usable else ()
        if found is None:
            opaque.update(usable)
            continue
        if not usable:
            continue
        wanted = given.intersection(usable)
        fitting = [option for option in found if wanted <= option.true]
        if not fitting:
            return ()
        listed[key] = [
            (refuted.by(one for one in usable if one not in option.true), option.values) for option in fitting
        ]
        states = _joined(states, key, _best(listed[key]))
        if len(states) > MOST_STATES:
            states, is_complete = {_union(states): next(iter(states.values()))}, False
    doubtful = refuted.by(opaque - given)
    is_exact = is_complete and not opaque & given
    every = (1 << len(against)) - 1
    choices = [Choice(every & ~mask, every & ~(mask | doubtful), context, is_exact) for mask, context in states.items()]
    choices = [choice._replace(context=_usual(choice.context, every & ~choice.certain, listed)) for choice in choices]
    return tuple(sorted(choices, key=lambda choice: (choice.possible.bit_count(), choice.certain.bit_count())))


class _Refuted:
    """Which conditions a line refutes when it does not hold."""

    def __init__(self, against: Sequence[Condition]) -> None:
        self._of: dict[Line, int] = {}
        for position, condition in enumerate(against):
            for one in condition:
                self._of[one] = self._of.get(one, 0) | 1 << position

    def by(self, lines: Iterable[Line]) -> int:
        mask = 0
        for one in lines:
            mask |= self._of.get(one, 0)
        return mask


def _by_key(given: Condition, against: Sequence[Condition]) -> list[tuple[str, list[Line]]]:
    found: dict[str, list[Line]] = {}
    for one in sorted(given.union(*against)):
        found.setdefault(one.key, []).append(one)
    return sorted(found.items())


def _best(options: Iterable[tuple[int, Values]]) -> dict[int, Values]:
    """Return the values that refute most, by what they refute."""
    masks: dict[int, Values] = {}
    for mask, values in options:
        masks.setdefault(mask, values)
    return _undominated(masks)


def _usual(context: Context, wanted: int, listed: Mapping[str, Sequence[tuple[int, Values]]]) -> Context:
    """Return a context that refutes as much, with the first values of each key that allow that."""
    refuted = {key: next(mask for mask, found in listed[key] if found == values) for key, values in context}
    chosen = dict(context)
    for key, values in context:
        others = _union(mask for other, mask in refuted.items() if other != key)
        refuted[key], chosen[key] = next(
            ((mask, found) for mask, found in listed[key] if (others | mask) & wanted == wanted), (refuted[key], values)
        )
    return tuple(chosen.items())


def _joined(states: Mapping[int, Context], key: str, masks: Mapping[int, Values]) -> dict[int, Context]:
    joined: dict[int, Context] = {}
    for state, context in states.items():
        for mask, values in masks.items():
            joined.setdefault(state | mask, (*context, (key, values)))
    return _undominated(joined)


def _undominated(masks: Mapping[int, Kept]) -> dict[int, Kept]:
    if len(masks) == 1:
        return dict(masks)
    return {
        mask: kept for mask, kept in masks.items() if not any(mask != other and mask & other == mask for other in masks)
    }


def _union(masks: Iterable[int]) -> int:
    union = 0
    for mask in masks:
        union |= mask
    return union
