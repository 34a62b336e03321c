"""File names for names of IAM: safe on every file system, and never the same for two names."""

from __future__ import annotations

import re

_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE | re.DOTALL)
"""Devices, whatever follows the first point.

https://learn.microsoft.com/en-us/windows/win32/fileio/naming-a-file
"""


def file_name(name: str) -> str:
    """Return the file or folder name for a name that IAM takes.

    Nearly always that is the name itself. A ``~``, which no such name holds, stands before what would be hidden, an
    option or a device, and after a point at the end, which some systems drop. Two names of IAM, which differ by more
    than case, so never share a file, also where file names are told apart without case.
    """
    before = "~" if name.startswith((".", "-")) or _RESERVED.fullmatch(name) else ""
    after = "~" if name.endswith(".") else ""
    return f"{before}{name}{after}"
