"""Writes new files; never overwrites one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from iamctl.model import IamctlError


def write_new(directory: Path, files: Mapping[str, str]) -> None:
    """Write the files below ``directory`` in their order; what makes a whole of them comes last.

    Raises:
        IamctlError: a file is there already or cannot be written, or a link stands on the way; the message says how
            far it came.
    """
    if link := next(filter(None, (_link(directory, Path(path)) for path in files)), None):
        raise IamctlError(
            f"{link} is a symbolic link; files are written only inside the directory itself. Nothing was written"
        )
    for written, (path, text) in enumerate(files.items()):
        target = directory / path
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("x", encoding="utf-8", newline="\n") as file:
                file.write(text)
        except OSError as error:
            done = (
                f"{written} of {len(files)} files were written, remove them first" if written else "nothing was written"
            )
            raise IamctlError(f"{target}: the file cannot be written: {error.strerror}; {done}") from error


def _link(directory: Path, path: Path) -> Path | None:
    """Return the link below ``directory`` that leads a file elsewhere, None where there is none.

    Whoever names a place that is not below it means what stands there.
    """
    if path.is_absolute() or ".." in path.parts:
        return None
    return next((directory / part for part in path.parents if part.name and (directory / part).is_symlink()), None)
