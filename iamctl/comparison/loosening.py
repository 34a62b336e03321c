"""One setting that is looser than in the base."""

from __future__ import annotations

from iamctl.model import Address, Origin
from iamctl.text.late_dataclass import dataclass


@dataclass(frozen=True)
class Loosening:
    """One setting that is looser than it was: what of it, and where it stands now."""

    setting: str
    what: str
    origin: Origin | None = None
    address: Address | None = None
    """The direct policy that an exception is about."""
    facts: tuple[str, ...] = ()
    """What it says now and what it said before; an approval is about these."""
