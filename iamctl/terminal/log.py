"""The log of a run on stderr: nothing but errors, its steps, or every answer of AWS as well."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from iamctl.text.visible import visible

Verbosity = Literal["quiet", "normal", "verbose", "debug"]

_LEVELS = {"quiet": logging.ERROR, "normal": logging.NOTSET, "verbose": logging.INFO, "debug": logging.DEBUG}
_logger = logging.getLogger("iamctl")

_subjects: list[str] = []
"""What the lines are about, where a process works on one thing after the other."""


class _OnStderr(logging.Handler):
    """Prints records with control characters escaped, to whatever stderr is at that time."""

    def emit(self, record: logging.LogRecord) -> None:
        prefix = "debug: " if record.levelno == logging.DEBUG else ""
        about = f"{_subjects[-1]}: " if _subjects else ""
        sys.stderr.write(f"{prefix}{visible(f'{about}{record.getMessage()}')}\n")
        sys.stderr.flush()


def set_verbosity(wanted: Verbosity) -> None:
    """Set what the modules of iamctl log from now on; at ``normal`` that is nothing below a warning."""
    log_to_stderr()
    _logger.setLevel(_LEVELS[wanted])


def log_to_stderr() -> None:
    """Print what iamctl logs, escaped; without this, Python prints warnings as they are."""
    if not _logger.handlers:
        _logger.addHandler(_OnStderr())
        _logger.propagate = False


def is_normal() -> bool:
    """Tell whether neither less nor more than the normal output is wanted."""
    return _logger.level == logging.NOTSET


def level() -> int:
    """Return the level of what is logged, for a process that is to log the same; 0 at the normal output."""
    return _logger.level


def set_level(wanted: int) -> None:
    """Set the level of what is logged, as ``level`` returned it elsewhere."""
    log_to_stderr()
    _logger.setLevel(wanted)


@contextmanager
def about(subject: str) -> Iterator[None]:
    """Begin each line that is logged meanwhile, by any thread, with what it is about."""
    _subjects.append(subject)
    try:
        yield
    finally:
        _subjects.pop()
