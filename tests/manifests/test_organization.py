"""Accounts of an organization are the same model as accounts listed by hand; selectors and waves choose among them."""

import pytest
from manifest_trees import declare, write_tree

from iamctl.commands.workspace import InactiveError, check_active
from iamctl.manifests import AccountError, read_tree
from iamctl.manifests.base import read_base
from iamctl.model.account_selector import AccountSelector, in_ou, select
from iamctl.model.failures import UsageError
from iamctl.model.organization import OrganizationAccount, ou_path
from iamctl.model.settings import Settings
from iamctl.model.wave import ONE_WAVE, WaveRule, waves_of

SETTINGS = """\
version: 1
accounts: {hub: {id: "111111111111", manifests: [hub.yaml], variables: {env: hub}}}
organization:
  role: {plan: "arn:{{partition}}:iam::{{ account.id }}:role/plan", apply: "arn:aws:iam::{{ account.id }}:role/apply"}
selections:
  - {select: {account: "*"}, exclude: {tag: {iamctl: "off"}}, manifests: [shared]}
  - {select: {ou: "/prod/*", tag: {team: payments}}, manifests: [payments, shared], variables: {env: prod}}
waves:
  - {name: canary, select: {account: [sandbox-1, "111111111111"]}}
  - {name: rest}
  - {name: dev, select: {ou: "/dev/*"}, max_failures: 3}
protect: [user/break-glass]
limits: {users: 3}
"""
ACCOUNTS = """\
version: 1
accounts:
  - {id: "222222222222", name: payments-prod, ou: /prod/payments, state: ACTIVE, tags: {team: payments}}
  - {id: "333333333333", name: sandbox-1, ou: /dev, state: ACTIVE, tags: {}}
  - {id: "444444444444", name: sandbox two, ou: /dev/x, state: SUSPENDED, tags: {team: x}}
  - {id: "555555555555", name: audit, ou: /, state: ACTIVE, tags: {iamctl: "off"}}
"""
FILES = {
    "iamctl.yaml": SETTINGS,
    "accounts.lock.yaml": ACCOUNTS,
    "hub.yaml": "users: {h: {}}\n",
    "shared/a.yaml": "users: {alice: {}}\n",
    "payments/a.yaml": 'users: {pat: {path: "/{{ env }}/{{ account.id }}/"}}\n',
}


@pytest.fixture
def tree(tmp_path):
    return read_tree(write_tree(tmp_path, FILES))


def test_an_account_of_the_organization_has_the_settings_of_a_hand_listed_one(tree):
    one = tree.account("payments-prod")

    assert one.account_id == "222222222222"
    assert one.assume_role == {
        "plan": "arn:{{ partition }}:iam::222222222222:role/plan",
        "apply": "arn:aws:iam::222222222222:role/apply",
    }
    assert one.role("plan", "aws-cn") == "arn:aws-cn:iam::222222222222:role/plan"
    assert one.manifests == ("shared", "payments")
    assert (one.ou, one.tags, one.account_state, one.is_active) == (
        "/prod/payments",
        {"team": "payments"},
        "ACTIVE",
        True,
    )
    assert one.protect == ("user/break-glass",)
    assert one.limits["users"].count == 3
    assert str(one.origin_of("id")) == "accounts.lock.yaml:3:5"
    assert str(one.origin_of("assume_role")) == "iamctl.yaml:4:3"
    assert list(tree.accounts) == ["hub", "payments-prod", "sandbox-1", "sandbox two"]


def test_it_is_declared_with_the_manifests_and_variables_of_all_its_selections(tmp_path):
    desired = declare(write_tree(tmp_path, FILES), account="payments-prod")

    assert {str(one.address): one.path for one in desired.state} == {
        "user/alice": "/",
        "user/pat": "/prod/222222222222/",
    }


def test_the_digest_holds_the_facts_of_the_account_and_not_those_of_others(tmp_path):
    def digest(text):
        return declare(write_tree(tmp_path, {**FILES, "accounts.lock.yaml": text}), account="payments-prod").digest

    before = digest(ACCOUNTS)

    assert digest(ACCOUNTS.replace("sandbox two", "sandbox 2").replace("version: 1", "\nversion: 1")) == before
    assert digest(ACCOUNTS.replace("/prod/payments", "/prod/pay")) != before


def test_the_partition_of_the_discovery_role_is_that_of_all_roles(tmp_path):
    text = SETTINGS.replace(
        "organization:", 'organization:\n  discover: {role: "arn:aws-cn:iam::111111111111:role/iamctl-discover"}'
    )
    one = read_tree(write_tree(tmp_path, {**FILES, "iamctl.yaml": text})).account("sandbox-1")

    assert one.assume_role["plan"] == "arn:aws-cn:iam::333333333333:role/plan"


def test_an_account_that_is_not_active_is_kept_and_cannot_be_planned(tree):
    one = tree.account("sandbox two")

    with pytest.raises(InactiveError, match=r"'sandbox two' is SUSPENDED.*accounts\.lock\.yaml:5:5"):
        check_active(one)
    check_active(tree.account("hub"))


def test_an_unselected_account_is_named_with_its_reason(tree):
    assert [one.account_name for one in tree.unselected] == ["audit"]
    for name in ("audit", "555555555555"):
        with pytest.raises(AccountError, match="is in no selection"):
            tree.account(name)


