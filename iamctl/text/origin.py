"""Where in a file something is declared."""

from __future__ import annotations

from typing import Any

from iamctl.text.late_dataclass import dataclass


@dataclass(frozen=True, order=True)
class Origin:
    """Where something is declared: a path relative to the manifest tree, line and column counted from 1."""

    path: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"

    def to_json(self) -> dict[str, Any]:
        """Return path, line and column."""
        return {"path": self.path, "line": self.line, "column": self.column}
