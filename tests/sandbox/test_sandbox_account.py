"""What a sandbox does with a loaded account: its quotas, its policies, its pages and its credential report."""

import csv
import io
import json
from pathlib import Path

import pytest
from sandbox_checks import ACCOUNT, ALLOW, group, policy, refused, statement, user
from sandbox_reader import pages, read_details

from iamctl.sandbox import open_sandbox

DATA = Path(__file__).resolve().parents[2] / "../shared/data"
NEW_POLICY = "arn:aws:iam::aws:policy/NewerThanMoto"
FOREIGN = f"arn:aws:iam::{ACCOUNT}:policy/not-in-the-snapshot"


def json_lines(name):
    path = DATA / "policies/invalid" / name
    if not path.is_file():
        return [pytest.param(None, marks=pytest.mark.skip(reason="the shared documents are not here"))]
    return [pytest.param(entry["document"], id=entry["id"]) for entry in json.loads(path.read_text())]


def a_user(name="u", **facts):
    arn = f"arn:aws:iam::{ACCOUNT}:user/{name}"
    return {"Path": "/", "UserName": name, "UserId": f"AIDA{name:X>17}", "Arn": arn, "GroupList": []} | facts


def attached(*arns):
    return [{"PolicyName": arn.split("/")[-1], "PolicyArn": arn} for arn in arns]


def opened(snapshot=None, **options):
    return open_sandbox(snapshot, account_id=ACCOUNT, **options)


def test_quotas_are_those_of_the_summary():
    summary = {"UsersQuota": 2, "GroupsQuota": 1, "PoliciesQuota": 1, "GroupsPerUserQuota": 1}
    summary |= {"AttachedPoliciesPerUserQuota": 1, "PolicySizeQuota": 100}
    with opened({"UserDetailList": [a_user()], "SummaryMap": summary}) as session:
        iam = session.client("iam")
        user(iam, "second")
        group(iam)
        arn = policy(iam)
        iam.attach_user_policy(UserName="u", PolicyArn=arn)
        refused("LimitExceeded", iam.create_user, UserName="third")
        refused("LimitExceeded", iam.create_group, GroupName="another")
        refused("LimitExceeded", iam.create_policy, PolicyName="another", PolicyDocument=json.dumps(ALLOW))
        read_only = "arn:aws:iam::aws:policy/ReadOnlyAccess"
        refused("LimitExceeded", iam.attach_user_policy, UserName="u", PolicyArn=read_only)
        iam.delete_user(UserName="second")
        user(iam, "third")
        assert iam.get_account_summary()["SummaryMap"]["UsersQuota"] == 2


def test_an_account_beyond_its_quotas_loads_and_shrinks():
    names = [f"g{number}" for number in range(12)]
    groups = [{"GroupName": name, "Arn": f"arn:aws:iam::{ACCOUNT}:group/{name}"} for name in names]
    with opened({"UserDetailList": [a_user(GroupList=names)], "GroupDetailList": groups}) as session:
        iam = session.client("iam")
        assert len(iam.list_groups_for_user(UserName="u")["Groups"]) == 12
        iam.remove_user_from_group(UserName="u", GroupName="g0")
        refused("LimitExceeded", iam.add_user_to_group, UserName="u", GroupName="g0")


def test_names_that_iam_would_refuse_load_and_can_be_deleted():
    odd = "has space"
    with opened({"UserDetailList": [a_user("Twin"), a_user("twin"), a_user(odd)]}) as session:
        iam = session.client("iam")
        assert [one["UserName"] for one in iam.list_users()["Users"]] == ["Twin", "twin", odd]
        iam.delete_user(UserName="twin")
        assert [one["UserName"] for one in iam.list_users()["Users"]] == ["Twin", odd]


