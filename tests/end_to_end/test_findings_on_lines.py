"""``--format sarif`` and ``--format codequality`` of validate and plan, as GitHub and GitLab take them."""

import json

import pytest
from command_line import NOW, account, acme, group, save, user, write_tree
from review_formats import checked_issues, checked_sarif

BROKEN = {"users": {"alice": {"permissions_boundary": "nowhere"}}}


def places(done):
    return [
        one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for one in checked_sarif(done.stdout)["results"]
    ]


@pytest.mark.parametrize("words", [["validate", "iam"], ["plan", "iam", "--snapshot", "account.json", "--now", NOW]])
def test_acme_fits_both_schemas(tmp_path, here, words):
    acme(tmp_path)
    told = json.loads(here(*words, "--format", "json").stdout)["findings"]

    run = checked_sarif(here(*words, "--format", "sarif").stdout)
    found = checked_issues(here(*words, "--format", "codequality").stdout)

    assert len(run["results"]) == len(found) == len(told)
    assert {issue["fingerprint"] for issue in found} == {
        one["partialFingerprints"]["iamctl/v1"] for one in run["results"]
    }
    rules = run["tool"]["driver"]["rules"]
    assert len(rules) > 50
    assert all(rule["helpUri"].startswith("https://") for rule in rules)
    assert all((tmp_path / issue["location"]["path"]).is_file() for issue in found)


@pytest.mark.parametrize(
    ("at", "directory", "path"),
    [
        (".", "a/iam", "a/iam/iam.yaml"),
        (".", "./a//iam/", "a/iam/iam.yaml"),
        ("a", None, "iam/iam.yaml"),
        ("a/iam", ".", "iam.yaml"),
    ],
)
def test_paths_begin_at_the_current_folder(tmp_path, here, monkeypatch, at, directory, path):
    write_tree(tmp_path / "a/iam", BROKEN)
    monkeypatch.chdir(tmp_path / at)
    words = ["validate", *([directory] if directory else []), "--format", "sarif"]

    assert places(here(*words)) == [path]
    assert places(here("validate", str(tmp_path / "a/iam"), "--format", "sarif")) == [path]


def test_links_do_not_lead_out_of_the_current_folder(tmp_path, here, monkeypatch):
    tree = write_tree(tmp_path / "real/iam", BROKEN)
    (tmp_path / "link").symlink_to(tmp_path / "real")

    for at, directory, path in (("link", tree, "iam"), ("real", tmp_path / "link/iam", "iam")):
        monkeypatch.chdir(tmp_path / at)
        assert places(here("validate", directory, "--format", "sarif")) == [f"{path}/iam.yaml"]


def test_a_tree_elsewhere_is_named_in_full(tmp_path, here, monkeypatch):
    tree = write_tree(tmp_path / "iam", BROKEN)
    (tmp_path / "b").mkdir()
    monkeypatch.chdir(tmp_path / "b")

    assert places(here("validate", "../iam", "--format", "sarif")) == [f"file://{tree}/iam.yaml"]


@pytest.mark.parametrize("command", [["validate"], ["plan", "--snapshot", "a.json"]])
@pytest.mark.parametrize("what", [BROKEN, "users: [\n", None])
def test_mistakes_are_a_result_too(tmp_path, here, command, what):
    if what:
        write_tree(tmp_path / "iam", what)
    save(tmp_path / "a.json", account())

    done = here(command[0], "iam", *command[1:], "--format", "sarif")
    assert done.returncode == 1
    assert places(done) == ["iam/iam.yaml" if what else "iam/iamctl.yaml"]
    assert bool(done.stderr) == (command[0] == "plan")
    (issue,) = checked_issues(here(command[0], "iam", *command[1:], "--format", "codequality").stdout)
    assert issue["severity"] == "blocker"


