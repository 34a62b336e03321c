"""What an apply may do because somebody approved it: the plan of a digest, or the one in a file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from iamctl import __version__
from iamctl.model import Plan
from iamctl.model.approval import ApprovedPlan, Difference
from iamctl.model.failures import StaleError, UsageError
from iamctl.model.transition import names_transition
from iamctl.planning.differences import differences
from iamctl.planning.saved_plan import SavedPlanError, load_saved_plan
from iamctl.text.late_dataclass import dataclass
from iamctl.text.late_pattern import late_pattern

_DIGEST = late_pattern(r"sha256:[0-9a-f]{64}")
_OTHER_DIGEST = (
    "plan digest is {}, but --expect-digest asked for another: the manifests or the account changed, or a membership "
    "expired. Nothing was applied. Review this plan and rerun with its digest"
)
_OTHER_PLAN = (
    "plan digest is {}, but {}, saved {}, has the plan {}: the manifests or the account changed, or a membership "
    "expired. Nothing was applied. Review this plan and save it again"
)
_OTHER_FLAG = (
    "plan digest is {}, but {}, saved {}, has the plan {}, which was made with --allow-transition: it puts temporary "
    "policies on users. Nothing was applied. Rerun with --allow-transition"
)


@dataclass(frozen=True)
class Approval:
    """Which plan an apply may run; any, where nothing was said."""

    digest: str | None = None
    saved: ApprovedPlan | None = None

    @classmethod
    def of(cls, digest: str | None, file: Path | None) -> Approval:
        """Return the approval that ``--expect-digest`` and ``--plan`` name; with both, they are about one plan.

        Raises:
            UsageError: the digest is none.
            SavedPlanError: the file is no saved plan, or has another digest.
        """
        if digest is not None and not _DIGEST.fullmatch(digest):
            raise UsageError(
                f"--expect-digest {digest!r} is not a plan digest, which looks like sha256:... at the end of a plan"
            )
        saved = load_saved_plan(file, __version__) if file else None
        if saved and digest not in {None, saved.plan_digest}:
            raise SavedPlanError(
                f"{file}: the saved plan is {saved.plan_digest}, but --expect-digest asked for another"
            )
        return cls(digest, saved)

    def check_account(self, account_id: str, partition: str) -> None:
        """Refuse a plan that was saved for another account.

        Raises:
            SavedPlanError: it was.
        """
        saved = self.saved
        if saved and (saved.account_id, saved.partition) != (account_id, partition):
            raise SavedPlanError(
                f"{saved.file}: the plan was saved for account {saved.account_id} ({saved.partition}), but this is "
                f"{account_id} ({partition}). Nothing was applied"
            )

    def allows(self, plan: Plan) -> bool:
        """Return whether the plan may run; one without changes does nothing, whatever was approved."""
        wanted = {self.digest, self.saved.plan_digest if self.saved else None} - {None}
        return not plan.changes or wanted <= {plan.plan_digest}

    def differences(self, plan: Plan) -> tuple[Difference, ...]:
        """Return in what a plan that may not run differs from the saved one; nothing where only a digest is known."""
        if self.saved is None or self.allows(plan):
            return ()
        return differences(self.saved.covered, plan.covered)

    def refusal(self, plan: Plan) -> StaleError:
        """Return the error that says why the plan may not run."""
        if self.saved is None:
            return StaleError(_OTHER_DIGEST.format(plan.plan_digest))
        saved = self.saved
        is_flag_missing = _has_transition(saved.covered) and not _has_transition(plan.covered)
        text = _OTHER_FLAG if is_flag_missing and plan.is_refused else _OTHER_PLAN
        return StaleError(text.format(plan.plan_digest, saved.file, saved.created_at, saved.plan_digest))

    def to_json(self, plan: Plan) -> dict[str, Any] | None:
        """Return what ``iamctl-apply/1`` says of the approval; None where there was none."""
        if self.digest is None and self.saved is None:
            return None
        return {
            "file": self.saved.file if self.saved else None,
            "plan_digest": self.saved.plan_digest if self.saved else self.digest,
            "differences": [one.to_json() for one in self.differences(plan)],
        }


def _has_transition(covered: Mapping[str, Any]) -> bool:
    """Tell whether a plan puts a temporary policy on a user."""
    return any(
        call["operation"] == "PutUserPolicy" and names_transition(str(call["params"].get("PolicyName")))
        for call in covered["calls"]
    )
