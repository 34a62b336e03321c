"""Sets of statements as bits of an integer, and which Denies cover or may meet which Allows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import field
from typing import NamedTuple

from iamctl.access.rebound import covers, overlaps, plain
from iamctl.policy import Atom, Document, atoms_of
from iamctl.text.late_dataclass import dataclass

_ANY_SERVICE = "*"

MOST_ATOMS = 250
"""A document with more actions times resources than this keeps its statements whole, of which less can be told."""
MOST_WORK = 300_000
"""How much is compared in one ordering, in pairs of statements of usual length (5 to 20 microseconds each; 14,000 calls over 3,300 users take 10,000). Beyond it
nothing more covers anything and everything of one service may meet, so that a hostile plan is refused, not slow."""
_USUAL_WORK = 2_000
"""Characters of the patterns of one statement times those of the other that count as one pair."""


class Grants(NamedTuple):
    """The statements of documents, as bits."""

    allow: int = 0
    deny: int = 0

    def joined(self, other: Grants) -> Grants:
        """Return the statements of both."""
        return Grants(self.allow | other.allow, self.deny | other.deny)


@dataclass
class _Known:
    """Bits of the statements that stand in some relation to one statement, among the first ``checked`` of all."""

    checked: int = 0
    covered: int = 0
    met: int = 0


@dataclass
class StatementSets:
    """Numbers the statements of all documents of one ordering; bit ``n`` of a set is statement ``n``."""

    atoms: list[Atom] = field(default_factory=list)
    _numbers: dict[Atom, int] = field(default_factory=dict)
    _allows: int = 0
    _services: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    """Service prefix to the statements about it; those about any service under ``*``."""
    _reach: dict[int, _Known] = field(default_factory=dict)
    _coverers: dict[int, _Known] = field(default_factory=dict)
    _grants: dict[Document, Grants] = field(default_factory=dict)
    _unions: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)
    _lengths: list[int] = field(default_factory=list)
    _work: float = 0.0

    def bit(self, atom: Atom) -> int:
        """Return the bit of a statement, a new one for one not seen before."""
        number = self._numbers.setdefault(atom, len(self.atoms))
        if number == len(self.atoms):
            self.atoms.append(atom)
            self._lengths.append(sum(map(len, atom.actions)) + sum(map(len, atom.resources)))
            self._services[_service(atom)] |= 1 << number
            if atom.effect == "Allow":
                self._allows |= 1 << number
        return 1 << number

    def of(self, document: Document) -> Grants:
        """Return the statements of a document."""
        found = self._grants.get(document)
        if found is None:
            found = self._grants[document] = self.grants(atoms_of(document, MOST_ATOMS))
        return found

    def unknown(self, name: str) -> Grants:
        """Return the statement of a document that nobody has read: it counts as granting everything, denying nothing.

        Only plans from snapshots have such documents: with AWS all that count are read.
        """
        return self.grants((Atom("Allow", opaque=name),))

    def grants(self, atoms: Iterable[Atom]) -> Grants:
        """Return the Allow and the Deny statements among ``atoms`` as bit sets."""
        allow = deny = 0
        for atom in atoms:
            if atom.effect == "Allow":
                allow |= self.bit(atom)
            else:
                deny |= self.bit(atom)
        return Grants(allow, deny)

    def covered(self, denies: int) -> int:
        """Return the Allows that one of the Denies covers as a whole."""
        return self._union(denies)[0]

    def met(self, denies: int) -> int:
        """Return the Allows that one of the Denies may meet."""
        return self._union(denies)[1]

    def includes(self, wide: int, narrow: int) -> bool:
        """Tell whether each statement of ``narrow`` is certainly covered by one of ``wide``."""
        return all(self._covering(number) & wide for number in bits(narrow & ~wide))

    def included(self, wide: int, narrow: int) -> int:
        """Return those of ``narrow`` that are certainly covered by one of ``wide``."""
        found = narrow & wide
        for number in bits(narrow & ~wide):
            if self._covering(number) & wide:
                found |= 1 << number
        return found

    def of_service(self, atom: Atom) -> tuple[int, int]:
        """Return the statements about the service of one, and with them those about any; none if it is about several.

        No other statement covers or meets one of the former, and none but these decides whether one of them counts.
        """
        service = _service(atom)
        return (0, 0) if service == _ANY_SERVICE else (self._services[service], self._about(service))

    def _union(self, denies: int) -> tuple[int, int]:
        key = (denies, len(self.atoms))
        found = self._unions.get(key)
        if found is None:
            covered = met = 0
            for number in bits(denies):
                reach = self._reached(number)
                covered |= reach.covered
                met |= reach.met
            found = self._unions[key] = (covered, met)
        return found

    def _reached(self, deny: int) -> _Known:
        """Return which Allows a Deny covers and may meet."""
        reach = self._reach.get(deny)
        if reach is None:
            reach = self._reach[deny] = _Known()
        if reach.checked < len(self.atoms):
            atom = self.atoms[deny]
            service = _service(atom)
            related = self._allows if service == _ANY_SERVICE else self._allows & self._about(service)
            for number in bits(related >> reach.checked << reach.checked):
                allow = self.atoms[number]
                if not self._affords(deny, number):
                    reach.met |= 1 << number
                elif covers(atom, allow):
                    reach.covered |= 1 << number
                    reach.met |= 1 << number
                elif overlaps(atom, allow):
                    reach.met |= 1 << number
            reach.checked = len(self.atoms)
        return reach

    def _covering(self, narrow: int) -> int:
        """Return the statements that certainly cover one."""
        known = self._coverers.get(narrow)
        if known is None:
            known = self._coverers[narrow] = _Known()
        if known.checked < len(self.atoms):
            atom = self.atoms[narrow]
            for number in bits(self._about(_service(atom)) >> known.checked << known.checked):
                if number == narrow or (self._affords(narrow, number) and covers(self.atoms[number], atom)):
                    known.covered |= 1 << number
            known.checked = len(self.atoms)
        return known.covered

    def _affords(self, one: int, other: int) -> bool:
        """Tell whether there is work left to compare two statements, and take it off."""
        if self._work < MOST_WORK:
            self._work += 1 + self._lengths[one] * self._lengths[other] / _USUAL_WORK
            return True
        return False

    def _about(self, service: str) -> int:
        return self._services[service] | self._services[_ANY_SERVICE]


def bits(number: int) -> Iterator[int]:
    """Yield the places of the bits that are set, from the lowest."""
    while number:
        lowest = number & -number
        yield lowest.bit_length() - 1
        number ^= lowest


def _service(atom: Atom) -> str:
    """Return the service that a statement is about, ``*`` where that is not one service for certain."""
    atom = plain(atom)
    if atom.opaque is not None or atom.negated_action:
        return _ANY_SERVICE
    services = {action.partition(":")[0].lower() for action in atom.actions}
    service = services.pop() if len(services) == 1 else _ANY_SERVICE
    return _ANY_SERVICE if {"*", "?"} & set(service) else service
