"""What changes nobody's access has no row, and counts as proved; what a Deny held back is named in full."""

from datetime import UTC, datetime

import pytest

from iamctl.access.delta import access_changes
from iamctl.account.live import Live
from iamctl.kinds import Group, GroupInlinePolicy, Membership, User
from iamctl.model import State
from iamctl.policy import Document
from iamctl.report.access_words import row_text

ACCOUNT = "123456789012"
NOW = datetime(2026, 11, 29, tzinfo=UTC)


def allow(action, resource="*", **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action, resource="*", **more):
    return {**allow(action, resource, **more), "Effect": "Deny"}


def everything_but(effect, actions, **more):
    return {"Effect": effect, "NotAction": actions, "Resource": "*", **more}


def state(groups):
    """Return an account in which pat is in every group; a group has a document of some statements."""
    resources = [User(name="pat")]
    for name, statements in groups.items():
        resources += [Group(name=name), Membership(group=name, user="pat")]
        document = Document.from_data({"Version": "2012-10-17", "Statement": statements})
        resources.append(GroupInlinePolicy(group=name, name="own", document=document))
    return State.of(resources)


def changes(before, after):
    was, will = state(before), state(after)
    return access_changes(Live(ACCOUNT, "aws", was), was, will, will, NOW)


OBJECTS, WRITING = "arn:aws:s3:::data/*", ["s3:GetObject", "s3:PutObject"]
WITHOUT_MFA = {"aws:MultiFactorAuthPresent": "false"}
NO_MFA = {"Bool": WITHOUT_MFA}
MISSING = {"Null": {"aws:MultiFactorAuthPresent": "true"}}
GUARDED = allow(["ec2:RunInstances", "s3:GetObject"])
EQUAL = {
    "another Sid": ([allow(WRITING, Sid="A")], [allow(WRITING, Sid="B")]),
    "another order": ([allow(WRITING), deny("sqs:*")], [deny("sqs:*"), allow(WRITING[::-1])]),
    "another spelling": ([allow("s3:getobject")], [allow(["S3:GetObject"], ["*"])]),
    "one statement as two": ([allow(WRITING)], [allow("s3:GetObject"), allow("s3:PutObject")]),
    "resources as two statements": (
        [allow("s3:GetObject", [OBJECTS, "arn:aws:s3:::logs/*"])],
        [allow("s3:GetObject", OBJECTS), allow("s3:GetObject", "arn:aws:s3:::logs/*")],
    ),
    "a statement that another one covers": ([allow("s3:*")], [allow("s3:*"), allow("s3:GetObject", OBJECTS)]),
    "an Allow that a Deny takes whole": ([deny("sqs:*")], [deny("sqs:*"), allow("sqs:SendMessage")]),
    "a Deny of what nobody allows, covered by another": (
        [deny("sqs:*"), deny("sqs:SendMessage")],
        [deny("sqs:*")],
    ),
    "a Deny in other words": (
        [allow("s3:*"), deny(["s3:PutObject", "s3:DeleteObject"])],
        [
            everything_but("Allow", ["s3:PutObject", "s3:DeleteObject"]),
            everything_but("Deny", "s3:*"),
            deny(["s3:PutObject", "s3:DeleteObject"]),
        ],
    ),
    "a guard over two Denies": (
        [GUARDED, everything_but("Deny", "iam:*", Condition={"BoolIfExists": WITHOUT_MFA})],
        [
            GUARDED,
            everything_but("Deny", "iam:*", Condition=NO_MFA),
            everything_but("Deny", "iam:*", Condition=MISSING),
        ],
    ),
    "a condition that always holds": (
        [allow("s3:GetObject")],
        [allow("s3:GetObject", Condition={"StringLike": {"aws:PrincipalArn": "*"}})],
    ),
    "numbers of a condition in other words": (
        [allow("s3:ListBucket", Condition={"NumericLessThanEquals": {"s3:max-keys": "10"}})],
        [allow("s3:ListBucket", Condition={"NumericLessThanEquals": {"s3:max-keys": ["10.0", "3"]}})],
    ),
}


@pytest.mark.parametrize(("before", "after"), EQUAL.values(), ids=EQUAL)
def test_what_changes_nobodys_access_has_no_row(before, after):
    found = changes({"crew": before}, {"crew": after})

    assert (found.blocks, found.unusual, found.undecided) == ((), 0, ())


def test_a_join_that_brings_only_what_somebody_has_is_proved_to_change_nothing():
    crew = {"crew": [allow("s3:*")]}

    found = changes(crew, {**crew, "readers": [allow("s3:GetObject", OBJECTS)]})

    assert (found.blocks, found.unchanged) == ((), 1)


@pytest.mark.parametrize(
    ("before", "after", "gained"),
    [
        ([allow("s3:GetObject", OBJECTS)], [allow("s3:GetObject")], "s3 read: GetObject on every resource except"),
        ([allow("sqs:*"), deny("sqs:*")], [allow("sqs:*")], "sqs permissions management"),
        ([allow("s3:*"), deny("s3:Get*")], [allow("s3:*"), deny("s3:GetB*")], "s3 read: GetAcc"),
    ],
)
def test_what_changes_access_has_a_row(before, after, gained):
    (block,) = changes({"crew": before}, {"crew": after}).blocks

    assert any(row_text(row).startswith(gained) for row in block.gains), list(map(row_text, block.gains))


@pytest.mark.parametrize(
    ("allowed", "denied", "restraints"),
    [
        ("ecs:*", ["ecs:DeleteService", "s3:DeleteBucket"], ["s3 write: DeleteBucket on every resource"]),
        ("ecs:*", ["ecs:DeleteService"], []),
        ("sqs:*", ["ecs:DeleteService"], ["ecs write: DeleteService on every resource"]),
        ("*", ["ecs:DeleteService", "s3:DeleteBucket"], []),
    ],
)
def test_what_a_deny_held_back_that_no_policy_allows_is_named(allowed, denied, restraints):
    (block,) = changes({"crew": [allow(allowed), deny(denied)]}, {"crew": [allow(allowed)]}).blocks

    assert [row_text(row) for row in block.restraints] == restraints


def test_the_request_of_a_row_is_about_its_worst_action_whichever_policy_has_that():
    many = [
        "backup:GetBackupPlan",
        "ec2:DescribeHosts",
        "ecs:ListTasks",
        "kms:ListKeys",
        "logs:GetLogEvents",
        "sqs:ListQueues",
    ]

    (block,) = changes({}, {"readers": [allow(many)], "writers": [allow("iam:PassRole")]}).blocks

    (row,) = block.gains
    assert row.example.action == "iam:PassRole"
