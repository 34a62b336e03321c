#!/usr/bin/env python3
"""Writes the manifest tree as it was before a change, and prints where; prints nothing where there was none.

    base.py auto|none|COMMIT DIRECTORY FOLDER

auto: in a pull request the branch that it goes to, on a push the commit before it, else the parent of the commit.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

NOTHING = "0" * 40
"""The commit before the first, as GitHub and GitLab write it."""


class BaseError(Exception):
    """The tree as it was cannot be told."""


def main(wanted: str, directory: str, folder: str) -> str:
    """Return the folder of the tree as it was, or nothing."""
    commit = auto() if wanted == "auto" else "" if wanted == "none" else wanted
    if commit in {"", NOTHING}:
        return ""
    if git("cat-file", "-e", f"{commit}^{{commit}}") is None:
        raise BaseError(f"the commit {commit[:40]!r} to compare with is not in this checkout; give it fetch-depth: 0")
    place = f"{commit}:./{directory}"
    if git("cat-file", "-t", place) != "tree":
        return ""
    base, index = Path(folder, "base"), {"GIT_INDEX_FILE": str(Path(folder, "index"))}
    base.mkdir()
    for words in (("read-tree", place), ("checkout-index", "--all", f"--prefix={base}/")):
        if git(*words, more=index) is None:
            raise BaseError(f"git {words[0]} of {commit[:40]!r} did not work")
    return str(base)


def auto() -> str:
    """Return the commit before what happened, or nothing."""
    path = os.environ.get("GITHUB_EVENT_PATH")
    event: dict[str, Any] = json.loads(Path(path).read_text(encoding="utf-8")) if path else {}
    if pull := event.get("pull_request"):
        merged = git("rev-parse", "--verify", "--quiet", "HEAD^2") == pull["head"]["sha"]
        # the merge that GitHub tries has the branch as it is now, the event has it as it was when it happened
        return git("rev-parse", "--verify", "--quiet", "HEAD^1") or "" if merged else str(pull["base"]["sha"])
    if "before" in event:
        return str(event["before"])
    return git("rev-parse", "--verify", "--quiet", "HEAD^1") or ""


def git(*words: str, more: dict[str, str] | None = None) -> str | None:
    """Return what git prints, None when it does not work."""
    done = subprocess.run(
        ["git", *words], env={**os.environ, **(more or {})}, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() if done.returncode == 0 else None


if __name__ == "__main__":
    try:
        sys.stdout.write(main(*sys.argv[1:]))
    except BaseError as error:
        sys.exit(f"error: {error}")
