import contextlib
import json
import os
import stat
from urllib.parse import quote

import pytest
from effort import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from iamctl.account.live import live_account
from iamctl.account.snapshot_file import SnapshotError, load_snapshot, save_snapshot
from iamctl.model import IamctlError

DOCUMENT = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "100%+x"}]}
ARN = "arn:aws:iam::123456789012:"


def user(name="alice", **more):
    return {"UserName": name, "Arn": f"{ARN}user/{name}", **more}


VERSION = {"VersionId": "v1", "IsDefaultVersion": True, "Document": {}}


def policy(name="p", **more):
    return {"Arn": f"{ARN}policy/{name}", "PolicyVersionList": [VERSION], **more}


def bare(users=(), groups=(), policies=(), **more):
    lists = {"UserDetailList": list(users), "GroupDetailList": list(groups), "Policies": list(policies)}
    return {**lists, "RoleDetailList": [], **more}


@pytest.fixture
def load(tmp_path):
    def load(data):
        path = tmp_path / "live.json"
        path.write_bytes(data if isinstance(data, bytes) else json.dumps(data).encode())
        return load_snapshot(path)

    return load


def test_a_file_of_the_aws_cli_is_a_snapshot(load):
    snapshot = load(bare([user()], policies=[policy("team/p")], IsTruncated=False))

    assert snapshot["account"] == {"id": "123456789012", "partition": "aws"}
    assert snapshot["Policies"][0]["PolicyName"] == "p"
    assert "IsTruncated" not in snapshot
    assert "credentials" not in snapshot


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_any_encoding_that_a_shell_writes_is_read(load, encoding):
    assert load(json.dumps(bare([user()])).encode(encoding))["UserDetailList"][0]["UserName"] == "alice"


@pytest.mark.parametrize(
    "text", [json.dumps(DOCUMENT), quote(json.dumps(DOCUMENT)), quote(json.dumps(DOCUMENT), safe="")]
)
def test_documents_may_be_text_as_the_api_gives_it(load, text):
    versions = [{"VersionId": "v1", "IsDefaultVersion": True, "Document": text}]
    snapshot = load(
        bare(
            [user(UserPolicyList=[{"PolicyName": "i", "PolicyDocument": text}])],
            [],
            [policy(PolicyVersionList=versions)],
        )
    )

    assert snapshot["UserDetailList"][0]["UserPolicyList"][0]["PolicyDocument"] == DOCUMENT
    assert snapshot["Policies"][0]["PolicyVersionList"][0]["Document"] == DOCUMENT


def test_a_document_that_is_no_json_stays_text(load):
    snapshot = load(bare([user(UserPolicyList=[{"PolicyName": "i", "PolicyDocument": "%7Bnope"}])]))

    assert snapshot["UserDetailList"][0]["UserPolicyList"][0]["PolicyDocument"] == "{nope"


def test_the_account_comes_from_the_first_arn_that_has_one(load):
    arn = "arn:aws-us-gov:iam::210987654321:group/g"
    snapshot = load(bare([{"UserName": "a"}], [{"GroupName": "g", "Arn": arn}]))

    assert snapshot["account"] == {"id": "210987654321", "partition": "aws-us-gov"}


def test_lists_that_aws_would_not_give_keep_their_order(load):
    roles = [{"RoleName": "r", "RolePolicyList": [{}, 1]}]

    assert load({**bare([user()]), "RoleDetailList": roles, "Other": {"Tags": [2, 1]}})["Other"] == {"Tags": [2, 1]}


def test_unknown_keys_are_kept(load):
    assert load(bare([user(Future=1)], Other={"x": 1}))["Other"] == {"x": 1}


DATE = "2026-11-23T08:00:00Z"


def key(**more):
    return {"AccessKeyId": "A", "Status": "Active", **more}


def reported(row):
    return bare([user()], credential_report={"GeneratedTime": DATE, "users": {"alice": row}})


