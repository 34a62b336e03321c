"""How commands end when they do not end well; each class has its exit code."""

from __future__ import annotations

from iamctl.model import IamctlError


class UsageError(IamctlError):
    """The command line does not make sense."""

    exit_code = 64


class StaleError(IamctlError):
    """The plan is not the one that was to be applied; nothing was written."""

    exit_code = 5


class RefusedError(IamctlError):
    """A guard rail stopped the command before anything was read or written."""

    exit_code = 3


class UnverifiedError(IamctlError):
    """Calls ran, and the account could not be read or the report not be written afterwards.

    ``exit_code`` says whether anything was written.
    """

    def __init__(self, message: str, exit_code: int) -> None:
        self.exit_code = exit_code
        super().__init__(message)
