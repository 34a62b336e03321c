"""Calls that the tests have workers make."""

import os
import time
from pathlib import Path


def twice(number):
    return 2 * number


def failing(text):
    raise ValueError(text)


def where():
    return os.getpid()


def waiting(started, go, number):
    """Note the process in the file ``started``, then return once the file ``go`` exists, or the test is long over."""
    with Path(started).open("a") as file:
        file.write(f"{os.getpid()} {number}\n")
    end = time.monotonic() + 240
    while not Path(go).exists() and time.monotonic() < end:
        time.sleep(0.05)
    return number
