"""``{{ name }}`` in values: replaced by text, once, and nothing else is evaluated."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from iamctl.manifests.node import Path
from iamctl.manifests.wording import meant

_BRACES = re.compile(r"\{\{\{\{|\{\{\s*([A-Za-z0-9_.-]+)\s*\}\}|\{\{")


class Variables:
    """The variables of one account, by name."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = dict(values)

    def fill(self, text: str, report: Callable[[str], None]) -> str:
        """Return ``text`` with its variables replaced; ``report`` gets a message for each one that cannot be."""

        def replaced(match: re.Match[str]) -> str:
            name = match[1]
            if match[0] == "{{{{":
                return "{{"
            if name is None:
                report("'{{' begins no variable; write '{{ name }}', or '{{{{' for two braces")
            elif name not in self._values:
                report(f"unknown variable {name!r}{meant(name, self._values)}")
            else:
                return self._values[name]
            return match[0]

        return _BRACES.sub(replaced, text) if "{{" in text else text

    def fill_data(self, data: Any, report: Callable[[str, Path], None], path: Path = ()) -> Any:
        """Return decoded JSON with the variables in its texts replaced, keys left alone."""
        if isinstance(data, str):
            return self.fill(data, lambda message: report(message, path)) if "{{" in data else data
        if isinstance(data, dict):
            return {key: self.fill_data(value, report, (*path, key)) for key, value in data.items()}
        if isinstance(data, list):
            return [self.fill_data(value, report, (*path, index)) for index, value in enumerate(data)]
        return data
