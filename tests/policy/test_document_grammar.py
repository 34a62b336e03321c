"""What IAM refuses is said before it is asked, and nothing else."""

import json
from pathlib import Path

import pytest
from effort import first

from iamctl.policy import Document, grammar_errors, managed_grammar_errors
from iamctl.policy.condition_grammar import OPERATORS

POLICIES = Path(__file__).resolve().parents[2] / "../shared/data/policies"
needs_data = pytest.mark.skipif(not POLICIES.exists(), reason="the shared policy data is not here")


def policy(**elements):
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"} | elements
    statement = {element: value for element, value in statement.items() if value is not ...}
    return {"Version": "2012-10-17", "Statement": [statement]}


AT = ("Statement", 0)
REFUSED = [
    ("text", (), "a policy document must be an object with Version and Statement, not a string"),
    ([], (), "not a list"),
    (None, (), "not null"),
    (policy() | {"Version": "2012-10-18"}, ("Version",), "Version must be '2012-10-17', not '2012-10-18'"),
    (policy() | {"Id": 1}, ("Id",), "the number 1"),
    (policy() | {"Statment": []}, ("Statment",), "did you mean 'Statement'?"),
    ({"Version": "2012-10-17"}, (), "Statement is missing"),
    ({"Version": "2012-10-17", "Statement": []}, ("Statement",), "Statement is empty"),
    ({"Version": "2012-10-17", "Statement": "x"}, ("Statement",), "a list of statements, not a string"),
    ({"Version": "2012-10-17", "Statement": ["x"]}, AT, "a statement must be an object, not a string"),
    (policy(Resorce="*"), (*AT, "Resorce"), "did you mean 'Resource'?"),
    (policy(effect="Allow"), (*AT, "effect"), "did you mean 'Effect'?"),
    (policy(Effect=...), AT, "Effect is missing"),
    (policy(Effect="allow"), (*AT, "Effect"), "write 'Allow', not 'allow'"),
    (policy(Effect="Permit"), (*AT, "Effect"), "'Allow' or 'Deny'"),
    (policy(Effect=True), (*AT, "Effect"), "'Allow' or 'Deny'"),
    (policy(Principal="*"), (*AT, "Principal"), "not allowed in an identity policy"),
    (policy(NotPrincipal={"AWS": "*"}), (*AT, "NotPrincipal"), "not allowed in an identity policy"),
    (policy(Sid="with space"), (*AT, "Sid"), "letters A-Z"),
    (policy(Sid="line\n"), (*AT, "Sid"), "letters A-Z"),
    (policy(Action=...), AT, "Action is missing"),
    (policy(NotAction="s3:*"), (*AT, "NotAction"), "not both"),
    (policy(Action=[]), (*AT, "Action"), "empty list"),
    (policy(Action=None), (*AT, "Action"), "not null"),
    (policy(Action=["s3:Get*", "GetObject"]), (*AT, "Action", 1), "write it as 's3:GetObject'"),
    (policy(Action="s3;Get"), (*AT, "Action"), "no service prefix"),
    (policy(Action="s3:a:b"), (*AT, "Action"), "more than one colon"),
    (policy(Action="s*:Get"), (*AT, "Action"), "not a service prefix"),
    (policy(Action="s3:"), (*AT, "Action"), "not an action name"),
    (policy(Action="s3:Get Object"), (*AT, "Action"), "not an action name"),
    (policy(Resource=...), AT, "Resource is missing"),
    (policy(NotResource="*"), (*AT, "NotResource"), "not both"),
    (policy(Resource=[]), (*AT, "Resource"), "empty list"),
    (policy(Resource=["*", 7]), (*AT, "Resource", 1), "the number 7"),
    (policy(Resource="bucket"), (*AT, "Resource"), "neither '*' nor an ARN"),
    (policy(Resource="arm:aws:s3:::b"), (*AT, "Resource"), "begin with 'arn:'"),
    (policy(Resource="arn:amazon:s3:::b"), (*AT, "Resource"), "not a partition; write '{{ partition }}', aws, aws-cn"),
    (
        policy(Resource="arn:${PARTITION}:s3:::b/${aws:username}"),
        (*AT, "Resource"),
        "is not a partition, and IAM replaces no variables there; write 'arn:{{ partition }}:s3:::b/${aws:username}'",
    ),
    (policy(Resource="arn:${AWS::Partition}:iam::*:role/x"), (*AT, "Resource"), "'arn:{{ partition }}:iam::*:role/x'"),
    (policy(Resource="arn:&{partition"), (*AT, "Resource"), "'&{partition' in"),
    (policy(Resource="arn:aws"), (*AT, "Resource"), "has no service"),
    (policy(Resource="arn:aws:*:::b"), (*AT, "Resource"), "may not contain wildcards"),
    (policy(Resource="arn:aws:s3::b"), (*AT, "Resource"), "too few parts"),
    (policy(Resource="arn:aws:s3:eu-west-1::b"), (*AT, "Resource"), "write 'arn:aws:s3:::b'"),
    (policy(Resource="arn:aws:iam:aws:1:user/a"), (*AT, "Resource"), "write 'arn:aws:iam::1:user/a'"),
    (policy(Resource="arn:aws:iam::1:alice"), (*AT, "Resource"), "needs its type"),
    (policy(Condition=[]), (*AT, "Condition"), "must be an object, for example"),
    (policy(Condition={"Bool": "x"}), (*AT, "Condition", "Bool"), "an object of condition keys"),
    (policy(Condition={"BoolifExist": {"a": "b"}}), (*AT, "Condition", "BoolifExist"), "did you mean 'BoolIfExists'?"),
    (policy(Condition={"stringequals": {"a": "b"}}), (*AT, "Condition", "stringequals"), "'StringEquals'"),
    (
        policy(Condition={"ForAnyValues:StringLike": {"a": "b"}}),
        (*AT, "Condition", "ForAnyValues:StringLike"),
        "did you mean 'ForAnyValue:StringLike'?",
    ),
    (policy(Condition={"Bool": {"a": {"b": 1}}}), (*AT, "Condition", "Bool", "a"), "a list of these"),
    (policy(Condition={"Bool": {"a": ["x", None]}}), (*AT, "Condition", "Bool", "a", 1), "a list of these"),
    (
        policy(Condition={"DateLessThan": {"a": "soon"}}),
        (*AT, "Condition", "DateLessThan", "a"),
        "'soon' is neither a date",
    ),
    (
        policy(Condition={"DateLessThan": {"a": "2026-13-01"}}),
        (*AT, "Condition", "DateLessThan", "a"),
        "neither a date",
    ),
    (policy(Resource="arn:aws:s3:::\u202egnp"), (*AT, "Resource"), "U+202E"),
    (policy(Condition={"StringEquals": {"Ā": "b"}}), (*AT, "Condition", "StringEquals", "Ā"), "U+0100"),
]


