"""What the engine finds, in the words of policies: actions, resources, conditions and one request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from iamctl.access.row import Example, Grant, Kind, When
from iamctl.policy.pattern import ANY, resource_includes, resources_meet
from iamctl.proof.aws_facts import REFUSED
from iamctl.proof.decide import Request
from iamctl.proof.engine import Gain
from iamctl.proof.engine import Kind as GainKind
from iamctl.proof.key_names import DOCUMENTED, documented

KINDS = {
    GainKind.NEW: Kind.NEW,
    GainKind.NO_LONGER_DENIED: Kind.NO_LONGER_DENIED,
    GainKind.NO_LONGER_BOUNDED: Kind.NO_LONGER_BOUNDED,
}
"""Why a request is allowed on one side alone, as rows say it."""
_EXPECTED: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "aws:multifactorauthpresent": (("true",),),
    "aws:multifactorauthage": (("0",),),
    "aws:viaawsservice": (("false",),),
    "aws:principalisawsservice": (("false",),),
    "aws:securetransport": (("true",),),
}
"""What a plain request says that is signed in with MFA."""


_REFUSED = frozenset(resource for one in REFUSED.statements for resource in one.resources or ())
"""Resources that AWS keeps from everybody, so that a gap there says nothing."""


class Spelling:
    """How condition keys are spelled: as AWS documents them, else as a policy does."""

    def __init__(self, written: Iterable[str] = ()) -> None:
        self._known = {key.lower(): key for key in (*sorted(written, reverse=True), *DOCUMENTED)}

    def __call__(self, key: str) -> str:
        """Return the spelling of a key in lower case."""
        return self._known.get(key) or documented(key)


def grant_of(gain: Gain, example: Example, spelled: Spelling, known: int, *, is_all: bool = False) -> Grant:
    """Return what a gain brings; ``known`` are the actions of the catalogue.

    ``is_all``: its Allow is of every action on every resource.
    """
    resource, within = _narrowest(gain.resource, gain.also)
    asked = {line.key for line in gain.condition}
    context = gain.witness.context if gain.witness else {}
    apart = tuple(sorted((key, values) for key, values in context.items() if key not in asked))
    return Grant(
        actions=gain.actions,
        resources=(resource,),
        within=within,
        excepted=tuple(sorted(gap for gap in gain.less if gap not in _REFUSED and resources_meet(gap, resource))),
        when=tuple(sorted(When(spelled(one.key), one.full_operator, one.values) for one in gain.condition)),
        is_partial=bool(apart),
        apart=tuple((spelled(key), values) for key, values in apart if values not in _EXPECTED.get(key, ())),
        kind=KINDS[gain.kind],
        is_exact=gain.exact,
        allowed_by=1 << gain.by,
        held_back_by=gain.because,
        up_to=(gain.up_to & known).bit_count() if gain.up_to & known & ~gain.actions else 0,
        is_all=is_all,
        example=example,
    )


def _narrowest(resource: str, also: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """Return the pattern that says most, and those that restrain it further."""
    patterns = sorted({resource, *also} - {ANY}) or [ANY]
    kept = [
        one
        for one in patterns
        if not any(
            other != one and resource_includes(one, other) and not (resource_includes(other, one) and other > one)
            for other in patterns
        )
    ]
    return kept[0], tuple(kept[1:])


def example_of(request: Request | None, spelled: Spelling) -> Example:
    """Return a request with the keys of its context as AWS spells them; an empty one for none."""
    if request is None:
        return Example("", "")
    context = sorted((spelled(key), values) for key, values in request.context.items())
    return Example(request.action, request.resource, tuple(context))
