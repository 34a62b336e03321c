"""Settings that are looser than in the base manifests (``--base``)."""

from __future__ import annotations

from collections.abc import Iterator

from iamctl.comparison.approval import can_approve
from iamctl.model import Severity
from iamctl.rules import Hit, Review, rule

_EXCEPTIONS = "exceptions"
_DIRECT_POLICIES = "https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html#iam-2"
_GUARD_RAILS = (
    "https://docs.aws.amazon.com/wellarchitected/latest/security-pillar/sec_permissions_define_guardrails.html"
)


@rule("IAM103", Severity.ERROR, stage="manifests", source=_DIRECT_POLICIES)
def exceptions_only_shrink(review: Review) -> Iterator[Hit]:
    """Exceptions for direct policies are removed or shortened, but not added or extended, compared with the base."""
    yield from _longer_exceptions(review)


@rule("IAM103", Severity.REFUSE, source=_DIRECT_POLICIES)
def exceptions_of_a_plan_only_shrink(review: Review) -> Iterator[Hit]:
    """Exceptions for direct policies are removed or shortened, but not added or extended, compared with the base."""
    yield from _longer_exceptions(review)


@rule("IAM410", Severity.ERROR, stage="manifests", source=_GUARD_RAILS)
def settings_stay_as_strict(review: Review) -> Iterator[Hit]:
    """The settings protect, limits, mfa, scope and audit are at least as strict as in the base."""
    yield from _looser_settings(review)


@rule("IAM410", Severity.REFUSE, source=_GUARD_RAILS)
def settings_of_a_plan_stay_as_strict(review: Review) -> Iterator[Hit]:
    """The settings protect, limits, mfa, scope and audit are at least as strict as in the base."""
    yield from _looser_settings(review)


def _longer_exceptions(review: Review) -> Iterator[Hit]:
    yield from (hit for setting, hit in _loosened(review) if setting == _EXCEPTIONS)


def _looser_settings(review: Review) -> Iterator[Hit]:
    base, settings = review.desired.base, review.desired.settings
    if base is None:
        return
    from iamctl.comparison.settings_guard import is_compared

    if not is_compared(review.desired):
        lacks = (
            f"account {settings.account_name} ({settings.account_id})"
            if base.accounts or base.others
            else "iamctl.yaml"
        )
        message = f"the base has no {lacks}, so the settings were not compared with it"
        yield Hit(None, message, Severity.INFO)
    yield from (hit for setting, hit in _loosened(review) if setting != _EXCEPTIONS)


def _loosened(review: Review) -> Iterator[tuple[str, Hit]]:
    base = review.desired.base
    if base is None:
        return
    from iamctl.comparison.settings_guard import found_loosenings

    line = base.approved
    for found in found_loosenings(review.desired):
        is_approved = line is not None and can_approve(found)
        allowed = is_approved or base.loosening_allowed
        way_out = "restore it, or pass --allow-loosening"
        if allowed:
            way_out = f"{line.origin if line else '--allow-loosening'} permits it"
        message = f"{found.setting}: {found.what}; {way_out}"
        severity = Severity.WARN if allowed else None
        yield (
            found.setting,
            Hit(found.address, message, severity, found.origin, (found.setting,), first=allowed),
        )
