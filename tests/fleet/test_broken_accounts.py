"""Real requests to many accounts behind roles: what cannot be worked on is a result, and the others are worked on."""

import json

import pytest
from botocore.config import Config
from fleet.fleet_world import account_id, results, write_accounts
from fleet.hub import hub

from iamctl.aws import session

ROLE = "arn:aws:iam::{{ account.id }}:role/iamctl"
WAVES = [{"name": "canary", "select": {"account": ["a1", "a2"]}}, {"name": "rest"}]
CANARY = "canary-9b1d7c4e"
PLAN = ("fleet", "plan", "iam", "--format", "jsonl")
APPLY = ("fleet", "apply", "iam", "--yes", "--format", "jsonl")


def roles(number):
    names = {f"a{one}": account_id(one) for one in range(1, number + 1)}
    return {
        name: {
            "assume_role": {"plan": f"arn:aws:iam::{one}:role/iamctl-plan", "apply": f"arn:aws:iam::{one}:role/iamctl"}
        }
        for name, one in names.items()
    }


@pytest.fixture
def world(tmp_path, here, inline, monkeypatch):
    """Return a function that makes a tree of so many accounts, and the server of all of them."""
    impatient = Config(retries={"mode": "standard", "total_max_attempts": 1}, read_timeout=20)
    monkeypatch.setattr(session, "_READING", impatient)
    opened = []

    def make(number, **settings):
        write_accounts(tmp_path, number, accounts=roles(number), **settings)
        opened.append(hub([account_id(one) for one in range(1, number + 1)]))
        server = opened[0].__enter__()
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        for name in ("IAMCTL_TEST_SECRET", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, CANARY)
        return server

    yield make
    for one in opened:
        one.__exit__(None, None, None)


def suspend(folder, name):
    """Let an account be one of an organization, and suspended there."""
    file = folder / "iamctl.yaml"
    text = file.read_text(encoding="utf-8")
    organization = (
        f'organization:\n  role: "{ROLE}"\nselections:\n  - {{select: {{account: "{name}"}}, manifests: [shared]}}\n'
    )
    file.write_text(f"{text}{organization}", encoding="utf-8")
    listed = [{"id": "777777777777", "name": name, "ou": "/dev", "state": "SUSPENDED"}]
    (folder / "accounts.lock.yaml").write_text(json.dumps({"version": 1, "accounts": listed}), encoding="utf-8")


def test_four_broken_accounts_hide_nothing_and_are_repeated_alone(tmp_path, here, inline, world):
    server = world(6)
    suspend(tmp_path / "iam", "gone")
    server.without_role.add(account_id(2))
    server.throttled.add(account_id(4))
    (tmp_path / "iam/a6/users.yaml").write_text("users: [bob]\n", encoding="utf-8")

    done = here(*PLAN, "--results", "plan.jsonl")
    found = results(done.stdout)

    assert done.returncode == 1
    broken = {name: (one["outcome"], one["exit"]) for name, one in found.items() if one["outcome"] != "changes"}
    assert broken == {"a2": ("unreachable", 1), "a4": ("unreachable", 1), "a6": ("error", 1), "gone": ("skipped", 0)}
    assert len(found) == 7
    assert "sts:AssumeRole" in found["a2"]["error"]
    assert "throttled" in found["a4"]["error"]
    assert "SUSPENDED" in found["gone"]["error"]
    assert found["a1"]["calls"] == sum(account == account_id(1) for account, _ in server.asked)

    inline.submitted.clear()
    server.without_role.clear()
    again = here(*PLAN, "--failed-of", "plan.jsonl")

    assert sorted(results(again.stdout)) == ["a2", "a4", "a6", "gone"]
    assert [task.account for (task,) in inline.submitted] == ["a2", "a4"]
    assert results(again.stdout)["a2"]["outcome"] == "changes"


def test_each_account_is_reached_by_its_role_and_the_session_carries_the_run(here, world):
    server = world(2)

    here(*PLAN)
    planned = list(server.sessions)
    done = here(*APPLY)

    assert {role for role, _ in planned} == {f"arn:aws:iam::{account_id(one)}:role/iamctl-plan" for one in (1, 2)}
    assert len({name for _, name in planned}) == 1
    assert planned[0][1].startswith("iamctl-2")
    assert {role for role, _ in server.sessions} - {role for role, _ in planned} == {
        f"arn:aws:iam::{account_id(one)}:role/iamctl" for one in (1, 2)
    }
    assert done.returncode == 0
    assert server.users(account_id(2)) == ["everybody", "own-a2"]


def test_a_failure_in_the_first_wave_sends_no_request_to_an_account_of_the_second(here, world):
    server = world(4, waves=WAVES)
    server.refusing[account_id(1)] = lambda operation: "AccessDenied" if operation == "CreateUser" else None

    done = here(*APPLY)
    found = results(done.stdout)

    assert done.returncode == 1
    assert {name: one["outcome"] for name, one in found.items()} == {
        "a1": "error",
        **dict.fromkeys(("a2", "a3", "a4"), "not-started"),
    }
    assert "CreateUser" in found["a1"]["error"]
    assert "journal: .iamctl/journal/" in found["a1"]["error"]
    assert {account for account, name in server.asked if name == "CreateUser"} == {account_id(1)}
    assert server.writes(account_id(3)) == server.writes(account_id(4)) == []


def test_a_partly_applied_account_is_a_failure_with_exit_code_4(here, world):
    server = world(1)
    tags = iter(["", "AccessDenied"])
    server.refusing[account_id(1)] = lambda operation: next(tags, None) if operation == "CreateUser" else None

    done = here(*APPLY)
    found = results(done.stdout)["a1"]

    assert (done.returncode, found["outcome"], found["exit"]) == (4, "error", 4)
    assert found["error"].startswith("1 of 2 calls done; CreateUser: ")
    assert (found["summary"]["done"], found["summary"]["failed"]) == (1, 1)


def test_an_apply_that_runs_twice_writes_once(here, inline, world, monkeypatch):
    """A cluster may run a task again whose result was lost."""
    server = world(1)
    submit = inline.submit

    def twice(fn, task):
        submit(fn, task)
        return submit(fn, task)

    monkeypatch.setattr(inline, "submit", twice)

    done = here(*APPLY)

    assert (done.returncode, results(done.stdout)["a1"]["outcome"]) == (0, "clean")
    assert sorted(server.writes(account_id(1))) == ["CreateUser", "CreateUser"]
    assert server.users(account_id(1)) == ["everybody", "own-a1"]


def test_no_secret_of_a_workers_environment_is_in_what_a_run_writes(tmp_path, here, world):
    server = world(3)
    server.without_role.add(account_id(2))
    server.throttled.add(account_id(3))

    done = [here(*PLAN, "--debug", "--results", "plan.jsonl"), here(*APPLY, "--debug", "--max-failures", "2")]
    report = here("fleet", "report", "plan.jsonl", "--format", "html")

    texts = [text for one in (*done, report) for text in (one.stdout, one.stderr)]
    texts += [file.read_text(encoding="utf-8") for file in tmp_path.rglob("*") if file.is_file()]
    assert any("own-a1" in text for text in texts)
    assert not [text for text in texts if CANARY in text]


def test_a_run_says_once_in_how_many_accounts_no_lock_is_set(here, world):
    world(2)

    done = here(*APPLY)

    assert done.stderr.count("no lock is set for 2 accounts") == done.stderr.count("no lock is set") == 1
