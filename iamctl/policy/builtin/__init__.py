"""The policy documents that ship with iamctl, by name and version; a version never changes once it was released."""

from __future__ import annotations

import pkgutil
from functools import cache

BUILTINS = ("require-mfa/1",)
"""A change of what a document decides is a new version, so that no upgrade of iamctl changes an account."""


@cache
def builtin_text(name: str) -> str:
    """Return the JSON of one of ``BUILTINS``, with the variable ``{{ partition }}`` in it.

    Raises:
        KeyError: there is none of that name and version.
    """
    if name not in BUILTINS:
        raise KeyError(name)
    return (pkgutil.get_data(__name__, f"{name.replace('/', '-')}.json") or b"").decode("ascii")
