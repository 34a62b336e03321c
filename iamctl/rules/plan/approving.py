"""Which approvals a plan needs, and which lines of approvals.yaml give them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from iamctl.comparison.approval import account_words, line_for, new_lines, settings_approval
from iamctl.model import Change
from iamctl.model.approval_line import Approval, approval_digest
from iamctl.rules import Review
from iamctl.rules.plan.excess import Excess, excesses
from iamctl.rules.plan.keys_in_use import keys_in_use


class Approving:
    """What of a plan a line of approvals.yaml may permit: removals over a limit, keys in use, looser settings."""

    def __init__(self, review: Review) -> None:
        self._review = review
        self._desired = review.desired

    @cached_property
    def excesses(self) -> tuple[Excess, ...]:
        """The limits that the plan exceeds."""
        return tuple(excesses(self._review))

    @cached_property
    def keys_in_use(self) -> tuple[Change, ...]:
        """The deactivations of access keys that somebody may still use."""
        return tuple(keys_in_use(self._review))

    @cached_property
    def removals(self) -> Approval | None:
        """The approval that all of that needs; None where the plan removes nothing that a rule refuses."""
        if not (self.excesses or self.keys_in_use):
            return None
        counts = [_counted(len(found.changes), found.limit) for found in self.excesses]
        rows = [[found.limit, *self._row(change)] for found in self.excesses for change in found.changes]
        if used := len(self.keys_in_use):
            counts.append(f"{_counted(used, 'access_keys')} in use")
            rows += [["in use", *self._row(change)] for change in self.keys_in_use]
        live = self._review.live
        digest = approval_digest("removals", [live.account_id, live.partition], rows)
        return Approval(digest, ", ".join(counts) + account_words(self._desired))

    @cached_property
    def settings(self) -> Approval | None:
        """The approval that looser settings need; None where none are looser, or a flag permits it."""
        base = self._desired.base
        return None if base is None or base.loosening_allowed else settings_approval(self._desired)

    @property
    def wanted(self) -> tuple[Approval, ...]:
        """All approvals that the plan needs, whether a line gives them or not."""
        return tuple(found for found in (self.removals, self.settings) if found)

    @property
    def missing(self) -> tuple[Approval, ...]:
        """The approvals that no line gives."""
        lines = {self.removals: self._desired.approvals.lines, self.settings: new_lines(self._desired)}
        return tuple(found for found in self.wanted if line_for(found, lines[found]) is None)

    @property
    def are_removals_approved(self) -> bool:
        """Whether a line permits the removals over limits and the deactivations of keys in use."""
        return line_for(self.removals, self._desired.approvals.lines) is not None

    def _row(self, change: Change) -> Iterator[Any]:
        """Yield what an approval says of one removal: what happens, and to what, by IAM's ids.

        A password, an attachment or an inline policy has no id of its own. Its user or group has one, and its content
        counts, so that another one of the same name is another removal.
        """
        before = change.before
        assert before is not None
        whole = self._review.scoped.whole
        touched = (before.address, *before.references)
        ids = {str(one): found.unique_id for one in touched if (found := whole.get(one)) and found.unique_id}
        yield from (change.action.value, str(before.address), ids, None if before.unique_id else before.identity())


def _counted(number: int, limit: str) -> str:
    """Return a number with the words of a limit, such as ``91 user policies``."""
    many = limit.replace("_", " ")
    one = f"{many.removesuffix('ies')}y" if many.endswith("ies") else many.removesuffix("s")
    return f"{number} {one if number == 1 else many}"
