"""Each correction is what it says: its check passes on the sandbox and fails on moto alone."""

import boto3
import pytest
import sandbox_checks_changing
import sandbox_checks_deleting
import sandbox_checks_reading
import sandbox_checks_rules
from effort import first
from moto import mock_aws
from moto.core import DEFAULT_ACCOUNT_ID
from moto.iam.models import iam_backends
from sandbox_checks import ACCOUNT, CHECKS, READ_ONLY

from iamctl.sandbox import corrections_page, open_sandbox
from iamctl.sandbox.corrections import CORRECTIONS

MODULES = (sandbox_checks_changing, sandbox_checks_deleting, sandbox_checks_reading, sandbox_checks_rules)
NEED_AWS_POLICIES = ("attach-service-linked", "details-aws-policies", "aws-policy-dates", "delete-policy-aws")
"""The last one deletes a policy of AWS where nothing refuses it."""
IDS = [correction.id for correction in CORRECTIONS]


def test_every_correction_has_a_check_and_every_check_a_correction():
    assert len(MODULES) == 4

    assert sorted(IDS) == sorted(CHECKS)


@pytest.mark.parametrize("name", IDS)
def test_the_sandbox_does_as_aws_does(name):
    with open_sandbox(None, account_id=ACCOUNT) as session:
        CHECKS[name](session.client("iam"))


@pytest.fixture(scope="module")
def moto_session():
    """One session for all clients, as making one takes most of the time of a check; ``mock_aws`` answers it."""
    return boto3.Session(aws_access_key_id="testing", aws_secret_access_key="testing", region_name="us-east-1")


@pytest.fixture(scope="module")
def moto_client(moto_session):
    return moto_session.client("iam")


@pytest.mark.parametrize("name", first(12, [name for name in IDS if name not in NEED_AWS_POLICIES]))
def test_moto_alone_does_not(name, moto_client):
    with mock_aws(), pytest.raises((Exception, pytest.fail.Exception)):
        CHECKS[name](moto_client)


@pytest.mark.exhaustive
def test_moto_alone_does_not_with_the_policies_of_aws(moto_client):
    """They are loaded once for all checks, as that takes seconds."""
    with mock_aws(config={"iam": {"load_aws_managed_policies": True}}):
        for name in NEED_AWS_POLICIES:
            with pytest.raises((Exception, pytest.fail.Exception)):
                CHECKS[name](moto_client)
            backend = iam_backends[DEFAULT_ACCOUNT_ID]["aws"]
            assert len(backend.managed_policies) > 1000
            backend.users.clear()
            backend.groups.clear()


def test_the_page_lists_every_correction_with_its_source():
    page = corrections_page()

    assert page.startswith("# What the sandbox corrects\n")
    for correction in CORRECTIONS:
        assert f"`{correction.id}`" in page
        assert correction.source.startswith(("https://docs.aws.amazon.com/", "recorded: ", "assumed"))
    assert READ_ONLY not in page