INLINE = {"PolicyName": "i", "PolicyDocument": {}}
ATTACHED = {"PolicyName": "p", "PolicyArn": f"{ARN}policy/p"}
WRONG = {
    "not_json": (b"users:\n- alice", "not valid JSON"),
    "empty": (b"", "not valid JSON"),
    "no_text": (b"\xff\xfe\xff", "not valid JSON"),
    "deep": (b"[" * 100_000, "not valid JSON"),
    "long_number": (b'{"x": ' + b"1" * 5000 + b"}", "not valid JSON"),
    "not_a_number": (b'{"x": NaN}', "NaN is not valid JSON"),
    "key_twice": (b'{"UserDetailList": [], "UserDetailList": []}', "duplicate key 'UserDetailList'"),
    "a_list": ([], "not an account snapshot"),
    "another_object": ({"Users": []}, "not an account snapshot"),
    "a_plan": ({"format": "iamctl-plan/1", "Policies": []}, "the format is 'iamctl-plan/1'"),
    "first_page": (bare([user()], IsTruncated=True, Marker="m"), "incomplete: it contains only the first pages"),
    "cli_first_page": (bare([user()], NextToken="t"), "incomplete: it contains only the first pages"),
    "filtered": ({"UserDetailList": [user()]}, "incomplete: GroupDetailList is missing"),
    "users_no_list": ({**bare(), "UserDetailList": {}}, "UserDetailList is not a list"),
    "user_no_object": (bare(["alice"]), r"UserDetailList\[0\] is not an object"),
    "user_without_name": (bare([{"Arn": f"{ARN}user/x"}]), r"UserDetailList\[0\]: UserName is missing"),
    "user_with_number": (bare([user(7)]), r"UserDetailList\[0\]: UserName is missing or has the wrong type"),
    "user_twice": (
        bare([user(), user("Alice")]),
        r"UserDetailList\[1\]: 'Alice' is a duplicate of UserDetailList\[0\]",
    ),
    "policy_twice": (bare(policies=[policy(), policy("t/P")]), r"Policies\[1\]: 'P' is a duplicate of Policies\[0\]"),
    "policy_without_arn": (bare(policies=[{"PolicyName": "p"}]), r"Policies\[0\]: Arn is missing"),
    "policy_of_no_account": (bare(policies=[{"Arn": "p"}]), r"Policies\[0\]: 'p' is not the ARN of a policy"),
    "policy_without_versions": (bare(policies=[policy(PolicyVersionList=[])]), "must contain one default version"),
    "policy_with_two_defaults": (
        bare(policies=[policy(PolicyVersionList=[VERSION, {**VERSION, "VersionId": "v2"}])]),
        "must contain one default version",
    ),
    "policy_without_document": (
        bare(policies=[policy(PolicyVersionList=[{"VersionId": "v1", "IsDefaultVersion": True}])]),
        "must contain one default version",
    ),
    "group_not_there": (
        bare([user(GroupList=["g"])]),
        r"UserDetailList\[0\] \(alice\) is in the group 'g', which is not",
    ),
    "group_twice": (
        bare([user(GroupList=["g", "g"])], [{"GroupName": "g"}]),
        r"UserDetailList\[0\].GroupList holds 'g' twice",
    ),
    "group_number": (bare([user(GroupList=[1])]), r"GroupList contains 1, which is not text"),
    "groups_no_list": (bare([user(GroupList="g")]), r"GroupList has the wrong type"),
    "attached_not_there": (bare([user(AttachedManagedPolicies=[ATTACHED])]), "has the policy .* not in Policies"),
    "attached_twice": (
        bare([user(AttachedManagedPolicies=[ATTACHED, ATTACHED])], [], [policy()]),
        r"AttachedManagedPolicies holds 'arn:aws:iam::123456789012:policy/p' twice",
    ),
    "inline_twice": (bare([user(UserPolicyList=[INLINE, INLINE])]), r"UserPolicyList holds 'i' twice"),
    "inline_without_document": (
        bare([user(UserPolicyList=[{"PolicyName": "i"}])]),
        r"UserPolicyList\[0\]: PolicyDocument is missing",
    ),
    "tag_without_value": (bare([user(Tags=[{"Key": "k"}])]), r"Tags\[0\]: Value is missing"),
    "tag_null": (bare([user(Tags=None)]), "Tags has the wrong type"),
    "boundary": (bare([user(PermissionsBoundary={"x": 1})]), "PermissionsBoundaryArn is missing"),
    "no_account": (bare([{"UserName": "a"}]), "no ARN contains the account; add"),
    "account_text": (bare([user()], account="123456789012"), "account does not have the form"),
    "account_number": (bare([user()], account={"id": 12}), "account does not have the form"),
    "two_accounts": (bare([user()], account={"id": "210987654321"}), "of account 210987654321 but contains"),
    "two_partitions": (
        bare([user()], account={"id": "123456789012", "partition": "aws-cn"}),
        "of account 123456789012 but contains",
    ),
    "credentials_of_nobody": (
        bare([user()], credentials={"bob": {}}),
        r"credentials\['bob'\]: this user is not in UserDetailList",
    ),
    "credentials_list": (bare([user()], credentials=[]), "credentials is not an object"),
    "credentials_text": (bare([user()], credentials={"alice": "x"}), r"credentials\['alice'\] has the wrong type"),
    "password_true": (bare([user()], credentials={"alice": {"LoginProfile": True}}), "has the wrong type"),
    "keys_null": (
        bare([user()], credentials={"alice": {"AccessKeyMetadata": None}}),
        "AccessKeyMetadata is not a list",
    ),
    "key_text": (bare([user()], credentials={"alice": {"AccessKeyMetadata": ["AKIA"]}}), "that is not an object"),
    "key_without_id": (bare([user()], credentials={"alice": {"AccessKeyMetadata": [{}]}}), "None, which is not text"),
    "summary_text": (bare([user()], SummaryMap={"Users": "1"}), "SummaryMap must map names to numbers"),
    "devices_text": (bare([user()], virtual_mfa_devices=["x"]), "virtual_mfa_devices is not a list of objects"),
    "device_without_serial": (bare([user()], virtual_mfa_devices=[{}]), "None, which is not text"),
    "missing_number": (bare([user()], missing_policies=[1]), "missing_policies contains 1"),
    "caller_text": (bare([user()], caller="x"), "caller is not an object"),
    "deep_value": (
        json.dumps(bare([user()])).encode()[:-1] + b', "x": ' + b"[" * 700 + b"]" * 700 + b"}",
        "deep|not JSON",
    ),
    "created_today": (bare([user(CreateDate="today")]), r"UserDetailList\[0\].CreateDate is not a time of the form"),
    "created_never": (bare([user(CreateDate=None)]), r"UserDetailList\[0\].CreateDate is not a time of the form"),
    "password_of_1": (
        bare([user()], credentials={"alice": {"LoginProfile": {"CreateDate": 1}}}),
        r"credentials\['alice'\].LoginProfile.CreateDate is not a time of the form",
    ),
    "key_used_once": (
        bare([user()], credentials={"alice": {"AccessKeyMetadata": [key(AccessKeyLastUsed={"LastUsedDate": "once"})]}}),
        r"AccessKeyMetadata\[0\].AccessKeyLastUsed.LastUsedDate is not a time of the form",
    ),
    "report_null": (bare([user()], credential_report=None), "credential_report must contain GeneratedTime and users"),
    "report_without_time": (bare([user()], credential_report={"users": {}}), "must contain GeneratedTime and users"),
    "report_of_now": (
        bare([user()], credential_report={"users": {}, "GeneratedTime": "now"}),
        "credential_report.GeneratedTime is not a time of the form '2024-01-31T10:00:00Z'",
    ),
    "report_rows": (
        bare([user()], credential_report={"users": [], "GeneratedTime": DATE}),
        "must contain GeneratedTime and users",
    ),
    "report_row": (reported(None), r"credential_report.users\['alice'\] is not an object"),
    "report_root": (
        bare([user()], credential_report={"users": {}, "GeneratedTime": DATE, "root": {"MFAActive": "yes"}}),
        "credential_report.root.MFAActive is neither true nor false",
    ),
    "report_password": (reported({"PasswordEnabled": "true"}), "PasswordEnabled is neither true nor false"),
    "report_date": (reported({"PasswordLastUsed": "N/A"}), "PasswordLastUsed is not a time of the form"),
    "report_date_outside": (
        reported({"CreateDate": "0001-01-01T00:00:00+14:00"}),
        "CreateDate is not a time of the form",
    ),
    "report_keys": (reported({"AccessKeys": {}}), "AccessKeys is not a list of objects"),
    "report_key": (reported({"AccessKeys": [{}]}), r"AccessKeys\[0\]: Status is neither 'Active' nor 'Inactive'"),
    "report_key_used": (
        reported({"AccessKeys": [{"Status": "Active", "AccessKeyLastUsed": {"Region": 1}}]}),
        r"AccessKeys\[0\].AccessKeyLastUsed.Region is not text",
    ),
    "key_without_status": (
        bare([user()], credentials={"alice": {"AccessKeyMetadata": [{"AccessKeyId": "A"}]}}),
        "Status is missing",
    ),
}


