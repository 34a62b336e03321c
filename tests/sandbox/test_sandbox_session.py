"""A sandbox is reached by its own clients only, answers as its own account, and leaves nothing behind."""

import subprocess
import sys
import time

import boto3
import pytest
from botocore.endpoint import Endpoint
from botocore.exceptions import ClientError
from moto.iam.models import iam_backends

from iamctl.model import IamctlError
from iamctl.sandbox import open_sandbox

ACCOUNT = "210987654321"


def test_importing_the_package_loads_neither_moto_nor_boto3():
    code = "import sys, iamctl.sandbox; print(sorted({'moto', 'boto3', 'botocore'} & sys.modules.keys()))"

    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout == b"[]\n"


@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov"])
def test_arns_name_the_account_and_the_partition(partition):
    with open_sandbox(None, account_id=ACCOUNT, partition=partition) as session:
        caller = session.client("sts").get_caller_identity()
        iam = session.client("iam")
        user = iam.create_user(UserName="u", Path="/people/")["User"]
        iam.attach_user_policy(UserName="u", PolicyArn=f"arn:{partition}:iam::aws:policy/ReadOnlyAccess")
        device = iam.create_virtual_mfa_device(VirtualMFADeviceName="d")["VirtualMFADevice"]

    assert caller["Account"] == ACCOUNT
    assert caller["Arn"] == f"arn:{partition}:sts::{ACCOUNT}:assumed-role/iamctl-sandbox/cli"
    assert user["Arn"] == f"arn:{partition}:iam::{ACCOUNT}:user/people/u"
    assert device["SerialNumber"] == f"arn:{partition}:iam::{ACCOUNT}:mfa/d"


def test_a_policy_of_another_partition_does_not_exist():
    with open_sandbox(None, account_id=ACCOUNT, partition="aws-cn") as session:
        iam = session.client("iam")
        with pytest.raises(iam.exceptions.NoSuchEntityException):
            iam.get_policy(PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")


@pytest.mark.parametrize("arn", [f"arn:aws:iam::{ACCOUNT}:role/plan", "arn:aws:iam::111111111111:role/elsewhere"])
def test_an_assumed_role_stays_in_the_account(arn):
    with open_sandbox(None, account_id=ACCOUNT) as session:
        session.client("iam").create_user(UserName="u")
        held = session.client("sts").assume_role(RoleArn=arn, RoleSessionName="run")["Credentials"]
        other = boto3.Session(held["AccessKeyId"], held["SecretAccessKey"], held["SessionToken"], "us-east-1")
        caller = other.client("sts").get_caller_identity()
        users = other.client("iam").list_users()["Users"]

    assert caller["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/{arn.split('/')[-1]}/run"
    assert [user["UserName"] for user in users] == ["u"]


def test_the_environment_does_not_reach_in(monkeypatch, tmp_path):
    (tmp_path / "config").write_text("[profile p]\nendpoint_url = http://127.0.0.1:1\nregion = eu-west-1\n")
    for name, value in {
        "AWS_PROFILE": "missing",
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "AWS_ENDPOINT_URL_IAM": "http://127.0.0.1:1",
        "AWS_ACCESS_KEY_ID": "AKIAOUTSIDE",
        "AWS_REGION": "eu-west-1",
        "MOTO_ACCOUNT_ID": "999999999999",
    }.items():
        monkeypatch.setenv(name, value)

    with open_sandbox(None, account_id=ACCOUNT) as session:
        client = session.client("iam")
        made = client.create_user(UserName="u")["User"]

    assert client.meta.endpoint_url == "https://iam.amazonaws.com"
    assert made["Arn"].split(":")[4] == ACCOUNT


def test_no_other_service_answers():
    with open_sandbox(None, account_id=ACCOUNT) as session:
        with pytest.raises(RuntimeError, match="only iam, sts and organizations"):
            session.client("s3").list_buckets()
        stranger = boto3.Session("AKIAX", "x", region_name="us-east-1")
        with pytest.raises(RuntimeError, match="only iam, sts and organizations"):
            stranger.client("sqs").list_queues()


def test_nothing_is_left_after_the_end():
    send = Endpoint._send
    with open_sandbox(None, account_id=ACCOUNT) as session:
        client = session.client("iam")
        client.create_user(UserName="u")

    assert Endpoint._send is send
    assert ACCOUNT not in iam_backends
    with pytest.raises(RuntimeError, match="closed"):
        client.list_users()
    with open_sandbox(None, account_id=ACCOUNT) as session:
        assert session.client("iam").list_users()["Users"] == []


def test_everything_is_put_back_after_an_error():
    send = Endpoint._send
    with pytest.raises(ZeroDivisionError), open_sandbox(None, account_id=ACCOUNT):
        _ = 1 / 0

    assert Endpoint._send is send
    assert ACCOUNT not in iam_backends


def test_a_snapshot_that_is_none_is_refused_in_one_sentence():
    with (
        pytest.raises(IamctlError, match="does not have the form of IAM"),
        open_sandbox({"UserDetailList": [7]}, account_id=ACCOUNT),
    ):
        pass
    with (
        pytest.raises(IamctlError, match="unknown partition 'mars'"),
        open_sandbox(None, account_id=ACCOUNT, partition="mars"),
    ):
        pass


def test_an_operation_without_a_user_name_is_nobody():
    with open_sandbox(None, account_id=ACCOUNT) as session, pytest.raises(ClientError) as caught:
        session.client("iam").get_user()

    assert caught.value.response["Error"]["Code"] == "NoSuchEntity"


def test_opening_again_takes_milliseconds():
    with open_sandbox(None, account_id=ACCOUNT) as session:
        session.client("iam").list_users()
    before = time.process_time()
    for _ in range(10):
        with open_sandbox(None, account_id=ACCOUNT) as session:
            session.client("iam").list_users()

    assert (time.process_time() - before) / 10 < 0.1
