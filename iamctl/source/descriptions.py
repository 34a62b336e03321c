"""Descriptions of customer-managed policies by policy id, kept between runs: IAM never changes one."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from iamctl.text.late_pattern import late_pattern

FORMAT = "iamctl-descriptions/1"
MOST = 20_000
"""Descriptions that are kept; the oldest give way. An account has at most 10,000 policies.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""
MOST_BYTES = 32 * 2**20
"""A file of more is not read."""
MOST_CHARACTERS = 1_000
"""Of a description.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html
"""

_ID = late_pattern(r"ANPA[A-Z0-9]{12,124}", re.ASCII)


class Descriptions:
    """What is known of descriptions. With a path, they are read from a file at the first question and added to it.

    A file that cannot be read counts as empty, and one that cannot be written stays as it is: IAM is asked instead.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._known: dict[str, str] | None = None

    def of(self, policy_id: object) -> str | None:
        """Return the description of a policy, empty for one without; None where it is not known."""
        return self._all().get(policy_id) if isinstance(policy_id, str) else None

    def remember(self, policies: Iterable[Mapping[str, Any]]) -> None:
        """Keep the descriptions of policies as ``GetPolicy`` tells them."""
        found: dict[Any, Any] = {policy.get("PolicyId"): policy.get("Description") for policy in policies}
        new = {name: text for name, text in found.items() if _is_one(name, text) and self.of(name) != text}
        if not new:
            return
        kept: dict[str, str] = {name: text for name, text in self._all().items() if name not in new} | new
        self._known = dict(list(kept.items())[-MOST:])
        if self._path:
            with suppress(OSError):
                _write(self._path, {"format": FORMAT, "descriptions": self._known})

    def _all(self) -> dict[str, str]:
        if self._known is None:
            self._known = _read(self._path) if self._path else {}
        return self._known


def descriptions_file(environment: Mapping[str, str]) -> Path | None:
    """Return where descriptions are kept for the user of this machine; None where there is no home folder."""
    home, cache = Path(environment.get("HOME", "")), Path(environment.get("XDG_CACHE_HOME", ""))
    if not cache.is_absolute():  # https://specifications.freedesktop.org/basedir-spec/latest/: it is ignored
        if not home.is_absolute():
            return None
        cache = home / ".cache"
    return cache / "iamctl" / "policy-descriptions.json"


def _read(path: Path) -> dict[str, str]:
    try:
        if not path.is_file() or path.stat().st_size > MOST_BYTES:
            return {}
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(data, dict) or data.get("format") != FORMAT or not isinstance(data.get("descriptions"), dict):
        return {}
    return {name: text for name, text in data["descriptions"].items() if _is_one(name, text)}


def _is_one(name: object, text: object) -> bool:
    is_text = isinstance(text, str) and len(text) <= MOST_CHARACTERS
    return is_text and isinstance(name, str) and _ID.fullmatch(name) is not None


def _write(path: Path, data: Mapping[str, Any]) -> None:
    """Write a file whole, for its owner alone, or not at all."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with open(descriptor, "w", encoding="ascii") as file:  # noqa: PTH123 - of a descriptor
            json.dump(data, file)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink()
        raise
