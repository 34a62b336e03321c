"""Which IAM writes a kind of resource uses, as data."""

from __future__ import annotations

from iamctl.text.late_dataclass import dataclass


@dataclass(frozen=True)
class Operations:
    """The operations of the steps of a kind, by what they do to a resource."""

    create: tuple[str, ...] = ()
    update: tuple[str, ...] = ()
    delete: tuple[str, ...] = ()
    is_deleted_alone: bool = True
    """Whether resources of this kind are also deleted while their owner stays."""

    @property
    def all(self) -> frozenset[str]:
        """All of them."""
        return frozenset({*self.create, *self.update, *self.delete})
