"""``iamctl journal``: explain a run of apply."""

from __future__ import annotations

from pathlib import Path

from iamctl.apply.journal import DIRECTORY
from iamctl.apply.recorded import ForeignJournalError, recorded_run
from iamctl.model import IamctlError
from iamctl.model.failures import UsageError
from iamctl.model.recorded_run import RecordedRun
from iamctl.report.journal import journal_report
from iamctl.terminal.show import show


def journal(file: Path | None, *, output: str) -> int:
    """Print what a journal says of a run.

    Raises:
        IamctlError: the file cannot be read, or is not a journal.
        UsageError: there is no journal.
    """
    path = file or _latest()
    show(journal_report(run_in(path), str(path)), output)
    return 0


def run_in(path: Path) -> RecordedRun:
    """Return the run that a journal describes.

    Raises:
        IamctlError: the file cannot be read, or is not a journal.
    """
    try:
        with path.open(encoding="utf-8", errors="replace") as lines:
            return recorded_run(lines)
    except OSError as error:
        raise IamctlError(f"{path}: the journal cannot be read: {error.strerror}") from error
    except ForeignJournalError as error:
        raise IamctlError(f"{path}: {error}") from error


def _latest() -> Path:
    """Return the journal of the last run: names of journals sort by time."""
    found = sorted(path for path in DIRECTORY.glob("*.jsonl") if path.is_file() and not path.is_symlink())
    if not found:
        raise UsageError(f"there is no journal in {DIRECTORY}; run apply, or name the file")
    return found[-1]
