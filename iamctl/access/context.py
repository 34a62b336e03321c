"""What condition keys say of one request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from iamctl.text.late_dataclass import dataclass


@dataclass(frozen=True)
class Context:
    """The values of condition keys in one request; keys are in lower case."""

    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Key to its values; no value means that the request certainly lacks the key."""
    complete: tuple[str, ...] = ()
    """Prefixes of keys, such as ``aws:principaltag/``, of which a key without a value is certainly absent."""

    def get(self, key: str) -> tuple[str, ...] | None:
        """Return the values of a key, none where it is absent; None where that is not known."""
        key = key.lower()
        found = self.values.get(key)
        return () if found is None and key.startswith(self.complete) else found

    def joined(self, other: Context) -> Context:
        """Return the values of both; those of ``other`` come first."""
        return Context({**self.values, **other.values}, (*self.complete, *other.complete))
