"""The commands over many accounts print and save their report, and name the commands that follow."""

from __future__ import annotations

import json

from fleet.fleet_world import NOW, json_lines, result, results, write_accounts
from page_text import checked_page

from iamctl.model.fleet import AccountOutcome

SANDBOX = f"--sandbox accounts --now {NOW}"
PLAN = ("fleet", "plan", "iam", "--sandbox", "accounts", "--now", NOW)


def test_equal_plans_are_listed_once_and_the_commands_that_follow_are_named(tmp_path, here, inline):
    write_accounts(tmp_path, 3)
    (tmp_path / "iam/a2/users.yaml").write_text("users: [bob]\n", encoding="utf-8")

    text = here(*PLAN, "--select", "a*", "--results", "plan.jsonl").stdout

    assert "the same 2 changes in 2 accounts: a1, a3" in text
    assert "+ own-{{ account.name }} will be created" in text
    digest = text.split("fleet digest ")[1].split()[0]
    assert f"apply exactly this: iamctl fleet apply iam --select 'a*' {SANDBOX} --expect-digest {digest}" in text
    assert f"retry what failed: iamctl fleet plan iam --select 'a*' {SANDBOX} --failed-of plan.jsonl" in text


def test_a_shard_names_the_apply_of_the_same_shard(tmp_path, here, inline):
    write_accounts(tmp_path, 3)

    assert f"iamctl fleet apply iam --shard 1/1 {SANDBOX}" in here(*PLAN, "--shard", "1/1").stdout


def test_a_plan_of_what_failed_names_no_apply_since_the_file_may_change(tmp_path, here, inline):
    write_accounts(tmp_path, 1)
    (tmp_path / "last.jsonl").write_text(json_lines(result("a1", AccountOutcome.ERROR, 1)), encoding="utf-8")

    text = here(*PLAN, "--failed-of", "last.jsonl").stdout

    assert "fleet digest sha256:" in text
    assert "apply exactly this" not in text


def test_the_page_is_printed_and_saved(tmp_path, here, inline):
    write_accounts(tmp_path, 3)

    done = here(*PLAN, "--format", "html", "--page", "plan.html", "--results", "plan.jsonl")
    merged = here("fleet", "report", "plan.jsonl", "--format", "json", "--page", "merged.html")

    assert done.stdout == (tmp_path / "plan.html").read_text(encoding="utf-8")
    accounts = checked_page(done.stdout)["page"]["accounts"]
    assert [one[0] for one in accounts] == ["a1", "a2", "a3"]
    again = checked_page((tmp_path / "merged.html").read_text(encoding="utf-8"))["page"]["accounts"]
    assert [one[0] for one in again] == ["a1", "a2", "a3"]
    assert [one["account"] for one in json.loads(merged.stdout)["accounts"]] == ["a1", "a2", "a3"]
    assert len(results((tmp_path / "plan.jsonl").read_text(encoding="utf-8"))) == 3


def test_a_page_that_cannot_be_saved_comes_after_the_report(tmp_path, here, inline):
    write_accounts(tmp_path, 2)
    report = here(*PLAN).stdout

    done = here(*PLAN, "--page", "no/where.html")

    assert done.returncode == 1
    assert done.stderr.endswith("error: no/where.html: the page cannot be saved: No such file or directory\n")
    assert done.stdout == report
    assert "own-" in report


def test_nothing_to_change_is_said_once_and_nothing_is_to_be_applied(tmp_path, here, inline):
    write_accounts(tmp_path, 2)
    applied = here("fleet", "apply", "iam", "--sandbox", "accounts", "--yes")
    planned = here("fleet", "plan", "iam", "--sandbox", "accounts")

    assert "apply exactly this" not in applied.stdout + planned.stdout
    assert planned.stdout.count("nothing to change") == 1
    assert "fleet digest" in planned.stdout


def test_the_apply_of_a_plan_runs_where_the_plan_did(tmp_path, here, inline):
    write_accounts(tmp_path, 1)
    engine = "dask:tcp://127.0.0.1:1"

    planned = here("fleet", "plan", "iam", "--sandbox", "accounts", "--engine", engine, "--credentials", "exact")

    assert f"--engine {engine} --credentials exact" in planned.stdout
