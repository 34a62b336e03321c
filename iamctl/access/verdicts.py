"""What was found of an assertion: whom it is about, and who refutes it by which request or way."""

from __future__ import annotations

from enum import Enum

from iamctl.access.row import Example, Source
from iamctl.access.step import Step
from iamctl.model import Address
from iamctl.model.assertion import Assertion
from iamctl.text.late_dataclass import dataclass


@dataclass(frozen=True)
class Counterexample:
    """One person by whom an assertion does not hold."""

    person: Address
    request: Example | None = None
    """What the person may do, or for ``require`` what they may not do; None for a way."""
    sources: tuple[Source, ...] = ()
    """The statements whose Allow matches the request."""
    steps: tuple[Step, ...] = ()
    """The first steps of the ways to more access."""
    is_usual: bool = True
    """Whether AWS documents requests of this form."""
    is_there: bool = False
    """Whether the person needs no way: an administrator, or a target of ``no_way_to`` or a member of it."""
    target: Address | None = None
    """Which target that is; None for an administrator."""


class Doubt(Enum):
    """Why an assertion is not decided for somebody."""

    DOCUMENT = "document"
    """A policy whose document nobody has read decides it."""
    CONDITION = "condition"
    """A condition decides it that AWS does not document, or a variable whose value is not known."""
    EFFORT = "effort"
    """The search would take too long."""
    ROLES = "roles"
    """The roles of the account are not known."""


@dataclass(frozen=True)
class Undecided:
    """One person for whom an assertion is neither proved nor refuted."""

    person: Address
    doubt: Doubt
    documents: tuple[str, ...] = ()
    """The policies that nobody has read, for that doubt."""


@dataclass(frozen=True)
class Verdict:
    """The judgement of one assertion in one state of an account."""

    assertion: Assertion
    people: tuple[Address, ...]
    """Whom it is about."""
    refuted: tuple[Counterexample, ...] = ()
    undecided: tuple[Undecided, ...] = ()
    unusual: tuple[Counterexample, ...] = ()
    """Those by whom only an unusual request refutes it: on an undocumented resource, or of an action that AWS may add."""

    @property
    def holds(self) -> bool:
        """Whether the assertion is proved for everybody, but for unusual requests."""
        return not self.refuted and not self.undecided

    @property
    def refuting(self) -> frozenset[Address]:
        """The people by whom it is refuted."""
        return frozenset(one.person for one in self.refuted)
