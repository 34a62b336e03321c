"""The lock as an object in S3, on loopback: conditions, refusals, the region and the owner of the bucket."""

import boto3
import pytest
from loopback import DROPPED, loopback_s3

from iamctl.aws.lock_object import MAX_LOCK_BYTES, LockObject
from iamctl.model import IamctlError
from iamctl.model.lock import ConditionFailedError, LockDeniedError, LockSettings

ACCOUNT = "123456789012"


@pytest.fixture(scope="module")
def served():
    with loopback_s3() as iam:
        yield iam


@pytest.fixture
def s3(served, monkeypatch):
    """Return the S3 of the test, without objects and faults."""
    for name, value in served.environment.items():
        monkeypatch.setenv(name, value)
    served.asked.clear()
    served.faults.clear()
    served.buckets.objects.clear()
    served.buckets.regions.clear()
    return served


def lock_in(place, owner=""):
    return LockObject(boto3.Session(), LockSettings(place, owner), ACCOUNT)


def test_one_object_for_each_account_below_the_prefix(s3):
    lock_in("bucket").create(b"1")
    lock_in("bucket/some/prefix").create(b"2")

    assert set(s3.buckets.objects) == {("bucket", f"{ACCOUNT}.json"), ("bucket", f"some/prefix/{ACCOUNT}.json")}
    assert lock_in("bucket/some/prefix").place == f"s3://bucket/some/prefix/{ACCOUNT}.json"


def test_every_write_has_a_condition(s3):
    """The S3 of the tests refuses any other one, as the policy of a bucket can do."""
    lock = lock_in("bucket")
    assert lock.read() is None
    first = lock.create(b"one")
    with pytest.raises(ConditionFailedError):
        lock.create(b"two")
    second = lock.replace(b"two", first)
    for change in (lambda: lock.replace(b"three", first), lambda: lock.delete(first)):
        with pytest.raises(ConditionFailedError):
            change()

    found = lock.read()

    assert (found.body, found.etag) == (b"two", second)
    assert 0 <= found.age_seconds < 3600
    lock.delete(second)
    for change in (lambda: lock.replace(b"three", second), lambda: lock.delete(second)):
        with pytest.raises(ConditionFailedError):
            change()
    assert s3.buckets.objects == {}


@pytest.mark.parametrize("operation", ["create", "replace"])
def test_a_conflict_is_a_failed_condition(s3, operation):
    lock = lock_in("bucket")
    etag = lock.create(b"one") if operation == "replace" else ""
    s3.faults["PutObject"] = [("ConditionalRequestConflict", "A conflicting operation occurred.", 409)] * 2

    with pytest.raises(ConditionFailedError):
        lock.create(b"two") if operation == "create" else lock.replace(b"two", etag)


def test_the_age_is_by_the_clock_of_s3_alone(s3):
    lock = lock_in("bucket")
    lock.create(b"one")
    try:
        s3.clock_ahead_seconds = 3600
        assert 3600 <= lock.read().age_seconds < 7200
    finally:
        s3.clock_ahead_seconds = 0


def test_an_answer_that_is_lost_is_asked_for_again_and_then_the_condition_has_failed(s3):
    lock = lock_in("bucket")
    s3.faults["PutObject"] = [DROPPED]

    with pytest.raises(ConditionFailedError):
        lock.create(b"one")

    assert lock.read().body == b"one"
    assert s3.asked == ["PutObject", "PutObject", "GetObject"]


def test_the_bucket_of_somebody_else_is_refused(s3):
    for change in (lambda lock: lock.create(b"one"), lambda lock: lock.read(), lambda lock: lock.delete('"x"')):
        with pytest.raises(
            LockDeniedError, match="the bucket must belong to account 210987654321, or to the one that 'lock' names"
        ):
            change(lock_in("bucket", owner="210987654321"))
    assert s3.buckets.objects == {}


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (("AccessDenied", "no", 403), "AWS denied s3:PutObject on the lock s3://bucket/123456789012.json"),
        (("NoSuchBucket", "no", 404), "the bucket of the lock s3://bucket/123456789012.json does not exist"),
        (("ExpiredToken", "no", 400), "the AWS credentials have expired"),
        (("NotImplemented", "no", 501), "AWS refused s3:PutObject: NotImplemented"),
    ],
)
def test_refusals_in_plain_words(s3, fault, said):
    s3.faults["PutObject"] = [fault] * 9

    with pytest.raises(IamctlError) as caught:
        lock_in("bucket").create(b"one")

    assert said in str(caught.value)


def test_a_large_object_is_read_in_part(s3):
    lock = lock_in("bucket")
    lock.create(b"x" * 500_000)

    assert MAX_LOCK_BYTES < len(lock.read().body) < 100_000


def test_a_bucket_in_another_region_is_found_by_the_redirect(s3):
    s3.buckets.regions["bucket"] = "eu-central-1"
    lock = lock_in("bucket")

    etag = lock.create(b"one")
    lock.replace(b"two", etag)

    assert lock.read().body == b"two"
    assert s3.asked.count("PutObject") <= 4
