import csv
import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aws_faults import answering, offline_session
from call_counts import count_calls
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from iamctl.aws.credential_report import COLUMNS, WAITS_SECONDS, read_credential_report, report_facts
from iamctl.aws.errors import AwsError, IncompleteReadError
from iamctl.aws.session import reading_client
from iamctl.sandbox import open_sandbox

RECORDED = Path(__file__).resolve().parents[2] / "../shared/data/recorded/credential-reports"
GENERATED = datetime(2026, 11, 23, 8, tzinfo=UTC)
NOBODY = {
    "arn": "arn:aws:iam::123456789012:user/alice",
    "user_creation_time": "2025-01-31T10:00:00+00:00",
    "password_enabled": "false",
    "mfa_active": "false",
    "access_key_1_active": "false",
    "access_key_2_active": "false",
}


def report(*rows, columns=COLUMNS):
    """Return a report of rows, in which what a row does not say is N/A."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([[row.get(column, "N/A") for column in columns] for row in rows])
    return text.getvalue().encode()


def alice(**cells):
    return {"user": "alice", **NOBODY, **cells}


def told(**cells):
    return report_facts(report(alice(**cells)))["users"]["alice"]


def test_a_user_with_nothing_has_no_password_no_keys_and_no_device():
    assert told() == {
        "Arn": "arn:aws:iam::123456789012:user/alice",
        "CreateDate": "2025-01-31T10:00:00Z",
        "PasswordEnabled": False,
        "MFAActive": False,
        "AccessKeys": [],
    }


def test_a_password_is_told_with_when_it_was_used_and_changed():
    facts = told(
        password_enabled="true",
        password_last_used="2026-11-20T12:30:00+00:00",
        password_last_changed="2026-01-02T05:04:05+02:00",
        mfa_active="true",
    )

    assert facts["PasswordEnabled"] is facts["MFAActive"] is True
    assert facts["PasswordLastUsed"] == "2026-11-20T12:30:00Z"
    assert facts["PasswordLastChanged"] == "2026-01-02T03:04:05Z"


@pytest.mark.parametrize("word", ["N/A", "no_information", "not_supported", ""])
def test_what_a_cell_does_not_tell_is_left_out_and_never_false(word):
    facts = told(password_enabled=word, password_last_used=word, password_last_changed=word, mfa_active=word, arn=word)

    assert facts.keys() == {"CreateDate", "AccessKeys"}


def test_an_inactive_key_is_a_key_and_an_empty_slot_is_none():
    facts = told(
        access_key_1_active="false",
        access_key_1_last_rotated="2026-03-01T00:00:00+00:00",
        access_key_2_active="true",
        access_key_2_last_rotated="2026-04-01T00:00:00+00:00",
        access_key_2_last_used_date="2026-11-01T10:15:00+00:00",
        access_key_2_last_used_service="s3",
    )

    used = {"LastUsedDate": "2026-11-01T10:15:00Z", "ServiceName": "s3"}
    assert facts["AccessKeys"] == [
        {"Status": "Inactive", "LastRotated": "2026-03-01T00:00:00Z"},
        {"Status": "Active", "LastRotated": "2026-04-01T00:00:00Z", "AccessKeyLastUsed": used},
    ]


def test_a_slot_that_tells_nothing_leaves_the_keys_unknown():
    assert "AccessKeys" not in told(access_key_2_active="not_supported")


@pytest.mark.parametrize(("told", "is_known"), [("", True), ("N/A", True), ("6 additional access keys", False)])
def test_more_keys_than_the_report_has_slots_leave_the_keys_unknown(told, is_known):
    row = alice(additional_credentials_info=told)

    facts = report_facts(report(row, columns=[*COLUMNS, "additional_credentials_info"]))["users"]["alice"]

    assert ("AccessKeys" in facts) is is_known


def test_the_root_user_stands_apart():
    root = {**NOBODY, "user": "<root_account>", "password_enabled": "not_supported", "mfa_active": "true"}

    facts = report_facts(report(root, alice()))

    assert facts["users"].keys() == {"alice"}
    assert facts["root"]["MFAActive"] is True
    assert "PasswordEnabled" not in facts["root"]
    assert "root" not in report_facts(report(alice()))


def test_a_user_may_be_named_like_a_word_of_the_report():
    assert report_facts(report(alice(user="no_information")))["users"].keys() == {"no_information"}


def test_unknown_columns_are_ignored_wherever_they_stand():
    columns = ["access_key_3_active", *reversed(COLUMNS), "passkey_active"]

    assert report_facts(report(alice(passkey_active="maybe"), columns=columns)) == report_facts(report(alice()))


WRONG = {
    "empty": (b"", "the column user is missing"),
    "no_utf8": (report(alice(arn="é")).decode().encode("latin-1"), "it is not valid UTF-8"),
    "no_csv": (report(alice()) + b'"a"b', "it is not valid CSV"),
    "column_missing": (
        report(alice(), columns=[*COLUMNS[:7], *COLUMNS[8:]]),
        "the column access_key_1_active is missing",
    ),
    "column_twice": (report(alice(), columns=[*COLUMNS, "mfa_active"]), "the column mfa_active is duplicate"),
    "short_row": (report(alice()).rsplit(b",", 2)[0], "row 2 has 15 cells instead of 17"),
    "long_row": (report(alice()).rstrip() + b",true\n", "row 2 has 18 cells instead of 17"),
    "user_twice": (report(alice(), alice()), "it contains the user 'alice' twice"),
    "root_twice": (report(*[alice(user="<root_account>")] * 2), "it contains the user '<root_account>' twice"),
    "no_user": (report(alice(user="")), "row 2 has no user name"),
    "no_boolean": (report(alice(mfa_active="perhaps")), "mfa_active of 'alice' is 'perhaps'"),
    "no_date": (report(alice(password_last_changed="today")), "password_last_changed of 'alice' is 'today'"),
    "no_such_date": (
        report(alice(user_creation_time="0001-01-01T00:00:00+14:00")),
        "user_creation_time of 'alice' is '0001-01-01",
    ),
}


@pytest.mark.parametrize(("content", "why"), WRONG.values(), ids=WRONG)
def test_fault_35_a_report_that_is_not_whole_is_an_error_with_a_way_out(content, why):
    with pytest.raises(
        IncompleteReadError, match=r"cannot be read: .*; run again, or .* --credentials exact"
    ) as raised:
        report_facts(content)
    assert why in str(raised.value)


@pytest.mark.parametrize("name", ["c7n-test_iam_user_unused_keys-2.csv", "cloudmapper-demo.csv"])
def test_recorded_reports_are_read(name):
    if not (RECORDED / name).is_file():
        pytest.skip("the recorded reports are not here")
    content = (RECORDED / name).read_bytes()

    facts = report_facts(content)

    assert len(facts["users"]) == len(content.splitlines()) - 2
    assert "PasswordEnabled" not in facts["root"]
    assert facts["root"]["AccessKeys"][0]["AccessKeyLastUsed"]["Region"] == "us-east-1"
    for user in facts["users"].values():
        assert user.keys() >= {"Arn", "CreateDate", "PasswordEnabled", "MFAActive", "AccessKeys"}


moments = st.datetimes(datetime(2005, 1, 1), datetime(2040, 1, 1)).map(
    lambda moment: moment.strftime("%Y-%m-%dT%H:%M:%SZ")
)
keys = st.fixed_dictionaries(
    {"Status": st.sampled_from(["Active", "Inactive"]), "LastRotated": moments},
    optional={
        "AccessKeyLastUsed": st.fixed_dictionaries(
            {"LastUsedDate": moments},
            optional={"Region": st.just("eu-west-1"), "ServiceName": st.sampled_from(["s3", "sts"])},
        )
    },
)
facts_of_users = st.dictionaries(
    st.text("abcAB019+=,.@_-", min_size=1, max_size=8),
    st.fixed_dictionaries(
        {"CreateDate": moments, "AccessKeys": st.lists(keys, max_size=2)},
        optional={
            "Arn": st.text("abc:/\"',;é", min_size=1),
            "PasswordEnabled": st.booleans(),
            "PasswordLastUsed": moments,
            "PasswordLastChanged": moments,
            "MFAActive": st.booleans(),
        },
    ),
    max_size=6,
)


def as_row(name, facts):
    """Return the row in which a report would tell these facts."""

    def cell(value):
        return value if isinstance(value, str) else str(value).lower()

    row = {"user": name}
    for column, fact in {
        "arn": "Arn",
        "user_creation_time": "CreateDate",
        "password_enabled": "PasswordEnabled",
        "password_last_used": "PasswordLastUsed",
        "password_last_changed": "PasswordLastChanged",
        "mfa_active": "MFAActive",
    }.items():
        row |= {column: cell(facts[fact])} if fact in facts else {}
    for slot in (1, 2):
        row[f"access_key_{slot}_active"] = "false"
    for slot, key in enumerate(facts["AccessKeys"], start=1):
        used = key.get("AccessKeyLastUsed", {})
        cells = {
            "active": cell(key["Status"] == "Active"),
            "last_rotated": key["LastRotated"],
            "last_used_date": used.get("LastUsedDate", "N/A"),
            "last_used_region": used.get("Region", "N/A"),
            "last_used_service": used.get("ServiceName", "N/A"),
        }
        row |= {f"access_key_{slot}_{column}": value for column, value in cells.items()}
    return row


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # the machine may be busy
@given(facts_of_users, st.permutations([*COLUMNS, "cert_1_active", "new_column"]))
def test_any_table_of_users_is_told_as_it_is(users, columns):
    rows = [as_row(name, facts) for name, facts in users.items()]

    found = report_facts(report(*rows, columns=columns))

    assert found == {"users": users}
    assert list(found["users"]) == sorted(users)


def answered(generate, get=None):
    """Return a client whose answers to the two operations come one after the other, the last for ever, and the count."""
    asked = {"GenerateCredentialReport": [], "GetCredentialReport": []}

    def giving(operation, answers):
        def give(_):
            asked[operation].append(1)
            return answers[min(len(asked[operation]), len(answers)) - 1]

        return give

    client = answering(
        offline_session(),
        {
            "GenerateCredentialReport": giving("GenerateCredentialReport", generate),
            "GetCredentialReport": giving("GetCredentialReport", get or [whole()]),
        },
    )
    return client, asked


def whole():
    return {"Content": report(alice()), "ReportFormat": "text/csv", "GeneratedTime": GENERATED}


def refusal(code):
    return {"Error": {"Code": code, "Message": "no"}}


COMPLETE = {"State": "COMPLETE"}


def test_a_report_that_is_there_takes_two_calls():
    client, asked = answered([COMPLETE])

    found = read_credential_report(client, sleep=lambda _: pytest.fail("nothing to wait for"))

    assert found["GeneratedTime"] == "2026-11-23T08:00:00Z"
    assert found["users"].keys() == {"alice"}
    assert {operation: len(calls) for operation, calls in asked.items()} == {
        "GenerateCredentialReport": 1,
        "GetCredentialReport": 1,
    }


def test_fault_35_a_report_in_the_making_is_waited_for_longer_each_time():
    waits = []
    client, asked = answered([{"State": "STARTED"}, {"State": "INPROGRESS"}, {"State": "INPROGRESS"}, COMPLETE])

    assert read_credential_report(client, waits.append)["users"]
    assert waits == list(WAITS_SECONDS[:3]) == sorted(waits)
    assert len(asked["GetCredentialReport"]) == 1


def test_fault_35_a_report_that_never_comes_is_an_error_within_few_calls():
    waits = []
    client, asked = answered([{"State": "INPROGRESS"}])

    with pytest.raises(IncompleteReadError, match="did not finish the credential report within 90 seconds; run again"):
        read_credential_report(client, waits.append)
    assert sum(waits) <= 120
    assert len(asked["GenerateCredentialReport"]) <= 9
    assert asked["GetCredentialReport"] == []


@pytest.mark.parametrize("code", ["ReportNotPresent", "ReportExpired", "ReportInProgress"])
def test_fault_35_a_report_that_went_meanwhile_is_made_again(code):
    waits = []
    client, asked = answered([COMPLETE], [refusal(code), refusal(code), whole()])

    assert read_credential_report(client, waits.append)["users"]
    assert len(asked["GenerateCredentialReport"]) == 3
    assert len(waits) == 2


def test_a_report_that_is_never_there_is_an_error():
    client, asked = answered([COMPLETE], [refusal("ReportExpired")])

    with pytest.raises(IncompleteReadError, match="did not finish"):
        read_credential_report(client, lambda _: None)
    assert len(asked["GetCredentialReport"]) == len(WAITS_SECONDS) + 1


@pytest.mark.parametrize("operation", ["GenerateCredentialReport", "GetCredentialReport"])
def test_a_denied_report_names_the_action(operation):
    denied = [refusal("AccessDenied")]
    client, _ = answered(denied) if operation.startswith("Gen") else answered([COMPLETE], denied)

    with pytest.raises(AwsError, match=f"AWS denied iam:{operation}; allow it in a policy of the caller"):
        read_credential_report(client, lambda _: None)


@pytest.mark.parametrize("lost", ["GeneratedTime", "Content"])
def test_an_answer_without_its_parts_is_an_error(lost):
    client, _ = answered([COMPLETE], [{key: value for key, value in whole().items() if key != lost}])

    with pytest.raises(IncompleteReadError, match="the credential report cannot be read"):
        read_credential_report(client, lambda _: None)


def test_the_sandbox_has_a_report_of_what_it_was_loaded_with():
    used = {"LastUsedDate": "2026-11-01T10:15:00Z", "Region": "eu-west-1", "ServiceName": "s3"}
    key = {"AccessKeyId": "AKIA0000000000000001", "Status": "Inactive", "CreateDate": "2026-01-01T00:00:00Z"}
    user = {"UserName": "alice", "Arn": NOBODY["arn"], "CreateDate": "2025-01-31T10:00:00Z", "GroupList": []}
    held = {
        "LoginProfile": {"CreateDate": "2025-05-05T05:05:05Z", "PasswordResetRequired": False},
        "AccessKeyMetadata": [{**key, "AccessKeyLastUsed": used}],
        "MFADevices": [{"SerialNumber": "GAKT12345678"}],
    }
    lists = {"UserDetailList": [{**user, "PasswordLastUsed": "2026-06-06T06:05:00Z"}]}
    with open_sandbox({**lists, "credentials": {"alice": held}}, account_id="123456789012") as session:
        calls = count_calls(session)
        found = read_credential_report(reading_client(session), lambda _: None)

    assert found["users"]["alice"] == {
        "Arn": NOBODY["arn"],
        "CreateDate": "2025-01-31T10:00:00Z",
        "PasswordEnabled": True,
        "PasswordLastUsed": "2026-06-06T06:05:00Z",
        "PasswordLastChanged": "2025-05-05T05:05:05Z",
        "MFAActive": True,
        "AccessKeys": [{"Status": "Inactive", "LastRotated": "2026-01-01T00:00:00Z", "AccessKeyLastUsed": used}],
    }
    assert found["root"]["MFAActive"] is True
    assert calls == {"GenerateCredentialReport": 2, "GetCredentialReport": 1}
