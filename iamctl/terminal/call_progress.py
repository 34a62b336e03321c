"""What is said while calls run: how far they are, and why a run waits."""

from __future__ import annotations

from iamctl.model import Call, Outcome
from iamctl.terminal.progress import Progress
from iamctl.terminal.volume import say

_NAMES = ("GroupName", "UserName", "PolicyName", "PolicyArn", "AccessKeyId", "SerialNumber")
"""The parameters that say what a call is about; the others may be long, or secret."""


class Telling:
    """Counts the calls that came to their end, and says so."""

    def __init__(self, line: Progress, total: int) -> None:
        self._line = line
        self._total = total
        self._done = 0

    def ends(self, outcome: Outcome) -> None:
        """Take one more outcome into account."""
        self._done += 1
        say(f"call {self._done} of {self._total}: {_words(outcome.call)}: {outcome.status.value}")
        self._line.show(self._so_far())

    def waits(self, reason: str) -> None:
        """Say for how long nothing will happen, and why."""
        say(f"waiting {reason}")
        self._line.show(f"{self._so_far()}; waiting {reason}", at_once=True)

    def _so_far(self) -> str:
        return f"applying: {self._done} of {self._total} calls"


def _words(call: Call) -> str:
    names = [call.params[name] for name in _NAMES if isinstance(call.params.get(name), str)]
    return " ".join([call.operation, "/".join(names)]).rstrip()
