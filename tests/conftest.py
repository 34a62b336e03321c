"""What holds for the whole suite."""

from __future__ import annotations

import signal


def pytest_configure():
    """Undo an ignored SIGINT: shells start background jobs so, and the processes that tests interrupt inherit it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
