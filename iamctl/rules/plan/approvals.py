"""Lines of approvals.yaml: which permit something, which are new, and which are spent."""

from __future__ import annotations

from collections.abc import Iterator

from iamctl.comparison.approval import new_lines
from iamctl.model import Severity
from iamctl.model.approval_line import APPROVAL_RULE, Approval
from iamctl.rules import Hit, Review, rule


@rule(
    APPROVAL_RULE,
    Severity.INFO,
    source="https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners",
    plural="approvals fit nothing in this plan",
)
def approvals_fit_the_plan(review: Review) -> Iterator[Hit]:
    """Every line of approvals.yaml permits something in this plan, and its words are those that the plan prints."""
    wanted = {found.digest: found for found in review.approving.wanted}
    new = new_lines(review.desired) if review.desired.base else ()
    for line in review.desired.approvals.lines:
        found = wanted.get(line.digest)
        is_new = line in new
        if found and found == review.approving.settings and review.desired.base and not is_new:
            yield _spent(line)
        elif found is None:
            yield _unused(line, is_new=is_new)
        elif found.words != line.words:
            message = f"this approval says {line.words!r}, but approves {found.words!r}; write that"
            yield Hit(None, message, Severity.REFUSE, line.origin, (line.digest, "words"))
        else:
            added = ", new in this change" if is_new else ""
            message = f"{line.origin} approves {line.words}{added}"
            yield Hit(None, message, Severity.WARN, line.origin, (line.digest, "used"), first=True)


def _unused(line: Approval, *, is_new: bool) -> Hit:
    if is_new:
        message = f"{line.origin} is a new approval of {line.words!r}, which is not in this plan; delete the line"
        return Hit(None, message, Severity.WARN, line.origin, (line.digest, "new"), first=True)
    message = (
        f"this approval of {line.words!r} fits nothing in this plan: it was applied, or the account or the manifests "
        "changed; delete the line"
    )
    return Hit(None, message, None, line.origin, (line.digest, "spent"))


def _spent(line: Approval) -> Hit:
    message = (
        f"this approval of {line.words!r} was there before this change: it permitted the same settings once; delete the "
        "line, or pass --allow-loosening"
    )
    return Hit(None, message, None, line.origin, (line.digest, "spent"))
