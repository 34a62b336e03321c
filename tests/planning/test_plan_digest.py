"""The digest of a plan changes with what it would do, and with whom it would do it to."""

from datetime import UTC, datetime

from iamctl.account.live import Live
from iamctl.kinds import Group, GroupPolicy, Membership, Policy, User
from iamctl.model import State
from iamctl.model.settings import Desired, Settings
from iamctl.planning.plan import make_plan
from iamctl.policy import Document

NOW = datetime(2026, 11, 23, tzinfo=UTC)
PEOPLE = (User(name="alice"), Group(name="dev"))


def digest(live, *, now=NOW, joined=True):
    desired = State.of((*PEOPLE, Membership(group="dev", user="alice")) if joined else PEOPLE)
    wanted = Desired(Settings("prod", "123456789012"), "aws", desired)
    return make_plan(wanted, Live("123456789012", "aws", State.of(live)), now=now).plan_digest


def alice(user_id):
    return (User(name="alice", user_id=user_id), Group(name="dev", group_id="AGPA1"))


def test_a_user_made_anew_under_the_same_name_is_another_promise():
    assert digest(alice("AIDA1")) != digest(alice("AIDA2"))


def test_the_time_is_no_part_of_the_promise():
    assert digest(alice("AIDA1")) == digest(alice("AIDA1"), now=datetime(2027, 1, 1, tzinfo=UTC))


def test_other_calls_are_another_promise():
    assert digest(alice("AIDA1")) != digest(alice("AIDA1"), joined=False)


def joining(action):
    """Return the plan by which alice joins a group that holds a policy of another tool, which no manifest declares."""
    arn = "arn:aws:iam::123456789012:policy/shared"
    statement = {"Effect": "Allow", "Action": action, "Resource": "*"}
    document = Document.from_data({"Version": "2012-10-17", "Statement": [statement]})
    held = GroupPolicy(group="dev", policy_arn=arn)
    live = State.of((*alice("AIDA1"), held, Policy(name="shared", document=document, arn=arn)))
    wanted = State.of((*PEOPLE, held, Membership(group="dev", user="alice")))
    return make_plan(
        Desired(Settings("prod", "123456789012"), "aws", wanted), Live("123456789012", "aws", live), now=NOW
    )


def test_a_policy_that_is_only_named_and_says_something_else_is_another_promise():
    plans = first, other, everything = joining("s3:GetObject"), joining("s3:PutObject"), joining("*")

    assert first.calls == other.calls == everything.calls
    assert len({plan.plan_digest for plan in plans}) == 3
    assert "IAM418" not in {risk.rule for risk in first.risks}
    assert [risk.message for risk in everything.risks if risk.rule == "IAM418"] == ["becomes an administrator"]


def leaving(statement):
    """Return the plan by which alice leaves a group that holds a policy of another tool with this statement."""
    arn = "arn:aws:iam::123456789012:policy/shared"
    held = GroupPolicy(group="dev", policy_arn=arn)
    shared = Policy(
        name="shared", document=Document.from_data({"Version": "2012-10-17", "Statement": [statement]}), arn=arn
    )
    live = State.of((*alice("AIDA1"), held, shared, Membership(group="dev", user="alice")))
    return make_plan(
        Desired(Settings("prod", "123456789012"), "aws", State.of((*PEOPLE, held))),
        Live("123456789012", "aws", live),
        now=NOW,
    )


def test_the_same_calls_with_another_risk_are_another_promise():
    guard = {
        "Effect": "Deny",
        "NotAction": ["iam:GetUser", "iam:ChangePassword"],
        "Resource": "*",
        "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
    }
    plain, guarded = leaving({"Effect": "Deny", "Action": "s3:DeleteBucket", "Resource": "*"}), leaving(guard)

    assert plain.calls == guarded.calls
    assert (len(plain.risks), len(guarded.risks)) == (0, 1)
    assert plain.plan_digest != guarded.plan_digest
