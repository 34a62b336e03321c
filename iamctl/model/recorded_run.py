"""A run of apply as its journal has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from iamctl.model.plan import Outcome
from iamctl.text.late_dataclass import dataclass


@dataclass(frozen=True)
class RecordedRun:
    """What is known of a run of apply when its journal is all there is."""

    account_id: str
    plan_digest: str
    version: str
    started_at: str
    ended_at: str | None = None
    """None: the run was killed, or it goes on."""
    ending: str | None = None
    """``finished``, ``interrupted`` or ``stopped``."""
    outcomes: tuple[Outcome, ...] = ()
    """What became of each call, by index."""
    times: Mapping[int, str] = field(default_factory=dict)
    """When the outcome of each call was known, by its index."""
    retries: int = 0
    damaged: tuple[int, ...] = ()
    """The numbers of the lines that cannot be read."""