@pytest.mark.parametrize(("data", "path", "words"), REFUSED, ids=[words for _, _, words in REFUSED])
def test_refused_with_place_and_way_out(data, path, words):
    errors = grammar_errors(data)

    assert [error.path for error in errors] == [path]
    assert words in errors[0].message
    assert not errors[0].message.endswith(".")


TAKEN = [
    policy() | {"Version": "2008-10-17"},
    policy() | {"Id": "name"},
    {"Version": "2012-10-17", "Statement": policy()["Statement"][0]},
    policy(Sid=""),
    policy(Action="*"),
    policy(Action="S3:getobject"),
    policy(Action="nosuchservice:NoSuchAction"),
    policy(Action=..., NotAction=["iam:*", "sts:Get?"]),
    policy(Resource=..., NotResource="arn:aws:s3:::b"),
    policy(Resource="arn:aws-us-gov:s3:::b"),
    policy(Resource="arn:*:s3:::b"),
    policy(Resource="arn:aws:s3:*"),
    policy(Resource="arn:aws:s3:eu-west-1:123456789012:accesspoint/x"),
    policy(Resource="arn:aws:iam::*:root"),
    policy(Resource="arn:aws:iam::${aws:PrincipalAccount}:user/${aws:username}"),
    policy(Resource="arn:*:iam::123456789012:user/${aws:username}"),
    policy(Resource="arn:aws:s3:::bücher/*"),
    policy(Condition={}),
    policy(Condition={"Bool": {}}),
    policy(Condition={"StringLike": {"a": []}}),
    policy(Condition={"NumericLessThan": {"a": 100}, "Bool": {"b": True}, "Null": {"c": ["true"]}}),
    policy(Condition={"DateLessThan": {"a": ["2026-12-31T23:59:59.5+01:00", "1700000000", "${aws:CurrentTime}"]}}),
    policy(Condition={f"ForAllValues:{operator}IfExists": {"a": "1970"} for operator in OPERATORS}),
]


