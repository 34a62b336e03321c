"""The password policy of an account."""

from __future__ import annotations

from iamctl.aws.errors import NoSuchEntityError, in_plain_words
from iamctl.aws.session import Session, reading_client
from iamctl.handover.password import PasswordPolicy


def password_policy(session: Session) -> PasswordPolicy:
    """Return the password policy of the account; AWS's default if it has none of its own.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountPasswordPolicy.html

    Raises:
        AwsError: it cannot be read.
    """
    try:
        with in_plain_words("iam", "GetAccountPasswordPolicy"):
            told = reading_client(session).get_account_password_policy()["PasswordPolicy"]
    except NoSuchEntityError:
        return PasswordPolicy()
    return PasswordPolicy(
        min_characters=told.get("MinimumPasswordLength", 6),
        needs_lowercase=told.get("RequireLowercaseCharacters", False),
        needs_uppercase=told.get("RequireUppercaseCharacters", False),
        needs_digits=told.get("RequireNumbers", False),
        needs_symbols=told.get("RequireSymbols", False),
        needs_kinds=0,
    )
