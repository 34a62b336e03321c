"""One run applies many accounts: the approved plans only, wave by wave, and stops when something goes wrong."""

import json
import signal
from dataclasses import replace

import pytest
from fleet.fleet_world import NOW, account_id, result, results, write_accounts

from iamctl.commands.fleet import apply, running, worker
from iamctl.commands.fleet.worker import blank_result
from iamctl.model import Call
from iamctl.model.fleet import AccountOutcome, FleetCommand
from iamctl.model.fleet_limit import fleet_removals

SANDBOX = ("--sandbox", "accounts", "--now", NOW)
APPLY = ("fleet", "apply", "iam", *SANDBOX, "--yes", "--format", "jsonl")
WAVES = [
    {"name": "canary", "select": {"account": ["a1", "a2"]}},
    {"name": "middle", "select": {"account": ["a3", "a4"]}},
    {"name": "rest"},
]

WITH_PASSWORD = """
users: {bob: {console: true}}
groups: {everyone: {policies: [require-mfa]}}
memberships: {everyone: [bob]}
policies: {require-mfa: {builtin: require-mfa/1}}
"""


def users(tmp_path, account):
    file = tmp_path / f"accounts/{account}.json"
    return [user["UserName"] for user in json.loads(file.read_text())["UserDetailList"]] if file.exists() else None


def outcomes(done):
    return {name: one["outcome"] for name, one in results(done.stdout).items()}


def digest(done):
    return done.stderr.rpartition("fleet digest: ")[2].strip()


class Accounts:
    """What a worker finds in each account, without an account."""

    def __init__(self):
        self.failing = set()
        self.deletes = {}
        self.applied = []

    def run_task(self, task):
        if task.command is FleetCommand.APPLY:
            self.applied.append(task.account)
            if task.account in self.failing:
                return replace(blank_result(task), error="this was planted")
        counts = {"create": 1, "update": 0, "delete": self.deletes.get(task.account, 0), "calls": 2}
        found = replace(blank_result(task), outcome=AccountOutcome.CHANGES, exit=0, summary=counts)
        return replace(found, digest=f"sha256:{task.account}", changes=({"address": "user/everybody"},))


@pytest.fixture
def accounts(inline, monkeypatch):
    """Let tasks end as a test says."""
    found = Accounts()
    monkeypatch.setattr(running, "run_task", found.run_task)
    return found


def test_what_was_planned_is_applied_and_a_second_time_nothing(tmp_path, here, inline):
    write_accounts(tmp_path, 2)
    planned = here("fleet", "plan", "iam", *SANDBOX, "--format", "jsonl")

    first = here(*APPLY, "--expect-digest", digest(planned))
    again = here(*APPLY)

    assert (first.returncode, outcomes(first)) == (0, dict.fromkeys(("a1", "a2"), "changes"))
    assert users(tmp_path, "a2") == ["everybody", "own-a2"]
    journals = [file.read_text(encoding="utf-8") for file in (tmp_path / ".iamctl/journal").glob("*.jsonl")]
    assert sorted(json.loads(text.splitlines()[0])["account"] for text in journals) == [account_id(1), account_id(2)]
    assert results(first.stdout)["a2"]["summary"]["done"] == 2
    assert results(first.stdout)["a2"]["digest"] == results(planned.stdout)["a2"]["digest"]
    assert (again.returncode, outcomes(again)) == (0, dict.fromkeys(("a1", "a2"), "clean"))


def test_another_digest_applies_nothing(tmp_path, here, inline):
    write_accounts(tmp_path, 2)
    planned = here("fleet", "plan", "iam", *SANDBOX, "--format", "jsonl")
    (tmp_path / "iam/a2/users.yaml").write_text("users: {mallory: {}}\n", encoding="utf-8")

    done = here(*APPLY, "--expect-digest", digest(planned))

    assert done.returncode == 5
    assert "--expect-digest asked for another" in done.stderr
    assert users(tmp_path, "a1") is users(tmp_path, "a2") is None


