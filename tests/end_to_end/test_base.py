"""``--base``: no change switches off its own guard rails, and each command says so by its exit code."""

import json
import shutil

import pytest
from command_line import ACCOUNT, save, user, write_tree
from command_line import account as live_account

TEAM = {"users": {"alice": {}}}
STRICT = {"protect": ["user/break-glass"], "limits": {"users": 3}}
PLAN = ("plan", "iam", "--sandbox", "a.json")
APPLY = ("apply", "iam", "--sandbox", "a.json", "--yes")


@pytest.fixture
def trees(tmp_path):
    """A tree that protects less than the one before."""
    write_tree(tmp_path / "was", TEAM, **STRICT)
    return write_tree(tmp_path / "iam", TEAM, limits={"users": 3})


def test_a_looser_setting_refuses_plan_and_apply_and_is_an_error_of_validate(trees, here, tmp_path):
    for words, code in ((PLAN, 3), (APPLY, 3), (("validate", "iam"), 1)):
        done = here(*words, "--base", "was")

        assert done.returncode == code, done
        assert "protect: user/break-glass is no longer protected" in done.stdout
        assert "(IAM410)" in done.stdout
    assert not (tmp_path / "a.json").exists()


def test_it_may_be_permitted(trees, here):
    for words in (PLAN, ("validate", "iam"), APPLY):
        done = here(*words, "--base", "was", "--allow-loosening")

        assert done.returncode == 0, done
        assert "no longer protected; --allow-loosening permits it" in done.stdout


def test_what_the_base_protects_stays_also_in_the_same_change(trees, here, tmp_path):
    (trees / "removed.yaml").write_text("removed: [user/break-glass]\n", encoding="utf-8")
    save(tmp_path / "a.json", live_account([user("alice"), user("break-glass")]))

    done = here(*PLAN, "--base", "was")

    assert done.returncode == 3
    assert "(IAM408)" in done.stdout


def test_one_more_exception_is_refused(here, tmp_path):
    write_tree(tmp_path / "iam", {"users": {"alice": {}}})
    save(tmp_path / "account.json", live_account([user("alice")]))
    shutil.copytree(tmp_path / "iam", tmp_path / "was")
    settings = tmp_path / "iam/iamctl.yaml"
    more = "exceptions:\n  - {address: user-inline-policy/alice/own, until: 2027-03-31}\n"
    settings.write_text(settings.read_text(encoding="utf-8") + more, encoding="utf-8")

    done = here("plan", "iam", "--sandbox", "account.json", "--base", "was", "--format", "json")

    assert done.returncode == 3
    found = [finding for finding in json.loads(done.stdout)["findings"] if finding["severity"] == "refuse"]
    assert [(finding["rule"], finding["address"]) for finding in found] == [
        ("IAM103", "user-inline-policy/alice/own"),
    ]


@pytest.mark.parametrize(
    ("base", "compared", "told"),
    [
        ([], False, "Settings were not compared with a base (--base)."),
        (["--base", "was"], True, None),
        (["--base", "empty"], False, "the base has no iamctl.yaml, so the settings were not compared with it"),
        (
            ["--base", "other"],
            False,
            f"the base has no account test ({ACCOUNT}), so the settings were not compared with it",
        ),
        (["--base", "around"], True, None),
    ],
)
def test_a_plan_says_whether_settings_were_compared(base, compared, told, here, tmp_path):
    for name in ("iam", "was", "around/iam"):
        write_tree(tmp_path / name, TEAM)
    write_tree(tmp_path / "other", TEAM, accounts={"prod": {"id": "210987654321"}})
    (tmp_path / "empty").mkdir()

    for output in ("text", "markdown"):
        said = here(*PLAN, *base, "--format", output).stdout
        assert ("Settings were not compared" in said) is not compared
        assert told is None or told in said.replace("`", "")
    data = json.loads(here(*PLAN, *base, "--format", "json").stdout)
    assert data["settings_compared"] is compared
    outcome = json.loads(here(*APPLY, *base, "--format", "json").stdout)
    assert outcome["plan"]["settings_compared"] is compared


@pytest.mark.parametrize("words", [PLAN, APPLY, ("validate", "iam")])
@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("accounts: [\n", "was/iamctl.yaml:"),
        ("protect: 7\n", "was/iamctl.yaml:"),
        (None, "the base folder does not exist"),
    ],
)
def test_a_base_that_cannot_be_told_is_never_nothing_to_compare(words, text, told, here, trees, tmp_path):
    if text is None:
        shutil.rmtree(tmp_path / "was")
    else:
        (tmp_path / "was/iamctl.yaml").write_text(text, encoding="utf-8")

    done = here(*words, "--base", "was")

    assert done.returncode == 1
    assert told in done.stdout + done.stderr
    assert not (tmp_path / "a.json").exists()


def test_a_link_in_place_of_the_settings_of_the_base_is_an_error(here, trees, tmp_path):
    (tmp_path / "was/iamctl.yaml").unlink()
    (tmp_path / "was/iamctl.yaml").symlink_to("nowhere.yaml")

    done = here(*PLAN, "--base", "was")

    assert done.returncode == 1
    assert "symbolic links are not followed" in done.stderr


def test_manifests_of_the_base_may_have_mistakes(here, trees, tmp_path):
    (tmp_path / "was/iam.yaml").write_text("users: [\n", encoding="utf-8")
    (tmp_path / "iam/iamctl.yaml").write_text((tmp_path / "was/iamctl.yaml").read_text(encoding="utf-8"))

    assert here(*PLAN, "--base", "was").returncode == 0


def test_a_mistake_and_a_looser_setting_are_told_together(here, trees):
    (trees / "more.yaml").write_text("usrs: {}\n", encoding="utf-8")

    said = here("validate", "iam", "--base", "was").stdout

    assert "usrs" in said
    assert "(IAM410)" in said


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--base", "iam"], "--base is the manifest directory itself"),
        (["--base", "."], "--base is the manifest directory itself"),
        (["--allow-loosening"], "--allow-loosening needs --base"),
    ],
)
def test_a_comparison_that_compares_nothing_is_wrong_usage(words, told, here, trees):
    done = here(*PLAN, *words)

    assert done.returncode == 64
    assert told in done.stderr
