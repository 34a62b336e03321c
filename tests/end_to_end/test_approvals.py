"""``approvals.yaml``: a line permits exactly what a plan was refused for, and is spent once that is done."""

import copy
import json
import shutil

import pytest
from command_line import ACCOUNT, ALLOW, NOW, account, group, save, user, write_tree

NAMES = [f"u{number}" for number in range(5)]
PLAN = ("plan", "iam", "--snapshot", "a.json", "--now", NOW)
TEAM = {"users": {name: {} for name in NAMES}, "groups": {"g": {}}, "memberships": {"g": ["u4"]}}


def with_policies(**changed):
    """Return an account in which each user has an inline policy; ``changed`` replaces fields of the first one."""
    users = [user(name, UserPolicyList=[{"PolicyName": "own", "PolicyDocument": ALLOW}]) for name in NAMES]
    users[0] |= changed
    users[4]["GroupList"] = ["g"]
    return account(users, [group("g")])


@pytest.fixture
def tree(tmp_path):
    """A tree that takes five policies from users, and the account beside it."""
    save(tmp_path / "a.json", with_policies())
    return write_tree(tmp_path / "iam", TEAM)


def needed(done):
    """Return the lines that a plan asks for."""
    return json.loads(done.stdout)["approve"]


def approve(tree, *lines):
    (tree / "approvals.yaml").write_text(f"# Ours.\napprove: {json.dumps(lines)}\n", encoding="utf-8")


def test_the_printed_line_permits_the_plan_and_is_spent_after_the_apply(tree, here):
    refused = here(*PLAN)
    (line,) = needed(here(*PLAN, "--format", "json"))

    assert refused.returncode == 3
    assert line.endswith(" 5 user policies")
    assert f'  approve: ["{line}"]' in refused.stdout.splitlines()
    assert f'approve: ["{line}"]' in here(*PLAN, "--format", "markdown").stdout

    approve(tree, line)
    approved = here(*PLAN)
    assert approved.returncode == 0
    assert "approvals.yaml:2:11 approves 5 user policies" in approved.stdout
    assert "To approve" not in approved.stdout
    assert needed(here(*PLAN, "--format", "json")) == []

    applied = here("apply", "iam", "--sandbox", "a.json", "--now", NOW, "--yes")
    assert applied.returncode == 0, applied
    later = here("plan", "iam", "--sandbox", "a.json", "--now", NOW)
    assert later.returncode == 0
    assert "this approval of '5 user policies' fits nothing in this plan" in later.stdout


@pytest.mark.parametrize(
    "other",
    [
        {"UserId": "AIDASOMEBODYELSE00000"},
        {"UserPolicyList": [{"PolicyName": "own", "PolicyDocument": {**ALLOW, "Statement": []}}]},
        {"UserPolicyList": [{"PolicyName": "other", "PolicyDocument": ALLOW}]},
        {"UserPolicyList": [{"PolicyName": name, "PolicyDocument": ALLOW} for name in ("own", "other")]},
        {"UserPolicyList": []},
    ],
    ids=["another user", "another document", "another name", "one more", "one less"],
)
def test_a_line_fits_no_other_removals(other, tree, tmp_path, here):
    approve(tree, *needed(here(*PLAN, "--format", "json")))
    save(tmp_path / "a.json", with_policies(**other))

    done = here(*PLAN, "--format", "json")

    assert done.returncode == 3
    assert "IAM401" in {one["rule"] for one in json.loads(done.stdout)["findings"] if one["severity"] == "refuse"}
    assert len(needed(done)) == 1


def test_a_line_fits_no_other_account(tree, tmp_path, here):
    approve(tree, *needed(here(*PLAN, "--format", "json")))
    other = "210987654321"
    for path in (tmp_path / "a.json", tree / "iamctl.yaml"):
        path.write_text(path.read_text(encoding="utf-8").replace(ACCOUNT, other), encoding="utf-8")

    assert here(*PLAN).returncode == 3


def test_other_removals_within_the_limits_need_no_approval_and_spoil_none(tree, tmp_path, here):
    approve(tree, *needed(here(*PLAN, "--format", "json")))
    live = with_policies()
    live["UserDetailList"][0]["GroupList"] = ["g"]
    save(tmp_path / "a.json", live)

    assert here(*PLAN).returncode == 0


