"""The log of a run on stderr: nothing but errors, its steps, or every answer of AWS as well."""

from __future__ import annotations

import logging
import sys
from typing import Literal

from iamctl.text.visible import visible

Verbosity = Literal["quiet", "normal", "verbose", "debug"]

_LEVELS = {"quiet": logging.ERROR, "normal": logging.NOTSET, "verbose": logging.INFO, "debug": logging.DEBUG}
_logger = logging.getLogger("iamctl")


class _OnStderr(logging.Handler):
    """Prints records with control characters escaped, to whatever stderr is at that time."""

    def emit(self, record: logging.LogRecord) -> None:
        prefix = "debug: " if record.levelno == logging.DEBUG else ""
        sys.stderr.write(f"{prefix}{visible(record.getMessage())}\n")
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
