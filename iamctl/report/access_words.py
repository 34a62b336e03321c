"""What rows of access say, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from iamctl.access.row import Example, Kind, Level, Rank, Row, Source, When
from iamctl.access.truth import Truth
from iamctl.policy.pattern import ANY
from iamctl.text.counted import counted, listed

MFA, MFA_AGE = "aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge"
LEVELS: Mapping[Level, str] = {
    Level.PERMISSIONS: "permissions management",
    Level.WRITE: "write",
    Level.TAGGING: "tagging",
    Level.READ: "read",
    Level.LIST: "list",
}
COUNTED = ("group", "user", "role", "boundary", "role-trust")
NOT_COUNTED = ("scp", "rcp", "session", "resource")
LIMITS = (
    "Counted: policies of groups, users and roles, boundaries, trust policies of roles. "
    "Not counted: SCPs, RCPs, session policies, policies of resources."
)
_MOST_NAMES = 3
_MOST_RESOURCES = 2
_MOST_SOURCES = 2
_MOST_ROLES = 3
_USUAL = {"aws:ViaAWSService": ("false",), "aws:PrincipalIsAWSService": ("false",), "aws:SecureTransport": ("true",)}
"""What every plain request says, so that an example need not."""

_WITH_MFA = frozenset({("Bool", ("true",))})
_WITHOUT_MFA = frozenset({("BoolIfExists", ("false",)), ("Bool", ("false",)), ("Null", ("true",))})


def row_text(row: Row, most: int = _MOST_NAMES) -> str:
    """Return what a row is about, such as "s3 write: PutObject on arn:aws:s3:::bucket/*"."""
    conditions = when_text(row.when)
    most_resources = _MOST_RESOURCES if most == _MOST_NAMES else most
    within = f" within {listed(row.within, most_resources)}" if row.within else ""
    where = f" on {resources_text(row.resources, row.excepted, most_resources)}{within}"
    if row.up_to:
        about = f"up to {counted(row.up_to, 'action')}"
        return f"{conditions}: {about}" if conditions else f"{_subject(row, most)}, {about},{where}"
    part = f"(for example {', '.join(_context(row.apart))})" if row.apart else ""
    return " ".join(filter(None, (f"{_subject(row, most)}{where}", conditions, part)))


def _subject(row: Row, most: int) -> str:
    if len(row.services) == 1 and len(row.levels) == 1:
        service, level = row.services[0], row.levels[0][0]
        return f"{service} {LEVELS[level]}: {_names(row, most)}"
    levels = ", ".join(f"{number:,} {LEVELS[level]}" for level, number in row.levels)
    about = f"{counted(row.count, 'action')} of {counted(len(row.services), 'service')} ({levels})"
    if row.rank is Rank.EVERYTHING:
        return f"everything: {about}"
    including = f" including {listed(row.powerful, most)}" if row.powerful else ""
    return f"{about}{including}"


def _names(row: Row, most: int) -> str:
    if row.is_all_of_level and row.count > most:
        return f"all {counted(row.count, 'action')}"
    named = ", ".join(name.partition(":")[2] for name in row.names[:most])
    rest = row.count - min(most, len(row.names))
    return f"{named} and {rest:,} more" if rest > 0 else named


def resources_text(resources: Sequence[str], excepted: Sequence[str], most: int = _MOST_RESOURCES) -> str:
    """Return patterns of resources, and which part of them is left out."""
    what = "every resource" if ANY in resources else listed(resources, most)
    return f"{what} except {listed(excepted, most)}" if excepted else what


def when_text(lines: Iterable[When]) -> str:
    """Return a condition, "with MFA" for the usual ones about it."""
    found, rest = list[str](), list[str]()
    for one in lines:
        if one.key.lower() == MFA.lower() and (one.operator, one.values) in _WITH_MFA | _WITHOUT_MFA:
            found.append("with MFA" if (one.operator, one.values) in _WITH_MFA else "without MFA")
        else:
            rest.append(condition_text(one))
    words = list(dict.fromkeys(found))
    return " ".join([*words, f"when {' and '.join(rest)}"] if rest else words)


def example_text(example: Example) -> str:
    """Return a request, such as "iam:CreateUser on arn:aws:iam::111122223333:user/x, signed in with MFA"."""
    told = [f"{example.action} on {example.resource}", *_context(example.context)]
    return ", ".join(told)


def _context(context: Iterable[tuple[str, tuple[str, ...]]]) -> Iterator[str]:
    values = dict(context)
    mfa = values.pop(MFA, None)
    if mfa is not None:
        yield "signed in with MFA" if mfa == ("true",) else "without MFA"
    for key, found in values.items():
        if _USUAL.get(key) == found or (key == MFA_AGE and mfa):
            continue
        yield f"{key} {' or '.join(found)}" if found else f"without {key}"


def notes(row: Row, *, is_gain: bool) -> Iterator[str]:
    """Yield what else must be known of a row: its kind, until when it lasts, and whether roles trust the person."""
    if row.kind is not Kind.NEW:
        yield _held_back(row, is_gain=is_gain)
    if not row.is_exact:
        yield "possibly: it depends on what is not known"
    if row.until:
        yield f"until {row.until}"
    if row.trusted:
        yield _trust(row.trusted)


def _held_back(row: Row, *, is_gain: bool) -> str:
    by = sources_text(row.restraints)
    if row.kind is Kind.NO_LONGER_DENIED:
        return f"{'no longer' if is_gain else 'now'} denied{' by ' if by else ''}{by}"
    inside = "no longer limited by" if is_gain else "now outside"
    return f"{inside} the boundary{' ' if by else ''}{by}"


def _trust(roles: Sequence[tuple[str, Truth]]) -> str:
    """Return whether trust policies let the person assume the roles."""
    named = [role for role, truth in roles if truth is Truth.YES]
    unsure = [role for role, truth in roles if truth is Truth.MAYBE]
    refused = [role for role, truth in roles if truth is Truth.NO]
    if len(roles) == 1:
        return {
            Truth.YES: "trusted",
            Truth.MAYBE: "its trust policy may trust them",
            Truth.NO: "its trust policy does not name them: no effect now",
        }[roles[0][1]]
    parts = [
        f"{word} {listed(found, _MOST_ROLES)}"
        for word, found in (("trusted by", named), ("maybe by", unsure), ("not trusted by", refused))
        if found
    ]
    return "; ".join(parts)


def sources_text(sources: Iterable[Source]) -> str:
    """Return policies with those who hold them, each once."""
    return listed(dict.fromkeys(map(_source, sources)), _MOST_SOURCES)


def statement_text(source: Source) -> str:
    """Return a statement by its Sid or number, with its policy and the one who has it."""
    return f"{_source(source)} (statement {source.statement})" if source.statement else _source(source)


def condition_text(one: When) -> str:
    """Return one line of a condition, such as "Bool aws:MultiFactorAuthPresent = true"."""
    return f"{one.operator} {one.key} = {listed(one.values, _MOST_NAMES)}"


def _source(source: Source) -> str:
    return f"{source.policy} on {source.holder}" if source.holder else source.policy
