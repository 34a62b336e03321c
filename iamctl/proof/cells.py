"""Finds one text for each combination of patterns that a text can match."""

from __future__ import annotations

from collections.abc import Sequence

from iamctl.proof.encoding import Pattern
from iamctl.proof.patterns import BUDGET, Machine


def cells(patterns: Sequence[Pattern], most: int, budget: int = BUDGET) -> tuple[str, ...] | None:
    """Return a shortest text for each set of patterns that some text matches, and no other one does.

    None if there are more than ``most`` such sets, or the search is too long. The text that matches none comes with
    the others, where there is one.
    """
    machine = Machine(patterns)
    free, waiting = machine.free_character(), sorted(machine.literals.items())
    breakable = machine.stem | machine.inner | machine.some
    if breakable and ":" not in machine.literals:
        waiting.append((":", 0))
    first = machine.settled(machine.start, machine.spans)
    reached = {first: ""}
    states = [first]
    found: dict[int, str] = {}
    for state in states:  # grows while it runs: breadth first
        found.setdefault(state & machine.ends, reached[state])
        if len(found) > most or len(states) > budget:
            return None
        # what no place waits for is as good as the free character, but for the colon, which ends stems
        worth = [each for each, bits in waiting if state & (bits | breakable if each == ":" else bits)]
        for character in (free, *worth):
            following = machine.settled(machine.step(state, character), machine.spans)
            if following not in reached:
                reached[following] = reached[state] + character
                states.append(following)
    return tuple(found.values())
