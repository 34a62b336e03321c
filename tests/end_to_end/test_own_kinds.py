"""A kind that a test brings along is validated, planned, applied, removed, imported and written down like any other."""

import json
from dataclasses import replace

import pytest
import yaml
from command_line import ACCOUNT, account, user, write_tree
from own_kinds import GitPassword, Role, trust

from iamctl.kinds import KINDS, parse_address
from iamctl.manifests.schema import entry_schemas, iamctl_yaml_schema, schemas, validator
from iamctl.schema.files import restore_schema

LAMBDA, BATCH = "lambda.amazonaws.com", "batch.amazonaws.com"
GIT = "codecommit.amazonaws.com"
SANDBOX = ("--sandbox", "live.json", "--now", "2026-11-23")


@pytest.fixture(autouse=True)
def own_kinds():
    with KINDS.including(Role, GitPassword):
        yield


@pytest.fixture
def live(tmp_path):
    """Return a function that writes the live account."""

    def written(*roles, users=(), **more):
        details = [role(one) if isinstance(one, str) else one for one in roles]
        text = json.dumps(account(list(users), RoleDetailList=details, **more))
        (tmp_path / "live.json").write_text(text, encoding="utf-8")

    return written


def role(name, service=LAMBDA, **tags):
    return {
        "RoleName": name,
        "RoleId": f"AROA{name.upper():X<17}",
        "Arn": f"arn:aws:iam::{ACCOUNT}:role/{name}",
        "Path": "/",
        "CreateDate": "2026-01-31T10:00:00Z",
        "AssumeRolePolicyDocument": trust(service),
        "RolePolicyList": [],
        "AttachedManagedPolicies": [],
        "InstanceProfileList": [],
        "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
    }


def roles_in(tmp_path):
    snapshot = json.loads((tmp_path / "live.json").read_text(encoding="utf-8"))
    return {one["RoleName"]: one for one in snapshot["RoleDetailList"]}


def calls(done):
    return [call["operation"] for call in json.loads(done.stdout)["calls"]]


def test_what_a_test_adds_ends_with_the_block():
    before = tuple(KINDS)

    with KINDS.including(Role):
        assert tuple(KINDS) == (*before, Role)

    assert tuple(KINDS) == before


class Profile(Role):
    kind = "profile"
    section = replace(Role.section, name="profiles", noun="profile")
    manifest_schema = {"profiles": Role.manifest_schema["roles"]}  # noqa: RUF012


def test_schemas_know_the_kinds_of_their_moment():
    assert "profiles" not in entry_schemas()

    with KINDS.including(Profile):
        assert validator("profiles").is_valid({"service": LAMBDA})
        assert "profiles" in iamctl_yaml_schema()["properties"]["scope"]["properties"]["undeclared"]["properties"]

    assert "profiles" not in entry_schemas()


def test_validate_checks_the_section_and_its_names(tmp_path, here):
    good = {"roles": {"nightly": {"service": LAMBDA}}}
    write_tree(tmp_path / "good", good, limits={"roles": 1}, scope={"undeclared": {"roles": "report"}})
    bad = {"roles": {"x" * 65: {"service": LAMBDA, "path": "jobs"}, "b": {"servce": "x"}}, "removed": ["role/b"]}
    write_tree(tmp_path / "bad", bad)

    assert here("validate", "good").stdout == "valid: 1 resource.\n"
    said = here("validate", "bad")
    assert said.returncode == 1
    assert "'service'" in said.stdout
    assert "'servce'" in said.stdout
    assert "'role/b' is declared at iam.yaml:5:3" in said.stdout

    write_tree(tmp_path / "bad", {"roles": {"x" * 65: {"service": LAMBDA, "path": "jobs"}}})
    said = here("validate", "bad").stdout
    assert "64 for the name of a role" in said
    assert "the path 'jobs'" in said