def test_a_line_whose_words_are_wrong_permits_nothing(tree, here):
    (line,) = needed(here(*PLAN, "--format", "json"))
    approve(tree, line.replace("5 user policies", "1 user"))

    done = here(*PLAN)

    assert done.returncode == 3
    assert "this approval says '1 user', but approves '5 user policies'; write that (IAM452)" in done.stdout


def test_all_mistakes_are_reported_at_once(tree, here):
    line = f"sha256:{'0' * 64} 1 user"
    lines = ["approve:", f"  - {line}", "  - sha256:12 1 user", f"  - {line}", "  - {a: b}", f"  - sha256:{'1' * 64}"]
    (tree / "approvals.yaml").write_text("\n".join([*lines, "aprove: []", ""]), encoding="utf-8")

    done = here("validate", "iam")

    assert done.returncode == 1
    places = [text.split(": ")[0].strip() for text in done.stdout.splitlines() if "approvals.yaml" in text]
    assert sorted(places) == sorted(places, key=lambda place: [*map(int, place.split(":")[1:])])
    for place in (":3:5", ":4:5", ":5:5", ":6:5", ":7:1"):
        assert f"approvals.yaml{place}" in done.stdout, done.stdout
    assert "approvals.yaml:2:5" not in done.stdout


def test_a_link_is_not_followed(tree, here, tmp_path):
    (tmp_path / "elsewhere.yaml").write_text("approve: []\n", encoding="utf-8")
    (tree / "approvals.yaml").symlink_to(tmp_path / "elsewhere.yaml")

    done = here("validate", "iam")

    assert done.returncode == 1
    assert done.stdout.count("symbolic links are not followed") == 1


def test_looser_settings_are_approved_for_validate_plan_and_apply(tree, here, tmp_path):
    save(tmp_path / "a.json", account([user(name, ["g"] * (name == "u4")) for name in NAMES], [group("g")]))
    shutil.copytree(tree, tmp_path / "was")
    write_tree(tmp_path / "was", TEAM, protect=["user/u0"], limits={"users": 1})
    words = ("plan", "iam", "--sandbox", "a.json", "--now", NOW, "--base", "was")
    (line,) = needed(here(*words, "--format", "json"))

    assert line.endswith(" 2 looser settings: limits.users, protect")
    assert f'approve: ["{line}"]' in here("validate", "iam", "--base", "was").stdout

    approve(tree, line)
    for command in (words, ("validate", "iam", "--base", "was"), ("apply", *words[1:], "--yes")):
        done = here(*command)
        assert done.returncode == 0, done
        assert "protect: user/u0 is no longer protected; approvals.yaml:2:11 permits it" in done.stdout
    assert "Look at this first\n  approvals.yaml:2:11 approves 2 looser settings: limits.users, protect, new in" in (
        here(*words).stdout
    )

    write_tree(tree, TEAM, limits={"users": 6})
    assert here(*words).returncode == 3


def test_no_line_permits_another_account_under_the_same_name(tree, here, tmp_path):
    shutil.copytree(tree, tmp_path / "was")
    settings = tmp_path / "was/iamctl.yaml"
    settings.write_text(settings.read_text(encoding="utf-8").replace(ACCOUNT, "210987654321"), encoding="utf-8")

    done = here("validate", "iam", "--base", "was")

    assert done.returncode == 1
    assert "To approve" not in done.stdout


def test_of_several_accounts_a_line_names_its_own(tree, here, tmp_path):
    both = {"accounts": {"test": {"id": ACCOUNT, "manifests": ["iam.yaml"]}}}
    both["accounts"]["other"] = {"id": "210987654321", "manifests": ["iam.yaml"]}
    write_tree(tree, TEAM, **both)
    live = copy.deepcopy(with_policies())
    other = json.loads(json.dumps(live).replace(ACCOUNT, "210987654321"))
    save(tmp_path / "b.json", other)
    (line,) = needed(here(*PLAN, "--account", "test", "--format", "json"))

    assert line.endswith(f" 5 user policies in {ACCOUNT}")

    approve(tree, line)
    assert here(*PLAN, "--account", "test").returncode == 0
    of_other = here("plan", "iam", "--snapshot", "b.json", "--account", "other", "--now", NOW, "--format", "json")
    assert of_other.returncode == 3
    assert "IAM452" not in {one["rule"] for one in json.loads(of_other.stdout)["findings"]}
