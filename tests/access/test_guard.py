"""What is a guard, what comes near, and whom a guard covers."""

import copy
import time
from pathlib import Path

import pytest
from case_files import read_cases
from hypothesis import given
from hypothesis import strategies as st
from request_evaluator import decision

from iamctl.access.mfa_guard import (
    EXEMPT,
    HARMLESS,
    Miss,
    Place,
    Shortfall,
    guards,
    is_guard,
    is_guarding,
    shortfalls,
)
from iamctl.account.live import Live
from iamctl.kinds import GroupInlinePolicy, GroupPolicy, Membership, Policy, User, UserInlinePolicy
from iamctl.model import Address, State
from iamctl.policy import Document, atoms_of
from iamctl.rules.plan.guard_words import near_miss_text, shortfall_text

ACCOUNT = "123456789012"
CASES = read_cases(Path(__file__).parent / "statements.yaml")
GUARD = {
    "Effect": "Deny",
    "NotAction": ["iam:GetUser", "sts:GetSessionToken"],
    "Resource": "*",
    "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
}
WITH_BOOL = {**GUARD, "Sid": "RequireMFA", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}}}


def document(*blocks):
    return Document.from_data({"Version": "2012-10-17", "Statement": list(blocks)})


def the_meaning(block):
    (found,) = document(block).normalized.statements
    return found


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_statement_is_a_guard_or_falls_short_in_plain_words(case):
    block = {**GUARD, **case["with"]}
    for element in case.get("without", ()):
        del block[element]

    assert [shortfall_text(found) for found in shortfalls(the_meaning(block))] == case.get("falls_short", [])
    assert is_guard(the_meaning(block)) == (not case.get("falls_short"))


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_taken_apart_a_statement_holds_a_guard_if_it_was_one(case):
    block = {**GUARD, **case["with"]}
    for element in case.get("without", ()):
        del block[element]

    for most in (None, 0):
        atoms = atoms_of(document(block), most)
        assert any(map(is_guard, atoms)) == is_guard(the_meaning(block))


PARTS = st.fixed_dictionaries(
    {"Effect": st.sampled_from(["Deny", "Deny", "Deny", "Allow"])},
    optional={},
).flatmap(
    lambda block: st.tuples(
        st.sampled_from(
            [
                {"Action": "*"},
                {"Action": ["*", "s3:*"]},
                {"Action": "s3:*"},
                {"NotAction": ["iam:GetUser"]},
                {"NotAction": ["iam:*User"]},
                {"NotAction": list(EXEMPT)},
                {"NotAction": [*EXEMPT, *HARMLESS]},
                {"NotAction": [*EXEMPT, "iam:DeactivateMFADevice"]},
            ]
        ),
        st.sampled_from(
            [{"Resource": "*"}, {"Resource": ["*", "arn:aws:s3:::x"]}, {"Resource": "arn:*"}, {"NotResource": "arn:a"}]
        ),
        st.dictionaries(
            st.sampled_from(["Bool", "BoolIfExists", "Null", "StringEquals"]),
            st.dictionaries(
                st.sampled_from(["aws:MultiFactorAuthPresent", "aws:ViaAWSService", "aws:SourceIp"]),
                st.sampled_from(["false", "true", ["false"], ["true", "false"], False]),
                min_size=1,
            ),
        ),
    ).map(lambda parts: {**block, **parts[0], **parts[1], "Condition": parts[2]})
)


def denied_without_mfa(blocks):
    """Return whether the independent evaluator denies what no guard may leave open, with MFA false and absent."""
    plain = copy.deepcopy(blocks)
    for block in plain:
        block["Condition"] = {
            operator: {
                key: [str(v).lower() for v in (value if isinstance(value, list) else [value])]
                for key, value in keys.items()
            }
            for operator, keys in block["Condition"].items()
        }
    return all(
        decision([{"Statement": plain}], action, resource, {"aws:ViaAWSService": "false", **factor}) == "denied"
        for action in ("s3:GetObject", "iam:DeactivateMFADevice", "iam:ListAccessKeys", "iam:CreateUser", "x:y")
        for resource in ("arn:aws:s3:::x", "arn:a", "*")
        for factor in (
            {"aws:SourceIp": "10.0.0.1"},
            {"aws:SourceIp": "10.0.0.1", "aws:MultiFactorAuthPresent": "false"},
        )
    )


