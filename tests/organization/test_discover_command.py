"""iamctl fleet discover writes the accounts of an organization to a file, and shows what changed."""

import json

import jsonschema
import pytest

from iamctl.aws.errors import AwsError
from iamctl.commands.fleet.discover import discover
from iamctl.commands.schema import all_schemas
from iamctl.manifests import read_tree
from iamctl.model import ManifestError
from iamctl.model.failures import RefusedError, UsageError
from iamctl.source.open import SourceOptions

SETTINGS = """\
version: 1
accounts: {hub: {id: "111111111111", manifests: [a.yaml]}}
organization: {discover: {role: "arn:aws:iam::111111111111:role/iamctl-discover"}}
selections: [{select: {account: "*"}, manifests: [a.yaml]}]
"""
BY_TAG = SETTINGS.replace("manifests: [a.yaml]}]", 'exclude: {tag: {iamctl: "off"}}, manifests: [a.yaml]}]')
ORGANIZATION = [
    {"id": "111111111111", "name": "hub"},
    {"id": "333333333333", "name": "sandbox, \u202eone: {x}", "ou": "/dev", "tags": {"team": "a: b"}},
    {"id": "222222222222", "name": "payments-prod", "ou": "/prod/payments%2Fx", "state": "ACTIVE"},
    {"id": "444444444444", "name": "old", "ou": "/", "state": "SUSPENDED"},
]
HEAD = """\
# Written by iamctl fleet discover from AWS Organizations; do not edit it, run the command again.
# 'selections' in iamctl.yaml state what each account gets.
version: 1
"""


