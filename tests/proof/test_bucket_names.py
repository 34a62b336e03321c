"""No bucket has a slash in its name, so an action on buckets gives nothing on the objects of one."""

import pytest
from proof.worlds import NOW

from iamctl.policy.normalized import normalize
from iamctl.proof.aws_facts import REFUSED
from iamctl.proof.engine import Engine, Side
from iamctl.proof.known_actions import known_actions
from iamctl.proof.universe import Universe

OBJECTS = "arn:*:s3:::*/*"


def test_every_action_on_buckets_of_the_catalogue_is_in_the_list():
    known = known_actions()
    on_buckets = {
        name
        for number, name in enumerate(known.folded)
        if name.startswith("s3:") and any(each.endswith(":s3:::${BucketName}") for each in known.formats(number))
    }
    (listed,) = [one.actions for one in REFUSED.statements if OBJECTS in (one.resources or ())]
    assert on_buckets == set(listed)


def gained(resource, *actions):
    engine = Engine(Universe([*actions]), NOW)
    document = normalize(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": resource}]}
    )
    numbers = engine.statements(document)
    found = engine.gains(Side(0, 0), Side(numbers.allow, numbers.deny))
    return {name for gain in found if gain.usual for name in engine.universe.names(gain.actions)}


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        ("arn:aws:s3:::a/*", {"s3:GetObject"}),
        ("arn:aws:s3:::a*", {"s3:GetObject", "s3:ListBucket"}),
        ("arn:aws:s3:::a", {"s3:ListBucket"}),
    ],
)
def test_what_a_statement_gives_on_a_bucket_and_its_objects(resource, expected):
    assert gained(resource, "s3:GetObject", "s3:ListBucket") == expected