@given(PARTS)
def test_every_guard_denies_all_but_the_exempt_without_mfa(block):
    if is_guard(the_meaning(block)):
        assert denied_without_mfa([block])


HALF_CONDITIONS = st.sampled_from(
    [
        {"Bool": {"aws:MultiFactorAuthPresent": "false"}},
        {"Null": {"aws:MultiFactorAuthPresent": "true"}},
        {"Null": {"aws:MultiFactorAuthPresent": "false"}},
        {"Null": {"aws:MultiFactorAuthPresent": "true"}, "Bool": {"aws:ViaAWSService": "false"}},
        {"Bool": {"aws:MultiFactorAuthPresent": "false"}, "BoolIfExists": {"aws:ViaAWSService": False}},
        {"Bool": {"aws:MultiFactorAuthPresent": ["true", "false"]}},
        {"Null": {"aws:MultiFactorAuthPresent": "true"}, "StringEquals": {"aws:SourceIp": "10.0.0.2"}},
    ]
)


@given(st.lists(st.tuples(PARTS, HALF_CONDITIONS), min_size=1, max_size=3))
def test_statements_that_are_a_guard_together_deny_all_but_the_exempt_without_mfa(parts):
    blocks = [{**block, "Condition": condition} for block, condition in parts]

    if is_guarding(map(the_meaning, blocks)):
        assert denied_without_mfa(blocks)


def split(first, second):
    parts = {key: value for key, value in GUARD.items() if key != "Condition"}
    return [{**parts, "Condition": condition} for condition in (first, second)]


FACTOR_FALSE, FACTOR_ABSENT = (
    {"Bool": {"aws:MultiFactorAuthPresent": "false"}},
    {"Null": {"aws:MultiFactorAuthPresent": "true"}},
)


def test_a_deny_split_over_false_and_absent_is_a_guard():
    blocks = split(FACTOR_FALSE, FACTOR_ABSENT)

    assert is_guarding(map(the_meaning, blocks))
    assert denied_without_mfa(blocks)
    state = account(also=[GroupInlinePolicy(group="dev", name="p", document=document(*blocks)), DEV])
    assert str(cover(state).guard) == "group-inline-policy/dev/p"


@pytest.mark.parametrize(
    "blocks",
    [
        split(FACTOR_FALSE, FACTOR_FALSE),
        split(FACTOR_ABSENT, FACTOR_ABSENT),
        split(FACTOR_FALSE, {"Null": {"aws:MultiFactorAuthPresent": "false"}}),
        split(FACTOR_FALSE, {**FACTOR_ABSENT, "StringEquals": {"aws:SourceIp": "10.0.0.2"}}),
        [split(FACTOR_FALSE, FACTOR_ABSENT)[0], {**split(FACTOR_FALSE, FACTOR_ABSENT)[1], "Effect": "Allow"}],
        [split(FACTOR_FALSE, FACTOR_ABSENT)[0], {**split(FACTOR_FALSE, FACTOR_ABSENT)[1], "Resource": "arn:a"}],
        [split(FACTOR_FALSE, FACTOR_ABSENT)[0], {**split(FACTOR_FALSE, FACTOR_ABSENT)[1], "NotAction": "iam:*"}],
    ],
)
def test_halves_that_leave_something_open_are_no_guard(blocks):
    assert not is_guarding(map(the_meaning, blocks))
    assert not denied_without_mfa(blocks)


def test_every_call_that_a_guard_may_leave_open_has_its_reason_in_the_docs():
    page = (Path(__file__).resolve().parents[2] / "docs/how-to/mfa.md").read_text(encoding="utf-8")

    for name in (*EXEMPT, *HARMLESS):
        assert f"\n| `{name}` | " in page


DEV = Membership(group="dev", user="alice")


def account(*, user=None, groups=None, **more):
    groups = groups or {}
    resources = [user or User(name="alice"), *more.pop("also", ())]
    for group, blocks in groups.items():
        resources.append(Membership(group=group, user="alice"))
        resources += [
            GroupInlinePolicy(group=group, name=f"p{number}", document=document(block))
            for number, block in enumerate(blocks)
        ]
    return State.of(resources)


def cover(state, live=None):
    return guards(live or Live(ACCOUNT, "aws", State({})), state).cover(Address.of("user", "alice"))


