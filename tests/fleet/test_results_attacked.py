"""Files of results that were cut, edited or mixed are refused with their place, or counted as what they may hide."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace

import pytest
from fleet.fleet_world import json_lines, result, results, write_accounts

from iamctl.commands.fleet import selecting
from iamctl.model.fleet import AccountOutcome, FleetCommand, fleet_exit_code


@pytest.mark.parametrize("key", ["exit", "calls", "seconds"])
@pytest.mark.parametrize("number", ["Infinity", "NaN", "1e999"])
def test_a_number_that_is_none_is_refused(tmp_path, here, key, number):
    line = json_lines(result("a1")).replace(f'"{key}":{result("a1").to_json()[key]}', f'"{key}":{number}')
    assert number in line
    (tmp_path / "plan.jsonl").write_text(line, encoding="utf-8")

    done = here("fleet", "report", "plan.jsonl")

    assert (done.returncode, done.stderr.startswith("error: plan.jsonl:1: ")) == (1, True)


def test_a_line_that_was_cut_is_refused_with_its_place(tmp_path, here):
    (tmp_path / "plan.jsonl").write_text(json_lines(result("a1"), result("a2"))[:-40], encoding="utf-8")

    done = here("fleet", "report", "plan.jsonl")

    assert done.returncode == 1
    assert done.stderr.startswith("error: plan.jsonl:2: not a line of JSON")
    assert "remove it if the run was killed there" in done.stderr


def test_a_file_without_lines_is_not_read_whole(tmp_path, here, monkeypatch):
    monkeypatch.setattr(selecting, "_MOST_CHARACTERS", 10_000)
    (tmp_path / "plan.jsonl").write_text("x" * 30_000, encoding="utf-8")

    done = here("fleet", "report", "plan.jsonl")

    assert (done.returncode, "a line has more than 10,000 characters" in done.stderr) == (1, True)


@pytest.mark.parametrize(
    ("outcome", "code", "counted"),
    [
        (AccountOutcome.CLEAN, 7, 1),
        (AccountOutcome.CHANGES, 137, 1),
        (AccountOutcome.UNREACHABLE, 0, 1),
        (AccountOutcome.REFUSED, 2, 1),
        (AccountOutcome.REFUSED, 3, 3),
        (AccountOutcome.SKIPPED, 0, 0),
    ],
)
def test_an_exit_code_that_does_not_fit_is_never_success(outcome, code, counted):
    assert fleet_exit_code([result("a1", outcome, code)]) == counted


def test_accounts_that_have_no_result_are_named(tmp_path, here, inline):
    """The results of a run that was killed lack those that it never came to."""
    write_accounts(tmp_path, 3)
    gone = replace(result("a9", AccountOutcome.ERROR, 1), account="gone")
    (tmp_path / "last.jsonl").write_text(json_lines(result("a1", AccountOutcome.ERROR, 1), gone), encoding="utf-8")

    done = here("fleet", "validate", "iam", "--failed-of", "last.jsonl", "--format", "jsonl")

    assert list(results(done.stdout)) == ["a1"]
    assert "2 accounts without a result in last.jsonl, and not in this run: a2, a3" in done.stderr
    assert "1 account of last.jsonl did not end well, but iamctl.yaml no longer has it: gone" in done.stderr


def test_a_selection_outside_a_wave_is_a_mistake(tmp_path, here, inline):
    write_accounts(tmp_path, 2, waves=[{"name": "first", "select": {"account": "a1"}}, {"name": "rest"}])

    done = here("fleet", "plan", "iam", "--sandbox", "accounts", "--select", "a1", "--wave", "rest")

    assert (done.returncode, done.stderr) == (64, "error: no account that --select matches is in --wave 'rest'\n")


def test_results_with_odd_values_are_shown_or_refused(tmp_path, here, inline):
    """No value that a line of JSON can hold ends in a traceback, or acts on a terminal, in Markdown or a log of CI."""
    write_accounts(tmp_path, 1)
    planned = json.loads(here("fleet", "plan", "iam", "--sandbox", "accounts", "--format", "jsonl").stdout)
    odds = (None, -1, 10**30, "", "\x1b[31m\n::error::x", [], {}, [[]], [{"address": 5}], "user/x", "delete")
    forms = itertools.cycle(("text", "markdown", "json"))
    for path, odd in zip(itertools.chain(*itertools.tee(_places(planned), 3)), itertools.cycle(odds), strict=False):
        (tmp_path / "odd.jsonl").write_text(json.dumps(_changed(planned, path, odd)) + "\n", encoding="utf-8")
        done = here("fleet", "report", "odd.jsonl", "--format", next(forms))
        assert "\x1b" not in done.stdout + done.stderr
        assert "\n::error" not in done.stdout + done.stderr
        assert done.stdout or done.stderr.startswith("error: odd.jsonl:1: ")


@pytest.mark.parametrize(
    ("run", "rows"),
    [
        (FleetCommand.PLAN, {"findings": [{"rule": [[]]}]}),
        (FleetCommand.DRIFT, {"changes": [{"address": "user/a", "along": 1.5}]}),
        (FleetCommand.DRIFT, {"changes": [{"address": "user/a", "details": "x"}]}),
        (FleetCommand.AUDIT, {"changes": [{"id": "x", "failing": [1.5]}]}),
        (FleetCommand.AUDIT, {"changes": [{"id": ["x"], "failing": []}]}),
    ],
)
def test_rows_that_no_report_can_show_are_refused(tmp_path, here, run, rows):
    line = json.dumps({**result("a1", AccountOutcome.CHANGES, run=run).to_json(), **rows})
    (tmp_path / "odd.jsonl").write_text(line + "\n", encoding="utf-8")

    done = here("fleet", "report", "odd.jsonl", "--format", "json")

    assert (done.returncode, done.stderr.startswith("error: odd.jsonl:1: ")) == (1, True)


def _places(data):
    """Yield the path of each value, but only of the first row of each list."""
    for key, value in data.items() if isinstance(data, dict) else enumerate(data[:1]):
        yield (key,)
        if isinstance(value, (dict, list)):
            yield from ((key, *rest) for rest in _places(value))


def _changed(data, path, value):
    copied = json.loads(json.dumps(data))
    inner = copied
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return copied