def test_waves_are_in_their_order_and_the_one_without_select_takes_the_rest(tree):
    waves = waves_of(tree.accounts.values())

    assert [(wave.name, wave.max_failures, [one.account_name for one in wave.accounts]) for wave in waves] == [
        ("canary", 0, ["hub", "sandbox-1"]),
        ("rest", 1, ["payments-prod"]),
        ("dev", 3, ["sandbox two"]),
    ]
    assert waves_of(tree.accounts.values())[0].rule == WaveRule("canary", 0, 0)


def test_without_waves_there_is_one(tmp_path):
    (wave,) = waves_of(read_tree(write_tree(tmp_path, {"a.yaml": "users: {}\n"})).accounts.values())

    assert wave.rule == ONE_WAVE


def test_the_settings_of_a_base_include_its_organization(tmp_path):
    root = write_tree(tmp_path, FILES)

    assert read_base(root) == read_tree(root).accounts


def test_the_accounts_file_is_no_manifest(tmp_path):
    files = {**FILES, "iamctl.yaml": SETTINGS.replace("manifests: [hub.yaml]", "manifests: [hub.yaml, .]")}

    assert "user/alice" in {str(one.address) for one in declare(write_tree(tmp_path, files), account="hub").state}


@pytest.mark.parametrize(
    ("selectors", "names"),
    [
        ([], "hub payments-prod sandbox-1 sandbox-two"),
        (["sandbox-*"], "sandbox-1 sandbox-two"),
        (["sandbox-?"], "sandbox-1"),
        (["hub,sandbox-1"], "hub sandbox-1"),
        (["222222222222"], "payments-prod"),
        (["ou:/prod/*"], "payments-prod"),
        (["ou:/*"], "payments-prod sandbox-1 sandbox-two"),
        (["ou:/dev"], "sandbox-1"),
        (["ou:/dev/*", "tag:team"], "sandbox-two"),
        (["tag:team=pay*"], "payments-prod"),
        (["tag:team=payments,hub"], "hub payments-prod"),
    ],
)
def test_select(selectors, names):
    accounts = (
        Settings("hub", "111111111111"),
        Settings("payments-prod", "222222222222", ou="/prod/payments", tags={"team": "payments"}),
        Settings("sandbox-1", "333333333333", ou="/dev"),
        Settings("sandbox-two", "444444444444", ou="/dev/x", tags={"team": "x"}),
    )

    assert " ".join(one.account_name for one in select(accounts, selectors)) == names


@pytest.mark.parametrize(
    ("selectors", "message"),
    [
        (["sandbx"], "matches no account; did you mean 'sandbox'"),
        (["ou:dev"], "'dev' is not the path of an OU"),
        (["tag:=x"], "names no tag"),
        (["sandbox,"], "is empty"),
        (["sandbox", "ou:/prod/*"], "no account matches all of --select 'sandbox', --select 'ou:/prod/"),
        (["tag:team=x"], "the accounts file has no tags"),
    ],
)
def test_a_selector_that_is_wrong_or_matches_nothing(selectors, message):
    accounts = (
        Settings("sandbox", "111111111111", ou="/dev", tags=None),
        Settings("prod", "222222222222", ou="/prod", tags=None),
    )

    with pytest.raises(UsageError, match=message):
        select(accounts, selectors)


@pytest.mark.parametrize(
    ("pattern", "path", "is_in"),
    [
        ("/prod/*", "/prod", True),
        ("/prod/*", "/prod/a/b", True),
        ("/prod/*", "/production", False),
        ("/prod/*", "/", False),
        ("/*", "/", True),
        ("/*", "/a/b", True),
        ("/*", "", False),
        ("/", "/", True),
        ("/", "/a", False),
        ("/*/*", "/", False),
        ("/*/pay", "/a/pay", True),
        ("/*/pay", "/a/b/pay", False),
        ("/p?od", "/prod", True),
        ("/p.od", "/prod", False),
    ],
)
def test_patterns_of_organizational_units(pattern, path, is_in):
    assert in_ou(pattern, path) is is_in


def test_no_name_passes_for_an_id_and_no_unit_for_a_path():
    named_as_another = OrganizationAccount("111111111111", "222222222222")

    assert not AccountSelector(accounts=("222222222222",)).matches(named_as_another)
    assert ou_path(("prod/x", "50%")) == "/prod%2Fx/50%25"
    assert ou_path(()) == "/"


@pytest.mark.parametrize("entries", ["one", "each"])
def test_thousands_of_accounts_are_selected_in_linear_time(entries, tmp_path, monkeypatch):
    looked_at = []
    matches = AccountSelector.matches
    monkeypatch.setattr(AccountSelector, "matches", lambda *given: looked_at.append(1) or matches(*given))

    def looks(count):
        looked_at.clear()
        names = [f"a{number}" for number in range(count)]
        groups = [names] if entries == "one" else [[name] for name in names]
        accounts = "".join(
            f'  - {{id: "{number:012}", name: {name}, ou: /x, state: ACTIVE}}\n' for number, name in enumerate(names)
        )
        selections = "".join(
            f"  - {{select: {{account: [{', '.join(group)}]}}, manifests: [a.yaml]}}\n" for group in groups
        )
        files = {
            "iamctl.yaml": f"version: 1\norganization: {{}}\nselections:\n{selections}",
            "accounts.lock.yaml": f"version: 1\naccounts:\n{accounts}",
            "a.yaml": "users: {}\n",
        }
        assert len(read_tree(write_tree(tmp_path, files)).accounts) == count
        return len(looked_at)

    assert looks(400) <= 2.1 * looks(200)
