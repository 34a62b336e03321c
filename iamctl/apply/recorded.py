"""Reads a journal: what became of each call of a run, as far as the file says it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import field, replace
from typing import Any

from iamctl.apply.journal import FORMAT
from iamctl.model import Call, IamctlError, Outcome, OutcomeStatus
from iamctl.model.recorded_run import RecordedRun
from iamctl.text.late_dataclass import dataclass

NO_ANSWER = "the journal ends before an answer"
"""The error of a call that was sent, or was about to be, and has no outcome in the journal."""


_HEADER = ("account", "plan_digest", "version", "started_at")


class ForeignJournalError(IamctlError):
    """The file is not a journal of iamctl."""


@dataclass
class _Reading:
    """What the lines so far say."""

    calls: dict[int, Call] = field(default_factory=dict)
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    times: dict[int, str] = field(default_factory=dict)
    retries: int = 0
    end: Mapping[str, Any] | None = None


def recorded_run(lines: Iterable[str]) -> RecordedRun:
    """Return the run that the lines of a journal describe.

    A line that cannot be read is skipped and counted: the last one is cut off when a machine stops while it is written.

    Raises:
        ForeignJournalError: the first line is not the header of a journal.
    """
    numbered = enumerate(lines, 1)
    header = _header(next(numbered, (1, ""))[1])
    reading, damaged = _Reading(), list[int]()
    for number, text in numbered:
        try:
            _take(reading, json.loads(text))
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
            damaged.append(number)
    for index, call in reading.calls.items():
        reading.outcomes.setdefault(index, Outcome(call, OutcomeStatus.UNKNOWN, NO_ANSWER, "NoAnswer"))
    return replace(
        header,
        ended_at=str(reading.end["at"]) if reading.end else None,
        ending=str(reading.end["reason"]) if reading.end else None,
        outcomes=tuple(reading.outcomes[index] for index in sorted(reading.outcomes)),
        times=reading.times,
        retries=reading.retries,
        damaged=tuple(damaged),
    )


def _header(text: str) -> RecordedRun:
    try:
        header = json.loads(text)
        if header["format"] == FORMAT:
            account, digest, version, started = (str(header[key]) for key in _HEADER)
            return RecordedRun(account, digest, version, started)
    except (ValueError, KeyError, TypeError, RecursionError):
        pass
    raise ForeignJournalError(f"the first line is not the header of a journal ({FORMAT})")


def _take(reading: _Reading, line: Mapping[str, Any]) -> None:
    """Add what one line says.

    Raises:
        KeyError, TypeError, ValueError: the line lacks something, or has it in another form.
    """
    match line["event"]:
        case "intent":
            call = _call(line)
            reading.calls[call.index] = call
        case "outcome":
            index = int(line["index"])
            call = _call(line) if "operation" in line else reading.calls[index]
            because = line.get("because")
            reading.times[index] = str(line.get("at", ""))
            reading.outcomes[index] = Outcome(
                call,
                OutcomeStatus(line["status"]),
                str(line.get("error", "")),
                str(line.get("code", "")),
                None if because is None else int(because),
            )
        case "retry":
            reading.retries += 1
        case "end":
            reading.end = {"at": line["at"], "reason": line["reason"]}
        case _:
            pass


def _call(line: Mapping[str, Any]) -> Call:
    return Call(int(line["index"]), str(line["service"]), str(line["operation"]), dict(line["params"]))