@pytest.mark.parametrize("data", TAKEN, ids=lambda data: json.dumps(data["Statement"])[:70])
def test_what_iam_takes_is_no_error(data):
    assert grammar_errors(data) == ()


def test_every_error_is_told_at_once():
    data = policy(Effect="allow", Action=["x", "y"], Resource=[], Condition={"Boole": {"a": "b"}})

    assert len(grammar_errors(data)) == 5


def test_a_repeated_sid_names_the_first():
    data = policy()
    data["Statement"] = [*policy(Sid="a")["Statement"], *policy(Sid="")["Statement"], *policy(Sid="a")["Statement"]]

    (error,) = grammar_errors(data)

    assert error.path == ("Statement", 2, "Sid")
    assert "also used by statement 1" in error.message


def test_inline_policies_need_no_version_and_managed_ones_do():
    document = {"Statement": policy()["Statement"]}

    assert grammar_errors(document) == ()
    assert 'add "Version": "2012-10-17"' in managed_grammar_errors(document)[0].message


def test_managed_policies_need_the_later_version():
    (error,) = managed_grammar_errors(policy() | {"Version": "2008-10-17"})

    assert error.path == ("Version",)
    assert managed_grammar_errors(policy()) == ()


def test_numbers_from_text_are_no_texts():
    data = Document.from_text(
        '{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": 1, "Resource": [2]}}'
    ).data

    assert [error.path[1:] for error in grammar_errors(data)] == [("Action",), ("Resource", 0)]


def load(name):
    return [pytest.param(item, id=item["id"]) for item in json.loads((POLICIES / name).read_text())]


def cases(name):
    return pytest.mark.parametrize("case", load(name) if POLICIES.exists() else [])


@needs_data
@cases("invalid/moto-invalid-identity-policies.json")
def test_what_moto_refuses_is_refused(case):
    """CreatePolicy of moto: managed policies."""
    assert managed_grammar_errors(case["document"])


NOT_TAKEN = {
    "moto-valid-040": "its Sid has underscores; IAM answers 'Statement IDs (SID) must be alpha-numeric'",
    "reference_policies_condition-keys#15": "'partition' stands for the reader's partition",
    "troubleshoot_policies#8": "the page's example has a blank before '*'",
    "troubleshoot_policies#11": "the page's example has a blank after 'ec2:*'",
    "troubleshoot_policies#12": "the page's example has a blank after 'ec2:*'",
    "troubleshoot_policies#14": "no Version, which IAM takes in inline policies only",
}


@needs_data
@cases("invalid/moto-valid-identity-policies.json")
def test_what_moto_takes_is_taken(case):
    assert bool(managed_grammar_errors(case["document"])) == (case["id"] in NOT_TAKEN)


@needs_data
@cases("aws-iam-user-guide-identity.json")
def test_examples_of_the_user_guide_are_taken(case):
    assert bool(managed_grammar_errors(case["document"])) == (case["id"] in NOT_TAKEN)


@needs_data
@pytest.mark.parametrize("step", first(1, [8, 1]))
def test_policies_managed_by_aws_are_taken(step):
    lines = (POLICIES / "aws-managed-policies.jsonl").read_text().splitlines()[::step]
    policies = [json.loads(line) for line in lines]

    refused = {item["name"]: errors for item in policies if (errors := managed_grammar_errors(item["document"]))}

    assert len(policies) > 1600 // step
    assert refused == {}
    assert not [item["name"] for item in policies if Document.from_data(item["document"]).normalized is None]
