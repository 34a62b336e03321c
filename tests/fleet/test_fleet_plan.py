"""One command plans all accounts; a broken one neither stops the others nor hides among them."""

import json
import shlex

import pytest
from fleet.fleet_world import NOW, account_id, results, write_accounts

from iamctl.cli.process import run_command_line
from iamctl.manifests import tree_files

PLAN = ("fleet", "plan", "iam", "--sandbox", "accounts", "--now", NOW)


def test_each_account_has_the_plan_that_it_has_alone(tmp_path, here, inline):
    write_accounts(tmp_path, 3)

    done = here(*PLAN, "--format", "jsonl")
    alone = here("plan", "iam", "--account", "a2", "--sandbox", "accounts/a2.json", "--now", NOW, "--format", "json")

    found, plan = results(done.stdout), json.loads(alone.stdout)
    assert done.returncode == 0
    assert list(found) == ["a1", "a2", "a3"]
    assert {one["outcome"] for one in found.values()} == {"changes"}
    for key, value in {
        "digest": "plan_digest",
        "summary": "summary",
        "changes": "changes",
        "findings": "findings",
    }.items():
        assert found["a2"][key] == plan[value]
    assert [change["address"] for change in found["a3"]["changes"]] == ["user/everybody", "user/own-a3"]


def test_a_mistake_in_one_account_is_its_result_and_the_others_are_planned(tmp_path, here, inline):
    write_accounts(tmp_path, 3)
    (tmp_path / "iam/a2/users.yaml").write_text("users: [bob]\n", encoding="utf-8")

    done = here(*PLAN, "--format", "jsonl")

    found = results(done.stdout)
    assert done.returncode == 1
    assert {name: one["outcome"] for name, one in found.items()} == {"a1": "changes", "a2": "error", "a3": "changes"}
    assert found["a2"]["error"].startswith("the manifests have 1 error: a2/users.yaml:1:1: ")
    assert [finding["origin"]["path"] for finding in found["a2"]["findings"]] == ["a2/users.yaml"]
    assert {task.account for (task,) in inline.submitted} == {"a1", "a3"}


def test_no_task_holds_what_another_account_declares(tmp_path, here, inline):
    write_accounts(tmp_path, 2)
    write_accounts(tmp_path / "before", 2)

    here(*PLAN, "--base", "before/iam")

    for number, (task,) in enumerate(inline.submitted, 1):
        other = 3 - number
        assert f"own-a{number}".encode() in task.declared
        assert account_id(number).encode() in task.declared
        assert f"own-a{other}".encode() not in task.declared
        assert account_id(other).encode() not in task.declared


def test_the_tree_is_read_once(tmp_path, here, inline, monkeypatch):
    write_accounts(tmp_path, 3)
    opened = []
    read_file = tree_files.read_file
    monkeypatch.setattr(tree_files, "read_file", lambda root, path: opened.append(path) or read_file(root, path))

    here(*PLAN)

    assert sorted(opened) == [*(f"a{one}/users.yaml" for one in (1, 2, 3)), "iamctl.yaml", "shared/users.yaml"]


def test_another_account_than_that_of_the_manifests_is_refused(tmp_path, here, inline):
    write_accounts(tmp_path, 2)
    here("snapshot", "--sandbox", "accounts/a1.json", "-o", "x.json")
    snapshot = {"account": {"id": "999999999999", "partition": "aws"}, "UserDetailList": [], "GroupDetailList": []}
    text = json.dumps({**snapshot, "RoleDetailList": [], "Policies": []})
    (tmp_path / "accounts/a1.json").write_text(text, encoding="utf-8")

    done = here(*PLAN, "--format", "jsonl")

    found = results(done.stdout)
    assert done.returncode == 3
    assert (found["a1"]["outcome"], found["a1"]["exit"], found["a2"]["outcome"]) == ("refused", 3, "changes")
    assert "999999999999" in found["a1"]["error"]


def test_changes_are_an_exit_code_only_where_somebody_asks(tmp_path, here, inline):
    write_accounts(tmp_path, 1)

    assert here(*PLAN).returncode == 0
    assert here(*PLAN, "--detailed-exitcode").returncode == 2


def test_results_are_kept_beside_another_format(tmp_path, here, inline):
    write_accounts(tmp_path, 2)

    done = here(*PLAN, "--format", "json", "--results", "plan.jsonl")

    kept = results((tmp_path / "plan.jsonl").read_text(encoding="utf-8"))
    assert list(kept) == ["a1", "a2"]
    assert json.loads(done.stdout)["fleet_digest"].startswith("sha256:")


def test_validate_reports_each_account_without_a_worker(tmp_path, here, inline):
    write_accounts(tmp_path, 3)
    (tmp_path / "iam/a3/users.yaml").write_text("users: {bob: {groups: [nowhere]}}\n", encoding="utf-8")

    done = here("fleet", "validate", "iam", "--now", NOW, "--format", "jsonl")

    found = results(done.stdout)
    assert (done.returncode, inline.submitted) == (1, [])
    assert {name: one["outcome"] for name, one in found.items()} == {"a1": "clean", "a2": "clean", "a3": "error"}
    assert found["a1"]["summary"] == {"resources": 2, "errors": 0, "warnings": 0}


