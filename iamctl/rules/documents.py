"""The size and the Version of policy documents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from iamctl.kinds.group_inline_policy import GroupInlinePolicy
from iamctl.kinds.policy import Policy
from iamctl.model import Address, Resource, Severity
from iamctl.policy import Document
from iamctl.rules import Hit, Review, rule

MANAGED_POLICY_CHARACTERS = 6144
GROUP_INLINE_CHARACTERS = 5120
"""Quotas of one managed policy and of all inline policies of one group, without white space. AWS does not raise them.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""


@rule(
    "IAM206",
    Severity.ERROR,
    stage="manifests",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html",
)
def documents_are_small_enough(review: Review) -> Iterator[Hit]:
    """A managed policy has at most 6,144 characters, and all inline policies of a group 5,120, without white space."""
    state = review.desired.state
    for policy in state.of_kind(Policy):
        yield from _too_large(policy, [policy.document], MANAGED_POLICY_CHARACTERS, "the document has")
    inline: dict[str, list[GroupInlinePolicy]] = defaultdict(list)
    for written in state.of_kind(GroupInlinePolicy):
        inline[written.group.lower()].append(written)
    for policies in inline.values():
        group = Address.of("group", policies[0].group)
        documents = [policy.document for policy in policies]
        subject = state.get(group) or group
        yield from _too_large(subject, documents, GROUP_INLINE_CHARACTERS, "the inline policies of the group have")


@rule(
    "IAM303",
    Severity.WARN,
    stage="manifests",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html",
)
def inline_policies_say_the_later_version(review: Review) -> Iterator[Hit]:
    """An inline policy has Version 2012-10-17; otherwise IAM treats policy variables as plain text."""
    for written in review.desired.state.of_kind(GroupInlinePolicy):
        data = written.document.data
        if isinstance(data, dict) and data.get("Version", "2008-10-17") == "2008-10-17":
            yield Hit(
                written,
                "the document's Version is not 2012-10-17, so IAM treats variables (${aws:username}) as plain text; "
                "set Version to 2012-10-17",
            )


def _too_large(subject: Resource | Address, documents: list[Document], most: int, words: str) -> Iterator[Hit]:
    size = sum(document.size for document in documents)
    if size <= most:
        return
    # whether IAM counts spaces inside strings is not documented, so only a size without them is certain
    least = sum(not sign.isspace() for document in documents for sign in document.text)
    counted = f"{words} {size if least <= most else least:,} characters (white space excluded)"
    if least > most:
        yield Hit(subject, f"{counted}; IAM allows at most {most:,}. Split it into several managed policies")
    else:
        message = f"{counted} if IAM counts spaces inside strings; it allows at most {most:,}. Shorten it"
        yield Hit(subject, message, Severity.WARN)
