"""With --base, a change of the accounts file, the selections or the roles is compared account by account."""

import json
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from iamctl.cli.app import app
from iamctl.commands.validate import validate
from iamctl.commands.workspace import declared_accounts, open_base
from iamctl.comparison.settings_guard import found_loosenings
from iamctl.manifests import AccountError, read_tree
from iamctl.model import ManifestError

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
SETTINGS = """\
version: 1
organization:
  role: {plan: "arn:aws:iam::{{ account.id }}:role/plan", apply: "arn:aws:iam::{{ account.id }}:role/apply"}
selections:
  - {select: {account: "*"}, manifests: [shared]}
  - {select: {ou: "/prod/*"}, manifests: [prod]}
protect: [user/break-glass]
"""
ACCOUNTS = """\
version: 1
accounts:
  - {id: "111111111111", name: one, ou: /prod, state: ACTIVE}
  - {id: "222222222222", name: two, ou: /prod, state: ACTIVE}
  - {id: "333333333333", name: three, ou: /dev, state: ACTIVE}
"""
USERS = ("alice", "break-glass", "carol")


def write(folder, settings=SETTINGS, accounts=ACCOUNTS):
    files = {
        "iamctl.yaml": settings,
        "accounts.lock.yaml": accounts,
        "shared/a.yaml": "users: {alice: {}}\n",
        "prod/a.yaml": "users: {break-glass: {}, carol: {}}\n",
    }
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return folder


@pytest.fixture
def was(tmp_path):
    return write(tmp_path / "was")


def compared(tree, was):
    """Return what each account of the tree declares, with the base, or its mistakes."""
    found = read_tree(tree)
    base = open_base(was, found, allow_loosening=False)
    return dict(declared_accounts(found, NOW, base=base, base_directory=was))


def sandbox(tmp_path, account_id):
    users = [{"UserName": name, "Arn": f"arn:aws:iam::{account_id}:user/{name}", "Path": "/"} for name in USERS]
    empty = {key: [] for key in ("GroupDetailList", "RoleDetailList", "Policies")}
    path = tmp_path / f"{account_id}.json"
    path.write_text(json.dumps({"account": {"id": account_id, "partition": "aws"}, "UserDetailList": users, **empty}))
    return path


def test_an_account_that_left_the_accounts_file_is_not_planned_and_loses_nothing(tmp_path, was):
    tree = write(
        tmp_path / "iam",
        accounts=ACCOUNTS.replace('  - {id: "222222222222", name: two, ou: /prod, state: ACTIVE}\n', ""),
    )
    file = sandbox(tmp_path, "222222222222")
    before = file.read_bytes()

    assert list(compared(tree, was)) == ["one", "three"]
    for name, expected in (("two", AccountError), ("one", None)):
        given = ["plan", str(tree), "--account", name, "--base", str(was), "--format", "json"]
        file = file if name == "two" else sandbox(tmp_path, "111111111111")
        done = CliRunner().invoke(app, [*given, "--sandbox", str(file)])
        if expected:
            assert isinstance(done.exception, expected)
        else:
            assert json.loads(done.stdout)["summary"]["delete"] == 0
    assert (tmp_path / "222222222222.json").read_bytes() == before


def test_an_account_that_is_in_no_selection_any_more_is_not_planned(tmp_path, was):
    tree = write(tmp_path / "iam", SETTINGS.replace('{account: "*"}', "{ou: /prod}"))

    assert list(compared(tree, was)) == ["one", "two"]
    with pytest.raises(AccountError, match="'three' is in no selection"):
        read_tree(tree).account("three")


def test_an_account_in_another_ou_is_compared_with_what_it_was(tmp_path, was):
    tree = write(tmp_path / "iam", accounts=ACCOUNTS.replace("two, ou: /prod", "two, ou: /dev"))
    found = compared(tree, was)

    assert [str(one.address) for one in found["two"].state] == ["user/alice"]
    assert [str(one.address) for one in found["two"].base.desired.state] == [
        "user/alice",
        "user/break-glass",
        "user/carol",
    ]
    done = CliRunner().invoke(
        app,
        [
            "plan",
            str(tree),
            "--account",
            "two",
            "--base",
            str(was),
            "--sandbox",
            str(sandbox(tmp_path, "222222222222")),
        ],
    )
    assert "IAM430" in done.stdout
    assert "user/break-glass: this is protected, and the manifests of the base declare it" in done.stdout