@pytest.mark.parametrize(("data", "message"), WRONG.values(), ids=WRONG)
def test_what_is_no_whole_snapshot_is_an_error_with_file_and_place(load, data, message):
    with pytest.raises(SnapshotError, match=message) as caught:
        load(data)

    assert "live.json: " in str(caught.value)
    assert str(caught.value).isprintable()


def test_a_file_that_is_not_there_is_an_error_with_the_way_out(tmp_path):
    with pytest.raises(SnapshotError, match="No such file or directory; create it with 'iamctl snapshot'"):
        load_snapshot(tmp_path / "nope.json")
    with pytest.raises(SnapshotError, match="cannot be read"):
        load_snapshot(tmp_path)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([*bare(), "UserName", "Arn", "Tags", "Key", "account", "id", "credentials"]), inner
        )
    ),
    max_leaves=20,
)


EVERYTHING = [*bare(), "account", "credentials", "SummaryMap", "virtual_mfa_devices", "missing_policies", "Other"]


@settings(max_examples=examples(200), deadline=None)
@given(data=st.fixed_dictionaries({}, optional=dict.fromkeys([*bare(), "account", "credentials"], JSON)))
def test_any_json_is_a_snapshot_or_an_error_and_never_a_crash(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "any.json"
    path.write_text(json.dumps(data))

    try:
        live = live_account(load_snapshot(path))
    except IamctlError:
        return
    assert live.account_id


ROW = {
    "Arn": f"{ARN}user/alice",
    "CreateDate": DATE,
    "PasswordEnabled": True,
    "PasswordLastUsed": DATE,
    "PasswordLastChanged": DATE,
    "MFAActive": False,
    "AccessKeys": [{"Status": "Active", "LastRotated": DATE, "AccessKeyLastUsed": {"LastUsedDate": DATE}}],
}
GOOD = bare(
    [
        user(
            GroupList=["g"],
            Tags=[{"Key": "k", "Value": "v"}],
            UserPolicyList=[INLINE],
            AttachedManagedPolicies=[ATTACHED],
            CreateDate=DATE,
        )
    ],
    [{"GroupName": "g", "GroupPolicyList": [INLINE], "AttachedManagedPolicies": [ATTACHED]}],
    [policy()],
    credentials={
        "alice": {
            "LoginProfile": {"CreateDate": DATE},
            "AccessKeyMetadata": [key(CreateDate=DATE, AccessKeyLastUsed={"LastUsedDate": DATE, "Region": "r"})],
        }
    },
    credential_report={
        "GeneratedTime": DATE,
        "users": {"alice": ROW, "went": {}},
        "root": {"MFAActive": True, "AccessKeys": []},
    },
    virtual_mfa_devices=[{"SerialNumber": "x"}],
    account={"id": "123456789012", "partition": "aws"},
)
GOOD["RoleDetailList"] = [{"RoleName": "r", "AttachedManagedPolicies": [ATTACHED], "PermissionsBoundary": {}}]


def places(value, path=()):
    yield path
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        yield from places(part, (*path, key))


def put(value, path, part):
    if not path:
        return part
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = put(copy[path[0]], path[1:], part)
    return copy


@pytest.mark.parametrize("path", [path for path in places(GOOD) if path], ids=lambda path: ".".join(map(str, path)))
def test_any_wrong_value_at_any_place_is_an_error_or_harmless(tmp_path, path):
    file = tmp_path / "live.json"
    for part in (None, True, 7, "x", "", [], [None], ["x"], [{}], {}, {"x": 1}):
        file.write_text(json.dumps(put(GOOD, path, part)))

        with contextlib.suppress(IamctlError):
            assert live_account(load_snapshot(file)).account_id == "123456789012", part


def test_the_credential_report_is_kept_as_it_is(load):
    report = load(GOOD)["credential_report"]

    assert report == GOOD["credential_report"]
    assert load({**GOOD, "credential_report": {**report, "Future": 1}})["credential_report"]["Future"] == 1


def test_a_saved_file_is_private_whole_and_the_same_each_time(tmp_path):
    path = tmp_path / "live.json"
    path.write_text("before")
    path.chmod(0o644)

    save_snapshot(path, {"b": 1, "a": ["ü\u202e"]})

    assert path.read_text() == '{\n  "a": [\n    "\\u00fc\\u202e"\n  ],\n  "b": 1\n}\n'
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["live.json"]


def test_a_file_that_cannot_be_written_stays_as_it_was(tmp_path):
    path = tmp_path / "live.json"
    path.write_text("before")

    with pytest.raises(TypeError):
        save_snapshot(path, {"a": object()})
    with pytest.raises(SnapshotError, match="cannot be written"):
        save_snapshot(tmp_path / "nope" / "live.json", {})
    (tmp_path / "folder").mkdir()
    with pytest.raises(SnapshotError, match="Is a directory"):
        save_snapshot(tmp_path / "folder", {})
    (tmp_path / "folder").rmdir()
    assert path.read_text() == "before"
    assert [path.name for path in tmp_path.iterdir()] == ["live.json"]


def test_a_tag_with_an_empty_value_loads(tmp_path):
    path = tmp_path / "account.json"
    alice = {
        "UserName": "alice",
        "UserId": "AIDAEXAMPLE00000000001",
        "Arn": "arn:aws:iam::123456789012:user/alice",
        "Path": "/",
        "Tags": [{"Key": "k", "Value": ""}],
    }
    path.write_text(
        json.dumps({"UserDetailList": [alice], "GroupDetailList": [], "RoleDetailList": [], "Policies": []})
    )

    assert load_snapshot(path)["UserDetailList"][0]["Tags"] == [{"Key": "k", "Value": ""}]


def test_a_link_is_followed_and_stays(tmp_path):
    target, link = tmp_path / "real.json", tmp_path / "link.json"
    target.write_text("old", encoding="utf-8")
    link.symlink_to(target)

    save_snapshot(link, {"format": "iamctl-snapshot/1"})

    assert link.is_symlink()
    assert json.loads(target.read_text(encoding="utf-8")) == {"format": "iamctl-snapshot/1"}


def test_what_is_no_regular_file_is_written_to_and_not_replaced(tmp_path):
    """As ``-o /dev/stdout``, or a device, which root could otherwise replace by a file."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)

    save_snapshot(pipe, {"format": "iamctl-snapshot/1"})

    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert json.loads(os.read(reader, 4096)) == {"format": "iamctl-snapshot/1"}
    os.close(reader)


POLICY = {
    "PolicyName": "deploy",
    "Arn": "arn:aws:iam::123456789012:policy/deploy",
    "AttachmentCount": 2,
    "PermissionsBoundaryUsageCount": 1,
    "PolicyVersionList": [
        {"VersionId": "v1", "IsDefaultVersion": True, "Document": {"Version": "2012-10-17", "Statement": []}}
    ],
}
HOLDS = {"AttachedManagedPolicies": [{"PolicyArn": POLICY["Arn"], "PolicyName": "deploy"}]}
BOUNDED = {"PermissionsBoundary": {"PermissionsBoundaryArn": POLICY["Arn"], "PermissionsBoundaryType": "Policy"}}


def with_holders(tmp_path, *, roles=(), user=None, policy=POLICY):
    path = tmp_path / "account.json"
    data = {
        "account": {"id": "123456789012", "partition": "aws"},
        "UserDetailList": [{"UserName": "alice", **(user or {})}],
        "GroupDetailList": [{"GroupName": "developers", **HOLDS}],
        "RoleDetailList": list(roles),
        "Policies": [policy],
    }
    path.write_text(json.dumps(data))
    return path


@pytest.mark.parametrize(
    ("roles", "user", "told"),
    [
        ([], BOUNDED, "AttachmentCount 2, but only 1 of its holders"),
        ([{"RoleName": "ci", **HOLDS}], {}, "PermissionsBoundaryUsageCount 1, but only 0 of its holders"),
    ],
)
def test_a_file_with_fewer_holders_than_a_policy_says_is_filtered(tmp_path, roles, user, told):
    with pytest.raises(SnapshotError, match=rf"incomplete: Policies\[0\] \(deploy\) has the {told}"):
        load_snapshot(with_holders(tmp_path, roles=roles, user=user))


def test_a_file_with_all_holders_or_without_counts_is_whole(tmp_path):
    whole = load_snapshot(with_holders(tmp_path, roles=[{"RoleName": "ci", **HOLDS}], user=BOUNDED))
    uncounted = {key: value for key, value in POLICY.items() if not key.endswith("Count")}

    assert whole["Policies"][0]["AttachmentCount"] == 2
    assert load_snapshot(with_holders(tmp_path, policy=uncounted))["Policies"]
    with pytest.raises(SnapshotError, match="AttachmentCount is not a number"):
        load_snapshot(with_holders(tmp_path, policy={**POLICY, "AttachmentCount": "2"}))
