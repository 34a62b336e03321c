"""The S3 of a served sandbox answers conditional requests as moto's does, and refuses what AWS refuses beyond that."""

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from effort import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from loopback import loopback_s3
from moto import mock_aws

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["create", "replace", "delete", "read"]),
        st.sampled_from(["a", "b"]),
        st.sampled_from(["current", "older", "unknown"]),
    ),
    max_size=8,
)
CONFIG = Config(
    request_checksum_calculation="when_required", retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}
)


def told(client, steps):
    """Return what a client is told when it takes the steps on an object that does not exist yet."""
    etags, answers = ['"0"'], []
    for name, body, which in steps:
        etag = {"current": etags[-1], "older": etags[0], "unknown": '"1"'}[which]
        where = {"Bucket": "bucket", "Key": "prefix/key.json"}
        try:
            if name == "read":
                found = client.get_object(**where)
                answers.append((200, found["Body"].read(), found["ETag"]))
            elif name == "delete":
                client.delete_object(**where, IfMatch=etag)
                answers.append(204)
            else:
                condition = {"IfNoneMatch": "*"} if name == "create" else {"IfMatch": etag}
                etags.append(client.put_object(**where, Body=body.encode(), **condition)["ETag"])
                answers.append((200, etags[-1]))
        except ClientError as error:
            answers.append((error.response["ResponseMetadata"]["HTTPStatusCode"], error.response["Error"]["Code"]))
    return answers


@pytest.fixture(scope="module")
def served():
    with loopback_s3() as iam:
        yield iam


def client_of(served):
    return boto3.client(
        "s3",
        endpoint_url=served.url,
        region_name="us-east-1",
        aws_access_key_id="A",
        aws_secret_access_key="s",
        config=CONFIG,
    )


@given(steps=STEPS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=examples(25))
def test_conditional_requests_have_the_answers_of_moto(served, steps):
    served.buckets.objects.clear()
    ours = told(client_of(served), steps)
    with mock_aws():
        client = boto3.client(
            "s3", region_name="us-east-1", aws_access_key_id="A", aws_secret_access_key="s", config=CONFIG
        )
        client.create_bucket(Bucket="bucket")
        theirs = told(client, steps)

    assert ours == theirs


def refusal(call):
    with pytest.raises(ClientError) as caught:
        call()
    return caught.value.response["ResponseMetadata"]["HTTPStatusCode"], caught.value.response["Error"]["Code"]


def test_what_moto_allows_and_a_bucket_for_locks_does_not(served):
    client, where = client_of(served), {"Bucket": "bucket", "Key": "key"}
    served.buckets.objects.clear()

    assert refusal(lambda: client.put_object(**where, Body=b"")) == (403, "AccessDenied")
    assert refusal(lambda: client.delete_object(**where)) == (403, "AccessDenied")
    owner = {"ExpectedBucketOwner": "210987654321"}
    assert refusal(lambda: client.put_object(**where, Body=b"", IfNoneMatch="*", **owner)) == (403, "AccessDenied")
    assert refusal(lambda: client.get_object(**where, **owner)) == (403, "AccessDenied")
    assert refusal(lambda: client.list_objects_v2(Bucket="bucket"))[1] == "NotImplemented"
    client.put_object(**where, Body=b"", IfNoneMatch="*", ExpectedBucketOwner="123456789012")
