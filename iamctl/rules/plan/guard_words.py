"""What is said of statements that may be meant as MFA guards and are none."""

from __future__ import annotations

from collections.abc import Sequence

from iamctl.access.mfa_guard import Miss, NearMiss, Shortfall

_MOST_NAMED = 3
_LONGEST = 40
_TEXTS = {
    Miss.NO_DENY: "it is an Allow, which takes nothing from what other Allows give",
    Miss.NO_IDENTITY_STATEMENT: "it is not a statement of an identity policy",
    Miss.SOME_ACTIONS: "it is about {texts} only, not about every action",
    Miss.SPARED_PATTERNS: "its NotAction spares {texts}, and a pattern spares too much",
    Miss.SPARED_ACTIONS: "its NotAction spares {texts} as well",
    Miss.SPARED_RESOURCES: "it spares the resources of a NotResource",
    Miss.SOME_RESOURCES: "it is about {texts} only, not about every resource",
    Miss.FURTHER_CONDITION: "it holds only under the further condition {operator} {key!r}",
    Miss.NOT_IF_EXISTS: "it says Bool, so it spares access keys, whose requests lack the key; write BoolIfExists",
    Miss.KEY_PRESENCE: "it says Null, which asks whether the key is there and not what it says; write BoolIfExists",
    Miss.OTHER_VALUES: "it says {operator} {texts}; write BoolIfExists and false",
    Miss.UNKNOWN_DOCUMENT: "the document is not known here and counts as denying nothing",
    Miss.MALFORMED_DOCUMENT: "the document is malformed and counts as denying nothing",
    Miss.ON_USER: "a guard directly on a user does not count; move it to a group",
}


def near_miss_text(near: NearMiss) -> str:
    """Return which statement comes near, and why it is no guard."""
    named = ""
    if near.place:
        named = f", statement {near.place.sid!r}" if near.place.sid else f", statement {near.place.number}"
    return f"{near.held}{named}: {', and '.join(map(shortfall_text, near.shortfalls))}"


def shortfall_text(found: Shortfall) -> str:
    """Return one reason why something is no guard."""
    return _TEXTS[found.miss].format(texts=_some(found.texts), operator=found.operator, key=found.key)


def _some(texts: Sequence[str]) -> str:
    told = [repr(text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}...") for text in texts]
    rest = len(told) - _MOST_NAMED
    return ", ".join(told[:_MOST_NAMED]) + (f" and {rest} more" if rest > 0 else "")
