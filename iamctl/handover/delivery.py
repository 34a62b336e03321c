"""Delivers passwords before AWS receives them, so that no user has a password that nobody knows."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Protocol, TextIO

from iamctl.handover.letter import NewKey, key_letter, letter, sign_in_url
from iamctl.handover.on_disk import sync_directory
from iamctl.handover.password import PasswordPolicy, make_password
from iamctl.handover.recipient import EncryptionError, encrypted
from iamctl.model import Account, IamctlError, OutcomeStatus
from iamctl.text.late_dataclass import dataclass
from iamctl.text.late_pattern import late_pattern
from iamctl.text.visible import visible

PREFIX = "console-password/"
"""The prefix of the name of a user's password in a plan."""

_USER_NAME = late_pattern(r"[A-Za-z0-9_+=,.@-]{1,128}")
"""All of these characters are valid in file names.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""


class HandoverError(IamctlError):
    """A password or an access key could not be delivered."""


@dataclass(frozen=True)
class HandedOver:
    """One user's password at the end of an apply; ``valid`` is None if it is unknown whether AWS accepted it."""

    user: str
    file: str | None
    """None: it was shown on the terminal."""
    valid: bool | None

    def to_json(self) -> dict[str, str | bool | None]:
        """Return user, file (or None) and validity (or None), as the result of an apply lists them."""
        return {"user": self.user, "file": self.file, "valid": self.valid}


class Delivery(Protocol):
    """One way to deliver a password."""

    def deliver(self, user: str, password: str) -> str | None:
        """Deliver ``password``, replacing an earlier one of the same user; return the file that contains it.

        Raises:
            HandoverError: it could not be.
        """
        ...

    def check(self) -> None:
        """Check everything that delivery needs.

        Raises:
            HandoverError: it would fail.
        """
        ...

    def withdraw(self, user: str) -> bool:
        """Withdraw what was delivered for ``user``; return whether nothing of it is left."""
        ...


class Handover:
    """Creates the secrets of a plan while it is applied; each is delivered before anyone can use it."""

    def __init__(
        self, delivery: Delivery, policy: PasswordPolicy, make: Callable[[PasswordPolicy], str] = make_password
    ) -> None:
        self._delivery = delivery
        self._policy = policy
        self._make = make
        self._files: dict[str, str | None] = {}

    def check(self) -> None:
        """Check whether passwords can be delivered, before any old one is deleted.

        Raises:
            HandoverError: they cannot.
        """
        self._delivery.check()

    def __call__(self, name: str) -> str:
        """Return a new secret of that name after delivering it.

        Raises:
            HandoverError: it could not be, or nothing of that name can be made.
        """
        user = name.removeprefix(PREFIX)
        if user == name or not _USER_NAME.fullmatch(user):
            raise HandoverError(f"the plan needs the secret {name!r}, which iamctl cannot create")
        password = self._make(self._policy)
        try:
            self._files[user] = self._delivery.deliver(user, password)
        except HandoverError:
            self._delivery.withdraw(user)
            raise
        return password

    def finish(self, statuses: Mapping[str, OutcomeStatus]) -> tuple[HandedOver, ...]:
        """Return what was delivered, after withdrawing what AWS certainly did not receive.

        ``statuses`` tells how the calls ended that carried the secrets of these names.
        """
        return tuple(
            found
            for user, file in self._files.items()
            if (found := self._end(user, file, statuses.get(PREFIX + user, OutcomeStatus.UNKNOWN)))
        )

    def _end(self, user: str, file: str | None, status: OutcomeStatus) -> HandedOver | None:
        if status is OutcomeStatus.DONE:
            return HandedOver(user, file, valid=True)
        if status is OutcomeStatus.UNKNOWN:
            return HandedOver(user, file, valid=None)
        return None if self._delivery.withdraw(user) else HandedOver(user, file, valid=False)


