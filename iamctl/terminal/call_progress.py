"""Shows and logs how far an apply is, and why it waits."""

from __future__ import annotations

import logging

from iamctl.model import Call, Outcome
from iamctl.terminal.progress import Progress
from iamctl.text.visible import visible

_log = logging.getLogger(__name__)

_NAMES = ("GroupName", "UserName", "PolicyName", "PolicyArn", "AccessKeyId", "SerialNumber")
"""The parameters that identify what a call is about; the others may be long, or secret."""


class CallProgress:
    """Counts the calls that ended."""

    def __init__(self, line: Progress, total: int) -> None:
        self._line = line
        self._total = total
        self._done = 0

    def ended(self, outcome: Outcome) -> None:
        """Count one more outcome, log it and show the count."""
        self._done += 1
        _log.info("call %d of %d: %s: %s", self._done, self._total, _words(outcome.call), outcome.status.value)
        self._line.show(self._so_far())

    def waiting(self, reason: str) -> None:
        """Log and show for how long nothing will happen, and why."""
        _log.info("waiting %s", reason)
        self._line.show(f"{self._so_far()}; waiting {reason}", at_once=True)

    def slow(self, reason: str) -> None:
        """Log what keeps a run from its end, whether or not anybody watches a terminal."""
        _log.warning("%s", visible(reason))

    def _so_far(self) -> str:
        return f"applying: {self._done} of {self._total} calls"


def _words(call: Call) -> str:
    names = [call.params[name] for name in _NAMES if isinstance(call.params.get(name), str)]
    return " ".join([call.operation, "/".join(names)]).rstrip()
