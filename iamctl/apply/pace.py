"""How fast and how many calls at a time a run sends, learned from the refusals of AWS."""

from __future__ import annotations

from collections import deque
from dataclasses import field

from iamctl.text.late_dataclass import dataclass

LEAST_RATE = 1.0
"""Calls per second; slower than that no refusal makes a run."""

LOWERED = 0.9
"""Share of AWS's rate at which a run goes on after a refusal."""

SEARCHING = 0.5
"""Share of its own rate at which it goes on while the rate of AWS is not known."""

REGAINED_AFTER = 40
"""Calls after which the rate is again that of AWS; later it grows faster and faster, to find out whether that is more.

The curve is that of TCP CUBIC and of botocore's adaptive mode, over calls instead of seconds: the share of refused
calls is the same whatever rate AWS allows. https://www.rfc-editor.org/rfc/rfc9438#name-cubic-window-increase
"""

MEASURED_AFTER = 5
"""Calls that get through between two refusals before these tell AWS's rate."""

OVERSHOOT = 0.35
"""How much of the difference between the rate at a refusal and the measured one counts.

The rate at a refusal is too high by what AWS had saved up; the measured one is too low by what it could not save.
"""

WIDENED_AFTER = 20
"""Calls that get through until one more may be under way."""


@dataclass
class Rate:
    """The rate of all calls of a run together: as fast as can be until AWS refuses one for its rate.

    AWS lets calls through at some rate, and saves up for a burst what is not used. At each refusal these savings are
    used up, so that the calls that got through between two refusals tell the rate.

    It holds no lock and never sleeps; whoever sends asks how long to wait.
    """

    per_second: float | None = None
    """None: there is no limit yet."""
    _of_aws: float | None = None
    """What AWS let through between the last two refusals."""
    _through: int = 0
    """Calls that have got through since the last refusal."""
    _limited: int = 0
    """Those of them that had to wait for their turn."""
    _refused_at: float = float("-inf")
    _next_at: float = float("-inf")
    _was_limiting: bool = False
    _recent: deque[float] = field(default_factory=deque)

    def delay(self, now: float) -> float:
        """Return for how many seconds no call may be sent."""
        delay = max(0.0, self._next_at - now) if self.per_second is not None else 0.0
        self._was_limiting |= delay > 0
        return delay

    def sent(self, now: float) -> None:
        """Note that a call is sent."""
        if self.per_second is not None:
            self._next_at = max(now, self._next_at) + 1 / self.per_second

    def passed(self, now: float) -> None:
        """Note that AWS did not refuse a call for its rate."""
        self._through += 1
        self._recent.append(now)
        while now - self._recent[0] > 1.0:
            self._recent.popleft()
        if self.per_second is None or not self._was_limiting:
            return  # a rate that nobody uses up proves nothing
        self._limited += 1
        self._was_limiting = False
        if self._of_aws is None:
            self.per_second += min(1.0, self.per_second / 10)  # at most twice as fast each second
            return
        share = self._limited / REGAINED_AFTER - 1
        self.per_second = max(LEAST_RATE, self._of_aws * (1 + (1 - LOWERED) * share**3))

    def throttled(self, sent_at: float, now: float) -> None:
        """Note that AWS refused for its rate a call that was sent at ``sent_at``."""
        if sent_at <= self._refused_at:
            return  # sent before the rate was lowered
        if self.per_second is None:
            since = min(1.0, max(now - self._recent[0], 0.05)) if self._recent else 1.0
            self.per_second = len(self._recent) / since * SEARCHING
        elif self._through < MEASURED_AFTER:
            self._of_aws = None
            self.per_second *= SEARCHING
        else:
            measured = self._through / (now - self._refused_at)
            self._of_aws = measured + OVERSHOOT * (self.per_second - measured)
            self.per_second = self._of_aws * LOWERED
        self.per_second = max(LEAST_RATE, self.per_second)
        self._refused_at = now
        self._next_at = now + 1 / self.per_second
        self._through = self._limited = 0


@dataclass
class Width:
    """How many calls may be under way: half as many after AWS refused one because of another one at the same time."""

    most: int
    now: int = field(init=False)
    _passed: int = 0
    _halved_at: float = float("-inf")

    def __post_init__(self) -> None:
        self.now = self.most

    def passed(self) -> None:
        """Note that a call got through."""
        self._passed += 1
        if self._passed >= WIDENED_AFTER:
            self._passed = 0
            self.now = min(self.most, self.now + 1)

    def collided(self, sent_at: float, now: float) -> None:
        """Note that a call that was sent at ``sent_at`` was refused because of another one."""
        if sent_at <= self._halved_at:
            return
        self.now = max(1, self.now // 2)
        self._halved_at = now
        self._passed = 0
