"""Runs the commands that a page shows and returns the page with what they really print.

``python tests/docs/shown_output.py docs/tutorial.md`` writes the page anew, after a message has changed.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from served import MARK, served

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = [str(Path(sys.executable).parent)]
"""Where ``iamctl`` is; tests put one before it that starts faster."""

_FENCE = re.compile(r"^```(?P<language>\S*)(?: (?P<file>\S+))?\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
_SHORTENED = (
    (re.compile(r"renewed \d+ s ago"), "renewed 7 s ago"),
    (re.compile(r"saved \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"), "saved ..."),
    (re.compile(r"sha256:[0-9a-f]{64}"), "sha256:..."),
    (re.compile(r"handover/[\dTZ.]+-\d+-(\S+\.age)"), r"handover/...-\1"),
    (re.compile(r"(in|since) commit [0-9a-f]{12}"), r"\1 commit ..."),
    (re.compile(r"^(planning: )?\d+/\d+(, .*)?\n", re.MULTILINE), ""),  # progress, where a machine is slow
    (re.compile(r"^commit,[0-9a-f]{40}$", re.MULTILINE), "commit,..."),
    (re.compile(r"applied: \S+Z (\w+) in journal \S+\.jsonl"), r"applied: ... \1 in journal ....jsonl"),
    (re.compile(r"\.iamctl/journal/\S+?\.(jsonl|restore\.json)(?!\S)"), r".iamctl/journal/....\1"),
)
"""What differs from run to run."""


_WHO = {"NAME": "erin", "EMAIL": "erin@example.com", "DATE": "2026-11-30T10:00:00Z"}
_GIT = {
    **{f"GIT_{role}_{fact}": value for role in ("AUTHOR", "COMMITTER") for fact, value in _WHO.items()},
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
}
"""Commits of pages are the same on every machine."""


@dataclass(frozen=True)
class Block:
    """A fenced block: a file to write (its name stands behind the language), or commands with their output."""

    language: str
    file: str | None
    body: str
    start: int
    end: int

    @property
    def commands(self) -> list[str]:
        return [line.removeprefix("$ ") for line in self.body.splitlines() if line.startswith("$ ")]


def blocks(text: str) -> list[Block]:
    """Return the fenced blocks of a page, in order."""
    return [
        Block(found["language"], found["file"], found["body"], found.start("body"), found.end("body"))
        for found in _FENCE.finditer(text)
    ]


def page_as_run(text: str, folder: Path) -> str:
    """Return the page with the output that its commands print when they run one after the other in ``folder``.

    Raises:
        AssertionError: a command ended with another code than 0 and the page does not show it with ``echo $?``.
    """
    parts, end, more = [], 0, dict[str, str]()
    with ExitStack() as stack:
        for block in blocks(text):
            if MARK in text[: block.start] and not more:
                more = stack.enter_context(served(folder))
            if block.file:
                target = folder / block.file
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(block.body, encoding="utf-8")
            elif block.language == "console":
                parts += [text[end : block.start], _transcript(block.commands, folder, more)]
                end = block.end
    return "".join([*parts, text[end:]])


def in_a_shell(command: str, folder: Path, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Return the finished process of a command line."""
    shell = ["bash", "-c", command]
    return subprocess.run(shell, cwd=folder, env=env, capture_output=True, text=True, timeout=120, check=False)


RUN = [in_a_shell]
"""What runs a command line; tests put a function before it that starts no process for ``iamctl`` alone."""


def _transcript(commands: list[str], folder: Path, more: Mapping[str, str]) -> str:
    lines, code = [], 0
    for number, command in enumerate(commands):
        lines.append(f"$ {command}\n")
        if command == "echo $?":
            lines.append(f"{code}\n")
            continue
        run = RUN[0](command, folder, {**environment(), **more})
        code = run.returncode
        lines.append(_shortened(run.stdout + run.stderr))
        is_shown = commands[number + 1 : number + 2] == ["echo $?"]
        assert code == 0 or is_shown, f"{command} ended with {code}: {run.stdout}{run.stderr}"
    return "".join(lines)


def environment() -> dict[str, str]:
    """Return an environment in which ``iamctl`` is that of this checkout and no AWS account can be reached."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "IAMCTL_"))}
    return {
        **kept,
        "PATH": os.pathsep.join([*PROGRAMS, kept.get("PATH", "")]),
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "COLUMNS": "100",
        "NO_COLOR": "1",
        **_GIT,
    }


def _shortened(text: str) -> str:
    for pattern, words in _SHORTENED:
        text = pattern.sub(words, text)
    return text if not text or text.endswith("\n") else f"{text}\n"


def run_page(path: Path) -> str:
    """Return the page as it is when its commands run in an empty folder that holds only ``examples/``."""
    with tempfile.TemporaryDirectory() as name:
        shutil.copytree(ROOT / "examples", Path(name, "examples"))
        return page_as_run(path.read_text(encoding="utf-8"), Path(name))


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        Path(argument).write_text(run_page(Path(argument)), encoding="utf-8")