class EncryptedFiles:
    """Delivers to a file for each user and run, which the recipients and the user can read."""

    def __init__(
        self,
        account: Account,
        directory: Path,
        run: str,
        recipients: tuple[str, ...],
        own_recipients: Mapping[str, str],
    ) -> None:
        self._account = account
        self._directory = directory
        self._run = run
        self._recipients = recipients
        self._own_recipients = {user.lower(): recipient for user, recipient in own_recipients.items()}

    def deliver(self, user: str, password: str) -> str:
        """Write the encrypted letter with the password and return its path; an earlier file of this run is replaced.

        Raises:
            HandoverError: it cannot be encrypted or written.
        """
        path = self._path(user)
        self._write(path, user, letter(self._account, user, password), "password", "No login profile was created")
        return str(path)

    def deliver_key(self, user: str, key: NewKey) -> str:
        """Write the encrypted letter with a new access key and return its path.

        Raises:
            HandoverError: it cannot be encrypted or written.
        """
        path = self._directory / f"{self._run}-{user}~access-key.age"  # no name of a user contains a tilde
        left = f"The access key {key.key_id} exists, nobody has its secret, and the next apply deletes it"
        self._write(path, user, key_letter(self._account, user, key), "access key", left)
        return str(path)

    def _write(self, path: Path, user: str, text: str, noun: str, left: str) -> None:
        """Encrypt a letter to the recipients and the user, and write it.

        Raises:
            HandoverError: it cannot be; ``left`` says what that leaves behind.
        """
        own = self._own_recipients.get(user.lower())
        recipients = (*self._recipients, own) if own else self._recipients
        try:
            data = encrypted(text.encode(), recipients)
        except EncryptionError as error:
            raise HandoverError(f"{path}: {error}. {left}") from error
        try:
            self._open_folder()
            _write_whole(path, data)
        except OSError as error:
            said = error.strerror or type(error).__name__
            raise HandoverError(f"{path}: the {noun} cannot be written: {said}. {left}") from error

    def check(self) -> None:
        """Encrypt to every recipient, and write and remove an empty file.

        Raises:
            HandoverError: a recipient is not usable, or the folder cannot be written.
        """
        probe = self._directory / f".{self._run}.part"
        try:
            for own in {None, *self._own_recipients.values()}:
                encrypted(b"", (*self._recipients, *([own] if own else ())))
            self._open_folder()
            _write_whole(probe, b"")
            probe.unlink()
        except EncryptionError as error:
            raise HandoverError(f"{self._directory}: {error}. Nothing was sent") from error
        except OSError as error:
            said = error.strerror or type(error).__name__
            raise HandoverError(
                f"{self._directory}: secrets cannot be written to this folder: {said}. Nothing was sent"
            ) from error

    def withdraw(self, user: str) -> bool:
        """Delete the file of a user; return whether it is gone, also if there was none."""
        path = self._path(user)
        try:
            path.unlink()
            sync_directory(path.parent)
        except (FileNotFoundError, NotADirectoryError):
            return True
        except OSError:
            return False
        return True

    def _path(self, user: str) -> Path:
        return self._directory / f"{self._run}-{user}.age"

    def _open_folder(self) -> None:
        """Create the folder for its owner only; no link may lead out of the working directory.

        Raises:
            OSError: it cannot be created, or its path contains a link.
        """
        for part in (self._directory, *self._directory.parents):
            if part.is_symlink():
                raise HandoverError(
                    f"{part} is a symbolic link; replace it with a folder, so that passwords stay where the manifests say"
                )
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)


class OnTerminal:
    """Shows each password once, to the person who runs the apply."""

    def __init__(self, account: Account, terminal: TextIO) -> None:
        self._account = account
        self._terminal = terminal
        self._shown: set[str] = set()

    def deliver(self, user: str, password: str) -> None:
        """Print the password with the address at which to sign in.

        Raises:
            HandoverError: the terminal cannot be written.
        """
        again = ", replacing the one above" if user in self._shown else ""
        url = sign_in_url(self._account)
        where = f" at {url}" if url else ""
        told = f"password for {visible(user)}{again}, must be changed at the first sign-in{where}: {password}\n"
        try:
            self._terminal.write(told)
            self._terminal.flush()
        except (OSError, ValueError) as error:
            raise HandoverError("the password cannot be shown on the terminal. No login profile was created") from error
        self._shown.add(user)

    def check(self) -> None:
        """Check nothing: there was a terminal when the apply began."""

    def withdraw(self, user: str) -> bool:
        """Return whether the password of a user was never printed; what was printed stays."""
        return user not in self._shown


def _write_whole(path: Path, data: bytes) -> None:
    """Write a file that only its owner can read; it never exists incompletely under its name."""
    partial = path.with_name(f".{path.name}.part")
    try:
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(descriptor, rest) :]
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        partial.replace(path)
        sync_directory(path.parent)
    except BaseException:
        with suppress(OSError):
            partial.unlink()
        raise
