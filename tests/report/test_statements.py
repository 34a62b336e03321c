"""A statement is shown in full, in every line that a plan has for it, what allows most first."""

from hypothesis import given
from hypothesis import strategies as st

from iamctl.policy import Document
from iamctl.report.statements import document_lines

HIDDEN = {
    "Sid": "ReadThings",
    "Effect": "Allow",
    "Action": [
        "s3:GetBucketAcl",
        "s3:GetBucketTagging",
        "s3:GetObject",
        "iam:AddUserToGroup",
        "lambda:*",
        "s3:PutObject",
    ],
    "Resource": [
        "arn:aws:s3:::a",
        "arn:aws:s3:::b",
        "arn:aws:iam::123456789012:group/administrators",
        "arn:aws:s3:::x*",
        "*",
    ],
}


def document(*blocks):
    return Document.from_data({"Version": "2012-10-17", "Statement": list(blocks)})


def shown(before, after):
    return [
        "  " * line.indent + "".join(span.text for span in line.spans)
        for line in document_lines(before, after, indent=0)
    ]


def test_a_long_statement_has_a_line_for_each_element_and_the_powerful_first():
    assert shown(None, document(HIDDEN)) == [
        "+ statement ReadThings: Allow",
        "  + actions: iam:AddUserToGroup, lambda:*, s3:PutObject, s3:GetBucketAcl, s3:GetBucketTagging, s3:GetObject",
        "  + resources: *, arn:aws:s3:::x*, arn:aws:iam::123456789012:group/administrators, arn:aws:s3:::a, arn:aws:s3:::b",
    ]


def test_a_short_statement_is_one_line():
    condition = {"Bool": {"aws:MultiFactorAuthPresent": "false"}}
    assert shown(None, document({"Effect": "Deny", "NotAction": "iam:a", "Resource": "*", "Condition": condition})) == [
        "+ statement 1: Deny all actions except iam:a on * when Bool aws:MultiFactorAuthPresent = false"
    ]


def test_a_changed_statement_shows_what_the_change_applies_to():
    before = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}

    assert shown(document(before), document(before | {"Action": ["s3:GetObject", "iam:*"]})) == [
        "~ statement 1: Allow",
        "  + actions: iam:*",
        "  unchanged actions: s3:GetObject",
        "  unchanged resources: *",
    ]


def test_a_removed_statement_is_shown_in_full():
    other = {"Effect": "Allow", "Action": "a:b", "Resource": "c"}

    assert shown(document(HIDDEN, other), document(other))[0] == "- statement ReadThings: Allow"


NAMES = st.text("abcdefgh", min_size=3, max_size=8)
ACTIONS = st.builds("{}:{}".format, NAMES, NAMES | st.just("*"))
BLOCKS = st.fixed_dictionaries(
    {
        "Effect": st.sampled_from(["Allow", "Deny"]),
        "Action": st.lists(ACTIONS, min_size=1, max_size=30, unique=True),
        "Resource": st.lists(NAMES.map("arn:aws:s3:::{}".format), min_size=1, max_size=30, unique=True),
    },
    optional={"Sid": NAMES, "Condition": st.dictionaries(NAMES, st.dictionaries(NAMES, NAMES, min_size=1), max_size=2)},
)
DOCUMENTS = st.lists(BLOCKS, min_size=1, max_size=4).map(lambda blocks: document(*blocks))


@given(st.none() | DOCUMENTS, DOCUMENTS)
def test_everything_that_is_written_anew_is_shown(before, after):
    old = before.data["Statement"] if before else []
    text = "\n".join(shown(before, after))
    for block in after.data["Statement"]:
        if _same_meaning(block, old):
            continue
        for entry in (*block["Action"], *block["Resource"]):
            assert entry in text
        for operator, keys in block.get("Condition", {}).items():
            for key, value in keys.items():
                assert f"{operator} {key} = {value}" in text


def _same_meaning(block, others):
    return any(document(block) == document(other) for other in others)
