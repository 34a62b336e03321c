"""What the command line of every command of ``iamctl fleet`` says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import Any

from iamctl.commands.fleet.engine import EngineOptions
from iamctl.commands.fleet.selecting import Selection
from iamctl.source.open import SourceOptions
from iamctl.text.late_dataclass import dataclass


@dataclass(frozen=True)
class FleetOptions:
    """What the command line of every command of ``iamctl fleet`` says."""

    directory: Path | None = None
    selection: Selection = field(default_factory=Selection)
    source: SourceOptions = field(default_factory=SourceOptions)
    engine: EngineOptions = field(default_factory=EngineOptions)
    now: str | None = None
    base: Path | None = None
    allow_loosening: bool = False
    output: str = "text"
    results: Path | None = None
    page: Path | None = None
    """The file for the page of the run."""
    allow_removals_in: int | None = None
    """In how many accounts something may be removed, where that is more than the limit."""
    applied: str | None = None
    """The commit whose manifests were applied last."""
    event: str | None = None
    """What started the run: JSON, or the name of a file."""
    flags: Mapping[str, Any] = field(default_factory=dict)
    """The flags of the command itself, by the name of the parameter."""