def test_an_account_that_changed_after_its_plan_is_refused(tmp_path, here, inline, monkeypatch):
    """The one plan that was shown is applied, or none."""
    write_accounts(tmp_path, 2)
    applied = worker._COMMANDS["apply"]

    def meanwhile(task, blank, workspace):
        if task.account == "a1":
            workspace.live.execute(Call(0, "iam", "CreateUser", {"UserName": "everybody"}, ()))
        return applied(task, blank, workspace)

    monkeypatch.setitem(worker._COMMANDS, "apply", meanwhile)

    done = here(*APPLY, "--max-failures", "1")

    found = results(done.stdout)
    assert done.returncode == 5
    assert (found["a1"]["outcome"], found["a1"]["exit"], found["a2"]["outcome"]) == ("refused", 5, "changes")
    assert users(tmp_path, "a1") == ["everybody"]


def test_a_failure_in_the_first_wave_starts_no_account_of_the_second(tmp_path, here, accounts):
    write_accounts(tmp_path, 6, waves=WAVES)
    accounts.failing |= {"a1"}

    done = here(*APPLY)

    found = results(done.stdout)
    assert done.returncode == 1
    assert accounts.applied == ["a1"]
    assert found["a1"]["error"] == "this was planted"
    assert {name: one["outcome"] for name, one in found.items()} == {
        "a1": "error",
        **dict.fromkeys(("a2", "a3", "a4", "a5", "a6"), "not-started"),
    }
    assert found["a5"]["error"] == "wave canary had 1 failure, and max_failures is 0"
    assert found["a5"]["changes"], "what was planned is listed"


def test_a_later_wave_may_have_one_failure(tmp_path, here, accounts):
    write_accounts(tmp_path, 6, waves=WAVES)
    accounts.failing |= {"a3"}

    done = here(*APPLY)

    assert outcomes(done) == {**dict.fromkeys(("a1", "a2", "a4", "a5", "a6"), "changes"), "a3": "error"}
    assert accounts.applied == ["a1", "a2", "a3", "a4", "a5", "a6"]


def test_a_plan_that_failed_counts_for_the_next_wave_and_stops_nobody_in_its_own(tmp_path, here, accounts):
    write_accounts(tmp_path, 5, waves=WAVES)
    (tmp_path / "iam/a1/users.yaml").write_text("users: [bob]\n", encoding="utf-8")

    done = here(*APPLY)

    assert done.returncode == 1
    assert outcomes(done) == {
        "a1": "error",
        "a2": "changes",
        **dict.fromkeys(("a3", "a4", "a5"), "not-started"),
    }


def test_the_bound_of_failures_can_be_given(tmp_path, here, accounts):
    write_accounts(tmp_path, 5, waves=WAVES)
    accounts.failing |= {"a1", "a2"}

    assert set(outcomes(here(*APPLY, "--max-failures", "2")).values()) == {"error", "changes"}


def test_accounts_that_were_not_started_are_a_partial_apply(tmp_path, here, accounts):
    write_accounts(tmp_path, 5, waves=WAVES)
    accounts.failing |= {"a1", "a2"}
    (tmp_path / "last.jsonl").write_text(here(*APPLY).stdout, encoding="utf-8")
    accounts.failing.clear()

    again = here(*APPLY, "--failed-of", "last.jsonl")

    assert outcomes(again) == dict.fromkeys(("a1", "a2", "a3", "a4", "a5"), "changes")


def test_removals_in_too_many_accounts_are_shown_and_never_applied_without_a_flag(tmp_path, here, accounts):
    write_accounts(tmp_path, 4)
    accounts.deletes = {"a1": 1, "a2": 1, "a3": 2}

    planned = here("fleet", "plan", "iam", *SANDBOX)
    done = here(*APPLY)

    text = "this run removes something in 3 of 4 accounts, and the limit is 2"
    assert (planned.returncode, done.returncode) == (3, 3)
    assert text in planned.stdout
    assert text in done.stderr
    assert accounts.applied == []
    assert here("fleet", "plan", "iam", *SANDBOX, "--allow-removals-in", "3").returncode == 0
    assert here(*APPLY, "--allow-removals-in", "3").returncode == 0
    assert accounts.applied == ["a1", "a2", "a3", "a4"]


