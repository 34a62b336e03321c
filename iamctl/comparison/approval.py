"""What somebody has to approve, and whether a line of ``approvals.yaml`` does."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from iamctl.model.approval_line import Approval, approval_digest
from iamctl.model.settings import Desired
from iamctl.text.counted import counted

if TYPE_CHECKING:  # most trees have no base
    from iamctl.comparison.loosening import Loosening

_NEVER = frozenset({"id"})
"""Loosenings that no line of a repository permits: the account of that name is another one."""


def can_approve(loosening: Loosening) -> bool:
    """Return whether a line of ``approvals.yaml`` may permit that a setting is looser."""
    return loosening.setting not in _NEVER


def settings_approval(desired: Desired) -> Approval | None:
    """Return the approval that permits all settings that are looser than in the base; None if none is."""
    from iamctl.comparison.settings_guard import found_loosenings

    found = [one for one in found_loosenings(desired) if can_approve(one)]
    if not found:
        return None
    items = [[one.setting, str(one.address or ""), *one.facts] for one in found]
    names = ", ".join(sorted({one.setting for one in found}))
    words = f"{counted(len(found), 'looser setting')}: {names}"
    return Approval(approval_digest("settings", [desired.settings.account_id], items), words + account_words(desired))


def account_words(desired: Desired) -> str:
    """Return what the words of an approval end with: the account, where the manifests have several."""
    return f" in {desired.settings.account_id}" if desired.approvals.names_account else ""


def line_for(wanted: Approval | None, lines: Iterable[Approval]) -> Approval | None:
    """Return the line that is exactly what is wanted, its words included, or None."""
    return next((line for line in lines if line == wanted), None)


def new_lines(desired: Desired) -> tuple[Approval, ...]:
    """Return the lines that the base does not have.

    A line that was there before permitted an earlier change of the same settings, which somebody took back since.
    """
    base = desired.base
    before = base.desired.approvals.lines if base and base.desired else ()
    known = {line.digest for line in before}
    return tuple(line for line in desired.approvals.lines if line.digest not in known)


def with_approved_settings(desired: Desired) -> Desired:
    """Return ``desired`` with the line that permits its looser settings; as it is without one."""
    base = desired.base
    if base is None or base.loosening_allowed or not desired.approvals.lines:
        return desired
    line = line_for(settings_approval(desired), new_lines(desired))
    return replace(desired, base=replace(base, approved=line)) if line else desired
