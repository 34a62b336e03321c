"""The texts that a person receives with a first password or a new access key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from iamctl.model import Account
from iamctl.text.late_dataclass import dataclass
from iamctl.text.visible import visible

_CONSOLES = {
    "aws": "signin.aws.amazon.com",
    "aws-cn": "signin.amazonaws.cn",
    "aws-us-gov": "signin.amazonaws-us-gov.com",
}
"""The sign-in hosts of AWS, by partition.

https://docs.aws.amazon.com/IAM/latest/UserGuide/console_account-alias.html
"""


def sign_in_url(account: Account) -> str | None:
    """Return the sign-in URL of the account; None if it is unknown for the partition."""
    host = _CONSOLES.get(account.partition)
    return f"https://{account.id}.{host}/console" if host else None


def letter(account: Account, user: str, password: str) -> str:
    """Return everything that a person needs for the first sign-in, one fact per line."""
    url = sign_in_url(account)
    facts = {
        "Account": f"{visible(account.name)} ({account.id})",
        **({"Sign in at": url} if url else {}),
        "User name": visible(user),
        "Password": password,
    }
    return _written(facts, 12, "The password must be changed at the first sign-in.")


@dataclass(frozen=True)
class NewKey:
    """An access key that was just created."""

    key_id: str
    secret: str = field(repr=False)
    replaces: str | None = None
    """The id of the old key."""


def key_letter(account: Account, user: str, key: NewKey) -> str:
    """Return everything that a person needs to use a new access key, one fact per line."""
    facts = {
        "Account": f"{visible(account.name)} ({account.id})",
        "User name": visible(user),
        "Access key ID": visible(key.key_id),
        "Secret access key": key.secret,
    }
    old = f"Replace the key {visible(key.replaces)} with it everywhere. " if key.replaces else ""
    return _written(facts, 19, f"{old}iamctl deactivates the old key only when the new one is in use." if old else "")


def _written(facts: Mapping[str, str], width: int, last: str) -> str:
    lines = [f"{name + ':':<{width}}{value}" for name, value in facts.items()]
    return "\n".join((*lines, "", last, "")) if last else "\n".join((*lines, ""))