def test_plan_and_apply_create_and_change(tmp_path, here, live):
    live("nightly")
    write_tree(tmp_path / "iam", {"roles": {"Nightly": {"service": BATCH}, "weekly": {"service": LAMBDA}}})

    planned = here("plan", "iam", *SANDBOX)
    assert planned.returncode == 0, planned.stderr
    assert "Roles" in planned.stdout
    assert "weekly will be created" in planned.stdout
    assert here("drift", "iam", *SANDBOX).returncode == 2
    assert "role weekly is missing" in here("drift", "iam", *SANDBOX).stdout
    assert calls(here("plan", "iam", *SANDBOX, "--format", "json")) == ["CreateRole", "UpdateAssumeRolePolicy"]

    applied = here("apply", "iam", *SANDBOX, "--yes")
    assert applied.returncode == 0, applied.stdout + applied.stderr
    found = roles_in(tmp_path)
    assert found.keys() == {"nightly", "weekly"}
    assert found["nightly"]["AssumeRolePolicyDocument"] == trust(BATCH)
    assert here("drift", "iam", *SANDBOX).returncode == 0


def test_removed_deletes_and_writes_the_restore_file(tmp_path, here, live):
    live("nightly", "weekly")
    write_tree(tmp_path / "iam", {"roles": {"weekly": {"service": LAMBDA}}, "removed": ["role/nightly"]})

    applied = here("apply", "iam", *SANDBOX, "--yes")

    assert applied.returncode == 0, applied.stdout + applied.stderr
    assert roles_in(tmp_path).keys() == {"weekly"}
    written = json.loads(next((tmp_path / ".iamctl").rglob("*restore*.json")).read_text(encoding="utf-8"))
    assert [one["RoleName"] for one in written["roles"]] == ["nightly"]
    assert written["roles"][0]["AssumeRolePolicyDocument"] == trust(LAMBDA)
    assert written["users"] == []
    assert restore_schema()["properties"]["roles"]["items"]["required"] == ["RoleName"]


def test_what_nobody_declares_is_reported_or_removed_within_limits(tmp_path, here, live):
    live("a", "b", "c", "d", users=[user("alice")])
    write_tree(tmp_path / "iam", {"users": {"alice": {}}})
    told = here("plan", "iam", *SANDBOX)
    assert "4 undeclared roles left alone: a, b, c, d" in told.stdout

    write_tree(tmp_path / "iam", {"users": {"alice": {}}}, scope={"undeclared": {"roles": "remove"}})
    refused = here("plan", "iam", *SANDBOX)
    assert refused.returncode == 3
    assert "removes 4 of 4 roles" in refused.stdout

    applied = here("apply", "iam", *SANDBOX, "--yes", "--allow-removals", "roles=4")
    assert applied.returncode == 0, applied.stdout + applied.stderr
    assert roles_in(tmp_path) == {}


def test_the_base_holds_the_settings_of_the_kind(tmp_path, here):
    manifests = {"roles": {"nightly": {"service": LAMBDA}}}
    write_tree(tmp_path / "old", manifests, limits={"roles": 1})
    write_tree(tmp_path / "new", manifests, limits={"roles": 2}, scope={"undeclared": {"roles": "remove"}})

    said = here("validate", "new", "--base", "old")

    assert said.returncode == 1
    assert "limits.roles" in said.stdout
    assert "scope.undeclared.roles" in said.stdout
    assert here("validate", "old", "--base", "new").returncode == 0


def test_ignored_and_protected_ones_stay(tmp_path, here, live):
    live("a", "b")
    settings = {"scope": {"undeclared": {"roles": "remove"}, "ignore": ["role/a"]}, "protect": ["role/b"]}
    write_tree(tmp_path / "iam", {"roles": {"c": {"service": LAMBDA}}}, **settings)

    refused = here("plan", "iam", *SANDBOX)

    assert refused.returncode == 3
    assert "role/b" in refused.stdout
    assert "role/a is removed" not in refused.stdout


