"""The same manifests and the same account give the same bytes, wherever and however iamctl runs."""

import json
import random
import shutil
from functools import cache

import pytest
import yaml
from command_line import NOW, acme, run, run_cold
from effort import first

ENVIRONMENTS = {
    "hash seed, time zone, window and colour": (
        "text",
        {"PYTHONHASHSEED": "1", "TZ": "Pacific/Kiritimati", "COLUMNS": "40", "FORCE_COLOR": "1", "TERM": "xterm"},
    ),
    "the C locale as it is": (
        "markdown",
        {"PYTHONHASHSEED": "2", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
    ),
    "an encoding of fewer letters": ("text", {"PYTHONIOENCODING": "ascii", "TZ": "America/St_Johns"}),
    "another seed": ("sarif", {"PYTHONHASHSEED": "4", "TZ": "Asia/Kathmandu"}),
    "another language": ("json", {"PYTHONHASHSEED": "3", "LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8"}),
}


def plan(output, *words, cwd, tree="iam", account="account.json", **env):
    """Return the bytes of a plan; the hash seed of this process is a random one."""
    told = ("plan", tree, "--sandbox", account, "--now", NOW, "--format", output, "--show-calls", *words)
    done = (run_cold if env else run)(*told, cwd=cwd, text=False, **env)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = acme(tmp_path_factory.mktemp("acme"))
    with (folder / "iam/people/users.yaml").open("a", encoding="utf-8") as file:
        file.write("# Zoë\n")
    groups = folder / "iam/groups.yaml"
    inline = {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::zoë"},
    }
    data = yaml.safe_load(groups.read_text(encoding="utf-8"))
    data["groups"]["oncall"]["inline_policies"]["zoo"] = inline
    groups.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def told(folder):
    return cache(lambda output: plan(output, cwd=folder))


@pytest.mark.parametrize(
    ("output", "env"),
    [
        pytest.param(*values, id=name, marks=[pytest.mark.exhaustive] if number else [])
        for number, (name, values) in enumerate(ENVIRONMENTS.items())
    ],
)
def test_the_environment_changes_no_byte(folder, told, output, env):
    assert plan(output, cwd=folder, **env) == told(output)


@pytest.mark.exhaustive
def test_the_place_changes_no_byte(folder, told, tmp_path):
    assert plan("text", cwd=folder / "iam", tree=".", account="../account.json") == told("text")
    assert plan("json", cwd=tmp_path, tree=folder / "iam/", account=folder / "account.json") == told("json")


@pytest.mark.parametrize("output", first(1, ["text", "json"]))
def test_the_order_of_lists_in_the_account_changes_no_byte(folder, told, output):
    shuffled = json.loads((folder / "account.json").read_text(encoding="utf-8"))
    dice = random.Random(output)

    def shuffle(value):
        if isinstance(value, dict):
            for key, part in value.items():
                if key not in {"PolicyDocument", "Document", "AssumeRolePolicyDocument"}:
                    shuffle(part)
        elif isinstance(value, list):
            dice.shuffle(value)
            for part in value:
                shuffle(part)

    shuffle(shuffled)
    turned = dict(sorted(shuffled.items(), key=lambda _: dice.random()))
    (folder / "shuffled.json").write_text(json.dumps(turned), encoding="utf-8")
    assert plan(output, cwd=folder, account="shuffled.json") == told(output)


@pytest.mark.exhaustive
def test_the_names_and_the_order_of_files_change_only_the_places_that_are_told(folder, told):
    other = folder / "other"
    shutil.copytree(folder / "iam", other)
    (other / "people").rename(other / "a")
    (other / "groups.yaml").rename(other / "zz.yml")
    sections = yaml.safe_load((other / "memberships.yaml").read_text(encoding="utf-8"))
    (other / "memberships.yaml").unlink()
    turned = {name: members[::-1] for name, members in reversed(sections["memberships"].items())}
    (other / "0.yaml").write_text(yaml.safe_dump({"memberships": turned}, sort_keys=False), encoding="utf-8")

    one, two = (json.loads(data) for data in (told("json"), plan("json", cwd=folder, tree="other")))

    assert one.pop("manifest_digest") != two.pop("manifest_digest")
    reasons = [change.pop("reason") for plan in (one, two) for change in plan["changes"]]
    assert len(reasons) == 2 * len(one["changes"])
    for plan_data in (one, two):  # they stand in the order of their places
        plan_data["findings"].sort(key=lambda finding: (finding["rule"], finding["message"]))
    assert without_places(one) == without_places(two)


def without_places(value):
    if isinstance(value, dict):
        return {key: without_places(part) for key, part in value.items() if key != "origin"}
    return [without_places(part) for part in value] if isinstance(value, list) else value
