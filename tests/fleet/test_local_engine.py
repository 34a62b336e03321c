"""Runs through real processes give what a run in one process gives, and so do shards that are merged."""

import json
import os
import signal
import subprocess

import pytest
from end_to_end.command_line import command, environment
from fleet.fleet_world import NOW, results, write_accounts

from iamctl.commands.fleet import engine

PLAN = ("fleet", "plan", "iam", "--sandbox", "accounts", "--now", NOW, "--format", "jsonl")


def lines(text):
    """Return the JSON lines of a run without the time that they took, sorted."""
    return sorted(json.dumps({**one, "seconds": 0}, sort_keys=True) for one in results(text).values())


def of_shards(here, folder, shards, *words):
    files = [f"{part}.jsonl" for part in range(1, shards + 1)]
    for part, file in enumerate(files, 1):
        here(*PLAN, "--shard", f"{part}/{shards}", "--results", file, *words)
    merged = here("fleet", "report", *files, "--format", "jsonl")
    whole = json.loads(here("fleet", "report", *files, "--format", "json").stdout)
    return merged, whole


@pytest.mark.exhaustive  # test_processes.py and test_interruptions.py run tasks in processes
def test_processes_give_what_one_process_gives(tmp_path, here, monkeypatch, request):
    write_accounts(tmp_path, 8)
    (tmp_path / "iam/a3/users.yaml").write_text("users: [bob]\n", encoding="utf-8")

    pool = here(*PLAN, "--jobs", "2")
    request.getfixturevalue("inline")
    alone = here(*PLAN)

    assert pool.returncode == alone.returncode == 1
    assert len(results(pool.stdout)) == 8
    assert lines(pool.stdout) == lines(alone.stdout)
    assert pool.stderr.startswith("fleet digest: sha256:"), "workers are silent"


@pytest.mark.exhaustive
def test_two_hundred_accounts_in_processes_and_in_shards(tmp_path, here):
    write_accounts(tmp_path, 200)
    (tmp_path / "iam/a3/users.yaml").write_text("users: [bob]\n", encoding="utf-8")

    whole = here(*PLAN)
    merged, report = of_shards(here, tmp_path, 4)

    assert whole.returncode == merged.returncode == 1
    assert len(results(whole.stdout)) == 200
    assert lines(merged.stdout) == lines(whole.stdout)
    assert report["fleet_digest"] == whole.stderr.removeprefix("fleet digest: ").strip()


@pytest.mark.exhaustive
def test_an_apply_in_processes_converges_and_finds_nothing_to_do_afterwards(tmp_path, here):
    write_accounts(tmp_path, 8)
    apply = ("fleet", "apply", *PLAN[2:], "--yes", "--jobs", "2")

    first, again = here(*apply), here(*apply)

    assert (first.returncode, again.returncode) == (0, 0)
    assert {one["outcome"] for one in results(first.stdout).values()} == {"changes"}
    assert {one["outcome"] for one in results(again.stdout).values()} == {"clean"}


def test_there_are_more_jobs_where_they_wait_for_aws():
    assert engine.default_jobs(waits_for_aws=True) >= engine.default_jobs(waits_for_aws=False) >= 1


@pytest.mark.exhaustive
def test_ctrl_c_lets_accounts_end_and_lists_the_others(tmp_path):
    write_accounts(tmp_path, 40)
    words = command(*PLAN, "--jobs", "2")
    with subprocess.Popen(
        words, cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    ) as run:
        first = run.stdout.readline()
        os.killpg(run.pid, signal.SIGINT)
        others, said = run.communicate(timeout=300)

    found = results((first + others).decode())
    assert run.returncode == 130, said.decode()
    assert len(found) == 40
    assert {one["outcome"] for one in found.values()} == {"changes", "not-started"}
    assert b"interrupted" in said
    assert b"Traceback" not in said