def test_import_writes_what_a_plan_then_finds_in_place(tmp_path, here, live):
    git = {"ServiceSpecificCredentialId": "ACCAALICE0000000000001", "ServiceName": GIT, "Status": "Active"}
    held = {"LoginProfile": None, "AccessKeyMetadata": [], "MFADevices": [], "SSHPublicKeys": [], "Certificates": []}
    git |= {"UserName": "alice", "CreateDate": "2026-01-31T10:00:00Z", "ServiceUserName": "alice-at-123456789012"}
    live("nightly", users=[user("alice")], credentials={"alice": {**held, "ServiceSpecificCredentials": [git]}})

    done = here("import", "iam", "--account", "test", "--snapshot", "live.json")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 user, 0 groups, 0 memberships, 0 policies, 1 role" in done.stdout
    text = (tmp_path / "iam/roles.yaml").read_text(encoding="utf-8")
    assert text.startswith("# The roles of the account")
    assert yaml.safe_load(text) == {"roles": {"nightly": {"service": LAMBDA}}}
    assert yaml.safe_load((tmp_path / "iam/users.yaml").read_text(encoding="utf-8")) == {
        "users": {"alice": {"git": [GIT]}}
    }


def test_a_kind_that_hangs_on_a_user_comes_and_goes_with_its_line(tmp_path, here, live):
    live(users=[user("alice")])
    write_tree(tmp_path / "iam", {"users": {"alice": {"git": [GIT]}}})

    planned = here("plan", "iam", *SANDBOX)
    assert "alice" in planned.stdout
    assert "gains" in planned.stdout
    assert GIT in planned.stdout
    applied = here("apply", "iam", *SANDBOX, "--yes")
    assert applied.returncode == 0, applied.stdout + applied.stderr
    assert here("drift", "iam", *SANDBOX).returncode == 0

    write_tree(tmp_path / "iam", {"users": {"alice": {}}})
    assert calls(here("plan", "iam", *SANDBOX, "--format", "json")) == ["DeleteServiceSpecificCredential"]
    refused = here("plan", "iam", *SANDBOX).stdout
    assert "removes 1 of 1 git passwords" in refused
    applied = here("apply", "iam", *SANDBOX, "--yes", "--allow-removals", "git_passwords=1")
    assert applied.returncode == 0, applied.stdout + applied.stderr
    assert "Nothing to change" in here("plan", "iam", *SANDBOX).stdout
    assert str(parse_address(f"git-password/alice/{GIT}")) == f"git-password/alice/{GIT}"


def test_schemas_and_settings_know_the_kind():
    known = schemas()

    assert known["manifest"]["properties"]["roles"]["examples"] == [{"nightly": {"service": LAMBDA}}]
    assert known["roles"]["description"] == "Roles by name."
    assert known["settings"]["properties"]["limits"]["properties"]["roles"]["default"] == "10%"
    choices = known["settings"]["properties"]["scope"]["properties"]["undeclared"]["properties"]
    assert choices["roles"]["default"] == "report"
    assert known["removed"]["description"].startswith(
        "Addresses of users, groups, policies, account settings and roles"
    )


def test_tags_are_checked_and_those_of_others_stay(tmp_path, here, live):
    live(role("nightly", team="jobs", **{"hr:id": "7"}))
    entry = {"service": LAMBDA, "tags": {"Team": "batch"}}
    write_tree(tmp_path / "bad", {"roles": {"nightly": {**entry, "tags": {"a": "1", "A": "2", "aws:x": "3"}}}})
    write_tree(tmp_path / "iam", {"roles": {"nightly": entry}}, scope={"ignore_tags": ["hr:*"]})

    refused = here("validate", "bad").stdout
    assert "'a' and 'A' differ only by case" in refused
    assert "begins with 'aws:'" in refused
    assert here("apply", "iam", *SANDBOX, "--yes").returncode == 0
    tags = {tag["Key"]: tag["Value"] for tag in roles_in(tmp_path)["nightly"]["Tags"]}
    assert tags == {"Team": "batch", "hr:id": "7"}