@pytest.mark.parametrize(("number", "removing", "is_beyond"), [(3, 2, False), (29, 3, True), (30, 3, False)])
def test_removals_are_allowed_in_a_tenth_of_the_accounts_and_in_two(number, removing, is_beyond):
    found = [result(f"a{one}", summary={"delete": int(one <= removing)}) for one in range(1, number + 1)]

    assert fleet_removals(found).is_beyond is is_beyond


def test_accounts_without_a_plan_make_no_room_for_removals():
    removing = [result(f"a{one}", summary={"delete": 1}) for one in range(1, 4)]
    unread = [result(f"a{one}", AccountOutcome.UNREACHABLE, 1) for one in range(4, 31)]

    assert fleet_removals([*removing, *unread]).is_beyond


@pytest.mark.parametrize(
    ("words", "is_noted"), [(("--wave", "rest"), True), (("--wave", "canary"), False), ((), False)]
)
def test_a_run_that_passes_over_a_wave_says_so(tmp_path, here, accounts, words, is_noted):
    write_accounts(tmp_path, 6, waves=WAVES)

    done = here(*APPLY, *words)

    note = "this run begins with wave 'rest'; whether waves before it (canary, middle) ended well is not checked"
    assert (note in done.stderr) is is_noted


def test_without_a_terminal_nobody_can_be_asked(tmp_path, here, inline):
    write_accounts(tmp_path, 1)

    done = here("fleet", "apply", "iam", *SANDBOX)

    assert (done.returncode, inline.submitted) == (64, [])


@pytest.mark.parametrize(("answer", "code", "outcome"), [("yes\n", 0, "changes"), ("y\n", 1, "not-started")])
def test_a_person_is_asked_once_for_all_accounts(tmp_path, here, accounts, monkeypatch, answer, code, outcome):
    write_accounts(tmp_path, 2)
    asked = []
    monkeypatch.setattr(apply, "_check_usage", lambda *_: None)
    monkeypatch.setattr(apply, "typed", lambda _: asked.append(1) or answer)

    done = here("fleet", "apply", "iam", *SANDBOX, "--results", "apply.jsonl")

    assert (done.returncode, asked) == (code, [1])
    assert "Apply 4 calls to 2 accounts?" in done.stderr
    kept = results((tmp_path / "apply.jsonl").read_text(encoding="utf-8"))
    assert {one["outcome"] for one in kept.values()} == {outcome}
    assert bool(accounts.applied) is (code == 0)


def test_passwords_for_a_terminal_are_refused_before_any_write(tmp_path, here, inline):
    write_accounts(tmp_path, 1, secrets={"deliver": "terminal"})
    (tmp_path / "iam/a1/users.yaml").write_text(WITH_PASSWORD, encoding="utf-8")

    done = here(*APPLY)

    found = results(done.stdout)["a1"]
    assert done.returncode == 64, found
    assert "deliver: terminal" in found["error"]
    assert users(tmp_path, "a1") is None


def test_after_a_signal_no_account_is_started_and_the_run_says_so(tmp_path, here, accounts, monkeypatch):
    write_accounts(tmp_path, 3)
    run_task = accounts.run_task

    def interrupted(task):
        if task.command is FleetCommand.APPLY:
            signal.raise_signal(signal.SIGTERM)
        return run_task(task)

    monkeypatch.setattr(running, "run_task", interrupted)

    done = here(*APPLY)

    assert done.returncode == 130
    assert accounts.applied == ["a1"]
    assert outcomes(done) == {"a1": "changes", "a2": "not-started", "a3": "not-started"}
