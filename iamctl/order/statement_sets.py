"""Sets of statements as bits of an integer, and which Denies cover or may meet which Allows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from iamctl.document import Document, Statement, covers, overlaps, statements


@dataclass
class _Reach:
    """What one Deny covers and may meet among the Allows that were known when it was last asked."""

    checked: int = 0
    covered: int = 0
    met: int = 0


@dataclass(frozen=True)
class Sides:
    """The statements of documents, as bits."""

    allow: int = 0
    deny: int = 0

    def __or__(self, other: Sides) -> Sides:
        return Sides(self.allow | other.allow, self.deny | other.deny)


@dataclass
class StatementSets:
    """Numbers the statements of all documents of one ordering; bit ``n`` of a set is statement ``n``."""

    atoms: list[Statement] = field(default_factory=list)
    _numbers: dict[Statement, int] = field(default_factory=dict)
    _allows: int = 0
    _reach: dict[int, _Reach] = field(default_factory=dict)
    _sides: dict[Document, Sides] = field(default_factory=dict)
    _unions: dict[tuple[str, int, int], int] = field(default_factory=dict)
    _inclusions: dict[tuple[int, int], bool] = field(default_factory=dict)

    def bit(self, atom: Statement) -> int:
        """Return the bit of a statement, a new one for one not seen before."""
        number = self._numbers.setdefault(atom, len(self.atoms))
        if number == len(self.atoms):
            self.atoms.append(atom)
            if atom.effect == "Allow":
                self._allows |= 1 << number
        return 1 << number

    def of(self, document: Document) -> Sides:
        """Return the statements of a document."""
        found = self._sides.get(document)
        if found is None:
            found = self.sides(statements(document))
            self._sides[document] = found
        return found

    def unknown(self, name: str) -> Sides:
        """Return the statement of a document that nobody has read: it counts as granting everything, denying nothing.

        Only plans from snapshots have such documents: with AWS all that count are read.
        """
        return self.sides((Statement("Allow", opaque=name),))

    def sides(self, atoms: tuple[Statement, ...]) -> Sides:
        allow = deny = 0
        for atom in atoms:
            if atom.effect == "Allow":
                allow |= self.bit(atom)
            else:
                deny |= self.bit(atom)
        return Sides(allow, deny)

    def covered(self, denies: int) -> int:
        """Return the Allows that one of the Denies covers as a whole."""
        return self._union("covered", denies)

    def met(self, denies: int) -> int:
        """Return the Allows that one of the Denies may meet."""
        return self._union("met", denies)

    def includes(self, wide: int, narrow: int) -> bool:
        """Tell whether each statement of ``narrow`` is certainly covered by one of ``wide``."""
        rest = narrow & ~wide
        if not rest:
            return True
        known = self._inclusions.get((wide, rest))
        if known is None:
            candidates = [self.atoms[number] for number in bits(wide)]
            known = all(any(covers(one, self.atoms[number]) for one in candidates) for number in bits(rest))
            self._inclusions[wide, rest] = known
        return known

    def included(self, wide: int, narrow: int) -> int:
        """Return those of ``narrow`` that are certainly covered by one of ``wide``."""
        found = narrow & wide
        for number in bits(narrow & ~wide):
            if self.includes(wide, 1 << number):
                found |= 1 << number
        return found

    def _union(self, what: str, denies: int) -> int:
        key = (what, denies, len(self.atoms))
        found = self._unions.get(key)
        if found is None:
            found = 0
            for number in bits(denies):
                reach = self._reached(number)
                found |= reach.covered if what == "covered" else reach.met
            self._unions[key] = found
        return found

    def _reached(self, deny: int) -> _Reach:
        reach = self._reach.setdefault(deny, _Reach())
        if reach.checked < len(self.atoms):
            atom = self.atoms[deny]
            for number in bits(self._allows >> reach.checked << reach.checked):
                allow = self.atoms[number]
                if covers(atom, allow):
                    reach.covered |= 1 << number
                    reach.met |= 1 << number
                elif overlaps(atom, allow):
                    reach.met |= 1 << number
            reach.checked = len(self.atoms)
        return reach


def bits(number: int) -> Iterator[int]:
    """Yield the places of the bits that are set, from the lowest."""
    while number:
        lowest = number & -number
        yield lowest.bit_length() - 1
        number ^= lowest
