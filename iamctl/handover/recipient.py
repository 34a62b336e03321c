"""Recipients: the public keys (age or SSH) for which a file is encrypted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from iamctl.handover.weak_key import has_small_order
from iamctl.model import IamctlError
from iamctl.text.late_pattern import late_pattern

if TYPE_CHECKING:
    from pyrage import ssh, x25519

_PRIVATE = late_pattern(r"AGE-(SECRET-KEY|PLUGIN)-|PRIVATE KEY", re.IGNORECASE)
_AGE = late_pattern(r"age1[a-z0-9]{58}")
_PLUGIN = late_pattern(r"age1[a-z0-9-]+1[a-z0-9]+")
_SSH = late_pattern(r"(ssh-ed25519|ssh-rsa) [A-Za-z0-9+/]+={0,2}( [^\x00-\x1f\x7f]*)?")
_OTHER_SSH = late_pattern(r"(sk-)?(ssh|ecdsa)-\S+")


_OF_EXAMPLES = (
    "age16q83y6wh0fwkpzuf327f8kgc47gnr7sp4sdylt27eh7wzmy8u3usm998mn",  # of iamctl, its private key thrown away
    "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p",  # https://github.com/FiloSottile/age
)
_EXAMPLE_ACCOUNT = "111122223333"
"""The account ID of AWS's examples, which no customer has."""


class EncryptionError(IamctlError):
    """A text could not be encrypted for its recipients."""


def recipient_problem(text: str) -> str | None:
    """Return why nothing can be encrypted for ``text``, or None; a private key is never quoted.

    https://age-encryption.org/v1
    """
    if _PRIVATE.search(text):
        return "this is a private key, but a public key is required; remove it and generate a new pair"
    problem = _form_problem(text)
    if problem:
        return problem
    if has_small_order(text):
        return f"{_short(text)} is a weak key: everybody can read what is encrypted to it; make a new pair"
    try:
        encrypted(b"", (text,))
    except EncryptionError:
        return f"{_short(text)} is not a complete public key; copy it again"
    return None


def recipient_doubt(text: str, account_id: str) -> str | None:
    """Return why a public key is probably a mistake (it was copied from an example), or None."""
    if text not in _OF_EXAMPLES or account_id == _EXAMPLE_ACCOUNT:
        return None
    return (
        f"{_short(text)} is an example key, so nobody in your organization can decrypt the passwords; use your own key, "
        "as 'age-keygen -o key.txt' prints it"
    )


def encrypted(data: bytes, recipients: Sequence[str]) -> bytes:
    """Return ``data`` as an armored age file that each recipient can decrypt.

    Raises:
        EncryptionError: one of the recipients is no public key, or none is given.
    """
    import pyrage

    try:
        keys = [_key(text) for text in dict.fromkeys(recipients)]
        found: bytes = pyrage.encrypt(data, keys, armored=True)
    except (pyrage.RecipientError, pyrage.EncryptError) as error:
        raise EncryptionError(f"the password cannot be encrypted: {error}") from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # how the Rust library answers a key that holds nothing
            raise
        raise EncryptionError("the password cannot be encrypted: one of the recipients is an empty key") from None
    return found


def _key(text: str) -> ssh.Recipient | x25519.Recipient:
    from pyrage import ssh, x25519

    return ssh.Recipient.from_str(text) if text.startswith("ssh-") else x25519.Recipient.from_str(text)


def _form_problem(text: str) -> str | None:
    if _AGE.fullmatch(text) or _SSH.fullmatch(text):
        return None
    if _PLUGIN.fullmatch(text):
        return f"{_short(text)} is a key of an age plugin, which iamctl does not run; use an age key or an SSH key"
    if re.match(r"age1|ssh-ed25519|ssh-rsa", text):
        return f"{_short(text)} is not a complete public key; copy it again"
    if _OTHER_SSH.match(text):
        return f"{_short(text)} is an SSH key that age cannot encrypt to; use ssh-ed25519, ssh-rsa or an age key"
    return "expected a public key: 'age1…' (printed by age-keygen), 'ssh-ed25519 …' or 'ssh-rsa …'"


def _short(text: str) -> str:
    """Return enough of a public key to identify it."""
    return repr(text if len(text) <= 30 else f"{text[:30]}…")
