"""Reads commits of the repository that has the manifests; nothing else of iamctl runs git."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from iamctl.model import IamctlError
from iamctl.model.evidence import Commit

_FORMAT = "%x1e%H%x1f%P%x1f%an%x1f%aI%x1f%cI%x1f%s"
_REGULAR = frozenset({"100644", "100755"})
_OPTIONS = (
    "--no-pager",
    "--no-replace-objects",
    "--literal-pathspecs",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "log.showSignature=false",
)
"""A replaced object would be another history, and a repository must not choose a program that runs."""


class GitError(IamctlError):
    """The history cannot be read; the message states why."""


class History:
    """The commits that a folder of a repository has."""

    def __init__(self, folder: Path) -> None:
        """Find the repository of ``folder``.

        Raises:
            GitError: git is not installed, or the folder is in no repository.
        """
        self._folder = folder
        self._top = Path(self._text("rev-parse", "--show-toplevel"))
        self._prefix = self._text("rev-parse", "--show-prefix").rstrip("/")
        self.is_shallow = self._text("rev-parse", "--is-shallow-repository") == "true"
        """Whether commits are missing, as in most checkouts of CI."""

    def commit(self, name: str) -> Commit:
        """Return the commit that a branch, a tag or an id names.

        Raises:
            GitError: there is none.
        """
        found = self._text("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}", missing=name)
        return self._commits("log", "--max-count=1", found, "--")[0]

    @property
    def is_changed(self) -> bool:
        """Whether the folder differs from the newest commit."""
        return bool(self._output("status", "--porcelain", "--untracked-files=all", "--", "."))

    def knows(self, name: str) -> bool:
        """Tell whether the repository has a commit of that name."""
        return self._run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}").returncode == 0

    def has(self, newest: Commit, other: Commit) -> bool:
        """Tell whether a commit is another one or has it among its ancestors."""
        return self._run("merge-base", "--is-ancestor", other.id, newest.id).returncode == 0

    def last_before(self, newest: Commit, moment: datetime) -> Commit | None:
        """Return the last commit of the main line that was made at a moment or before it; None if there is none."""
        line = self._commits("log", "--first-parent", newest.id, "--")
        return next((commit for commit in line if commit.committed_at <= moment), None)

    def changes(self, newest: str, without: Sequence[str]) -> list[Commit]:
        """Return the commits of a line that change the folder, newest first.

        The line is that of the first parents of ``newest``, without ``without`` and their ancestors.
        """
        excluded = [f"^{commit}" for commit in without]
        return self._commits("log", "--first-parent", newest, *excluded, "--", self._prefix or ".")

    def fork(self, one: str, other: str) -> str:
        """Return the id of the commit at which two lines part; empty where they have none in common."""
        found = self._run("merge-base", one, other)
        return found.stdout.decode().strip() if found.returncode == 0 else ""

    @contextmanager
    def folder_at(self, commit: str) -> Iterator[Path]:
        """Yield a temporary folder with the files that the folder had in a commit.

        A link, or anything else that is no file, is a link there as well, which no reader follows.
        """
        with TemporaryDirectory(prefix="iamctl-") as name:
            root = Path(name) / "tree"
            root.mkdir()
            listed = self._output("ls-tree", "-r", "-z", "--full-tree", commit, "--", *filter(None, [self._prefix]))
            self._write(root, [_entry(line) for line in listed.split(b"\0") if line])
            yield root

    def _write(self, root: Path, entries: list[tuple[str, str, str]]) -> None:
        blobs = self._blobs([blob for mode, blob, _ in entries if mode in _REGULAR])
        for mode, blob, path in entries:
            parts = path.removeprefix(self._prefix).strip("/").split("/")
            if any(part in {"", ".", ".."} for part in parts):
                raise GitError(f"the commit has a file with the path {path!r}")
            target = root.joinpath(*parts)
            target.parent.mkdir(parents=True, exist_ok=True)
            if mode in _REGULAR:
                target.write_bytes(blobs[blob])
            else:
                target.symlink_to("not-a-file")

    def _blobs(self, wanted: Sequence[str]) -> dict[str, bytes]:
        """Return the contents of files by their ids."""
        asked = "".join(f"{blob}\n" for blob in dict.fromkeys(wanted)).encode()
        data, found, place = self._output("cat-file", "--batch", given=asked), {}, 0
        while place < len(data):
            end = data.index(b"\n", place)
            blob, kind, *size = data[place:end].decode().split(" ")
            if not size:
                raise GitError(f"the repository lacks the object {blob} ({kind}); fetch it completely")
            found[blob] = data[end + 1 : end + 1 + int(size[0])]
            place = end + 1 + int(size[0]) + 1
        return found

    def _commits(self, *words: str) -> list[Commit]:
        command, *rest = words
        text = self._output(command, f"--format={_FORMAT}", *rest, top=True).decode("utf-8", "replace")
        return [_commit(part) for part in text.split("\x1e") if part.strip()]

    def _text(self, *words: str, missing: str = "") -> str:
        return self._output(*words, missing=missing).decode("utf-8", "surrogateescape").strip("\n")

    def _output(self, *words: str, given: bytes | None = None, missing: str = "", top: bool = False) -> bytes:
        done = self._run(*words, given=given, top=top)
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace").strip().partition("\n")[0]
            raise GitError(f"git has no commit {missing!r} here" if missing else f"git {words[0]} failed: {said}")
        return done.stdout

    def _run(self, *words: str, given: bytes | None = None, top: bool = False) -> subprocess.CompletedProcess[bytes]:
        folder = self._top if top else self._folder
        environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
        try:
            return subprocess.run(
                ["git", *_OPTIONS, *words], input=given, capture_output=True, check=False, cwd=folder, env=environment
            )
        except FileNotFoundError as error:
            what = "git is not installed" if folder.is_dir() else f"there is no folder {str(folder)!r}"
            raise GitError(what) from error
        except OSError as error:
            raise GitError(f"git cannot be run in {str(folder)!r}: {error.strerror}") from error


def _entry(line: bytes) -> tuple[str, str, str]:
    """Return mode, id and path of a line of ``git ls-tree``."""
    facts, _, path = line.partition(b"\t")
    mode, _, blob = facts.decode().split(" ")
    return mode, blob, os.fsdecode(path)


def _commit(text: str) -> Commit:
    found, parents, author, authored, committed, subject = text.strip("\n").split("\x1f", 5)
    return Commit(
        found,
        author,
        datetime.fromisoformat(authored),
        datetime.fromisoformat(committed),
        subject,
        tuple(parents.split()),
    )
