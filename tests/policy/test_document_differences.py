"""Differences between documents are told by meaning, a line each."""

from hypothesis import assume, given
from hypothesis import strategies as st

from iamctl.policy import Document
from iamctl.policy.differences import (
    StatementAdded,
    StatementChanged,
    StatementRemoved,
    Unreadable,
    VersionChanged,
    differences,
    statement_texts,
)

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


def said(before, after):
    """The differences in short: what happens to which statement, and the parts."""
    rows = []
    for found in differences(before, after):
        match found:
            case StatementAdded(one) | StatementRemoved(one):
                rows.append((type(found).__name__, one.sid or one.position))
            case StatementChanged():
                removed, added = ([f"{p.element} {p.text}" for p in parts] for parts in (found.removed, found.added))
                rows.append(("changed", found.before.sid or found.before.position, removed, added))
            case _:
                rows.append(found)
    return rows


def test_a_changed_statement_is_found_by_its_sid():
    after = READ | {"Effect": "Deny", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": ["*", "arn:aws:s3:::b"]}

    assert said(document(READ), document(after)) == [("StatementRemoved", "Read"), ("StatementAdded", "Read")]
    assert said(document(READ, DEPLOY), document(DEPLOY, READ | {"Action": ["s3:GetObject", "s3:PutObject"]})) == [
        ("changed", "Read", ["Action s3:ListBucket"], ["Action s3:PutObject"])
    ]


def test_a_statement_that_gains_ten_actions_and_a_sid_has_changed():
    actions = ["sts:AssumeRole", *(f"s3:Get{letter}" for letter in "abcdefghij")]
    wider = DEPLOY | {"Sid": "Wider", "Action": actions}

    assert said(document(DEPLOY), document(wider)) == [("changed", 1, [], [f"Action {name}" for name in actions[1:]])]


def test_statements_that_share_only_their_effect_or_a_star_are_two():
    one = {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": ["arn:aws:s3:::a", "*"]}
    other = {"Effect": "Allow", "Action": ["iam:GetUser", "iam:ListUsers"], "Resource": ["*", "arn:aws:iam::1:user/a"]}

    assert said(document(one), document(other)) == [("StatementRemoved", 1), ("StatementAdded", 1)]
    assert said(document(one), document(other | {"Resource": "arn:aws:iam::1:user/a"})) == [
        ("StatementRemoved", 1),
        ("StatementAdded", 1),
    ]


def test_the_same_sid_is_preferred_among_statements_alike():
    left, right = READ, READ | {"Sid": "Other", "Resource": "arn:aws:s3:::a"}

    assert said(document(left, right), document(right | {"Resource": "arn:aws:s3:::b"}, left | {"Resource": "c"})) == [
        ("changed", "Read", ["Resource *"], ["Resource c"]),
        ("changed", "Other", ["Resource arn:aws:s3:::a"], ["Resource arn:aws:s3:::b"]),
    ]


def test_statements_that_come_and_go_are_named():
    assert said(document(READ, DEPLOY), document(DEPLOY, GUARD)) == [
        ("StatementRemoved", "Read"),
        ("StatementAdded", 2),
    ]


def test_conditions_versions_and_negations_are_parts():
    before = DEPLOY | {"Sid": "Deploy", "Action": ["a:b", "a:c"], "Condition": {"StringEquals": {"aws:x": ["a", "b"]}}}
    before["Condition"]["Null"] = {}
    after = before | {"Condition": {"StringEquals": {"AWS:X": ["a"]}}}
    after["NotResource"] = after.pop("Resource")
    version, changed = differences(document(before), document(after, version="2008-10-17"))

    assert version == VersionChanged("2012-10-17", "2008-10-17")
    assert [(part.element, part.operator, part.text, part.values) for part in changed.removed] == [
        ("Resource", "", "arn:aws:iam::1:role/deploy", ()),
        ("Condition", "StringEquals", "aws:x", ("a", "b")),
        ("Condition", "Null", "", ()),
    ]
    assert [(part.element, part.text) for part in changed.added] == [
        ("NotResource", "arn:aws:iam::1:role/deploy"),
        ("Condition", "AWS:X"),
    ]


def test_malformed_documents_are_named_as_such():
    assert differences(document(READ), Document.from_text("{")) == (Unreadable(before=False, after=True),)


def test_a_trust_policy_has_principals():
    block = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "1"}}

    assert said(document(block), document(block | {"Principal": "*"})) == [
        ("changed", 1, ['Principal {"AWS":"1"}'], ['Principal "*"'])
    ]


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
def test_documents_differ_exactly_when_a_difference_says_so(before, after):
    assert (differences(before, after) == ()) == (before == after)


@given(documents, documents)
def test_every_part_of_every_new_statement_is_in_a_difference(before, after):
    assume(statement_texts(before) and statement_texts(after))
    shown = set()
    for found in differences(before, after):
        match found:
            case StatementAdded(statement):
                shown.update(statement.by_key)
            case StatementChanged():
                shown.update(found.after.by_key)
    old = {frozenset(one.by_key) for one in statement_texts(before) or ()}
    for statement in statement_texts(after) or ():
        assert frozenset(statement.by_key) in old or statement.by_key.keys() <= shown
