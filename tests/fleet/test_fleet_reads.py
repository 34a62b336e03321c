"""Drift and audits of many accounts, runs of what failed, and the report of several runs."""

import json

import pytest
from fleet.fleet_world import NOW, account_id, json_lines, result, results, write_accounts

from iamctl.model.fleet import AccountOutcome, FleetCommand

SANDBOX = ("--sandbox", "accounts", "--now", NOW, "--format", "jsonl")


def test_drift_is_that_of_each_account(tmp_path, here, inline):
    write_accounts(tmp_path, 2)
    assert (
        here("apply", "iam", "--account", "a1", "--sandbox", "accounts/a1.json", "--now", NOW, "--yes").returncode == 0
    )

    done = here("fleet", "drift", "iam", *SANDBOX)
    alone = here("drift", "iam", "--account", "a2", *SANDBOX[:1], "accounts/a2.json", *SANDBOX[2:4], "--format", "json")

    found, drift = results(done.stdout), json.loads(alone.stdout)
    assert done.returncode == alone.returncode == 2
    assert (found["a1"]["outcome"], found["a2"]["outcome"]) == ("clean", "changes")
    assert [one["address"] for one in found["a2"]["changes"]] == [one["address"] for one in drift["drift"]]
    assert found["a2"]["summary"] == drift["summary"]
    adopt = {one["address"]: one["adopt"] for one in found["a2"]["changes"]}
    assert adopt["user/own-a2"].startswith("iamctl import iam --account a2 --sandbox accounts/a2.json")
    assert adopt["user/everybody"] is None, "import --update refuses to edit a file of several accounts"


def test_an_audit_has_the_failed_controls_of_each_account(tmp_path, here, inline):
    write_accounts(tmp_path, 1)

    done = here("fleet", "audit", "iam", *SANDBOX, "--framework", "cis-7")
    alone = here(
        "audit", "iam", "--sandbox", "accounts/a1.json", "--now", NOW, "--format", "json", "--framework", "cis-7"
    )

    found, audit = results(done.stdout)["a1"], json.loads(alone.stdout)
    assert (done.returncode, found["outcome"]) == (alone.returncode, "changes")
    assert found["summary"] == audit["summary"]
    assert found["changes"] == [one for one in audit["controls"] if one["verdict"] == "fail"]


@pytest.mark.parametrize(
    ("outcome", "code", "is_failed"),
    [
        (AccountOutcome.CLEAN, 0, False),
        (AccountOutcome.CHANGES, 0, False),
        (AccountOutcome.CHANGES, 2, False),
        (AccountOutcome.REFUSED, 3, True),
        (AccountOutcome.REFUSED, 5, True),
        (AccountOutcome.LOCKED, 5, True),
        (AccountOutcome.ERROR, 4, True),
        (AccountOutcome.UNREACHABLE, 1, True),
        (AccountOutcome.NOT_STARTED, 0, True),
        (AccountOutcome.SKIPPED, 0, True),
    ],
)
def test_a_run_of_what_failed_takes_what_did_not_end_well(tmp_path, here, inline, outcome, code, is_failed):
    write_accounts(tmp_path, 2)
    (tmp_path / "last.jsonl").write_text(
        json_lines(result("a1", outcome, code), result("a2", AccountOutcome.ERROR, 1)), encoding="utf-8"
    )

    done = here("fleet", "validate", "iam", "--failed-of", "last.jsonl", "--format", "jsonl")

    assert list(results(done.stdout)) == ["a1", "a2"][not is_failed :]


@pytest.mark.parametrize("text", ["{}", "[]", "no", '{"format": "iamctl-plan/1"}', "[" * 100_000])
def test_lines_that_are_not_results_are_a_mistake_with_its_place(tmp_path, here, inline, text):
    write_accounts(tmp_path, 1)
    (tmp_path / "last.jsonl").write_text(f"{json_lines(result('a1'))}\n{text}\n", encoding="utf-8")

    done = here("fleet", "plan", "iam", "--failed-of", "last.jsonl")

    assert done.returncode == 1
    assert done.stderr.startswith("error: last.jsonl:3: ")