@pytest.mark.parametrize("command", [["validate"], ["plan", "--snapshot", "a.json"]])
def test_a_mistake_in_the_base_does_not_stand_on_a_line_of_the_tree(tmp_path, here, command):
    write_tree(tmp_path / "iam", {"users": {"alice": {}}})
    write_tree(tmp_path / "base", {"users": {}}, limits={"users": "many"})
    save(tmp_path / "a.json", account())

    done = here(command[0], "iam", *command[1:], "--base", "base", "--format", "sarif")

    assert done.returncode == 1
    assert places(done) == ["iam/iamctl.yaml"]
    (result,) = checked_sarif(done.stdout)["results"]
    assert result["message"]["text"].startswith("base/iamctl.yaml:")
    assert result["locations"][0]["physicalLocation"]["region"]["startLine"] == 1


def test_a_refused_plan_says_why_and_ends_with_3(tmp_path, here):
    write_tree(tmp_path / "iam", {"removed": ["user/alice"]}, protect=["user/alice"])
    save(tmp_path / "a.json", account([user("alice")]))

    done = here("plan", "iam", "--snapshot", "a.json", "--account", "test", "--format", "sarif")

    assert done.returncode == 3
    run = checked_sarif(done.stdout)
    assert run["automationDetails"]["id"] == "iamctl/plan/test/"
    assert "error" in {result["level"] for result in run["results"]}


def test_what_only_an_account_shows_is_another_finding_in_another(tmp_path, here):
    accounts = {
        "one": {"id": "111111111111", "manifests": ["iam.yaml"]},
        "two": {"id": "222222222222", "manifests": ["iam.yaml"]},
    }
    write_tree(tmp_path / "iam", {"users": {"alice": {}}}, accounts=accounts)
    found = []
    for name, facts in accounts.items():
        users = [{**user(one), "Arn": f"arn:aws:iam::{facts['id']}:user/{one}"} for one in ("alice", "trudy")]
        save(tmp_path / "a.json", account(users, account={"id": facts["id"], "partition": "aws"}))
        words = ("plan", "iam", "--snapshot", "a.json", "--account", name, "--format", "codequality")
        found.append({one["fingerprint"] for one in checked_issues(here(*words).stdout)})

    assert all(found)
    assert not found[0] & found[1]


def test_lines_that_move_keep_their_fingerprints(tmp_path, here):
    tree = write_tree(tmp_path / "iam", BROKEN)
    before = checked_issues(here("validate", "iam", "--format", "codequality").stdout)
    text = (tree / "iam.yaml").read_text(encoding="utf-8")
    (tree / "iam.yaml").write_text(f"# a line\n\n{text}", encoding="utf-8")

    after = checked_issues(here("validate", "iam", "--format", "codequality").stdout)

    assert [issue["fingerprint"] for issue in after] == [issue["fingerprint"] for issue in before]
    assert [issue["location"]["lines"]["begin"] - 2 for issue in after] == [
        issue["location"]["lines"]["begin"] for issue in before
    ]


@pytest.mark.parametrize("command", ["apply", "members"])
def test_64_for_results_that_are_no_findings(here, command):
    assert here(command, "iam", "--format", "sarif").returncode == 64


def test_who_gains_access_by_a_changed_document_is_on_the_line_of_its_statement(tmp_path, here):
    names = ["s3:GetObject", "iam:PutUserPolicy"]
    before, after = (
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": one, "Resource": "*"} for one in names[:number]],
        }
        for number in (1, 2)
    )
    users = ("kim", "lee")
    groups = {"dev": {"inline_policies": {"work": {"file": "work.json"}}}}
    tree = {"users": {name: {} for name in users}, "groups": groups, "memberships": {"dev": list(users)}}
    write_tree(tmp_path / "iam", tree)
    (tmp_path / "iam/work.json").write_text(json.dumps(after, indent=1), encoding="utf-8")
    held = group("dev", GroupPolicyList=[{"PolicyName": "work", "PolicyDocument": before}])
    save(tmp_path / "a.json", account([user(name, ["dev"]) for name in users], [held]))

    done = here("plan", "iam", "--snapshot", "a.json", "--now", NOW, "--format", "sarif")
    risks = [one for one in checked_sarif(done.stdout)["results"] if one["ruleId"] == "IAM418"]

    assert {one["message"]["text"].partition(":")[0] for one in risks} == {"user/kim", "user/lee"}
    for one in risks:
        place = one["locations"][0]["physicalLocation"]
        assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == ("iam/work.json", 9)
