"""The files of a manifest tree: lists and reads them without ever leaving the tree."""

from __future__ import annotations

import io
import os
import posixpath
import stat
from itertools import islice
from pathlib import Path

from iamctl.manifests.bounds import MAX_ENTRIES, MAX_FILE_BYTES, MAX_FILES, MAX_FOLDER_DEPTH
from iamctl.manifests.characters import describe_hidden, error, hidden_character, warning
from iamctl.model import Finding
from iamctl.text.late_dataclass import dataclass

SETTINGS_FILE = "iamctl.yaml"
APPROVALS_FILE = "approvals.yaml"
"""Beside iamctl.yaml; a file of that name elsewhere is a manifest."""
MANIFEST_ENDINGS = (".yaml", ".yml")
_GUESS_DEPTH = 2
_LEAST_READ = 8192
_MAX_GUESSES = 5


class FileError(Exception):
    """A file that cannot be read; the message says why and what to do."""


@dataclass(frozen=True)
class Listing:
    """The manifest files below a folder, sorted by the bytes of their paths, and the findings on the folder."""

    paths: tuple[str, ...]
    findings: tuple[Finding, ...]


def is_manifest_name(path: str) -> bool:
    """Tell whether a file of that name is read as a manifest."""
    return path.endswith(MANIFEST_ENDINGS)


def byte_order(path: str) -> bytes:
    """Return the sort key of a path, independent of the locale."""
    return os.fsencode(path)


def list_manifests(root: Path) -> Listing:
    """Return the ``*.yaml`` and ``*.yml`` files below ``root``; names that begin with ``.`` are skipped."""
    paths: list[str] = []
    findings: list[Finding] = []
    folders = [""]
    room = MAX_ENTRIES
    while folders:
        folder = folders.pop()
        if folder.count("/") >= MAX_FOLDER_DEPTH:
            findings.append(error(f"folders are nested more than {MAX_FOLDER_DEPTH} levels deep", shown(folder)))
            continue
        try:
            with os.scandir(root / folder) as entries:
                found = sorted(islice(entries, room + 1), key=lambda entry: os.fsencode(entry.name))
        except OSError as problem:
            findings.append(error(f"the folder cannot be read: {reason(problem)}", shown(folder) or "."))
            continue
        room -= len(found)
        if room < 0:
            findings.append(error(f"more than {MAX_ENTRIES:,} files and folders; name a smaller folder as DIR", "."))
            return Listing((), tuple(findings))
        for entry in found:
            if entry.name.startswith("."):
                continue
            path = posixpath.join(folder, entry.name)
            finding = _refusal(path, entry)
            if finding:
                findings.append(finding)
            elif entry.is_dir(follow_symlinks=False):
                folders.append(path)
            elif is_manifest_name(path) and path not in {SETTINGS_FILE, APPROVALS_FILE}:
                paths.append(path)
        if len(paths) > MAX_FILES:
            findings.append(error(f"the tree has more than {MAX_FILES:,} manifests; name a smaller folder", "."))
            return Listing((), tuple(findings))
    return Listing(tuple(sorted(paths, key=byte_order)), tuple(findings))


def trees_below(root: Path) -> list[str]:
    """Return the nearest few folders below ``root`` that contain an iamctl.yaml, as paths from there."""
    found: list[str] = []
    level = [""]
    for _ in range(_GUESS_DEPTH):
        level = [path for folder in level for path in _folders(root, folder)]
        found += [path for path in level if (root / path / SETTINGS_FILE).is_file()]
        if len(found) >= _MAX_GUESSES:
            break
    return found[:_MAX_GUESSES]


