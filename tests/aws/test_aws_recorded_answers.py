"""Answers that AWS gave to others, through the functions that read such answers."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aws_faults import answering, offline_session

from iamctl.account.live import live_account
from iamctl.account.shape import plain
from iamctl.account.snapshot_file import SnapshotError, load_snapshot, save_snapshot
from iamctl.aws.credentials import read_credentials, read_virtual_mfa_devices
from iamctl.aws.page import ask, pages
from iamctl.aws.read import with_policy_details

DATA = Path(__file__).resolve().parents[2] / "../shared/data"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the shared test data is not here")

NOTHING = {
    "ListAccessKeys": {"AccessKeyMetadata": [], "IsTruncated": False},
    "ListMFADevices": {"MFADevices": [], "IsTruncated": False},
    "ListSSHPublicKeys": {"SSHPublicKeys": [], "IsTruncated": False},
    "ListSigningCertificates": {"Certificates": [], "IsTruncated": False},
    "ListServiceSpecificCredentials": {"ServiceSpecificCredentials": []},
    "GetLoginProfile": {"Error": {"Code": "NoSuchEntity", "Message": "no"}},
    "GetAccessKeyLastUsed": {"AccessKeyLastUsed": {"Region": "N/A", "ServiceName": "N/A"}},
}
HELD = {
    "ListAccessKeys": "AccessKeyMetadata",
    "ListMFADevices": "MFADevices",
    "ListSSHPublicKeys": "SSHPublicKeys",
    "ListSigningCertificates": "Certificates",
    "ListServiceSpecificCredentials": "ServiceSpecificCredentials",
}
READ_OTHERWISE = {"GetUser", "GetGroup", "ListUsers", "ListGroups", "ListPolicies", "ListGroupsForUser"}


def decoded(value):
    if isinstance(value, dict) and value.get("__class__") == "datetime":
        return datetime(*(value[part] for part in ("year", "month", "day", "hour", "minute", "second")), tzinfo=UTC)
    if isinstance(value, dict):
        return {key: decoded(part) for key, part in value.items()}
    return [decoded(part) for part in value] if isinstance(value, list) else value


def recordings(*operations):
    return list(found_recordings(operations)) if DATA.is_dir() else []


def found_recordings(operations):
    for path in sorted((DATA / "recorded/c7n").glob("*/iam.*.json")):
        operation = path.name.split(".")[1].partition("_")[0]
        if operation in operations:
            data = decoded(json.loads(path.read_text())["data"])
            yield pytest.param(operation, data, id=f"{path.parent.name}-{path.stem}")
    names = {name.replace("-", "").lower(): name for name in operations}
    for command, examples in json.loads((DATA / "recorded/awscli-iam-examples.json").read_text()).items():
        if operation := names.get(command.replace("-", "")) or next(
            (name for name in operations if name.lower() == command.replace("-", "")), None
        ):
            for number, example in enumerate(examples):
                if "output" in example:
                    yield pytest.param(operation, example["output"], id=f"awscli-{command}-{number}")


def client(**answers):
    return answering(offline_session(), {**NOTHING, **answers})


@pytest.mark.parametrize(("operation", "data"), recordings(*HELD))
def test_recorded_listings_of_credentials_keep_every_entry_and_no_secret(operation, data):
    key = HELD[operation]

    held = read_credentials(client(**{operation: data}), ["somebody"])["somebody"]

    assert len(held[key]) == len(data[key]) > 0 or data[key] == []
    assert all(isinstance(part, str | dict) for item in held[key] for part in item.values())
    assert "BEGIN CERTIFICATE" not in json.dumps(held)


@pytest.mark.parametrize(("operation", "data"), recordings("GetLoginProfile"))
def test_recorded_login_profiles_are_there_or_none(operation, data):
    profile = read_credentials(client(**{operation: data}), ["somebody"])["somebody"]["LoginProfile"]

    assert (profile is None) == ("Error" in data)
    if profile:
        assert set(profile) == {"CreateDate", "MaxSigninSessionDuration", "PasswordResetRequired"}


@pytest.mark.parametrize(("operation", "data"), recordings("ListVirtualMFADevices"))
def test_recorded_virtual_devices_belong_to_users_or_to_nobody_and_not_to_root(operation, data):
    devices = read_virtual_mfa_devices(client(**{operation: data}))

    of_root = [
        device for device in data["VirtualMFADevices"] if str(device.get("User", {}).get("Arn")).endswith(":root")
    ]
    assert len(devices) == len(data["VirtualMFADevices"]) - len(of_root) > 0
    for device in devices:
        source = next(item for item in data["VirtualMFADevices"] if item["SerialNumber"] == device["SerialNumber"])
        assert device.get("UserName") == source.get("User", {}).get("UserName")


@pytest.mark.parametrize(("operation", "data"), recordings("GetAccountSummary"))
def test_recorded_summaries_hold_numbers(operation, data):
    summary = ask(client(**{operation: data}), "GetAccountSummary")["SummaryMap"]

    assert {"Users", "Groups"} <= summary.keys()
    assert all(isinstance(number, int) for number in summary.values())


@pytest.mark.parametrize(("operation", "data"), recordings("GetPolicy"))
def test_recorded_policies_are_added_or_missing(operation, data):
    arn = "arn:aws:iam::aws:policy/Thing"

    told = with_policy_details({"Policies": []}, client(GetPolicy=data), [arn])

    if "Error" in data:
        assert told == {"Policies": [], "missing_policies": [arn]}
    else:
        assert told["missing_policies"] == []
        assert told["Policies"][0]["PolicyName"] == data["Policy"]["PolicyName"]
        assert {"Tags", "Description"} <= told["Policies"][0].keys()


@pytest.mark.parametrize(("operation", "data"), recordings(*READ_OTHERWISE))
def test_recorded_users_groups_and_policies_become_json(operation, data):
    if "Error" not in data:
        required = {
            "GetUser": {"UserName": "x"},
            "GetGroup": {"GroupName": "x"},
            "ListGroupsForUser": {"UserName": "x"},
        }
        read = list(pages(client(**{operation: data}), operation, **required.get(operation, {})))

        assert json.loads(json.dumps(plain(read[0])))


SNAPSHOTS = sorted((DATA / "snapshots").glob("*.json"))
FILTERED = frozenset(
    {"cloudsplaining-2020-demo", "cloudsplaining-test-example-authz-details", "cloudsplaining-test-example_authz_v2"}
)
"""Published without some of the users, groups and roles that their policies count."""


@pytest.mark.parametrize("path", SNAPSHOTS, ids=lambda path: path.stem)
def test_recorded_snapshots_load_and_come_back_the_same(path, tmp_path):
    if path.stem in FILTERED:
        with pytest.raises(SnapshotError, match="AttachmentCount"):
            load_snapshot(path)
        return
    snapshot = load_snapshot(path)

    save_snapshot(tmp_path / "once.json", snapshot)
    save_snapshot(tmp_path / "twice.json", load_snapshot(tmp_path / "once.json"))

    assert (tmp_path / "once.json").read_bytes() == (tmp_path / "twice.json").read_bytes()
    assert len(live_account(snapshot).state) >= len(snapshot["UserDetailList"]) > 0
    assert snapshot["account"]["id"] in path.read_text()


def test_all_recorded_snapshots_are_there():
    assert len(SNAPSHOTS) == 11
