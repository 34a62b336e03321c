"""The acme example from the first plan to the last: what is shown, what is sent, what is left.

``python tests/end_to_end/test_acme.py`` writes the golden files anew, after a message or the order has changed.
"""

import contextlib
import io
import json
import re
import subprocess
import tempfile
from pathlib import Path

import jsonschema
import pytest
from call_counts import count_calls
from command_line import NOW, ROOT, account, acme, environment, group, run, save, user, write_tree
from effort import first
from warm import warm

from iamctl.account.needs import Needs
from iamctl.cli.process import run_command_line
from iamctl.sandbox import open_sandbox

GOLDEN = Path(__file__).parent / "golden"
PAGES = {
    "plan.txt": ("--show-calls",),
    "plan.md": ("--format", "markdown", "--show-calls"),
}
PLAN = ("plan", "iam", "--sandbox", "account.json", "--now", NOW)


def check(data, name):
    """Check data against a schema as it is delivered."""
    schema = json.loads((ROOT / f"schemas/{name}.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker()).validate(data)


@pytest.fixture
def folder(tmp_path):
    return acme(tmp_path)


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """Return the plan as JSON, and as it is saved."""
    folder = acme(tmp_path_factory.mktemp("planned"))
    done = run(*PLAN, "--format", "json", "--out", "plan.json", cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout), json.loads((folder / "plan.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def planned(both):
    return both[0]


@pytest.mark.parametrize("name", PAGES)
def test_the_plan_is_shown_as_in_the_golden_file(folder, here, name):
    before = (folder / "account.json").read_bytes()

    done = here(*PLAN, *PAGES[name])

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (GOLDEN / name).read_text(encoding="utf-8")
    assert written_nothing(folder, before)


def written_nothing(folder, before):
    names = sorted(path.name for path in folder.iterdir())
    return ((folder / "account.json").read_bytes(), names) == (before, ["account.json", "iam"])


def test_the_manifests_are_valid(folder, here):
    done = here("validate", "iam", "--now", NOW)
    assert (done.returncode, done.stderr) == (0, "")
    *warnings, last = filter(None, done.stdout.splitlines())
    assert last == "valid: 75 resources."
    assert warnings[0] == "Warnings"
    assert all("unknown documents of aws:AWSCodeCommitPowerUser" in warning for warning in warnings[1:])

    done = here("validate", "iam", "--now", NOW, "--format", "json")
    check(json.loads(done.stdout), "findings")


@pytest.mark.parametrize("day", first(1, ["2036-01-01", "2026-12-05", "2027-04-01"]))
def test_the_example_is_not_refused_on_any_later_day(folder, here, day):
    """Whoever tries it after its memberships have ended sets no clock."""
    done = here("plan", "iam", "--sandbox", "account.json", "--now", day, "--access", "none")

    assert (done.returncode, done.stderr) == (0, "")


def test_the_plan_as_json_is_what_the_schema_says_and_what_is_saved(both):
    data, saved = both

    check(data, "plan")
    check(saved, "saved-plan")
    assert {key: saved[key] for key in data} == {**data, "format": "iamctl-saved-plan/1"}
    numbers = sorted(number for change in data["changes"] for number in change["calls"])
    assert numbers == list(range(len(data["calls"]))) == [call["index"] for call in data["calls"]]
    assert all(number < call["index"] for call in data["calls"] for number in call["needs"])
    counts = [data["summary"][action] for action in ("create", "update", "delete")]
    assert sum(counts) == len(data["changes"])
    golden = (GOLDEN / "plan.txt").read_text(encoding="utf-8")
    told = golden.split("\nCalls\n")[1].split("\n\n")[0].splitlines()
    told = [line for line in told if re.match(" *[0-9]+ [A-Z]", line)]  # without the documents below them
    assert [line.split()[1].partition("(")[0] for line in told] == [call["operation"] for call in data["calls"]]
    assert data["plan_digest"] in golden


HANG_ON_DAVE = (
    "DeleteLoginProfile",
    "UpdateAccessKey",
    "RemoveUserFromGroup",
    "RemoveUserFromGroup",
    "DeleteUserPolicy",
    "DetachUserPolicy",
    "RemoveUserFromGroup",
    "DeleteAccessKey",
    "DeleteAccessKey",
    "DeleteSSHPublicKey",
    "DeleteSigningCertificate",
    "DeleteServiceSpecificCredential",
    "DeactivateMFADevice",
    "DeleteVirtualMFADevice",
    "DeleteUser",
)


def test_dave_loses_his_password_first_his_guard_late_and_his_device_last(planned):
    data = planned
    calls = [call for call in data["calls"] if "dave" in str(call["params"].get("UserName", call["params"]))]
    assert tuple(call["operation"] for call in calls) == HANG_ON_DAVE
    groups = [call["params"]["GroupName"] for call in calls if call["operation"] == "RemoveUserFromGroup"]
    assert groups[-1] == "everyone"
    device, user = calls[HANG_ON_DAVE.index("DeactivateMFADevice")], calls[-1]
    access = calls[: HANG_ON_DAVE.index("DeleteAccessKey")]
    assert {call["index"] for call in access} <= _closure(data, device)
    assert {call["index"] for call in calls[:-1]} <= _closure(data, user)
    guard = next(call for call in calls if call["params"].get("GroupName") == "everyone")
    grants = [call for call in calls[2:6] if call is not guard]
    assert {calls[0]["index"], *(call["index"] for call in grants)} <= _closure(data, guard)


def _closure(plan, call):
    found, left = set(), list(call["needs"])
    while left:
        number = left.pop()
        if number not in found:
            found.add(number)
            left += plan["calls"][number]["needs"]
    return found


def test_an_apply_sends_what_the_plan_lists_and_converges(folder, here, planned):
    words, plan = ("iam", "--sandbox", "account.json", "--now", NOW, "--format", "json"), planned

    done = here("apply", *words, "--yes")

    assert (done.returncode, done.stderr) == (0, "")
    data = json.loads(done.stdout)
    check(data, "apply")
    assert data["converged"] is True
    assert data["remaining"] == []
    assert data["plan"] == plan
    assert [outcome["operation"] for outcome in data["outcomes"]] == [call["operation"] for call in plan["calls"]]
    assert {outcome["status"] for outcome in data["outcomes"]} == {"done"}
    journal = [json.loads(line) for line in (folder / data["journal"]).read_text(encoding="utf-8").splitlines()]
    sent = [{key: line[key] for key in plan["calls"][0]} for line in journal if line.get("event") == "intent"]
    assert sorted(sent, key=lambda call: call["index"]) == plan["calls"]
    assert _each_after_its_needs(journal)


def _each_after_its_needs(journal):
    """Return whether no call was sent before those that it needs had succeeded: others run side by side."""
    done = set()
    for line in journal:
        if line.get("event") == "intent" and not done.issuperset(line["needs"]):
            return False
        if line.get("event") == "outcome":
            done.add(line["index"])
    return bool(done)


@pytest.mark.exhaustive  # docs/tutorial.md shows applies as text
def test_apply_as_text_shows_the_plan_and_then_what_became_of_it(folder, here):
    done = here("apply", "iam", "--sandbox", "account.json", "--now", NOW, "--yes", "--show-calls")

    assert (done.returncode, done.stderr) == (0, "")
    golden = (GOLDEN / "plan.txt").read_text(encoding="utf-8")
    assert done.stdout.startswith(golden)
    assert re.search(
        r"54 of 54 calls done\.\npassword for niaj: handover/\S+-niaj\.age\nconverged: the account matches the manifests\.\n",
        done.stdout,
    )


def test_an_apply_that_nobody_confirms_writes_nothing(folder, here):
    before = (folder / "account.json").read_bytes()

    here("apply", "iam", "--sandbox", "account.json", "--now", NOW)

    assert written_nothing(folder, before)


def test_reading_sends_no_write(folder):
    from world import World

    with open_sandbox(json.loads((folder / "account.json").read_text()), account_id="111122223333") as session:
        counts = count_calls(session)
        World(session, folder).live.fetch(Needs())

    assert counts
    assert all(name.startswith(("Get", "List", "Generate")) for name in counts)


def test_a_snapshot_of_the_example_is_what_the_schema_says_and_plans_the_same(folder, here):
    done = here("snapshot", "-o", "taken.json", "--sandbox", "account.json", "--credentials", "exact")
    assert done.returncode == 0

    check(json.loads((folder / "taken.json").read_text(encoding="utf-8")), "snapshot")
    words = ("--now", NOW, "--access", "none")
    told = [here("plan", "iam", "--snapshot", name, *words).stdout for name in ("taken.json", "account.json")]
    assert told[0] == told[1]


def test_what_is_imported_from_the_example_plans_empty(folder, here):
    assert here("import", "imported", "--sandbox", "account.json").returncode == 0

    done = here("plan", "imported", "--sandbox", "account.json", "--detailed-exitcode")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Nothing to change." in done.stdout


def test_the_demo_converges_and_then_refuses_a_bad_change(tmp_path):
    words = ["sh", "examples/demo.sh", str(warm().programs / "iamctl"), str(tmp_path / "demo")]

    done = subprocess.run(words, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False, timeout=120)

    assert (done.returncode, done.stderr) == (0, "")
    asked, told = zip(*(part.split("\n", 1) for part in done.stdout.split("\n$ ")[1:]), strict=True)
    assert [" ".join(line.split()[:2]) for line in asked] == [
        "iamctl validate",
        "iamctl plan",
        "iamctl apply",
        "ls handover",
        "head -n",
        "iamctl plan",
        "iamctl access",
        "cat iam/policies/restart-service.json",
        "iamctl plan",
        "echo $?",
    ]
    assert "\nAccess\n" in told[1]
    assert "converged: the account matches the manifests." in told[2]
    (name,) = told[3].split()
    assert f"password for niaj: handover/{name}\n" in told[2]
    assert told[4] == "-----BEGIN AGE ENCRYPTED FILE-----\n"
    assert "Nothing to change." in told[5]
    assert "Assertions that hold: 5 of 5." in told[6]
    assert "assertion/only-administrators-change-iam is refuted by 2 of 14 users: dan may call iam:PassRole" in told[8]
    assert told[9].startswith("3\n")


def test_the_minimal_example_makes_an_account_that_does_not_exist_yet(tmp_path, here):
    tree = ROOT / "examples/minimal"
    planned = here("plan", tree, "--sandbox", "account.json")
    assert planned.returncode == 0
    assert not (tmp_path / "account.json").exists()

    assert here("apply", tree, "--sandbox", "account.json", "--yes").returncode == 0

    saved = json.loads((tmp_path / "account.json").read_text(encoding="utf-8"))
    check(saved, "snapshot")
    assert [user["UserName"] for user in saved["UserDetailList"]] == ["alice"]
    assert here("plan", tree, "--sandbox", "account.json", "--detailed-exitcode").returncode == 0


def test_the_clock_ends_a_membership_after_its_day_in_utc(tmp_path, here):
    oncall, carol = "- leaves oncall  expired 2026-11-20", "+ joins readers (until 2026-12-04"
    until = {"oncall": "2026-11-20", "readers": "2026-12-04"}
    members = {name: [{"user": "carol", "until": day}] for name, day in until.items()}
    write_tree(
        tmp_path / "iam", {"users": {"carol": {}}, "groups": {name: {} for name in until}, "memberships": members}
    )
    save(tmp_path / "account.json", account([user("carol", ["oncall"])], map(group, until)))
    for now, ended, joins in (
        ("2026-11-20T23:59:59Z", False, True),
        ("2026-11-21T01:59:59+02:00", False, True),
        ("2026-11-21T00:00:00Z", True, True),
        ("2026-12-05", True, False),
    ):
        said = here(*PLAN[:-1], now).stdout
        assert (oncall in said, carol in said) == (ended, joins)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as work, contextlib.chdir(acme(Path(work))):
        for page, flags in PAGES.items():
            with contextlib.redirect_stdout(io.StringIO()) as said:
                run_command_line([*PLAN, *flags])
            (GOLDEN / page).write_text(said.getvalue(), encoding="utf-8")
