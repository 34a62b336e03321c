"""How fast an apply sends calls."""

from __future__ import annotations

from iamctl.model.failures import UsageError
from iamctl.text.late_dataclass import dataclass
from iamctl.text.late_pattern import late_pattern

_DURATION = late_pattern(r"([0-9]{1,5})([smh])")
_SECONDS = {"s": 1, "m": 60, "h": 3600}


@dataclass(frozen=True)
class Pace:
    """How many calls are under way at the same time, and for how long one is sent again."""

    parallel: int = 8
    patience_seconds: float = 120.0

    @classmethod
    def of(cls, parallel: int, patience: str) -> Pace:
        """Return the pace that ``--parallel`` and ``--patience`` name.

        Raises:
            UsageError: the patience is no duration.
        """
        match = _DURATION.fullmatch(patience)
        if not match:
            raise UsageError(f"--patience {patience!r} is not a duration; use seconds, minutes or hours: 90s, 2m, 1h")
        return cls(parallel, int(match[1]) * _SECONDS[match[2]])
