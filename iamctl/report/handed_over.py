"""Where the secrets are that an apply created: passwords and access keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from iamctl.report.blocks import Line, Span, line


def handed_over_lines(passwords: Sequence[Mapping[str, Any]], keys: Sequence[Mapping[str, Any]]) -> Iterator[Line]:
    """Yield one line for each password and each access key, given as the result of an apply lists them."""
    yield from map(_password_line, passwords)
    yield from map(_key_line, keys)


def _key_line(given: Mapping[str, Any]) -> Line:
    """Return where the new access key of a user is, and whether it stays."""
    about = Span(f"access key {given['access_key']} for {given['user']}: ", "strong")
    where = given["file"] or f"secret {given['secret']} of AWS Secrets Manager"
    if given["valid"]:
        return line(about, where)
    return line(about, f"{where}, ", Span("may be deleted", "warn"), " by the next apply: see the failed call")


def _password_line(given: Mapping[str, Any]) -> Line:
    """Return where the password of a user is, and whether it is one."""
    about = Span(f"password for {given['user']}: ", "strong")
    where = given["file"] or "shown above"
    if given["valid"] is None:
        return line(about, f"{where}, ", Span("may or may not be valid", "warn"), ": see the failed call")
    if not given["valid"]:
        return line(about, f"{where}, ", Span("not valid", "refuse"), ": no login profile was created; discard it")
    return line(about, where)