class World:
    """A tree of manifests beside a sandbox that holds an organization."""

    def __init__(self, folder, settings=SETTINGS, organization=ORGANIZATION):
        self.tree = folder / "iam"
        self.tree.mkdir()
        (self.tree / "iamctl.yaml").write_text(settings)
        (self.tree / "a.yaml").write_text("users: {alice: {}}\n")
        self.file = self.tree / "accounts.lock.yaml"
        self.sandbox = folder / "hub.json"
        self.has(organization)

    def has(self, organization):
        held = {} if organization is None else {"organization": organization}
        empty = {key: [] for key in ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")}
        self.sandbox.write_text(json.dumps({"account": {"id": "111111111111", "partition": "aws"}, **empty, **held}))

    def discover(self, **more):
        options = {"tags": False, "check": False, "output": "text", **more}
        return discover(self.tree, SourceOptions(sandbox=self.sandbox), **options)


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


def test_the_file_has_one_line_for_each_account_that_is_not_listed_by_hand(world, capsys):
    assert world.discover() == 0

    assert world.file.read_text() == HEAD + (
        "accounts:\n"
        '  - {id: "222222222222", name: payments-prod, ou: "/prod/payments%2Fx", state: ACTIVE}\n'
        '  - {id: "333333333333", name: "sandbox, \\u202Eone: {x}", ou: /dev, state: ACTIVE}\n'
        '  - {id: "444444444444", name: old, ou: /, state: SUSPENDED}\n'
    )
    assert capsys.readouterr().out == (
        "3 accounts in the organization, 1 of them not ACTIVE, so iamctl skips them\n"
        "\n"
        "New accounts\n"
        "  + 222222222222 payments-prod  /prod/payments%2Fx\n"
        "  + 333333333333 sandbox, \\u{202E}one: {x}  /dev\n"
        "  + 444444444444 old  /  SUSPENDED\n"
        "  'selections' in iamctl.yaml state what a new account gets; iamctl validate names those that no entry selects.\n"
        "\n"
        "Wrote accounts.lock.yaml. Review and commit it: plan and apply read this file only.\n"
    )


def test_its_accounts_are_those_of_the_tree(world):
    world.discover()

    tree = read_tree(world.tree)
    assert {name: one.ou for name, one in tree.accounts.items()} == {
        "hub": "",
        "payments-prod": "/prod/payments%2Fx",
        "sandbox, \u202eone: {x}": "/dev",
        "old": "/",
    }
    assert not tree.account("old").is_active


def test_a_second_run_writes_the_same_bytes_and_check_agrees(world, capsys):
    world.discover()
    before = world.file.stat()
    capsys.readouterr()

    assert world.discover() == 0
    assert world.discover(check=True) == 0

    assert world.file.stat().st_mtime_ns == before.st_mtime_ns
    assert capsys.readouterr().out.count("accounts.lock.yaml is up to date; nothing was written.") == 2


def test_check_writes_nothing_and_exits_2(world, capsys):
    assert world.discover(check=True) == 2

    assert not world.file.exists()
    assert "accounts.lock.yaml differs from the organization. Run iamctl fleet discover" in capsys.readouterr().out


def test_each_kind_of_change_is_shown_with_what_to_do(world, capsys):
    world.discover()
    world.has(
        [
            {"id": "111111111111", "name": "hub"},
            {"id": "222222222222", "name": "payments", "ou": "/prod"},
            {"id": "444444444444", "name": "old", "state": "CLOSED"},
            {"id": "555555555555", "name": "new"},
        ]
    )
    capsys.readouterr()
    world.discover()

    assert capsys.readouterr().out == (
        "3 accounts in the organization, 1 of them not ACTIVE, so iamctl skips them\n"
        "\n"
        "New accounts\n"
        "  + 555555555555 new  /\n"
        "  'selections' in iamctl.yaml state what a new account gets; iamctl validate names those that no entry selects.\n"
        "\n"
        "Accounts that left the organization\n"
        "  - 333333333333 sandbox, \\u{202E}one: {x}  /dev\n"
        "  iamctl stops managing these accounts and removes nothing in them. Remove their names and ids from 'selections' and "
        "'waves'. To keep managing one, list it under 'accounts' in iamctl.yaml.\n"
        "\n"
        "Renamed accounts\n"
        "  ~ 222222222222 payments  payments-prod -> payments\n"
        "  Names in 'selections' and 'waves', --account and {{ account.name }} use the new name from now on.\n"
        "\n"
        "Accounts in another OU\n"
        "  ~ 222222222222 payments  /prod/payments%2Fx -> /prod\n"
        "  Another OU may mean other manifests and variables: run iamctl plan for these accounts.\n"
        "\n"
        "Accounts in another state\n"
        "  ~ 444444444444 old  SUSPENDED -> CLOSED\n"
        "  iamctl skips an account that is not ACTIVE, and changes nothing in it.\n"
        "\n"
        "Wrote accounts.lock.yaml. Review and commit it: plan and apply read this file only.\n"
    )


def test_json_is_as_its_schema_says(world, capsys):
    world.discover(tags=True)
    world.has([{**ORGANIZATION[1], "tags": {"team": "c"}}, {**ORGANIZATION[2], "name": "p"}])
    capsys.readouterr()
    world.discover(output="json", tags=True)

    data = json.loads(capsys.readouterr().out)
    jsonschema.Draft202012Validator(all_schemas()["discovery"]).validate(data)
    assert [(one["change"], one["id"], one.get("before"), one.get("after")) for one in data["changes"]] == [
        ("gone", "444444444444", None, None),
        ("renamed", "222222222222", "payments-prod", "p"),
        ("tags", "333333333333", "team=a: b", "team=c"),
    ]
    assert (data["differs"], data["written"], data["accounts"]) == (True, True, 2)


def test_tags_are_read_if_a_selector_uses_them(tmp_path):
    world = World(tmp_path, BY_TAG)
    world.discover()

    assert '{id: "333333333333", name: "sandbox, \\u202Eone: {x}", ou: /dev, state: ACTIVE, tags: {team: "a: b"}}' in (
        world.file.read_text()
    )
    assert "tags: {}" in world.file.read_text()
    assert read_tree(world.tree).account("payments-prod").tags == {}


def test_a_stale_or_broken_file_does_not_hinder_discovery(world, capsys):
    world.file.write_text(
        "version: 1\naccounts: [{id: '222222222222', name: a, ou: x}, {id: '999999999999', name: z, ou: /, state: ACTIVE}]\n"
    )

    assert world.discover() == 0
    assert "  - 999999999999 z  /\n" in capsys.readouterr().out
    assert len(read_tree(world.tree).accounts) == 4


def test_more_accounts_than_a_page(tmp_path):
    world = World(
        tmp_path,
        organization=[{"id": f"{number:012}", "name": f"a{number}", "ou": f"/x/{number % 3}"} for number in range(250)],
    )
    world.discover()

    tree = read_tree(world.tree)
    assert len(tree.accounts) == 251
    assert tree.account("a7").ou == "/x/1"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("version: 1\naccounts: {hub: {id: '111111111111'}}\n", "there is no 'organization'"),
        ("version: 1\norganization: {accounts_file: iamctl.yaml}\n", "is not a file for accounts"),
        ("version: 1\norganization: {discover: x}\n", "expected a mapping for 'organization.discover'"),
        ("version: 1\norganization: [\n", "is not closed"),
    ],
)
def test_settings_that_do_not_say_how(tmp_path, settings, message):
    world = World(tmp_path, settings)

    with pytest.raises(ManifestError) as caught:
        world.discover()
    assert message in " ".join(finding.message for finding in caught.value.findings)


def test_selections_and_other_settings_may_have_mistakes_of_their_own(tmp_path):
    world = World(tmp_path, SETTINGS.replace('account: "*"', 'account: "nobody"'))

    assert world.discover() == 0


def test_the_sandbox_must_be_of_the_account_of_the_role(tmp_path):
    world = World(tmp_path, SETTINGS.replace("arn:aws:iam::111111111111", "arn:aws:iam::222222222222"))

    with pytest.raises(RefusedError, match="is not in account 111111111111"):
        world.discover()
    world.sandbox.unlink()
    with pytest.raises(UsageError, match="does not exist"):
        world.discover()


def test_an_account_without_an_organization(world, capsys):
    world.has(None)

    with pytest.raises(AwsError, match=r"is in no organization .* use a role in the management account"):
        world.discover()
    assert not world.file.exists()
