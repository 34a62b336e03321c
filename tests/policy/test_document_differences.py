"""Differences between documents are told by meaning, a line each."""

from hypothesis import given
from hypothesis import strategies as st

from iamctl.policy import Document, differences

READ = {"Sid": "Read", "Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": "*"}
DEPLOY = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "arn:aws:iam::1:role/deploy"}
GUARD = {
    "Effect": "Deny",
    "NotAction": ["iam:a", "iam:b", "iam:c", "iam:d", "iam:e"],
    "Resource": "*",
    "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": False}},
}


def document(*blocks, version="2012-10-17"):
    return Document.from_data({"Version": version, "Statement": list(blocks)})


def test_equal_documents_do_not_differ():
    assert (
        differences(
            document(READ, DEPLOY),
            document(DEPLOY, READ | {"Sid": "Other", "Action": ["S3:ListBucket", "s3:getobject"]}),
        )
        == ()
    )


def test_a_changed_statement_is_found_by_its_sid():
    after = READ | {"Effect": "Deny", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": ["*", "arn:aws:s3:::b"]}

    assert differences(document(READ), document(after)) == (
        "statement Read: - Effect Allow",
        "statement Read: - action s3:ListBucket",
        "statement Read: + Effect Deny",
        "statement Read: + action s3:PutObject",
        "statement Read: + resource arn:aws:s3:::b",
    )


def test_a_changed_statement_is_found_by_what_it_has_in_common():
    assert differences(document(GUARD, DEPLOY), document(DEPLOY | {"Resource": "*"}, GUARD)) == (
        "statement (Allow sts:AssumeRole on arn:aws:iam::1:role/deploy): - resource arn:aws:iam::1:role/deploy",
        "statement (Allow sts:AssumeRole on arn:aws:iam::1:role/deploy): + resource *",
    )


def test_statements_that_come_and_go_are_summed_up():
    assert differences(document(READ, DEPLOY), document(DEPLOY, GUARD)) == (
        "- statement Read (Allow s3:GetObject, s3:ListBucket on *)",
        "+ statement (Deny all but iam:a, iam:b, iam:c and 2 more on * when BoolIfExists aws:MultiFactorAuthPresent = false)",
    )


def test_conditions_versions_and_negations_are_told():
    before = DEPLOY | {"Sid": "Deploy", "Condition": {"StringEquals": {"aws:x": ["a", "b"]}, "Null": {}}}
    after = DEPLOY | {"Sid": "Deploy", "Condition": {"StringEquals": {"AWS:X": ["a"]}}}
    after["NotResource"] = after.pop("Resource")

    lines = differences(document(before), document(after, version="2008-10-17"))

    assert lines[0] == "Version: 2012-10-17 -> 2008-10-17"
    assert [line.removeprefix("statement Deploy: ") for line in lines[1:]] == [
        "- resource arn:aws:iam::1:role/deploy",
        "- condition StringEquals aws:x = a, b",
        "- condition Null without a key",
        "+ NotResource arn:aws:iam::1:role/deploy",
        "+ condition StringEquals AWS:X = a",
    ]


def test_malformed_documents_are_told_as_such():
    assert differences(document(READ), Document.from_text("{")) == (
        "the text differs, and no more can be told: malformed after",
    )


def test_a_trust_policy_tells_its_principals():
    block = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "1"}}

    assert differences(document(block), document(block | {"Principal": "*"})) == (
        'statement (Allow sts:AssumeRole on itself): - Principal {"AWS":"1"}',
        'statement (Allow sts:AssumeRole on itself): + Principal "*"',
    )


texts = st.sampled_from(["a:b", "A:B", "c:d", "a", "*"])
blocks = st.fixed_dictionaries(
    {"Effect": st.sampled_from(["Allow", "Deny"]), "Action": texts | st.lists(texts, min_size=1), "Resource": texts},
    optional={
        "Sid": st.sampled_from(["", "x", "y"]),
        "Condition": st.dictionaries(
            st.sampled_from(["Bool", "Null"]),
            st.dictionaries(texts, st.lists(st.booleans() | texts, max_size=2), max_size=2),
            max_size=2,
        ),
    },
)
documents = st.builds(lambda found: document(*found), st.lists(blocks, min_size=1, max_size=3))


@given(documents, documents)
def test_documents_differ_exactly_when_a_line_says_so(before, after):
    lines = differences(before, after)

    assert (lines == ()) == (before == after)