def policy(name, *blocks):
    return Policy(name=name, document=document(*blocks), arn=f"arn:aws:iam::{ACCOUNT}:policy/{name}")


def test_a_group_guards_its_members():
    found = cover(account(groups={"dev": [WITH_BOOL], "everyone": [GUARD]}))

    assert str(found.guard) == "group-inline-policy/everyone/p0"
    assert found.near_misses == ()


def test_a_managed_policy_guards_through_a_group_whatever_the_case_of_names():
    hung = GroupPolicy(group="Everyone", policy_arn=f"arn:aws:iam::{ACCOUNT}:policy/Guard")
    state = account(also=[policy("guard", GUARD), hung, Membership(group="everyone", user="ALICE")])

    assert str(cover(state).guard) == "policy/Guard on group/Everyone"


def test_a_deny_in_the_boundary_guards():
    bounded = User(name="alice", permissions_boundary=f"arn:aws:iam::{ACCOUNT}:policy/bound")
    allow = {"Effect": "Allow", "Action": "*", "Resource": "*"}

    assert str(cover(account(user=bounded, also=[policy("bound", allow, GUARD)])).guard) == (
        "policy/bound bounding user/alice"
    )
    assert cover(account(user=bounded, also=[policy("bound", allow)])).guard is None


def test_what_comes_near_is_named_with_its_statement():
    found = cover(account(groups={"dev": [WITH_BOOL, {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}))

    assert found.guard is None
    assert [near_miss_text(miss) for miss in found.near_misses] == [
        (
            "group-inline-policy/dev/p0, statement 'RequireMFA': it says Bool, so it spares access keys, whose requests lack "
            "the key; write BoolIfExists"
        )
    ]


def test_a_statement_without_sid_is_named_by_its_place():
    allow = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    near = {key: value for key, value in WITH_BOOL.items() if key != "Sid"}
    hung = GroupInlinePolicy(group="dev", name="p", document=document(allow, near))

    (miss,) = cover(account(also=[hung, Membership(group="dev", user="alice")])).near_misses
    assert miss.place == Place(sid="", number=2)
    assert ", statement 2: " in near_miss_text(miss)


def test_a_document_that_is_not_known_denies_nothing_and_is_named_last():
    hung = GroupPolicy(group="dev", policy_arn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    state = account(groups={"dev": [WITH_BOOL]}, also=[hung])

    near = cover(state).near_misses
    assert [miss.is_known for miss in near] == [True, False]
    assert near_miss_text(near[1]) == (
        "aws:ReadOnlyAccess on group/dev: the document is not known here and counts as denying nothing"
    )


def test_an_aws_managed_document_that_is_known_guards():
    arn = "arn:aws:iam::aws:policy/Guarding"
    live = Live(ACCOUNT, "aws", State({}), aws_documents={arn: document(GUARD)})
    state = account(groups={"dev": []}, also=[GroupPolicy(group="dev", policy_arn=arn)])

    assert str(cover(state, live).guard) == "aws:Guarding on group/dev"


def test_a_guard_directly_on_the_user_does_not_count_and_is_named():
    direct = UserInlinePolicy(user="alice", name="mfa", document=document(GUARD))

    found = cover(account(also=[direct]))
    assert found.guard is None
    assert [near_miss_text(miss) for miss in found.near_misses] == [
        "user-inline-policy/alice/mfa: a guard directly on a user does not count; move it to a group"
    ]


def test_a_malformed_document_denies_nothing():
    hung = GroupInlinePolicy(group="dev", name="p", document=Document.from_data({"Statement": "x"}))

    (miss,) = cover(account(also=[hung, Membership(group="dev", user="alice")])).near_misses
    assert miss.shortfalls == (Shortfall(Miss.MALFORMED_DOCUMENT),)


def test_five_thousand_users_are_looked_at_in_one_pass():
    names = [f"u{number}" for number in range(5000)]
    everyone = [Membership(group="everyone", user=name) for name in names]
    state = State.of(
        [
            *(User(name=name) for name in names),
            *everyone,
            GroupInlinePolicy(group="everyone", name="p", document=document(WITH_BOOL)),
        ]
    )

    started = time.process_time()
    found = guards(Live(ACCOUNT, "aws", State({})), state)
    covers = [found.cover(Address.of("user", name)) for name in names]

    assert {len(cover.near_misses) for cover in covers} == {1}
    assert time.process_time() - started < 2
