"""An organization is read whole, with few requests, and never with one ListParents for each account."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iamctl.aws import organizations
from iamctl.aws.errors import AwsError
from iamctl.aws.organizations import read_organization
from iamctl.aws.reads import ORGANIZATION_READS
from iamctl.aws.session import ForbiddenCallError, service_reader
from iamctl.manifests.accounts_file import accounts_text, read_accounts_file
from iamctl.manifests.events import load_yaml
from iamctl.model.organization import OrganizationAccount, ou_path
from iamctl.sandbox import open_sandbox

ROOT, PROD, PAY, DEV = "r-abcd", "ou-abcd-11111111", "ou-abcd-22222222", "ou-abcd-33333333"
UNITS = {ROOT: [(PROD, "prod"), (DEV, "a/b")], PROD: [(PAY, "payments")], PAY: [], DEV: []}
PLACES = {"111111111111": ROOT, "222222222222": PAY, "333333333333": DEV}
PATHS = {ROOT: ROOT, PAY: f"{ROOT}/{PROD}/{PAY}", DEV: f"{ROOT}/{DEV}"}
OUS = {"111111111111": "/", "222222222222": "/prod/payments", "333333333333": "/a%2Fb"}


class Organizations:
    """Organizations of a few accounts, in pages of one entry, each after an empty page."""

    def __init__(self, **changes):
        self.asked = Counter()
        self.changes = {"Paths": True, "State": True, **changes}
        self.accounts = {key: self.account(key, place) for key, place in PLACES.items()}

    def account(self, account_id, place):
        found = {"Id": account_id, "Name": f"n{account_id[0]}", "Status": "SUSPENDED"}
        if self.changes["Paths"]:
            found["Paths"] = [f"o-abcdefghij/{PATHS[place]}/{account_id}/"]
        return found | ({"State": "ACTIVE"} if self.changes["State"] else {})

    def page(self, operation, key, entries, asked):
        self.asked[operation] += 1
        number = int(asked.get("NextToken", 0))
        more = {"NextToken": str(number + 1)} if number < 2 * len(entries) - 1 else {}
        return {key: entries[number // 2 : number // 2 + 1] if number % 2 else [], **more}

    def list_accounts(self, **asked):
        return self.page("ListAccounts", "Accounts", list(self.accounts.values()), asked)

    def list_roots(self, **asked):
        return self.page("ListRoots", "Roots", [{"Id": ROOT, "Name": "Root"}], asked)

    def list_organizational_units_for_parent(self, **asked):
        units = [{"Id": key, "Name": name} for key, name in UNITS[asked["ParentId"]]]
        return self.page("ListOrganizationalUnitsForParent", "OrganizationalUnits", units, asked)

    def list_accounts_for_parent(self, **asked):
        inside = [account for key, account in self.accounts.items() if PLACES.get(key) == asked["ParentId"]]
        return self.page("ListAccountsForParent", "Accounts", inside, asked)

    def list_tags_for_resource(self, **asked):
        tags = [{"Key": "one", "Value": asked["ResourceId"]}, {"Key": "two", "Value": ""}]
        return self.page("ListTagsForResource", "Tags", tags, asked)


def read(monkeypatch, client, *, with_tags=False):
    monkeypatch.setattr(organizations, "service_reader", lambda *_: client)
    return read_organization(None, with_tags=with_tags)


def test_paths_save_the_listing_of_each_unit(monkeypatch):
    client = Organizations()
    found = read(monkeypatch, client)

    assert {one.account_id: one.ou for one in found} == OUS
    assert {one.state for one in found} == {"ACTIVE"}
    assert [one.tags for one in found] == [None] * 3
    assert set(client.asked) == {"ListAccounts", "ListRoots", "ListOrganizationalUnitsForParent"}


@pytest.mark.parametrize("missing", ["all", "one", "two of one", "unknown unit"])
def test_without_a_path_for_each_account_the_units_are_walked(monkeypatch, missing):
    client = Organizations(Paths=missing != "all")
    if missing == "one":
        del client.accounts["222222222222"]["Paths"]
    elif missing == "two of one":
        client.accounts["222222222222"]["Paths"] *= 2
    elif missing == "unknown unit":
        client.accounts["222222222222"]["Paths"] = [f"o-abcdefghij/{ROOT}/ou-abcd-99999999/222222222222/"]
    found = read(monkeypatch, client)

    assert {one.account_id: one.ou for one in found} == OUS
    assert client.asked["ListAccountsForParent"] >= 4


def test_status_counts_only_without_a_state(monkeypatch):
    assert {one.state for one in read(monkeypatch, Organizations(State=False))} == {"SUSPENDED"}


def test_tags_are_one_listing_for_each_account(monkeypatch):
    found = read(monkeypatch, Organizations(), with_tags=True)

    assert found[1].tags == {"one": "222222222222", "two": ""}


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda client: client.accounts.clear(), "returned no account ids"),
        (lambda client: client.accounts.update({"x": {"Id": "x", "Name": "x"}}), "returned no account ids"),
        (lambda client: client.accounts["111111111111"].update(State="", Status=""), "no state of account 1111"),
        (
            lambda client: client.accounts.update(
                {"444444444444": {"Id": "444444444444", "Name": "x", "State": "ACTIVE"}}
            ),
            "account 444444444444 was moved",
        ),
        (
            lambda client: setattr(client, "list_roots", lambda **_: {"Roots": [], "NextToken": "again"}),
            "the same page again and again",
        ),
    ],
)
def test_what_is_not_whole_is_refused(monkeypatch, spoil, message):
    client = Organizations()
    spoil(client)

    with pytest.raises(AwsError, match=message):
        read(monkeypatch, client)


def test_the_requests_for_an_organization_of_the_sandbox():
    units = ("/", "/prod", "/prod/a", "/dev")
    held = [{"id": f"{number:012}", "name": f"a{number}", "ou": units[number % 4]} for number in range(120)]
    asked = Counter()
    with open_sandbox({"organization": held}, account_id="111111111111") as session:
        session.events.register("before-call.organizations", lambda model, **_: asked.update([model.name]))
        found = read_organization(session, with_tags=False)
        client = service_reader(session, "organizations")
        with pytest.raises(ForbiddenCallError):
            client.close_account(AccountId="000000000001")

    assert [(one.account_id, one.ou) for one in found] == [(one["id"], one["ou"]) for one in held]
    assert asked == {
        "ListAccounts": 2,
        "ListRoots": 1,
        "ListOrganizationalUnitsForParent": 4,
        "ListAccountsForParent": 8,
    }
    assert asked.keys() <= ORGANIZATION_READS


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)


@given(
    accounts=st.lists(
        st.tuples(
            TEXTS,
            st.lists(TEXTS, max_size=3).map(tuple),
            st.none() | st.dictionaries(TEXTS, TEXTS | st.just(""), max_size=3),
        ),
        max_size=4,
        unique_by=lambda one: one[0],
    )
)
def test_whatever_names_aws_has_the_file_reads_back_as_it_was_written(accounts, tmp_path_factory):
    given_accounts = tuple(
        OrganizationAccount(f"{number:012}", name, ou_path(units), "ACTIVE", tags)
        for number, (name, units, tags) in enumerate(accounts)
    )
    root = tmp_path_factory.mktemp("tree")
    text = accounts_text(given_accounts)
    (root / "accounts.lock.yaml").write_text(text, newline="")
    settings = load_yaml("iamctl.yaml", b"organization: {}\n", wanted="x").root

    assert all(character.isprintable() or character == "\n" for character in text)
    assert len(text.splitlines()) == 4 + len(given_accounts)
    found = read_accounts_file(root, settings)
    assert found.findings == ()
    assert found.accounts == given_accounts
