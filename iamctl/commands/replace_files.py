"""Replaces files atomically; follows no link, and overwrites nothing that changed since it was read."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from iamctl.manifests.folder import FileError, read_file
from iamctl.model import IamctlError
from iamctl.text.visible import visible


def replace_files(root: Path, files: Mapping[str, bytes], before: Mapping[str, bytes]) -> None:
    """Write the files below ``root``; those that are not in ``before`` are new.

    Each file is written whole beside its place and then moved there, so a crash leaves the old or the new one.

    Raises:
        IamctlError: a file is not as it was read, or cannot be written; the message says which files were written.
    """
    for path in files:
        _check(root, path, before.get(path))
    for number, (path, data) in enumerate(files.items()):
        try:
            _replace(root / path, data, is_new=path not in before)
        except OSError as error:
            written = ", ".join(list(files)[:number]) or "nothing"
            message = (
                f"{visible(path)}: the file cannot be written: {error.strerror}; written so far: {visible(written)}"
            )
            raise IamctlError(message) from error


def _check(root: Path, path: str, before: bytes | None) -> None:
    if before is not None:
        try:
            if read_file(root, path) == before:
                return
        except FileError as problem:
            raise IamctlError(f"{visible(path)}: {problem}; nothing was written") from problem
        raise IamctlError(f"{visible(path)} was changed meanwhile; nothing was written. Run the command again")
    parts = path.split("/")
    for count in range(1, len(parts) + 1):
        target = root.joinpath(*parts[:count])
        if target.is_symlink() or (count == len(parts) and target.exists()):
            raise IamctlError(f"{visible(path)} exists already, or is behind a link; nothing was written")


def _replace(target: Path, data: bytes, *, is_new: bool) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_name(f".{target.name}.iamctl-{os.getpid()}")
    mode = 0o666 if is_new else stat.S_IMODE(os.lstat(target).st_mode)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123 (a descriptor)
            if not is_new:
                os.fchmod(descriptor, mode)
            file.write(data)
            file.flush()
            os.fsync(descriptor)
        if is_new:
            os.link(beside, target, follow_symlinks=False)  # fails where something is there by now
        else:
            beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