def _folders(root: Path, folder: str) -> list[str]:
    """Return the folders in a folder; none if it cannot be read."""
    try:
        with os.scandir(root / folder) as entries:
            names = [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
    except OSError:
        return []
    return [posixpath.join(folder, name) for name in sorted(names, key=byte_order) if not name.startswith(".")]


def _refusal(path: str, entry: os.DirEntry[str]) -> Finding | None:
    """Return what is wrong with a folder entry, judged by its name and kind alone."""
    hidden = hidden_character(entry.name)
    if entry.is_symlink():
        return error("symbolic links are not followed; put the file itself here", shown(path))
    if entry.is_dir(follow_symlinks=False):
        return error(f"folder name: {describe_hidden(hidden)}", shown(path)) if hidden else None
    if not is_manifest_name(path):
        if is_manifest_name(path.lower()):
            return warning("the file is not read, because manifests end in .yaml or .yml; rename it", shown(path))
        return None
    if hidden:
        return error(f"file name: {describe_hidden(hidden)}", shown(path))
    if _as_utf8(path) is None:
        return error("the file name is not valid UTF-8; rename it", shown(path))
    if not entry.is_file(follow_symlinks=False):
        return error("only regular files are read; remove this or replace it with a file", shown(path))
    if posixpath.basename(path) == SETTINGS_FILE and path != SETTINGS_FILE:
        message = "iamctl.yaml is allowed only at the top of the tree; rename this file or pass its folder as DIR"
        return error(message, path)
    return None


def read_file(root: Path, path: str, most: int = MAX_FILE_BYTES) -> bytes:
    """Return the bytes of a regular file in the tree, at most ``most``; ``path`` is relative to it and contains no ``..``.

    Raises:
        FileError: it is missing, unreadable, too large, not a regular file, or reached through a symbolic link.
    """
    top, parts = str(root), path.split("/")
    try:
        for count in range(1, len(parts) + 1):
            if stat.S_ISLNK(os.lstat(f"{top}/{'/'.join(parts[:count])}").st_mode):
                raise FileError("symbolic links are not followed; put the file itself here")
        descriptor = os.open(f"{top}/{path}", os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb", buffering=0) as file:  # noqa: PTH123 (a descriptor)
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                kind = "a folder" if stat.S_ISDIR(status.st_mode) else "a special file"
                raise FileError(f"expected a file, found {kind}")
            data = _read(file, status.st_size, most + 1)
    except (FileNotFoundError, NotADirectoryError) as problem:
        raise FileError("the file does not exist") from problem
    except (OSError, ValueError) as problem:
        raise FileError(f"the file cannot be read: {reason(problem)}") from problem
    if len(data) > most:
        raise FileError(f"the file is larger than {most // MAX_FILE_BYTES} MiB; split it")
    return data


def _read(file: io.FileIO, size: int, most: int) -> bytes:
    """Return at most ``most`` bytes of a file; it may have another size by now. No room is made for more than it has."""
    parts: list[bytes] = []
    left = most
    while left and (part := file.read(min(left, max(size + 1, _LEAST_READ)))):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def target_path(said_in: str, target: str) -> str:
    """Return the path in the tree for ``file: target`` in the file ``said_in``.

    Raises:
        FileError: it is empty, absolute or outside the tree.
    """
    if not target:
        raise FileError("the path is empty")
    if "\0" in target or _as_utf8(target) is None:
        raise FileError("the path contains a character that paths cannot contain")
    if target.startswith("/") or "\\" in target:
        raise FileError("the path must be relative to the file that names it, with '/'")
    path = posixpath.normpath(posixpath.join(posixpath.dirname(said_in), target))
    if path == ".." or path.startswith("../"):
        raise FileError("the path leads out of the manifest tree; move the file into it")
    return path


def shown(path: str) -> str:
    """Return a path as text that can be printed and saved, whatever bytes it has."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def reason(problem: Exception) -> str:
    """Return the reason that the system gave, without the path."""
    text = problem.strerror if isinstance(problem, OSError) and problem.strerror else "the path is not usable"
    return text[:1].lower() + text[1:]


def _as_utf8(path: str) -> bytes | None:
    try:
        return path.encode("utf-8")
    except UnicodeEncodeError:
        return None
