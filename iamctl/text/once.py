"""Attributes that are computed when they are first read."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    once = cached_property
else:

    class once(cached_property):  # noqa: N801 - it is written like cached_property
        """A ``cached_property`` without its lock, which Python 3.11 takes at each first read: that is most of the time.

        Two threads at once may compute the value twice, so it must be the same each time.
        """

        def __get__(self, instance: Any, owner: Any = None) -> Any:
            """Return the value, which the instance keeps from then on."""
            if instance is None:
                return self
            value = instance.__dict__[self.attrname] = self.func(instance)
            return value
