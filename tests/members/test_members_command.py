"""``iamctl members`` as a command: the acme example in every format, filters, exit codes, and what it loads."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
from call_counts import count_calls
from effort import first

from iamctl.aws.read import read_snapshot
from iamctl.aws.session import identify
from iamctl.cli.process import run_command_line
from iamctl.commands.workspace import moment
from iamctl.sandbox import open_sandbox
from iamctl.schema import members_schema

ROOT = Path(__file__).resolve().parents[2]
ACME = ROOT / "examples/acme"
GOLDEN = Path(__file__).parent / "golden"
NOW = "2026-11-23"


@pytest.fixture
def members(tmp_path, capsys):
    """Run the command on the acme example; returns the exit code, stdout and stderr."""
    account = tmp_path / "account.json"
    shutil.copy(ACME / "account.json", account)

    def run(*words, tree=ACME, source="--snapshot"):
        where = [] if "--declared" in words else [source, str(account)]
        code = run_command_line(["members", str(tree), *where, "--now", NOW, *words])
        return code, *capsys.readouterr()

    return run


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("acme.txt", []),
        ("acme.md", ["--format", "markdown"]),
        ("acme.csv", ["--format", "csv"]),
        ("acme.json", ["--format", "json"]),
        ("acme-declared.txt", ["--declared"]),
        ("acme-alice-bob.txt", ["--user", "alice", "--user", "bob"]),
    ],
)
def test_acme_is_told_as_in_the_golden_file(members, name, words):
    code, out, err = members(*words)

    assert (code, err) == (0, "")
    assert out == (GOLDEN / name).read_text(encoding="utf-8")


def test_the_sandbox_tells_what_a_snapshot_tells_and_is_left_as_it_was(members, tmp_path):
    before = (tmp_path / "account.json").read_bytes()

    assert members(source="--sandbox") == members(source="--snapshot")
    assert (tmp_path / "account.json").read_bytes() == before


@pytest.mark.parametrize("words", [[], ["--declared"], ["--group", "oncall"], ["--user", "ivan"]])
def test_json_is_as_its_schema_says(members, words):
    code, out, _ = members("--format", "json", *words)

    assert code == 0
    jsonschema.validate(json.loads(out), members_schema(), format_checker=jsonschema.FormatChecker())


def test_a_group_is_shown_with_its_policies(members):
    code, out, err = members("--group", "administrators")

    assert (code, err) == (0, "")
    assert "\nPolicies of administrators\n    aws:AdministratorAccess\n" in out
    markdown = members("--group", "administrators", "--format", "markdown")[1]
    assert "\n### Policies of administrators\n\n- `aws:AdministratorAccess`\n" in markdown
    (group,) = json.loads(members("--group", "administrators", "--format", "json")[1])["groups"]
    assert group["policies"] == [
        {"name": "aws:AdministratorAccess", "is_inline": False, "status": "stays"},
        {"name": "leftover", "is_inline": True, "status": "removed"},
    ]
    assert "Policies of" not in members()[1]


def test_filters_know_names_in_any_case_and_from_before_a_rename(members):
    _, out, _ = members("--group", "DEVELOPERS", "--user", "HEIDI", "--user", "Robert", "--format", "csv")

    assert [row.split(",")[:3] for row in out.splitlines()[1:]] == [
        ["developers", "bob", "stays"],
        ["developers", "Heidi", "stays"],
    ]


def test_a_group_without_members_can_be_asked_for(members):
    code, out, _ = members("--group", "contractors")

    assert code == 0
    assert "contractors (undeclared and left alone): 0 declared, 0 live\n    nobody" in out


def test_a_user_without_groups_can_be_asked_for(members):
    code, out, _ = members("--user", "ses-smtp")

    assert code == 0
    assert "ses-smtp: 0 declared, 0 live\n    no group" in out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--group", "devlopers"], "no group 'devlopers' is declared or live; did you mean 'developers'?"),
        (["--user", "xyz"], "no user 'xyz' is declared or live"),
        (["--declared", "--user", "svc-deploy"], "no user 'svc-deploy' is declared"),
        (["--user", "\x1b[31m"], "no user '\\x1b[31m' is declared or live"),
    ],
)
def test_an_unknown_name_is_an_error_with_a_guess(members, words, message):
    assert members(*words) == (1, "", f"error: {message}\n")


@pytest.mark.parametrize("source", [["--snapshot", "x"], ["--sandbox", "x"], ["--profile", "x"], ["--region", "x"]])
def test_declared_goes_with_no_account(capsys, source):
    assert run_command_line(["members", str(ACME), "--declared", *source]) == 64
    assert f"so it excludes {source[0]}" in capsys.readouterr().err


def test_an_unknown_format_is_wrong_usage(members):
    assert members("--format", "xlsx")[0] == 64


def test_csv_is_for_members_only(capsys):
    assert run_command_line(["validate", str(ACME), "--format", "csv"]) == 64


def test_the_wrong_account_is_refused(members, tmp_path):
    tree = tmp_path / "iam"
    shutil.copytree(ACME, tree)
    settings = (tree / "iamctl.yaml").read_text(encoding="utf-8")
    (tree / "iamctl.yaml").write_text(settings.replace("111122223333", "999999999999"), encoding="utf-8")

    assert members(tree=tree, source="--sandbox")[0] == 3


def test_a_mistake_in_the_manifests_is_an_error(members, tmp_path):
    tree = tmp_path / "iam"
    shutil.copytree(ACME, tree)
    (tree / "more.yaml").write_text("memberships: {oncal: [alice]}\n", encoding="utf-8")

    code, out, err = members(tree=tree)

    assert (code, out) == (1, "")
    assert "more.yaml:1:15" in err


@pytest.mark.parametrize("output", first(1, ["text", "csv", "json"]))
def test_declared_loads_nothing_heavy(output):
    code = (
        "import sys\n"
        "from iamctl.cli.process import run_command_line\n"
        f"code = run_command_line(['members', 'examples/acme', '--declared', '--format', {output!r}])\n"
        "heavy = {'boto3', 'botocore', 'moto', 'deepdiff', 'rich', 'jsonschema', 'iamctl.aws', 'iamctl.sandbox'}\n"
        "loaded = sorted(heavy & set(sys.modules))\n"
        "assert code == 0, code\n"
        "assert not loaded, loaded\n"
    )

    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)

    assert run.returncode == 0, run.stderr


def test_a_read_without_credentials_asks_for_none():
    snapshot = json.loads((ACME / "account.json").read_text(encoding="utf-8"))
    with open_sandbox(snapshot, account_id="111122223333") as session:
        caller, counts = identify(session), count_calls(session)
        read_snapshot(session, caller, credentials="none", now=moment(NOW))

    assert counts == {"GetAccountAuthorizationDetails": 1, "GetAccountSummary": 1}


@pytest.mark.exhaustive  # the golden file of the plan of acme shows the same
def test_the_plan_shows_who_joins_and_leaves_which_group_and_why(tmp_path, capsys):
    assert run_command_line(["plan", str(ACME), "--sandbox", str(ACME / "account.json"), "--now", NOW]) == 0
    _, _, end = capsys.readouterr().out.partition("\nWho joins and leaves\n")

    assert end.partition("\n\n")[0] == (
        "  administrators  (3 -> 3 members)\n"
        "    + carol  until 2026-12-04; reason: migration of the DNS zones, OPS-341  memberships.yaml:5:7\n"
        "    - dave  the user will be deleted\n"
        "  auditors  (1 -> 2 members)\n"
        "    + erin  memberships.yaml:6:20\n"
        "  developers  (8 -> 6 members)\n"
        "    + niaj  memberships.yaml:8:42\n"
        "    - carol\n"
        "    - dave  the user will be deleted\n"
        "    - trudy  the user is not declared\n"
        "  everyone  (12 -> 13 members)\n"
        "    + niaj, olivia  people/payments.yaml:2:40, people/security-and-finance.yaml:2:33\n"
        "    - dave  the user will be deleted\n"
        "  legacy-admins  (the group will be deleted)\n"
        "    - erin\n"
        "  oncall  (3 -> 2 members)\n"
        "    - alice  expired 2026-11-20; reason: cover for ivan, OPS-322  memberships.yaml:12:7"
    )
