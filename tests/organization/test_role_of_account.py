"""The role of an account of the organization is in the partition of the session that assumes it."""

from datetime import UTC, datetime

import pytest

from iamctl.aws.session import open_session, partition_of
from iamctl.model.settings import PARTITION, Settings
from iamctl.source import aws

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
ROLE = f"arn:{PARTITION}:iam::222222222222:role/iamctl-plan"


class AssumedError(Exception):
    """Ends the test where AWS would be asked."""


@pytest.mark.parametrize(
    ("region", "partition"),
    [("eu-west-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov"), ("nowhere", "aws")],
)
def test_the_region_of_the_session_determines_the_partition_of_the_role(region, partition, monkeypatch):
    def assume(_session, role, _name):
        raise AssumedError(role)

    monkeypatch.setattr(aws, "assume", assume)
    settings = Settings("prod", "222222222222", assume_role={"plan": ROLE})

    assert partition_of(open_session(None, region)) == partition
    with pytest.raises(AssumedError, match=f"^arn:{partition}:iam::222222222222:role/iamctl-plan$"):
        aws.open_aws(None, region, settings, role_for="plan", credentials="auto", now=NOW)


def test_no_template_means_the_credentials_of_the_caller():
    assert Settings("prod", "222222222222").role("plan", "aws") is None
