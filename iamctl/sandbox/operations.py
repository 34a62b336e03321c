"""What every group of operations can rely on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from iamctl.sandbox.account import Account


class Operations:
    """A request to IAM: the account it is about, and its parameters."""

    account: Account

    def param(self, name: str) -> Any:
        """Return a parameter as the client sent it, or None."""
        raise NotImplementedError
