#!/usr/bin/env python3
"""Copies the journal and the encrypted first passwords that a run made, and nothing that the repository brought.

    keep.py before HANDOVER LIST          writes down what is there before the run
    keep.py after HANDOVER LIST FOLDER    copies what is there since into FOLDER/journal and FOLDER/handover

An artifact can be read by whoever can read the repository, and what uploads it follows symbolic links: a link to
/proc/self/environ would show the credentials of the job. So only regular files are copied, and no link is followed.
"""

from __future__ import annotations

import json
import os
import shutil
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

JOURNAL = ".iamctl/journal"


def main(when: str, handover: str, listing: str, folder: str = "") -> None:
    """Write down what is there, or copy what came after that."""
    if when == "before":
        there = {place: names(place) for place in (JOURNAL, handover)}
        Path(listing).write_text(json.dumps(there), encoding="utf-8")
        return
    if not Path(listing).is_file():  # it was cut off before it ran anything
        return
    before = json.loads(Path(listing).read_text(encoding="utf-8"))
    Path(folder).mkdir()
    for place, ending, into in ((JOURNAL, "", "journal"), (handover, ".age", "handover")):
        known = set(before[place])
        copy(place, [name for name in names(place) if name.endswith(ending) and name not in known], Path(folder, into))


def names(place: str) -> list[str]:
    """Return the names of what is in a folder, none where there is no folder."""
    with opened(place) as descriptor:
        return [] if descriptor is None else sorted(os.listdir(descriptor))  # noqa: PTH208 (a descriptor)


def copy(place: str, wanted: list[str], into: Path) -> None:
    """Copy the regular files of these names, and say which are none."""
    with opened(place) as descriptor:
        if descriptor is None or not wanted:
            return
        into.mkdir()
        for name in wanted:
            if not stat.S_ISREG(os.lstat(name, dir_fd=descriptor).st_mode):
                sys.stderr.write(f"not kept: {name!r} in {place!r} is no regular file\n")
                continue
            source = os.open(name, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=descriptor)
            with open(source, "rb") as old, (into / name).open("xb") as new:  # noqa: PTH123 (a descriptor)
                shutil.copyfileobj(old, new)


@contextmanager
def opened(place: str) -> Iterator[int | None]:
    """Yield a folder that no link leads to, None where there is none."""
    path = Path(place)
    descriptor = os.open(path.anchor or ".", os.O_RDONLY | os.O_DIRECTORY)
    try:
        for part in path.parts[1:] if path.anchor else path.parts:
            below = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = below
        found: int | None = descriptor
    except OSError:
        found = None
    try:
        yield found
    finally:
        os.close(descriptor)


if __name__ == "__main__":
    main(*sys.argv[1:])
