"""Lines of approvals.yaml: which permit something, which are new, and which are spent."""

from __future__ import annotations

from collections.abc import Iterator

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
    base = review.desired.base
    known = base.desired.approvals.lines if base and base.desired else ()
    before = {line.digest for line in known}
    for line in review.desired.approvals.lines:
        found = wanted.get(line.digest)
        is_new = base is not None and line.digest not in before
        if found is None:
            yield _unused(line, is_new=is_new)
        elif found.words != line.words:
            message = f"this approval says {line.words!r}, but approves {found.words!r}; write that"
            yield Hit(None, message, Severity.REFUSE, line.origin, (line.digest, "words"))
        else:
            new = ", new in this change" if is_new else ""
            message = f"{line.origin} approves {line.words}{new}"
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
