"""Calls as commands of the AWS CLI, for people who carry out or check one by hand."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from iamctl.model import Call

_WORD_STARTS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def aws_command(call: Call) -> str:
    """Return ``aws iam create-user --user-name alice``, quoted for a POSIX shell; a secret is ``"$PASSWORD"``.

    https://docs.aws.amazon.com/cli/latest/reference/iam/
    """
    words = ["aws", call.service, _dashed(call.operation)]
    return " ".join((*words, *(word for name, value in call.params.items() for word in _option(name, value))))


def _option(name: str, value: Any) -> Iterator[str]:
    option = f"--{_dashed(name)}"
    if isinstance(value, bool):
        yield option if value else f"--no-{_dashed(name)}"
        return
    yield option
    if isinstance(value, Mapping) and "$secret" in value:
        yield '"$PASSWORD"'
    elif isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
        yield from map(shlex.quote, value)
    else:
        yield shlex.quote(value if isinstance(value, str) else json.dumps(value, separators=(",", ":")))


def _dashed(name: str) -> str:
    """Return ``create-virtual-mfa-device`` for ``CreateVirtualMFADevice``, as the AWS CLI does."""
    return _WORD_STARTS.sub("-", name).lower()
