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
