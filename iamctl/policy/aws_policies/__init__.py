"""The names of AWS-managed policies as of one day, and of those that AWS has withdrawn; read when first looked up."""

from __future__ import annotations

import pkgutil
import zlib
from collections.abc import Mapping
from functools import cache

from iamctl.text.late_dataclass import dataclass
from iamctl.text.nearest import nearest

SERVICE_LINKED_PATH = "aws-service-role/"
"""Policies below this path belong to service-linked roles; IAM attaches them to nothing else.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html
"""

_GZIP = 16 + zlib.MAX_WBITS


@dataclass(frozen=True)
class AwsPolicies:
    """The text of ``names.txt.gz``: what it says of itself, and paths with names such as ``job-function/Billing``."""

    about: Mapping[str, str]
    current: frozenset[str]
    withdrawn: frozenset[str]
    """Policies that AWS no longer offers: whoever has one keeps it, and nobody can get it."""

    @classmethod
    def from_text(cls, text: str) -> AwsPolicies:
        """Return what a text of ``tools/aws_policies.py`` says."""
        about: dict[str, str] = {}
        found: Mapping[bool, set[str]] = {True: set(), False: set()}
        for line in text.splitlines():
            if line.startswith("#"):
                name, _, value = line[2:].partition(": ")
                about[name] = value
            else:
                path, *names = line.split()
                below = path.lstrip("-").removeprefix("/")
                found[path.startswith("-")].update(f"{below}{name}" for name in names)
        return cls(about, frozenset(found[False]), frozenset(found[True]))


@cache
def aws_policies() -> AwsPolicies:
    """Return the list that ships with iamctl."""
    data = pkgutil.get_data(__name__, "names.txt.gz") or b""
    return AwsPolicies.from_text(zlib.decompress(data, _GZIP).decode("ascii"))


def aws_policies_date() -> str:
    """Return the day of the list, as ``2026-09-30``."""
    return aws_policies().about["date"]


def is_known(name: str) -> bool:
    """Return whether AWS has a policy of this path and name, spelled exactly so."""
    return name in aws_policies().current


def is_withdrawn(name: str) -> bool:
    """Return whether AWS had a policy of this path and name and no longer offers it."""
    return name in aws_policies().withdrawn


def namesake(name: str) -> str | None:
    """Return the path and name of the attachable AWS policy that is called so, whatever the case, or None."""
    return _by_bare_name().get(name.lower())


@cache
def suggestion(name: str) -> str | None:
    """Return the path and name that somebody may have meant by an unknown one, or None.

    The same name under another path or in another case comes before one that lacks a usual word, and that before one
    that is only alike.
    """
    bare = name.rpartition("/")[2].lower()
    for known in (bare, f"{bare}access", f"amazon{bare}", f"aws{bare}", f"amazon{bare}access"):
        if found := _by_bare_name().get(known):
            return found
    near = nearest(bare, _by_bare_name())
    return _by_bare_name()[near] if near else None


@cache
def _by_bare_name() -> Mapping[str, str]:
    """Return what can be attached: the name without path in lower case to path and name; no name is there twice."""
    attachable = (name for name in aws_policies().current if not name.startswith(SERVICE_LINKED_PATH))
    return {name.rpartition("/")[2].lower(): name for name in attachable}
