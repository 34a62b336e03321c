"""Calls as commands of the AWS CLI, for people who carry out or check one by hand."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from iamctl.model import Call
from iamctl.text.late_pattern import late_pattern

_WORD_STARTS = late_pattern(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


_LIVE = ("-", "@", "file://", "fileb://", "http://", "https://")
"""What the AWS CLI takes at the beginning of a value for an option, or for the place of the value.

https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-parameters-file.html
"""

_JSON = ("[", "{")
"""What it reads as JSON at the beginning of the items of a list."""


def aws_command(call: Call) -> str:
    """Return ``aws iam create-user --user-name alice``, quoted for a POSIX shell; a secret is ``"$PASSWORD"``.

    Where the AWS CLI would take a value for something else, all are in ``--cli-input-json``, out of which it takes
    every value as it is; a secret follows behind.

    https://docs.aws.amazon.com/cli/latest/reference/iam/
    """
    words = ["aws", call.service, _dashed(call.operation)]
    options = dict(call.params)
    if any(map(_is_live, options.values())):
        plain = {name: value for name, value in options.items() if not _is_secret(value)}
        words += ["--cli-input-json", shlex.quote(json.dumps(plain, separators=(",", ":")))]
        options = {name: value for name, value in options.items() if name not in plain}
    return " ".join((*words, *(word for name, value in options.items() for word in _option(name, value))))


def _is_live(value: Any) -> bool:
    """Tell whether the AWS CLI could take a value, or a part of it, for something else."""
    if isinstance(value, str):
        return value.lower().startswith(_LIVE)
    if isinstance(value, Mapping):
        return any(map(_is_live, (*value.keys(), *value.values())))
    if isinstance(value, list | tuple):
        return any(_is_live(item) or (isinstance(item, str) and item.lstrip().startswith(_JSON)) for item in value)
    return False


def _is_secret(value: Any) -> bool:
    return isinstance(value, Mapping) and "$secret" in value


def _option(name: str, value: Any) -> Iterator[str]:
    option = f"--{_dashed(name)}"
    if isinstance(value, bool):
        yield option if value else f"--no-{_dashed(name)}"
        return
    yield option
    if _is_secret(value):
        yield '"$PASSWORD"'
    elif isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
        yield from map(shlex.quote, value)
    else:
        yield shlex.quote(value if isinstance(value, str) else json.dumps(value, separators=(",", ":")))


def _dashed(name: str) -> str:
    """Return ``create-virtual-mfa-device`` for ``CreateVirtualMFADevice``, as the AWS CLI does."""
    return _WORD_STARTS.sub("-", name).lower()
