"""What an audit finds: a verdict for each control."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum

from iamctl.audit import Control, Weight, all_controls
from iamctl.audit.audited import Audited
from iamctl.audit.frameworks import Framework
from iamctl.audit.outcome import Exempt, Failing, Undecided
from iamctl.kinds import AccessKey, SigninSession, UserInlinePolicy, UserPolicy
from iamctl.model import Address
from iamctl.model.settings import Acceptance, PolicyException
from iamctl.text.late_dataclass import dataclass

_OF_USERS = frozenset({AccessKey.kind, UserPolicy.kind, UserInlinePolicy.kind, SigninSession.kind})
"""The kinds whose addresses begin with the user."""


class Verdict(StrEnum):
    """How an account stands to a control, the worst first."""

    FAIL = "fail"
    NOT_EVALUATED = "not-evaluated"
    ACCEPTED = "accepted"
    NOT_APPLICABLE = "not-applicable"
    PASS = "pass"  # noqa: S105 - a name


@dataclass(frozen=True)
class Accepted:
    """A resource that fails, and the line in the manifests that accepts it for a time."""

    failing: Failing
    by: Acceptance | PolicyException


@dataclass(frozen=True)
class Judgement:
    """The verdict on one control, with its reasons."""

    control: Control
    failing: tuple[Failing, ...] = ()
    accepted: tuple[Accepted, ...] = ()
    undecided: tuple[Undecided, ...] = ()
    exempt: tuple[Exempt, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """The verdict; a control passes only if all that it needs is known."""
        if self.failing:
            return Verdict.FAIL
        if self.undecided:
            return Verdict.NOT_EVALUATED
        if self.accepted:
            return Verdict.ACCEPTED
        return Verdict.NOT_APPLICABLE if self.exempt else Verdict.PASS


def judgements(account: Audited, framework: Framework | None = None) -> tuple[Judgement, ...]:
    """Return the judgement of each control, the heaviest first, or of those of a framework in the order of their ids."""
    chosen = [found for found in all_controls() if framework is None or framework in found.ids]
    weights = list(Weight)
    chosen.sort(key=lambda found: weights.index(found.weight))
    if framework:
        chosen.sort(key=lambda found: _number(found.numbers(framework)[0]))
    return tuple(_judgement(found, account) for found in chosen)


def unused_acceptances(account: Audited, judged: Iterable[Judgement]) -> tuple[Acceptance, ...]:
    """Return the acceptances that are over, or that accept nothing; ``judged`` are the judgements of all controls."""
    used = {id(accepted.by) for judgement in judged for accepted in judgement.accepted}
    return tuple(one for one in account.settings.audit.accept if id(one) not in used)


def _judgement(judged: Control, account: Audited) -> Judgement:
    found = tuple(judged.judge(account))
    failing, accepted = [], []
    for outcome in found:
        if isinstance(outcome, Failing):
            by = _accepting(judged, outcome, account)
            if by:
                accepted.append(Accepted(outcome, by))
            else:
                failing.append(outcome)
    return Judgement(
        judged,
        failing=tuple(failing),
        accepted=tuple(accepted),
        undecided=tuple(outcome for outcome in found if isinstance(outcome, Undecided)),
        exempt=tuple(outcome for outcome in found if isinstance(outcome, Exempt)),
    )


def _accepting(judged: Control, failing: Failing, account: Audited) -> Acceptance | PolicyException | None:
    """Return the line that accepts what fails now; an exception for a direct policy is one as well."""
    settings, now = account.settings, account.now
    for one in settings.audit.accept:
        if one.control == judged.id and one.holds(now) and _covers(one.address, failing.address):
            return one
    if isinstance(failing.address, Address) and failing.address.kind in {UserPolicy.kind, UserInlinePolicy.kind}:
        for exception in settings.exceptions:
            if exception.address == failing.address and exception.holds(now) and "IAM102" in judged.rules:
                return exception
    return None


def _covers(accepted: Address | None, failing: Address | None) -> bool:
    """Tell whether an accepted address is that of what fails, or of the user whose key or policy it is."""
    if accepted is None or failing is None:
        return accepted is failing
    return accepted == failing or (
        accepted.kind == "user" and accepted == Address.of("user", failing.parts[0]) and failing.kind in _OF_USERS
    )


def _number(text: str) -> list[tuple[bool, int, str]]:
    """Return what an id such as ``2.11`` is sorted by."""
    return [(not part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in re.split(r"[.-]", text)]
