"""Controls: pure functions that judge an account, each with its ids in the frameworks that auditors use.

Controls are found in any module of ``iamctl.audit.controls``, so adding one touches one file. A rule about the same
thing asks the control.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

from iamctl.audit.frameworks import Framework, Ids
from iamctl.text.late_dataclass import dataclass

if TYPE_CHECKING:
    from iamctl.audit.audited import Audited
    from iamctl.audit.outcome import Outcome


class Weight(StrEnum):
    """How much a failed control weighs, the heaviest first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True)
class Control:
    """A control with its entry in the generated reference."""

    id: str
    weight: Weight
    title: str
    ids: Ids
    source: str
    rules: tuple[str, ...]
    """The rules that find the same in a plan."""
    judge: Callable[[Audited], Iterable[Outcome]]

    def numbers(self, framework: Framework) -> tuple[str, ...]:
        """Return the ids of the control in a framework."""
        return self.ids.get(framework, ())


Judging = Callable[["Audited"], Iterable["Outcome"]]

_REGISTERED: dict[str, Control] = {}


def control(
    name: str, weight: Weight, ids: Ids, *, source: str, rules: tuple[str, ...] = ()
) -> Callable[[Judging], Judging]:
    """Register a function as the control ``name``; the first line of its docstring is the title, ``source`` links the reason.

    The function yields what fails and what cannot be decided; a control that yields nothing passes.
    """

    def register(judge: Judging) -> Judging:
        if name in _REGISTERED:
            raise ValueError(f"duplicate control {name}")
        title = (judge.__doc__ or "").strip().splitlines()[0]
        _REGISTERED[name] = Control(name, weight, title, ids, source, rules, judge)
        return judge

    return register


@cache
def all_controls() -> tuple[Control, ...]:
    """Return all controls by name."""
    from iamctl.audit import controls as package

    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
    return tuple(found for _, found in sorted(_REGISTERED.items()))
