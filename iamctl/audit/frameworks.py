"""The catalogues of controls that audits refer to, and the ids of our controls in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum


class Framework(StrEnum):
    """A catalogue of controls, by its name on the command line."""

    CIS_1_5 = "cis-1.5"
    CIS_2 = "cis-2"
    CIS_3 = "cis-3"
    CIS_4 = "cis-4"
    CIS_5 = "cis-5"
    CIS_6 = "cis-6"
    CIS_7 = "cis-7"
    SECURITY_HUB = "security-hub"
    SOC_2 = "soc-2"
    ISO_27001 = "iso-27001"


Ids = Mapping[Framework, tuple[str, ...]]
"""The ids of one control, by framework."""

_SAME_NUMBERS = (Framework.CIS_1_5, Framework.CIS_2, Framework.CIS_3, Framework.CIS_4)
"""The versions of CIS AWS Foundations with the same numbers for IAM."""


def ids(
    cis: Iterable[str] = (),
    *,
    hub: Iterable[str] = (),
    soc2: Iterable[str] = (),
    iso: Iterable[str] = (),
    since: Framework = Framework.CIS_1_5,
) -> Ids:
    """Return the ids of a control.

    ``cis`` are its numbers in CIS AWS Foundations: first in 1.5 to 4.0, then in 5.0, 6.0 and 7.0; empty where it has
    none. ``since`` is the first of the versions up to 4.0 that has it.
    """
    old, *new = (*cis, "", "", "", "")[:4]
    numbers = dict.fromkeys(_SAME_NUMBERS[_SAME_NUMBERS.index(since) :], old)
    numbers |= dict(zip((Framework.CIS_5, Framework.CIS_6, Framework.CIS_7), new, strict=True))
    found: dict[Framework, tuple[str, ...]] = {framework: (number,) for framework, number in numbers.items() if number}
    others = {Framework.SECURITY_HUB: hub, Framework.SOC_2: soc2, Framework.ISO_27001: iso}
    return found | {framework: tuple(some) for framework, some in others.items() if some}
