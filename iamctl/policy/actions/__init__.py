"""The actions that AWS documents for each service, as of one day; read when the first action is looked up."""

from __future__ import annotations

import pkgutil
import re
import zlib
from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher
from fnmatch import translate
from functools import cache

from iamctl.text.late_dataclass import dataclass
from iamctl.text.late_pattern import late_pattern
from iamctl.text.nearest import nearest

_GZIP = 16 + zlib.MAX_WBITS
_WILDCARD = late_pattern(r"[*?]")
_WORD = late_pattern(r"[A-Z]+[a-z0-9]*")
_SLIP_SHARE = 0.95
"""From this likeness (0 to 1) on, a name of the same service goes before the very name in another one: a letter of ten."""


@dataclass(frozen=True)
class Catalogue:
    """The text of ``actions.txt.gz``: what it says of itself, and the names of actions by service prefix."""

    about: Mapping[str, str]
    services: Mapping[str, str]

    @classmethod
    def from_text(cls, text: str) -> Catalogue:
        """Return the catalogue written in a text: lines ``# name: value``, then ``prefix Action Action``."""
        lines = text.rstrip("\n").split("\n")  # splitlines takes five times as long
        about = (line[2:].partition(": ") for line in lines if line.startswith("#"))
        services = (line.partition(" ") for line in lines if not line.startswith("#"))
        return cls({name: value for name, _, value in about}, {prefix: names for prefix, _, names in services})


@cache
def catalogue() -> Catalogue:
    """Return the catalogue that ships with iamctl."""
    data = pkgutil.get_data(__name__, "actions.txt.gz") or b""
    return Catalogue.from_text(zlib.decompress(data, _GZIP).decode("ascii"))


def catalogue_date() -> str:
    """Return the day of which the catalogue is, as ``2026-10-27``."""
    return catalogue().about["date"]


def has_service(action: str) -> bool:
    """Tell whether the service prefix of an action such as ``s3:GetObject`` is known."""
    prefix = _parts(action)[0]
    return prefix in ("*", *_named(prefix))


@cache
def is_known(action: str) -> bool:
    """Tell whether an action is known, or a pattern with ``*`` and ``?`` matches at least one; case does not count.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
    """
    prefix, name = _parts(action)
    if name and not name.strip("*"):
        return prefix == "*" or prefix in catalogue().services
    prefixes = catalogue().services if prefix == "*" else _named(prefix)
    if not _WILDCARD.search(name):
        return any(name in _spelling(known) for known in prefixes)
    matches = re.compile(translate(name.replace("[", "[[]"))).match  # never backtracks over a star
    return any(matches(action) for known in prefixes for action in _spelling(known))


def suggestion(action: str) -> str | None:
    """Return the known action, or pattern, that somebody may have meant by an unknown one, or None.

    It takes some milliseconds: callers ask for few.
    """
    prefix, name = _parts(action)
    written = action.partition(":")[2]
    elsewhere = [known for known in catalogue().services if name in _spelling(known)]
    if prefix not in catalogue().services:
        inside = [known for known in elsewhere if known in prefix]
        prefix = nearest(prefix, elsewhere) or (inside or [nearest(prefix, catalogue().services) or ""])[0]
        elsewhere = []
    if is_known(f"{prefix}:{name}"):
        return f"{prefix}:{_spelling(prefix).get(name, written)}"
    near = _nearest_name(written, _spelling(prefix).values())
    if len(elsewhere) == 1 and not (near and SequenceMatcher(None, name, near.lower()).ratio() >= _SLIP_SHARE):
        return f"{elsewhere[0]}:{_spelling(elsewhere[0])[name]}"
    return f"{prefix}:{near}" if near else None


def _nearest_name(written: str, names: Iterable[str]) -> str | None:
    """Return the name most like ``written``; for ``Gett*``, the first words of names that are, with the star."""
    if not _WILDCARD.search(written):
        return nearest(written, names)
    if _WILDCARD.search(written[:-1]) or not written.endswith("*"):
        return None
    starts = {name[: word.end()] for name in names for word in _WORD.finditer(name)}
    near = nearest(written[:-1], starts)
    return f"{near}*" if near else None


def _parts(action: str) -> tuple[str, str]:
    """Return prefix and name in lower case; the action ``*`` is every action of every service."""
    prefix, colon, name = action.lower().partition(":")
    return (prefix, name) if colon else (prefix, "*" if prefix == "*" else "")


def _named(prefix: str) -> tuple[str, ...]:
    return (prefix,) if prefix in catalogue().services else ()


@cache
def _spelling(prefix: str) -> Mapping[str, str]:
    """Return the actions of a service: lower case to AWS's own spelling."""
    return {name.lower(): name for name in catalogue().services.get(prefix, "").split()}
