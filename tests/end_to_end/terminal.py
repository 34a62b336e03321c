"""Running iamctl on a pseudo-terminal of a given width."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time

from command_line import command, environment
from warm import warm


def on_terminal(*words, cwd, answer=None, until="", columns=80, stop=None, **env):
    """Run a command with a terminal as stdin, stdout and stderr; return its exit code and what stood there.

    ``answer`` is typed once ``until`` is on the screen; ``stop`` is called with the process instead of typing, and
    that process is a cold one.
    """
    own, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    whole = environment(**{"TERM": "xterm-256color", **env})
    run = command(*words) if stop else [str(warm().programs / "iamctl"), *map(str, words)]
    child = subprocess.Popen(
        run, cwd=cwd, env=whole, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    )
    os.close(theirs)
    seen, open_end = b"", time.monotonic() + 120
    try:
        while time.monotonic() < open_end:
            ready, _, _ = select.select([own], [], [], 1)
            if not ready:
                continue
            try:
                part = os.read(own, 65536)
            except OSError:  # the other side is closed
                break
            if not part:
                break
            seen += part
            if until and until.encode() in seen:
                until = ""
                if stop:
                    stop(child)
                else:
                    os.write(own, answer.encode())
        return child.wait(timeout=60), seen.decode("utf-8").replace("\r\n", "\n")
    finally:
        os.close(own)
