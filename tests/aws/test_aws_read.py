import json
import random
from datetime import UTC, datetime, timedelta, timezone
from threading import Event, get_ident

import pytest
from aws_faults import answering, error_answer, fail_first, http_answer, offline_session
from botocore.retries.bucket import TokenBucket
from call_counts import count_calls

from iamctl.account.live import live_account
from iamctl.account.snapshot_file import load_snapshot, save_snapshot
from iamctl.aws.credentials import read_credentials
from iamctl.aws.errors import AwsError, IncompleteReadError
from iamctl.aws.page import pages
from iamctl.aws.read import (
    read_snapshot,
    with_aws_policy_documents,
    with_credentials,
    with_looked_up,
    with_policy_details,
)
from iamctl.aws.session import Caller, reading_client
from iamctl.kinds import User
from iamctl.sandbox import open_sandbox

ACCOUNT = "123456789012"
NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
CALLER = Caller(ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/ci", "aws", is_root=False)
DATE = "2024-01-31T10:00:00Z"
ALLOW = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
POLICY = f"arn:aws:iam::{ACCOUNT}:policy/team/deploy"


def user(name, *groups, **more):
    arn = f"arn:aws:iam::{ACCOUNT}:user/{name}"
    facts = {"Path": "/", "UserName": name, "UserId": f"AIDA{name}", "Arn": arn, "CreateDate": DATE}
    return {**facts, "GroupList": list(groups), "AttachedManagedPolicies": [], **more}


def group(name, **more):
    arn = f"arn:aws:iam::{ACCOUNT}:group/{name}"
    facts = {"Path": "/", "GroupName": name, "GroupId": f"AGPA{name}", "Arn": arn, "CreateDate": DATE}
    return {**facts, "GroupPolicyList": [], "AttachedManagedPolicies": [], **more}


def account(users=(), groups=(), policies=(), **more):
    lists = {"UserDetailList": list(users), "GroupDetailList": list(groups), "Policies": list(policies)}
    return {**lists, "RoleDetailList": [], **more}


def policy(**more):
    facts = {"PolicyName": "deploy", "PolicyId": "ANPA1", "Arn": POLICY, "Path": "/team/", "DefaultVersionId": "v2"}
    counts = {"AttachmentCount": 1, "PermissionsBoundaryUsageCount": 0, "IsAttachable": True}
    versions = [
        {"Document": ALLOW, "VersionId": version, "IsDefaultVersion": version == "v2", "CreateDate": DATE}
        for version in ("v10", "v9", "v2")
    ]
    return {**facts, **counts, "CreateDate": DATE, "UpdateDate": DATE, "PolicyVersionList": versions, **more}


def read(session, **options):
    return read_snapshot(session, CALLER, now=NOW, sleep=lambda _: None, **options)


def team():
    attached = {"PolicyName": "deploy", "PolicyArn": POLICY}
    users = [user("bob", "ops", "devs"), user("alice", "devs", Tags=[{"Key": "team", "Value": "pay"}])]
    groups = [group("ops"), group("devs", AttachedManagedPolicies=[attached])]
    groups[0]["GroupPolicyList"] = [{"PolicyName": "logs", "PolicyDocument": ALLOW}]
    return account(users, groups, [policy()])


def test_a_snapshot_holds_the_account_in_one_order():
    with open_sandbox(team(), account_id=ACCOUNT) as session:
        snapshot = read(session)

    assert snapshot["format"] == "iamctl-snapshot/1"
    assert snapshot["taken_at"] == "2026-11-23T10:00:00Z"
    assert snapshot["account"] == {"id": ACCOUNT, "partition": "aws"}
    assert [entry["UserName"] for entry in snapshot["UserDetailList"]] == ["alice", "bob"]
    assert snapshot["UserDetailList"][1]["GroupList"] == ["devs", "ops"]
    assert snapshot["UserDetailList"][0]["CreateDate"] == DATE
    assert snapshot["GroupDetailList"][1]["GroupPolicyList"][0]["PolicyDocument"] == ALLOW
    assert [version["VersionId"] for version in snapshot["Policies"][0]["PolicyVersionList"]] == ["v10", "v9", "v2"]
    assert snapshot["SummaryMap"]["Users"] == 2
    assert set(snapshot["credentials"]) == {"alice", "bob"}
    assert json.loads(json.dumps(snapshot)) == snapshot


def test_the_same_account_gives_the_same_bytes_whatever_the_pages(tmp_path):
    texts = set()
    for number, short_pages in enumerate((None, 1, 2, 3)):
        source = team()
        for section in source.values():
            random.Random(number).shuffle(section)
        with open_sandbox(source, account_id=ACCOUNT, short_pages=short_pages) as session:
            save_snapshot(tmp_path / "snapshot.json", read(session))
        texts.add((tmp_path / "snapshot.json").read_text())
        assert len(texts) == 1
    assert load_snapshot(tmp_path / "snapshot.json")["UserDetailList"] != []


def test_roles_are_read_with_all_else_and_policies_of_aws_are_not():
    role = {"RoleName": "ci", "RoleId": "AROA1", "Arn": f"arn:aws:iam::{ACCOUNT}:role/ci", "Path": "/"}
    role |= {"CreateDate": DATE, "AssumeRolePolicyDocument": ALLOW}
    filters = []
    with open_sandbox(account([user("alice")], RoleDetailList=[role]), account_id=ACCOUNT) as session:
        session.events.register(
            "provide-client-params.iam.GetAccountAuthorizationDetails",
            lambda params, **_: filters.append(set(params["Filter"])),
        )
        snapshot = read(session)

    assert [role["RoleName"] for role in snapshot["RoleDetailList"]] == ["ci"]
    assert filters == [{"User", "Group", "Role", "LocalManagedPolicy"}]


def test_times_are_told_in_utc():
    with open_sandbox(None, account_id=ACCOUNT) as session:
        now = datetime(2026, 11, 23, 12, tzinfo=timezone(timedelta(hours=2)))

        assert read_snapshot(session, CALLER, now=now)["taken_at"] == "2026-11-23T10:00:00Z"


def test_a_read_is_what_the_file_of_it_loads(tmp_path):
    with open_sandbox(team(), account_id=ACCOUNT) as session:
        snapshot = with_policy_details(read(session), reading_client(session), [POLICY])

    save_snapshot(tmp_path / "snapshot.json", snapshot)

    assert load_snapshot(tmp_path / "snapshot.json") == snapshot


REPORT = {"GenerateCredentialReport": 2, "GetCredentialReport": 1}
"""The calls for a report that is not there yet."""


def test_few_users_have_their_credentials_read_and_many_have_the_report_read_after_the_details():
    with open_sandbox(account(user(f"u{number}") for number in range(26)), account_id=ACCOUNT) as session:
        counts, order = count_calls(session), []
        session.events.register_first(
            "before-send.iam", lambda event_name, **_: order.append(event_name.split(".")[-1])
        )

        snapshot = read(session)

    listing = {"ListServiceSpecificCredentials": 1}
    assert {name for facts in snapshot["credentials"].values() for name in facts} == {"ServiceSpecificCredentials"}
    assert len(snapshot["credential_report"]["users"]) == 26
    assert counts == {"GetAccountAuthorizationDetails": 1, "GetAccountSummary": 1, **REPORT, **listing}
    assert order.index("GenerateCredentialReport") > order.index("GetAccountSummary")


@pytest.mark.parametrize(("credentials", "asked"), [("exact", 26), ("none", 0)])
def test_the_report_is_not_read_where_all_users_or_none_are_asked_for(credentials, asked):
    with open_sandbox(account(user(f"u{number}") for number in range(26)), account_id=ACCOUNT) as session:
        counts = count_calls(session)

        snapshot = read(session, credentials=credentials)

    assert len(snapshot.get("credentials", ())) == counts["GetLoginProfile"] == asked
    assert "credential_report" not in snapshot
    assert not counts.keys() & REPORT.keys()


def test_up_to_25_users_are_asked_for_one_by_one():
    with open_sandbox(account(user(f"u{number}") for number in range(25)), account_id=ACCOUNT) as session:
        snapshot = read(session)

    assert len(snapshot["credentials"]) == 25
    assert "credential_report" not in snapshot


def test_where_users_are_asked_for_one_by_one_one_listing_says_when_each_password_was_used():
    users = [{**user("alice"), "PasswordLastUsed": DATE}, user("bob")]
    with open_sandbox(
        account(users, credentials={"bob": {"LoginProfile": {"CreateDate": DATE}}}), account_id=ACCOUNT
    ) as session:
        counts = count_calls(session)

        snapshot = read(session)

    assert {name: facts["PasswordLastUsed"] for name, facts in snapshot["credentials"].items()} == {
        "alice": DATE,
        "bob": None,
    }
    assert counts["ListUsers"] == 1
    bob = next(one for one in live_account(snapshot).state.of_kind(User) if one.name == "bob")
    assert bob.credentials.has_password
    assert bob.credentials.is_password_use_known


def test_a_user_who_is_newer_than_the_report_has_no_row_in_it():
    with open_sandbox(account(user(f"u{number}") for number in range(26)), account_id=ACCOUNT) as session:
        read(session)
        session.client("iam").create_user(UserName="new")

        snapshot = read(session)

    assert "new" in {user["UserName"] for user in snapshot["UserDetailList"]}
    assert "new" not in snapshot["credential_report"]["users"]


def test_users_with_and_without_passwords_take_as_many_calls_as_there_are_pages_and_the_report():
    groups = [group(f"g{number}") for number in range(100)]
    users = [user(f"u{number}", f"g{number % 100}") for number in range(1200)]
    held = {f"u{number}": {"LoginProfile": {"CreateDate": DATE}} for number in range(0, 1200, 10)}
    with open_sandbox(account(users, groups, credentials=held), account_id=ACCOUNT) as session:
        counts = count_calls(session)

        snapshot = read(session)

    assert counts == {
        "GetAccountAuthorizationDetails": 2,
        "GetAccountSummary": 1,
        "ListServiceSpecificCredentials": 1,
        **REPORT,
    }
    assert counts.total() + 1 <= 8  # and one to learn who calls
    assert sum(row["PasswordEnabled"] for row in snapshot["credential_report"]["users"].values()) == 120
    assert len(live_account(snapshot).state.resources) >= 2_500


def test_credentials_are_told_and_never_what_they_are():
    held = {
        "alice": {
            "LoginProfile": {"CreateDate": DATE, "PasswordResetRequired": True},
            "AccessKeyMetadata": [
                {"AccessKeyId": "AKIAAAAAAAAAAAAAAAAB", "Status": "Inactive", "CreateDate": DATE},
                {"AccessKeyId": "AKIAAAAAAAAAAAAAAAAA", "Status": "Active", "CreateDate": DATE},
            ],
            "MFADevices": [{"SerialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/alice", "EnableDate": DATE}],
        }
    }
    with open_sandbox(account([user("alice"), user("bob")], credentials=held), account_id=ACCOUNT) as session:
        found = read(session)["credentials"]
        created = session.client("iam").create_access_key(UserName="bob")["AccessKey"]
        again = read(session)

    assert found["bob"]["LoginProfile"] is None
    assert found["bob"]["AccessKeyMetadata"] == []
    assert found["alice"]["LoginProfile"] == {
        "CreateDate": DATE,
        "MaxSigninSessionDuration": None,
        "PasswordResetRequired": True,
    }
    assert [key["AccessKeyId"][-1] for key in found["alice"]["AccessKeyMetadata"]] == ["A", "B"]
    assert all("AccessKeyLastUsed" in key for key in found["alice"]["AccessKeyMetadata"])
    assert found["alice"]["MFADevices"][0]["SerialNumber"].endswith("mfa/alice")
    assert created["AccessKeyId"] in json.dumps(again)
    assert created["SecretAccessKey"] not in json.dumps(again)


def test_what_iam_does_not_list_of_long_names_is_unknown_and_stops_nothing():
    long = "u" * 100
    held = {long: {"LoginProfile": {"CreateDate": DATE}, "AccessKeyMetadata": [KEY]}}
    with open_sandbox(account([user("alice"), user(long)], credentials=held), account_id=ACCOUNT) as session:
        found = read(session)["credentials"]

    assert found[long].keys() == {"AccessKeyMetadata", "MFADevices", "Certificates", "PasswordLastUsed"}
    assert found["alice"].keys() > found[long].keys()


def test_one_listing_has_the_service_specific_credentials_of_all_users_of_a_large_account():
    long = "u" * 100
    held = {
        "u3": {"ServiceSpecificCredentials": [{**API_KEY, "ServiceName": "bedrock.amazonaws.com"}]},
        "u7": {"ServiceSpecificCredentials": [{**API_KEY, "ServiceName": "logs.amazonaws.com"}]},
    }
    users = [*(user(f"u{number}") for number in range(26)), user(long)]
    with open_sandbox(account(users, credentials=held), account_id=ACCOUNT) as session:
        counts = count_calls(session)

        found = {name: facts["ServiceSpecificCredentials"] for name, facts in read(session)["credentials"].items()}

    assert counts["ListServiceSpecificCredentials"] == 1
    assert long not in found
    assert {name: [one["ServiceName"] for one in listed] for name, listed in found.items() if listed} == {
        "u3": ["bedrock.amazonaws.com"],
        "u7": ["logs.amazonaws.com"],
    }


def test_exact_credentials_of_named_users_are_added_to_a_snapshot():
    with open_sandbox(account(user(f"u{number}") for number in range(26)), account_id=ACCOUNT) as session:
        snapshot = read(session)
        counts = count_calls(session)

        more = with_credentials(snapshot, reading_client(session), ["u3", "u1", "u3"])

    exact = [name for name, facts in more["credentials"].items() if "LoginProfile" in facts]
    assert exact == ["u1", "u3"]
    assert all(facts == {"ServiceSpecificCredentials": []} for facts in snapshot["credentials"].values())
    assert sum(counts.values()) == 0  # counted from clients made later only


API_KEY = {"ServiceSpecificCredentialId": "ACCA0000000000000001", "Status": "Active", "CreateDate": DATE}
KEY = {"AccessKeyId": "AKIAAAAAAAAAAAAAAAAA", "Status": "Active", "CreateDate": DATE}


def test_users_who_stay_are_looked_up_with_fewer_calls_than_users_who_go():
    facts = {
        "LoginProfile": {"CreateDate": DATE, "MaxSigninSessionDuration": None, "PasswordResetRequired": False},
        "AccessKeyMetadata": [KEY],
        "MFADevices": [{"SerialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/u1", "EnableDate": DATE}],
    }
    users = [user(f"u{number}") for number in range(26)]
    with open_sandbox(account(users, credentials={"u1": facts}), account_id=ACCOUNT) as session:
        counts = count_calls(session)
        snapshot = read(session)
        counts.clear()

        more = with_looked_up(snapshot, reading_client(session), ["u3", "u1"])

    never = {"Region": "N/A", "ServiceName": "N/A"}
    listed = {"ServiceSpecificCredentials": []}
    assert {name: facts for name, facts in more["credentials"].items() if facts != listed} == {
        "u1": {**facts, "AccessKeyMetadata": [{**KEY, "AccessKeyLastUsed": never}], **listed},
        "u3": {"LoginProfile": None, "AccessKeyMetadata": [], "MFADevices": [], **listed},
    }
    assert counts == {"GetLoginProfile": 2, "ListAccessKeys": 2, "ListMFADevices": 2, "GetAccessKeyLastUsed": 1}
    assert snapshot["credentials"]["u1"] == listed
    assert more["credential_report"] == snapshot["credential_report"]


def test_looking_up_a_user_keeps_what_is_known_beside():
    ssh = [{"SSHPublicKeyId": "APKA0000000000000001", "Status": "Active", "UploadDate": DATE}]
    held = {"alice": {"LoginProfile": {"CreateDate": DATE}, "SSHPublicKeys": ssh}, "bob": {"AccessKeyMetadata": [KEY]}}
    with open_sandbox(account([user("alice"), user("bob")]), account_id=ACCOUNT) as session:
        snapshot = {**read(session), "credentials": held}

        found = with_looked_up(snapshot, reading_client(session), ["alice"])["credentials"]

    assert found["alice"] == {"LoginProfile": None, "AccessKeyMetadata": [], "MFADevices": [], "SSHPublicKeys": ssh}
    assert found["bob"] == held["bob"]


def test_looking_up_a_user_who_went_makes_the_read_incomplete():
    with (
        open_sandbox(account([user("alice")]), account_id=ACCOUNT) as session,
        pytest.raises(IncompleteReadError, match="user 'bob' changed while it was read; run again"),
    ):
        with_looked_up({}, reading_client(session), ["alice", "bob"])


def test_policy_details_tell_tags_description_and_what_is_missing():
    aws, missing = "arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::aws:policy/Nope"
    with open_sandbox(account(policies=[policy(Description="d")]), account_id=ACCOUNT) as session:
        snapshot = with_policy_details(read(session), reading_client(session), [POLICY, aws, missing])

    theirs, ours = snapshot["Policies"]
    assert (theirs["PolicyName"], theirs["Arn"]) == ("ReadOnlyAccess", aws)
    assert (ours["Description"], ours["Tags"]) == ("d", [])
    assert len(ours["PolicyVersionList"]) == 3
    assert snapshot["missing_policies"] == [missing]
    assert live_account(snapshot).known_aws_policies == {aws}


def test_a_policy_that_was_missing_and_is_there_now_is_no_longer_missing():
    with open_sandbox(account(policies=[policy()]), account_id=ACCOUNT) as session:
        snapshot = {**read(session), "missing_policies": [POLICY]}

        assert with_policy_details(snapshot, reading_client(session), [POLICY])["missing_policies"] == []


def test_documents_of_aws_managed_policies_take_one_listing_and_a_call_each():
    attached, other = "arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::aws:policy/job-function/Billing"
    missing = "arn:aws:iam::aws:policy/Nope"
    held = group("devs", AttachedManagedPolicies=[{"PolicyName": "ReadOnlyAccess", "PolicyArn": attached}])
    with open_sandbox(account(groups=[held]), account_id=ACCOUNT) as session:
        counts = count_calls(session)
        snapshot = read(session)
        counts.clear()

        more = with_aws_policy_documents(snapshot, reading_client(session), [attached, other, missing, POLICY])
        again = with_aws_policy_documents(more, reading_client(session), [attached, other])

    assert [policy["Arn"] for policy in more["Policies"]] == [other, attached]
    for known in more["Policies"]:
        assert known["PolicyVersionList"][0]["Document"]["Statement"]
        assert known["PolicyVersionList"][0]["VersionId"] == known["DefaultVersionId"]
    assert more["missing_policies"] == [missing]
    assert again == more
    assert counts == {"ListPolicies": 1, "GetPolicy": 2, "GetPolicyVersion": 2}


def test_a_policy_that_comes_while_the_account_is_read_makes_the_read_incomplete():
    with open_sandbox(account([user("alice")]), account_id=ACCOUNT) as session:
        snapshot = read(session)
        arn = session.client("iam").create_policy(PolicyName="p", PolicyDocument=json.dumps(ALLOW))["Policy"]["Arn"]

        with pytest.raises(IncompleteReadError, match="appeared while the account was being read; run again"):
            with_policy_details(snapshot, reading_client(session), [arn])


def test_a_user_that_goes_while_it_is_read_makes_the_read_incomplete():
    with (
        open_sandbox(account([user("alice")]), account_id=ACCOUNT) as session,
        pytest.raises(IncompleteReadError, match="user 'bob' changed while it was read; run again"),
    ):
        read_credentials(reading_client(session), ["alice", "bob"])


def test_an_empty_name_never_reaches_aws():
    with open_sandbox(None, account_id=ACCOUNT) as session, pytest.raises(ValueError, match="empty"):
        read_credentials(reading_client(session), [""])


def offline(**answers):
    session = offline_session()
    return session, answering(session, answers)


def test_fault_21_a_marker_that_comes_twice_is_an_error():
    _, client = offline(ListUsers={"Users": [], "IsTruncated": True, "Marker": "m"})

    with pytest.raises(IncompleteReadError, match="the same page again and again"):
        list(pages(client, "ListUsers"))


def test_fault_21_more_without_a_marker_is_an_error():
    _, client = offline(ListUsers={"Users": [], "IsTruncated": True})

    with pytest.raises(IncompleteReadError, match="says that there is more and not where"):
        list(pages(client, "ListUsers"))


def test_a_marker_alone_means_more():
    following = iter([{"Users": [], "Marker": "a"}, {"Users": [], "IsTruncated": False}])
    _, client = offline(ListUsers=lambda _: next(following))

    assert len(list(pages(client, "ListUsers"))) == 2


def details(*users, groups=()):
    return {**account(users, groups), "IsTruncated": False}


def summary(users, groups=0):
    return {"SummaryMap": {"Users": users, "Groups": groups}}


@pytest.mark.parametrize(
    ("answer", "counted", "why"),
    [
        (details(user("a")), summary(2), "IAM returned 1 user, but iam:GetAccountSummary reports 2"),
        (
            details(user("a"), groups=[group("g")]),
            summary(1),
            "IAM returned 1 group, but iam:GetAccountSummary reports 0",
        ),
        (details(user("a"), user("a")), summary(2), "'a' was returned twice"),
        (details(user("a", "g")), summary(1), "user 'a' is in group 'g', which was not returned"),
        (details(user("a")), {"SummaryMap": {"Users": 1}}, "does not report the number of groups"),
    ],
)
def test_a_read_that_stays_doubtful_is_an_error_after_three_looks(answer, counted, why):
    looks, waits = [], []
    session, _ = offline(
        GetAccountAuthorizationDetails=lambda _: looks.append(1) or answer, GetAccountSummary=lambda _: counted
    )

    with pytest.raises(IncompleteReadError, match=f"{why}, after 3 looks; run again"):
        read_snapshot(session, CALLER, now=NOW, sleep=waits.append)
    assert (len(looks), waits) == (3, [2.0, 2.0])


def test_a_read_that_becomes_whole_is_taken():
    users = [user(f"u{number}") for number in range(26)]
    counted = iter([summary(27), summary(26)])
    session, _ = offline(GetAccountAuthorizationDetails=details(*users), GetAccountSummary=lambda _: next(counted))

    assert len(read(session, credentials="none")["UserDetailList"]) == 26


@pytest.mark.parametrize("operation", ["GetAccountAuthorizationDetails", "GetAccountSummary", "ListAccessKeys"])
def test_fault_28_a_denied_read_is_an_error_that_names_the_action(operation):
    with open_sandbox(account([user("alice")]), account_id=ACCOUNT) as session:
        fail_first(reading_client(session), operation, error_answer("AccessDenied", "not you", 403), times=99)

        with pytest.raises(AwsError, match=f"AWS denied iam:{operation}; allow it in a policy of the caller"):
            read(session)


def test_a_throttled_read_is_repeated(no_pauses):
    with open_sandbox(account([user("alice")]), account_id=ACCOUNT) as session:
        given = fail_first(reading_client(session), "GetAccountSummary", error_answer("Throttling", "Rate exceeded"))

        assert read(session)["SummaryMap"]["Users"] == 1
        assert len(given) == 1


def test_an_answer_that_is_no_xml_is_an_error_and_not_an_empty_account():
    with open_sandbox(account([user("alice")]), account_id=ACCOUNT) as session:
        client = reading_client(session)
        fail_first(client, "GetAccountAuthorizationDetails", http_answer(200, "<GetAccount"), times=99)

        with pytest.raises(AwsError, match="cannot be read"):
            read(session)


def test_an_expired_session_says_how_to_go_on():
    with open_sandbox(account([user("alice")]), account_id=ACCOUNT) as session:
        fail_first(reading_client(session), "GetAccountSummary", error_answer("ExpiredToken", "x", 403), times=99)

        with pytest.raises(AwsError, match="the AWS credentials have expired; sign in again"):
            read(session)


def test_all_readers_take_from_one_bucket_once_one_of_them_was_throttled(monkeypatch, no_pauses):
    taken, main, several = [], get_ident(), Event()

    def acquire(bucket):
        taken.append((id(bucket), get_ident()))
        if len({reader for _, reader in taken}) > 5:
            several.set()
        if get_ident() != main:
            several.wait(60)  # else one reader could do it all before the others begin

    monkeypatch.setattr(TokenBucket, "acquire", acquire)
    with open_sandbox(account(user(f"u{number}") for number in range(40)), account_id=ACCOUNT) as session:
        client = reading_client(session)
        fail_first(client, "ListAccessKeys", error_answer("Throttling", "Rate exceeded"))

        with_credentials(read(session, credentials="none"), client, [f"u{number}" for number in range(40)])

    assert len({bucket for bucket, _ in taken}) == 1
    assert len({reader for _, reader in taken}) > 4