def test_an_aws_managed_policy_that_moto_does_not_know_comes_from_the_snapshot():
    versions = [{"VersionId": "v3", "IsDefaultVersion": True, "Document": ALLOW, "CreateDate": "2026-01-01T00:00:00Z"}]
    known = {"PolicyName": "NewerThanMoto", "Arn": NEW_POLICY, "DefaultVersionId": "v3", "PolicyVersionList": versions}
    holder = a_user(AttachedManagedPolicies=attached(NEW_POLICY))
    with opened({"UserDetailList": [holder], "Policies": [known]}) as session:
        iam = session.client("iam")
        group(iam)
        iam.attach_group_policy(GroupName="g", PolicyArn=NEW_POLICY)
        found = iam.get_policy(PolicyArn=NEW_POLICY)["Policy"]
        version = iam.get_policy_version(PolicyArn=NEW_POLICY, VersionId="v3")["PolicyVersion"]
        listed = {one["Arn"] for one in pages(iam.list_policies, "Policies", Scope="AWS")}
        details = read_details(iam)

    assert found["AttachmentCount"] == 2
    assert version["Document"] == ALLOW
    assert {NEW_POLICY, "arn:aws:iam::aws:policy/ReadOnlyAccess"} <= listed
    assert details["Policies"] == []


def test_a_policy_that_is_attached_but_not_described_stays_attached_and_says_nothing():
    with opened({"UserDetailList": [a_user(AttachedManagedPolicies=attached(FOREIGN))]}) as session:
        iam = session.client("iam")
        details = read_details(iam)
        refused("NoSuchEntity", iam.get_policy, PolicyArn=FOREIGN)
        iam.detach_user_policy(UserName="u", PolicyArn=FOREIGN)

    assert details["UserDetailList"][0]["AttachedManagedPolicies"] == attached(FOREIGN)
    assert details["Policies"] == []


def test_an_aws_managed_policy_that_nobody_describes_counts_as_granting_everything():
    with opened({"UserDetailList": [a_user(AttachedManagedPolicies=attached(NEW_POLICY))]}) as session:
        iam = session.client("iam")
        (listed,) = pages(iam.list_policies, "Policies", Scope="AWS", OnlyAttached=True)
        version = iam.get_policy_version(PolicyArn=NEW_POLICY, VersionId="v1")["PolicyVersion"]

    assert (listed["Arn"], listed["AttachmentCount"]) == (NEW_POLICY, 1)
    assert version["Document"]["Statement"][0]["Action"] == version["Document"]["Statement"][0]["Resource"] == "*"


def test_an_aws_managed_policy_without_documents_has_those_of_moto():
    arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    with opened({"Policies": [{"PolicyName": "ReadOnlyAccess", "Arn": arn}]}) as session:
        iam = session.client("iam")
        default = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        assert iam.get_policy_version(PolicyArn=arn, VersionId=default)["PolicyVersion"]["Document"]["Statement"]


def test_attachment_counts_follow_the_attachments():
    with opened() as session:
        iam = session.client("iam")
        arn = policy(iam)
        for name in ("a", "b"):
            user(iam, name)
            iam.attach_user_policy(UserName=name, PolicyArn=arn)
        iam.update_user(UserName="a", NewUserName="c")
        iam.detach_user_policy(UserName="b", PolicyArn=arn)
        assert iam.get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"] == 1


@pytest.mark.parametrize("size", [1, 3])
def test_short_and_empty_pages_lose_nothing(size):
    names = [f"u{number}" for number in range(7)]
    with opened({"UserDetailList": [a_user(name) for name in names]}, short_pages=size) as session:
        iam = session.client("iam")
        first = iam.list_users()
        second = iam.list_users(Marker=first["Marker"])
        whole = [one["UserName"] for one in pages(iam.list_users, "Users")]
        details = [one["UserName"] for one in read_details(iam)["UserDetailList"]]

    assert (first["Users"], first["IsTruncated"]) == ([], True)
    assert len(second["Users"]) == size
    assert whole == details == names


def test_a_marker_of_one_listing_is_none_of_another():
    with opened({"UserDetailList": [a_user(f"u{number}") for number in range(3)]}) as session:
        iam = session.client("iam")
        marker = iam.list_users(MaxItems=1)["Marker"]
        refused("ValidationError", iam.list_groups, Marker=marker)


