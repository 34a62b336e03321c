"""The text that a person receives with the first password."""

from __future__ import annotations

from iamctl.model import Account
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
    lines = [f"{name + ':':<12}{value}" for name, value in facts.items()]
    return "\n".join((*lines, "", "The password must be changed at the first sign-in.", ""))
