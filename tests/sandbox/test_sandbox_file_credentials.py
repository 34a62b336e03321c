"""A sandbox of a large account tells of its users' credentials what its FILE tells, and nothing else."""

import json
from datetime import UTC, datetime

from effort import examples
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from iamctl.account.needs import Needs
from iamctl.account.snapshot_file import load_snapshot
from iamctl.kinds.credentials import held_credentials
from iamctl.source.open import SourceOptions, open_source

ACCOUNT = "123456789012"
NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
MADE = "2025-01-31T10:00:00Z"
MANY = 26
dates = st.sampled_from(["2025-02-01T00:00:00Z", "2026-03-04T05:06:07Z", "2026-11-20T20:15:00Z"])
used = st.fixed_dictionaries({"LastUsedDate": dates, "Region": st.just("eu-west-1"), "ServiceName": st.just("s3")})
status = st.sampled_from(["Active", "Inactive"])


@st.composite
def exact(draw, number):
    """Some of the exact facts of a user."""
    keys = [
        {
            "AccessKeyId": f"AKIA{number:015}{slot}",
            "Status": draw(status),
            "CreateDate": draw(dates),
            "AccessKeyLastUsed": draw(st.just({"Region": "N/A", "ServiceName": "N/A"}) | used),
        }
        for slot in range(draw(st.integers(0, 2)))
    ]
    devices = [{"SerialNumber": f"GAKT{number}", "EnableDate": draw(dates)}] if draw(st.booleans()) else []
    facts = {
        "LoginProfile": draw(st.none() | st.fixed_dictionaries({"CreateDate": dates})),
        "AccessKeyMetadata": keys,
        "MFADevices": devices,
    }
    return {key: value for key, value in facts.items() if draw(st.booleans())}


rows = st.fixed_dictionaries(
    {"CreateDate": st.sampled_from([MADE, MADE, "2020-01-01T00:00:00Z"])},
    optional={
        "PasswordEnabled": st.booleans(),
        "PasswordLastChanged": dates,
        "MFAActive": st.booleans(),
        "AccessKeys": st.lists(
            st.fixed_dictionaries({"Status": status, "LastRotated": dates}, optional={"AccessKeyLastUsed": used}),
            max_size=2,
        ),
    },
)


@st.composite
def files(draw):
    """An account of 26 users, of some of whom FILE tells something."""
    names = [f"u{number}" for number in range(MANY)]
    users = [
        {
            "UserName": name,
            "UserId": f"AIDA{number:017}",
            "Arn": f"arn:aws:iam::{ACCOUNT}:user/{name}",
            "Path": "/",
            "CreateDate": MADE,
            "GroupList": [],
        }
        for number, name in enumerate(names)
    ]
    told = draw(st.lists(st.integers(0, MANY - 1), max_size=6, unique=True))
    file = {
        "account": {"id": ACCOUNT, "partition": "aws"},
        "UserDetailList": users,
        "GroupDetailList": [],
        "Policies": [],
        "credentials": {f"u{number}": draw(exact(number)) for number in told},
    }
    if draw(st.booleans()):
        file["credential_report"] = {
            "GeneratedTime": "2026-11-22T08:00:00Z",
            "users": draw(st.dictionaries(st.sampled_from(names), rows, max_size=8)),
        }
    return file


def facts(snapshot):
    """Return what a snapshot tells of each user, without the ids of keys, which a report does not tell."""
    return {
        name: (
            held.has_password,
            held.has_password and held.password_since,
            held.has_mfa,
            held.access_keys
            if held.access_keys is None
            else sorted((key.is_active, key.created, str(key.last_use)) for key in held.access_keys),
        )
        for name, held in held_credentials(snapshot)
    }


def opened(path):
    return open_source(SourceOptions(sandbox=path), None, "plan", NOW)


@given(file=files(), looked_up=st.sets(st.integers(0, MANY - 1), max_size=3))
@settings(
    max_examples=examples(40),
    deadline=None,
    phases=set(Phase) - {Phase.explain},
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
def test_the_sandbox_tells_what_its_file_tells(tmp_path_factory, file, looked_up):
    path = tmp_path_factory.getbasetemp() / "file.json"
    path.write_text(json.dumps(file))
    with opened(path) as source:
        read = source.fetch(Needs())
        asked = source.fetch(Needs.of(sign_in=[f"u{number}" for number in looked_up]), read)

    expected = facts(load_snapshot(path))
    assert facts(read) == expected
    assert facts(asked) == expected


def people(number):
    return [
        {"UserName": f"u{one}", "UserId": f"AIDA{one:017}", "Path": "/", "CreateDate": MADE, "GroupList": []}
        for one in range(number)
    ]


def read_file(tmp_path, **more):
    file = {"account": {"id": ACCOUNT, "partition": "aws"}, "UserDetailList": people(MANY), "GroupDetailList": []}
    path = tmp_path / "file.json"
    path.write_text(json.dumps({**file, "Policies": [], **more}))
    with opened(path) as connection:
        return connection.fetch(Needs())


def test_the_sandbox_says_of_root_what_its_file_says(tmp_path):
    row = {"PasswordEnabled": True, "PasswordLastUsed": "2026-11-20T10:00:00Z"}
    report = {"GeneratedTime": "2026-11-22T08:00:00Z", "users": {}, "root": row}

    told = read_file(tmp_path, credential_report=report, SummaryMap={"AccountMFAEnabled": 0})

    assert told["credential_report"]["root"] == row
    assert told["SummaryMap"]["AccountMFAEnabled"] == 0
    assert "AccountPasswordPresent" not in told["SummaryMap"]


def test_the_sandbox_says_when_passwords_were_used_if_its_file_does(tmp_path):
    users = people(3)
    users[1]["PasswordLastUsed"] = "2026-11-20T10:00:00Z"

    held = dict(held_credentials(read_file(tmp_path, UserDetailList=users)))

    assert [held[f"u{one}"].is_password_use_known for one in range(3)] == [True] * 3
    assert [held[f"u{one}"].password_used for one in range(3)] == [None, datetime(2026, 11, 20, 10, tzinfo=UTC), None]
    assert not dict(held_credentials(read_file(tmp_path, UserDetailList=people(3))))["u1"].is_password_use_known