def test_the_results_of_shards_are_one_report_with_the_worst_exit_code(tmp_path, here, inline):
    write_accounts(tmp_path, 6)
    (tmp_path / "iam/a4/users.yaml").write_text("users: [bob]\n", encoding="utf-8")
    plan = ("fleet", "plan", "iam", *SANDBOX)
    whole = here(*plan)
    for part in (1, 2, 3):
        (tmp_path / f"{part}.jsonl").write_text(here(*plan, "--shard", f"{part}/3").stdout, encoding="utf-8")

    merged = here("fleet", "report", "3.jsonl", "1.jsonl", "2.jsonl", "--format", "json")
    lines = here("fleet", "report", "3.jsonl", "1.jsonl", "2.jsonl", "--format", "jsonl")

    assert whole.returncode == merged.returncode == lines.returncode == 1
    assert without_seconds(lines.stdout) == without_seconds(whole.stdout)
    digest = whole.stderr.rpartition("fleet digest: ")[2].strip()
    assert json.loads(merged.stdout)["fleet_digest"] == digest
    assert json.loads(merged.stdout)["outcomes"]["accounts"] == 6


def without_seconds(text):
    return sorted(json.dumps({**one, "seconds": 0}, sort_keys=True) for one in results(text).values())


def test_a_later_result_takes_the_place_of_an_earlier_one(tmp_path, here):
    (tmp_path / "first.jsonl").write_text(
        json_lines(result("a1", AccountOutcome.UNREACHABLE, 1), result("a2")), encoding="utf-8"
    )
    (tmp_path / "again.jsonl").write_text(json_lines(result("a1", AccountOutcome.CHANGES)), encoding="utf-8")

    done = here("fleet", "report", "first.jsonl", "again.jsonl", "--format", "jsonl")

    assert done.returncode == 0
    assert {name: one["outcome"] for name, one in results(done.stdout).items()} == {"a1": "changes", "a2": "clean"}


def test_results_of_different_commands_are_not_merged(tmp_path, here):
    (tmp_path / "plan.jsonl").write_text(json_lines(result("a1")), encoding="utf-8")
    (tmp_path / "drift.jsonl").write_text(json_lines(result("a2", run=FleetCommand.DRIFT)), encoding="utf-8")

    done = here("fleet", "report", "plan.jsonl", "drift.jsonl")

    assert done.returncode == 64
    assert "drift, plan" in done.stderr


ORGANIZATION = """\
version: 1
organization:
  role: "arn:{{ partition }}:iam::{{ account.id }}:role/iamctl"
selections:
  - {select: {ou: "/*"}, manifests: [shared]}
waves:
  - {name: canary, select: {account: [a2]}}
  - {name: rest}
"""


def test_accounts_of_an_organization_come_wave_by_wave_and_a_suspended_one_is_skipped(tmp_path, here, inline):
    folder = write_accounts(tmp_path, 1)
    (folder / "iamctl.yaml").write_text(ORGANIZATION, encoding="utf-8")
    states = {"a1": "ACTIVE", "a2": "ACTIVE", "a3": "SUSPENDED"}
    listed = [
        {"id": account_id(number), "name": name, "ou": "/dev", "state": state}
        for number, (name, state) in enumerate(states.items(), 1)
    ]
    (folder / "accounts.lock.yaml").write_text(json.dumps({"version": 1, "accounts": listed}), encoding="utf-8")

    done = here("fleet", "plan", "iam", *SANDBOX)
    canary = here("fleet", "plan", "iam", *SANDBOX, "--wave", "canary")

    found = results(done.stdout)
    assert done.returncode == 0, done.stderr
    assert found["a3"]["outcome"] == "skipped"
    assert "SUSPENDED" in found["a3"]["error"]
    assert [task.account for (task,) in inline.submitted][:2] == ["a2", "a1"]
    assert {name: one["wave"] for name, one in found.items()} == {"a1": "rest", "a2": "canary", "a3": "rest"}
    assert list(results(canary.stdout)) == ["a2"]
    assert here("fleet", "plan", "iam", *SANDBOX, "--wave", "last").returncode == 64


def test_shards_together_have_the_limit_of_removals_of_one_run(tmp_path, here):
    for part, names in (("1", ("a1", "a2")), ("2", ("a3", "a4"))):
        plans = [result(name, AccountOutcome.CHANGES, summary={"delete": 1}) for name in names]
        (tmp_path / f"{part}.jsonl").write_text(json_lines(*plans), encoding="utf-8")

    alone, merged = here("fleet", "report", "1.jsonl"), here("fleet", "report", "1.jsonl", "2.jsonl")
    allowed = here("fleet", "report", "1.jsonl", "2.jsonl", "--allow-removals-in", "4")

    assert (alone.returncode, merged.returncode, allowed.returncode) == (0, 3, 0)
    assert "removes something in 4 of 4 accounts, and the limit is 2" in merged.stdout
    assert "Fleet limit" not in allowed.stdout
