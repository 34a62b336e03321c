"""Passwords: the requirements of an account, and new passwords that meet them."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator

from iamctl.text.late_dataclass import dataclass

LOWERCASE = "abcdefghijkmnpqrstuvwxyz"
UPPERCASE = "ACDEFHJKLMNPQRTUVWXY"
DIGITS = "23456789"
SYMBOLS = "-_"
"""The two of AWS's symbols that no URL, shell, XML, JSON or quoting writes otherwise, so that a password is found
wherever it is echoed. Of letters and digits those are left out that look like another one.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html
"""

MIN_CHARACTERS = 20
"""More than 110 bits with these characters."""

MAX_CHARACTERS = 128
"""https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateLoginProfile.html"""


@dataclass(frozen=True)
class PasswordPolicy:
    """The password policy of an account; the defaults are AWS's own, which requires three of the four kinds.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html
    """

    min_characters: int = 8
    needs_lowercase: bool = False
    needs_uppercase: bool = False
    needs_digits: bool = False
    needs_symbols: bool = False
    needs_kinds: int = 3
    """How many of the four kinds of characters are required."""

    def shortfalls(self, password: str) -> Iterator[str]:
        """Yield what ``password`` lacks, in AWS's words."""
        if len(password) < self.min_characters:
            yield f"MinimumPasswordLength: {self.min_characters}"
        found = {name for name, kind in _KINDS.items() if set(password) & set(kind)}
        needed = {
            "RequireLowercaseCharacters": self.needs_lowercase,
            "RequireUppercaseCharacters": self.needs_uppercase,
            "RequireNumbers": self.needs_digits,
            "RequireSymbols": self.needs_symbols,
        }
        yield from (name for name, is_needed in needed.items() if is_needed and name not in found)
        if len(found) < self.needs_kinds:
            yield f"{self.needs_kinds} of lowercase, uppercase, numbers and symbols"


_KINDS = {
    "RequireLowercaseCharacters": LOWERCASE,
    "RequireUppercaseCharacters": UPPERCASE,
    "RequireNumbers": DIGITS,
    "RequireSymbols": SYMBOLS,
}
_ALPHABET = "".join(_KINDS.values())


def make_password(policy: PasswordPolicy, choose: Callable[[str], str] = secrets.choice) -> str:
    """Return a password with characters of all four kinds; every such password is equally likely.

    ``choose`` picks one of the characters of a text; by default the operating system's randomness does.
    """
    length = min(max(MIN_CHARACTERS, policy.min_characters), MAX_CHARACTERS)
    while True:
        password = "".join(choose(_ALPHABET) for _ in range(length))
        if all(set(password) & set(kind) for kind in _KINDS.values()):
            return password
