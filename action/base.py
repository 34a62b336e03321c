#!/usr/bin/env python3
"""Writes the manifest tree as it was before a change, and prints in which folder.

    base.py auto|none|COMMIT DIRECTORY FOLDER

auto: in a pull request the branch that it goes to, on a push the commit before it, else the parent of the commit.
Prints nothing where nothing is to be compared with, or the tree was not in that commit; all else is an error.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

NOTHING = "0" * 40
"""The commit before the first, as GitHub and GitLab write it."""

SETTINGS_FILE = "iamctl.yaml"

UNSAFE = frozenset({b"", b".", b"..", b".git"})
"""Names that no file of a base has."""

TREE, FILES = "040000", ("100644", "100755")
KINDS = {TREE: "a folder", "120000": "a symbolic link", "160000": "a submodule"}
"""What Git's modes of entries mean; any other is a file.

https://git-scm.com/docs/git-fast-import#_filemodify
"""


class BaseError(Exception):
    """The tree as it was cannot be told."""


def main(wanted: str, directory: str, folder: str) -> str:
    """Return the folder of the tree as it was, or nothing."""
    commit = auto() if wanted == "auto" else "" if wanted == "none" else wanted
    if commit in {"", NOTHING}:
        return ""
    if git("cat-file", "-e", f"{commit}^{{commit}}") is None:
        raise BaseError(f"the commit {commit[:40]!r} to compare with is not in this checkout; give it fetch-depth: 0")
    place = path_in_repository(directory)
    if find(commit, place, (TREE,)) is None:
        return ""
    base = Path(folder, "base")
    base.mkdir()
    for below in ("", "iam"):  # as iamctl looks for it
        found = find(commit, [*place, *([below] if below else []), SETTINGS_FILE], FILES)
        if found is not None:
            write(find(commit, [*place, *([below] if below else [])], (TREE,)), base / below)
            break
    return str(base)


def write(tree: str | None, folder: Path) -> None:
    """Write the files of a tree as they were committed: `git checkout` would obey attributes and filters.

    Links are left out, since iamctl follows none.
    """
    lines = needed("ls-tree", "-r", "-z", "--full-tree", str(tree)).split(b"\0")[:-1]
    found = [(facts.decode().split(" "), name) for facts, name in (line.split(b"\t", 1) for line in lines)]
    wanted = [(fact[2], name) for fact, name in found if fact[0] in FILES and not UNSAFE & set(name.split(b"/"))]
    data = needed("cat-file", "--batch", given="".join(f"{name}\n" for name, _ in wanted).encode())
    at = 0
    for _, name in wanted:
        start = data.index(b"\n", at) + 1
        size = int(data[at:start].split()[2])
        path = folder / os.fsdecode(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data[start : start + size])
        at = start + size + 1


def path_in_repository(directory: str) -> list[str]:
    """Return the names that lead from the root of the repository to a folder."""
    top = os.fsdecode(needed("rev-parse", "--show-toplevel").removesuffix(b"\n"))
    names = [name for name in os.path.relpath(directory, top).split("/") if name != "."]
    if ".." in names:
        raise BaseError(f"the folder {directory!r} is outside of this repository; compare with nothing: base: none")
    return names


def find(commit: str, place: list[str], wanted: tuple[str, ...]) -> str | None:
    """Return the object at a place in a commit, None where nothing is there.

    Raises:
        BaseError: something else than a folder is on the way, or the last is none of the wanted kinds.
    """
    mode, found = TREE, needed("rev-parse", "--verify", f"{commit}^{{tree}}").decode().strip()
    for count, name in enumerate(place):
        entries = (entry.split(b"\t", 1) for entry in needed("ls-tree", "-z", "--full-tree", found).split(b"\0")[:-1])
        facts = next((facts for facts, called in entries if called == os.fsencode(name)), None)
        if facts is None:
            return None
        mode, _, found = facts.decode().split(" ")
        if mode not in (wanted if count == len(place) - 1 else (TREE,)):
            what, path = KINDS.get(mode, "a file"), "/".join(place[: count + 1])
            raise BaseError(
                f"{path!r} is {what} in the commit {commit[:40]!r} to compare with, so its settings cannot be told; "
                "name another commit as base, or compare with nothing: base: none"
            )
    return found


def auto() -> str:
    """Return the commit before what happened, or nothing."""
    path = os.environ.get("GITHUB_EVENT_PATH")
    event: dict[str, Any] = json.loads(Path(path).read_text(encoding="utf-8")) if path else {}
    if pull := event.get("pull_request"):
        before = parents()
        # the merge that GitHub tries has the branch as it is now, the event has it as it was when it happened
        return before[0] if before[1:] == [pull["head"]["sha"]] else str(pull["base"]["sha"])
    if "before" in event:
        return str(event["before"])
    return next(iter(parents()), "")


def parents() -> list[str]:
    """Return the parents of the commit, also those that a shallow checkout lacks."""
    head = needed("cat-file", "commit", "HEAD").partition(b"\n\n")[0].decode("utf-8", "replace")
    return re.findall("^parent ([0-9a-f]+)$", head, re.MULTILINE)


def needed(*words: str, given: bytes | None = None) -> bytes:
    """Return what git prints.

    Raises:
        BaseError: it does not work.
    """
    done = git(*words, given=given)
    if done is None:
        raise BaseError(
            f"git {words[0]} does not work in this checkout; give it fetch-depth: 0, or compare with nothing: base: none"
        )
    return done


def git(*words: str, given: bytes | None = None) -> bytes | None:
    """Return what git prints, None when it does not work."""
    done = subprocess.run(["git", *words], input=given, capture_output=True, check=False)
    return done.stdout if done.returncode == 0 else None


if __name__ == "__main__":
    try:
        sys.stdout.write(main(*sys.argv[1:]))
    except BaseError as error:
        sys.exit(f"error: {error}")
