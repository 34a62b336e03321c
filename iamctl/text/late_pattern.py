"""Regular expressions that are compiled when they are first used.

Compiling one takes a fifth of a millisecond. A command imports a hundred of them and searches with a quarter.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

_METHODS = ("search", "match", "fullmatch", "finditer", "findall", "split", "sub")

if TYPE_CHECKING:
    late_pattern = re.compile
else:

    class late_pattern:  # noqa: N801 - it is called like the function
        """A pattern as of ``re.compile``; it has the methods that look into a text, and ``pattern``."""

        def __init__(self, pattern: str, flags: int = 0) -> None:
            self.pattern = pattern
            self._flags = flags

        def __getattr__(self, name: str) -> Any:
            if name not in _METHODS:
                raise AttributeError(name)
            compiled = re.compile(self.pattern, self._flags)
            for method in _METHODS:
                setattr(self, method, getattr(compiled, method))
            return getattr(compiled, name)