@pytest.mark.parametrize(
    ("words", "accounts"),
    [(("--select", "a1"), ["a1"]), (("--select", "a1*,a2"), ["a1", "a10", "a2"])],
)
def test_accounts_are_selected_by_name(tmp_path, here, inline, words, accounts):
    write_accounts(tmp_path, 10)

    done = here("fleet", "validate", "iam", *words, "--format", "jsonl")

    assert sorted(results(done.stdout)) == accounts


def test_a_selection_of_nothing_is_a_mistake(tmp_path, here, inline):
    write_accounts(tmp_path, 2)

    done = here(*PLAN, "--select", "prod")

    assert done.returncode == 64
    assert "'prod' matches no account" in done.stderr


def test_shards_are_disjoint_and_together_all(tmp_path, here, inline):
    write_accounts(tmp_path, 12)

    parts = [
        sorted(results(here("fleet", "validate", "iam", "--shard", f"{part}/4", "--format", "jsonl").stdout))
        for part in (1, 2, 3, 4)
    ]

    assert sorted(name for part in parts for name in part) == sorted(f"a{one}" for one in range(1, 13))
    assert sum(map(bool, parts)) > 1


@pytest.mark.parametrize("shard", ["0/4", "5/4", "1", "x/2", "1/0"])
def test_a_shard_that_does_not_exist_is_a_mistake(tmp_path, here, inline, shard):
    write_accounts(tmp_path, 1)

    assert here("fleet", "validate", "iam", "--shard", shard).returncode == 64


def test_the_help_lists_the_commands(capsys):
    assert run_command_line(["fleet", "--help"]) == 0
    assert "validate" in capsys.readouterr().out


def test_a_sandbox_of_many_accounts_is_a_folder(tmp_path, here, inline):
    write_accounts(tmp_path, 1)

    done = here("fleet", "plan", "iam", "--sandbox", "accounts.json")

    assert (done.returncode, inline.submitted) == (64, [])
    assert "is not a folder" in done.stderr


def test_a_plan_names_the_command_that_applies_exactly_it(tmp_path, here, inline):
    write_accounts(tmp_path, 1)

    text = here(*PLAN, "--select", "a1,a2", "--allow-self", "--results", "plan.jsonl").stdout

    told = next(line for line in text.splitlines() if "iamctl fleet apply" in line).partition("iamctl ")[2]
    assert "--select a1,a2 --sandbox accounts" in told
    assert here(*shlex.split(told), "--yes").returncode == 0
    assert here(*PLAN, "--detailed-exitcode").returncode == 0


def test_a_page_shows_all_accounts(tmp_path, here, inline):
    write_accounts(tmp_path, 2)

    page = here(*PLAN, "--format", "html").stdout

    assert page.lower().startswith("<!doctype html>")
    assert "own-a2" in page


def test_a_line_of_the_log_begins_with_the_account(tmp_path, here, inline):
    write_accounts(tmp_path, 1)

    assert "\na1: read 0 users, " in here(*PLAN, "--verbose").stderr


def test_settings_that_are_looser_than_before_are_a_mistake_and_refused(tmp_path, here, inline):
    write_accounts(tmp_path, 2)
    write_accounts(tmp_path / "before", 2, accounts={"a2": {"protect": ["user/everybody"]}})

    valid = here("fleet", "validate", "iam", "--base", "before/iam", "--now", NOW, "--format", "jsonl")
    planned = here(*PLAN, "--base", "before/iam", "--format", "jsonl")

    assert {name: one["outcome"] for name, one in results(valid.stdout).items()} == {"a1": "clean", "a2": "error"}
    assert {name: one["outcome"] for name, one in results(planned.stdout).items()} == {"a1": "changes", "a2": "refused"}
    assert "protect" in results(valid.stdout)["a2"]["error"]
    assert "protect" in results(planned.stdout)["a2"]["error"]


def test_validate_of_all_accounts_finds_what_is_wrong_with_the_tree_as_a_whole(tmp_path, here, inline):
    write_accounts(tmp_path, 2)
    (tmp_path / "iam/nobody").mkdir()
    (tmp_path / "iam/nobody/x.yaml").write_text("users: {lost: {}}\n", encoding="utf-8")
    told = "nobody/x.yaml:1:1: warning: the file is not read, because no account lists it under 'manifests'"

    warned = here("fleet", "validate", "iam", "--now", NOW)
    part = here("fleet", "validate", "iam", "--select", "a1", "--now", NOW)
    (tmp_path / "iam/nobody/bad name?.yaml").symlink_to("x.yaml")
    wrong = here("fleet", "validate", "iam", "--now", NOW)

    assert (warned.returncode, warned.stdout.count(told)) == (0, 1), warned.stdout
    assert "nobody/x.yaml" not in part.stdout
    assert wrong.returncode == here("validate", "iam", "--now", NOW).returncode == 1, wrong.stdout
