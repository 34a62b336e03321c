"""Trees with many accounts, and engines that run tasks in this process."""

from __future__ import annotations

import json
from concurrent.futures import Executor, Future
from contextlib import contextmanager

import pytest
import yaml

from iamctl.commands.fleet import apply, command, engine
from iamctl.commands.fleet.output import json_line
from iamctl.model.fleet import AccountOutcome, AccountResult, FleetCommand

NOW = "2026-11-23"


def account_id(number):
    return f"{number:012}"


def write_accounts(root, number, *, accounts=None, **more):
    """Write a tree of accounts ``a1`` to ``aN`` that share one file and have one of their own."""
    folder = root / "iam"
    (folder / "shared").mkdir(parents=True)
    listed = {}
    for one in range(1, number + 1):
        name = f"a{one}"
        (folder / name).mkdir()
        (folder / name / "users.yaml").write_text(f"users: {{own-{name}: {{}}}}\n", encoding="utf-8")
        listed[name] = {"id": account_id(one), "manifests": ["shared", name], **((accounts or {}).get(name, {}))}
    (folder / "shared/users.yaml").write_text("users: {everybody: {}}\n", encoding="utf-8")
    settings = {"version": 1, "accounts": listed, **more}
    (folder / "iamctl.yaml").write_text(yaml.safe_dump(settings, sort_keys=False), encoding="utf-8")
    (root / "accounts").mkdir()
    return folder


class Inline(Executor):
    """Runs each task at once, in this thread."""

    def __init__(self):
        self.submitted = []

    def submit(self, fn, /, *args, **kwargs):
        self.submitted.append(args)
        future = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - as an executor does
            future.set_exception(error)
        return future


@pytest.fixture
def inline(monkeypatch):
    """Let all runs use one engine in this process."""
    executor = Inline()

    @contextmanager
    def opened(options, **_):
        yield engine.Engine(executor, 1)

    monkeypatch.setattr(command, "open_engine", opened)
    monkeypatch.setattr(apply, "open_engine", opened)
    return executor


def results(text):
    """Return the JSON lines of a run by account."""
    lines = [json.loads(line) for line in text.splitlines()]
    found = {line["account"]: line for line in lines}
    assert len(found) == len(lines), "an account has one line"
    return found


def result(account="a1", outcome=AccountOutcome.CLEAN, code=0, run=FleetCommand.PLAN, **more):
    number = account.removeprefix("a")
    return AccountResult(account, account_id(int(number)), "", run, outcome, code, **more)


def json_lines(*found):
    return "".join(json_line(one) for one in found)