@pytest.mark.parametrize("document", json_lines("moto-invalid-identity-policies.json"))
def test_a_malformed_document_is_refused(document):
    text = document if isinstance(document, str) else json.dumps(document)
    with opened() as session:
        refused("MalformedPolicyDocument", session.client("iam").create_policy, PolicyName="p", PolicyDocument=text)


def test_valid_documents_are_taken():
    documents = [one.values[0] for one in json_lines("moto-valid-identity-policies.json")]
    if documents == [None]:
        pytest.skip("the shared documents are not here")
    with opened() as session:
        iam = session.client("iam")
        for number, document in enumerate(documents):
            if "NullConditionOperator_Strings_And_Booleans" in json.dumps(document):
                continue  # moto's list takes this Sid, IAM's page on Sid does not
            assert policy(iam, f"p{number}", document)


@pytest.mark.parametrize("value", [True, 7, [True, "x"]])
def test_conditions_take_true_false_and_numbers(value):
    document = statement(Condition={"Bool": {"aws:SecureTransport": value}})
    with opened() as session:
        iam = session.client("iam")
        arn = policy(iam, document=document)
        assert iam.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]["Document"] == document


def test_duplicate_sids_are_refused():
    twice = {"Version": "2012-10-17", "Statement": 2 * statement(Sid="one")["Statement"]}
    with opened() as session:
        refused("MalformedPolicyDocument", policy, iam=session.client("iam"), document=twice)


def test_the_credential_report_is_shaped_like_a_recorded_one():
    recorded = DATA / "recorded/credential-reports/cloudmapper-demo.csv"
    if not recorded.is_file():
        pytest.skip("the recorded reports are not here")
    used = {"LastUsedDate": "2026-01-02T03:04:00Z", "Region": "eu-west-1", "ServiceName": "s3"}
    key = {"AccessKeyId": "AKIA0000000000000001", "Status": "Inactive", "CreateDate": "2026-01-01T00:00:00Z"}
    facts = {
        "LoginProfile": {"CreateDate": "2025-05-05T05:05:05Z"},
        "AccessKeyMetadata": [key | {"AccessKeyLastUsed": used}],
        "MFADevices": [{"SerialNumber": "GAKT12345678"}],
    }
    with opened({"UserDetailList": [a_user()], "credentials": {"u": facts}}) as session:
        iam = session.client("iam")
        iam.generate_credential_report()
        content = iam.get_credential_report()["Content"].decode()

    root, row = csv.DictReader(io.StringIO(content))
    assert content.splitlines()[0] == recorded.read_text().splitlines()[0]
    assert (root["user"], root["mfa_active"], root["access_key_1_active"]) == ("<root_account>", "true", "false")
    assert row["password_enabled"] == row["mfa_active"] == "true"
    assert row["password_last_used"] == "no_information"
    assert row["password_last_changed"] == "2025-05-05T05:05:05+00:00"
    assert row["access_key_1_active"] == "false"
    assert row["access_key_1_last_used_date"] == "2026-01-02T03:04:00+00:00"
    assert row["access_key_1_last_used_service"] == "s3"
    assert row["access_key_2_last_rotated"] == row["cert_1_last_rotated"] == "N/A"


def test_credentials_that_were_loaded_conflict_with_deleting():
    facts = {
        "SSHPublicKeys": [{"SSHPublicKeyId": "APKA0000000000000001"}],
        "MFADevices": [{"SerialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/u"}],
    }
    with opened({"UserDetailList": [a_user()], "credentials": {"u": facts}}) as session:
        iam = session.client("iam")
        refused("DeleteConflict", iam.delete_user, UserName="u")
        iam.delete_ssh_public_key(UserName="u", SSHPublicKeyId="APKA0000000000000001")
        iam.deactivate_mfa_device(UserName="u", SerialNumber=f"arn:aws:iam::{ACCOUNT}:mfa/u")
        iam.delete_virtual_mfa_device(SerialNumber=f"arn:aws:iam::{ACCOUNT}:mfa/u")
        iam.delete_user(UserName="u")
        assert iam.list_users()["Users"] == []