def test_another_role_template_is_a_loosening_for_every_account(tmp_path, was):
    tree = write(tmp_path / "iam", SETTINGS.replace("role/apply", "role/admin"))

    for desired in compared(tree, was).values():
        assert [one.setting for one in found_loosenings(desired)] == ["assume_role.apply"]
        assert str(found_loosenings(desired)[0].origin) == "iamctl.yaml:3:3"


def test_a_shared_setting_that_gets_looser_is_found_for_an_account_of_the_organization(tmp_path, was):
    tree = write(tmp_path / "iam", SETTINGS.replace("protect: [user/break-glass]\n", ""))
    desired = compared(tree, was)["one"]

    assert [one.setting for one in found_loosenings(desired)] == ["protect"]
    assert desired.settings.protect == ("user/break-glass",)


def test_a_name_that_moves_to_another_id_is_found(tmp_path, was):
    tree = write(tmp_path / "iam", accounts=ACCOUNTS.replace("333333333333", "999999999999"))
    (found,) = found_loosenings(compared(tree, was)["three"])

    assert found.setting == "id"
    assert str(found.origin) == "accounts.lock.yaml:5:5"


def test_an_account_that_moves_from_accounts_to_the_organization_keeps_its_base(tmp_path):
    by_hand = 'version: 1\naccounts: {first: {id: "111111111111", manifests: [shared, prod]}}\nprotect: [user/x]\n'
    was = write(tmp_path / "was", by_hand)
    desired = compared(write(tmp_path / "iam", SETTINGS), was)["one"]

    assert desired.base.desired is not None
    assert {one.setting for one in found_loosenings(desired)} >= {"protect"}


def test_mistakes_in_the_accounts_file_of_the_base_have_their_place(tmp_path, was):
    (was / "accounts.lock.yaml").write_text("version: 1\naccounts: [{id: x, name: a, ou: /, state: ACTIVE}]\n")

    with pytest.raises(ManifestError) as caught:
        compared(write(tmp_path / "iam"), was)
    assert str(caught.value.findings[0].origin) == f"{was}/accounts.lock.yaml:2:17"


def test_validate_names_accounts_that_are_no_longer_managed(tmp_path, was, capsys):
    gone = ACCOUNTS.replace('  - {id: "222222222222", name: two, ou: /prod, state: ACTIVE}\n', "")
    renamed = gone.replace("name: one", "name: first")
    tree = write(tmp_path / "iam", SETTINGS.replace('{account: "*"}', '{ou: ["/prod", "/prod/*"]}'), renamed)

    assert validate(tree, account=None, now=None, base=was, allow_loosening=False, output="text") == 0
    assert (
        "iamctl.yaml:1:1: warning: 2 accounts of the base are no longer managed: 'two' (222222222222), 'three' "
        "(333333333333); nothing in them is removed"
    ) in " ".join(capsys.readouterr().out.split())


def test_validate_names_a_wave_that_lets_more_accounts_fail(tmp_path, capsys):
    waves = "waves: [{name: canary, select: {account: one}}, {name: rest}]\n"
    was = write(tmp_path / "was", SETTINGS + waves)
    tree = write(tmp_path / "iam", SETTINGS + waves.replace("{name: rest}", "{name: rest, max_failures: 5}"))
    given = {"account": None, "now": None, "allow_loosening": False, "output": "text"}

    assert validate(tree, base=was, **given) == 0
    assert "the next wave begins although 5 accounts of wave 'rest' failed, instead of 1" in capsys.readouterr().out
    assert validate(was, base=tree, **given) == 0
    assert "IAM439" not in capsys.readouterr().out
