"""Calls that only give do not need each other; where that would do harm, they do."""

import random

from oracle_account import Account, Managed, Person, Team, arn_of, normal
from oracle_cases import world_of, written
from oracle_checks import broken_plan
from oracle_plans import World, planned

ACCOUNT = "arn:aws:iam::123456789012:"


def document(*statements):
    blocks = [{"Effect": effect, "Action": action, "Resource": on} for effect, action, on in statements]
    return normal({"Version": "2012-10-17", "Statement": blocks})


def needed(plan):
    """Return for each call, as a case writes it, all that must have run before it."""
    found = {}
    for call in plan.calls:
        direct = {written(plan.calls[need]) for need in call.needs}
        found[written(call)] = direct.union(*(found[need] for need in direct))
    return found


def checked(before, after):
    """Return what each call needs in a plan whose every reachable state keeps the promises."""
    plan = planned(World(before, after))
    assert not plan.is_refused
    assert broken_plan(plan, random.Random(0)) is None
    return needed(plan)


def test_policies_that_a_group_gets_do_not_need_each_other_nor_those_who_join():
    policies = {f"p{number}": [f"allow {letter}"] for number, letter in enumerate("abcd")}
    people = [f"u{number}" for number in range(3)]
    case = {
        "both": {"policies": policies, "groups": {"g": {}}, "users": {name: {} for name in people}},
        "after": {"groups": {"g": {"policies": list(policies), "members": people}}},
    }
    found = needed(planned(world_of(case)))

    attached = {f"AttachGroupPolicy g {name}" for name in policies}
    joining = [needs for call, needs in found.items() if call.startswith("AddUserToGroup")]
    assert all(found[call] == set() for call in attached)
    assert joining == [attached] * 3  # who joins later needs all of the content


def test_what_only_gives_needs_all_that_took_and_no_other_that_gives():
    case = {
        "both": {
            "policies": {"old": ["allow a"], "guard": ["deny b"], "one": ["allow b"], "two": ["allow c"]},
            "groups": {"out": {"policies": ["old"]}, "held": {"policies": ["guard"]}, "g": {"members": ["u"]}},
            "users": {"u": {}},
        },
        "before": {"users": {"u": {"password": True}}, "groups": {"out": {"members": ["u"]}}},
        "after": {"groups": {"held": {"members": ["u"]}, "g": {"policies": ["one", "two"]}}},
    }
    found = needed(planned(world_of(case)))

    taking = {"AddUserToGroup held u", "DeleteLoginProfile u"}
    assert found["AttachGroupPolicy g one"] == found["AttachGroupPolicy g two"] == taking
    assert found["DeleteLoginProfile u"] == set()
    given = {"AttachGroupPolicy g one", "AttachGroupPolicy g two"}
    assert found["RemoveUserFromGroup out u"] == taking | given  # nobody loses what they get in another way


def test_what_only_gives_needs_a_mixed_call_and_a_mixed_call_needs_what_gave():
    case = {
        "both": {
            "policies": {"mixed": ["allow a", "deny b"], "other": ["allow a"], "one": ["allow c"], "two": ["allow d"]},
            "groups": {"out": {"policies": ["mixed"]}, "in": {"policies": ["mixed"]}, "g": {"members": ["u", "v"]}},
            "users": {"u": {}, "v": {}},
        },
        "before": {"groups": {"out": {"members": ["v"]}}},
        "after": {"groups": {"in": {"members": ["u"]}, "g": {"policies": ["one", "two", "other"]}}},
    }
    found = needed(planned(world_of(case)))

    assert found["AttachGroupPolicy g one"] == {"AddUserToGroup in u"}  # so u has had what the order had checked
    assert found["AttachGroupPolicy g two"] == {"AddUserToGroup in u"}
    attached = {f"AttachGroupPolicy g {name}" for name in ("one", "two", "other")}
    assert found["RemoveUserFromGroup out v"] >= attached  # v keeps what the mixed policy allows


def ruling(**more):
    return Team("gid", "admins", "/", frozenset(), frozenset({("all", document(("Allow", "*", "*")))}), **more)


def admin(name, *, login=False, key=None, joined=True):
    groups = frozenset({"gid"}) if joined else frozenset()
    keys = frozenset({(f"AKIA{name}", key)}) if key is not None else frozenset()
    return Person(f"uid-{name}", name, groups=groups, login=login, keys=keys)


def account(*people, groups=(), policies=None):
    return Account({one.name: one for one in people}, {team.name: team for team in groups}, policies or {})


def test_an_administrator_goes_after_another_has_both_the_password_and_the_rights():
    before = account(admin("old", key=True), admin("new", joined=False), groups=[ruling()])
    after = account(admin("old", joined=False, key=True), admin("new", login=True), groups=[ruling()])

    found = checked(before, after)

    assert found["RemoveUserFromGroup admins old"] >= {"AddUserToGroup admins new", "CreateLoginProfile new"}


def test_the_key_of_the_last_administrator_goes_after_the_password_came():
    before = account(admin("old", key=True), groups=[ruling()])
    after = account(admin("old", login=True, key=False), groups=[ruling()])

    found = checked(before, after)

    assert {"CreateLoginProfile old"} == found["UpdateAccessKey old"]


WRITING = document(("Allow", "iam:PutGroupPolicy", f"{ACCOUNT}group/held"))
REWRITING = document(("Allow", "iam:CreatePolicyVersion", f"{ACCOUNT}policy/guard"))


def writer(right, *, held):
    """Return an account in which eve may have a right, and be in a group with nothing but a Deny."""
    groups = [
        Team("gid-held", "held", "/", frozenset({arn_of("guard")})),
        Team("gid-r", "rights", "/", frozenset(), frozenset({("own", right)})),
    ]
    joined = {"gid-held"} if held else {"gid-r"}
    policies = {arn_of("guard"): Managed("guard", document(("Deny", "s3:c", "*")))}
    return account(Person("uid-eve", "eve", groups=frozenset(joined)), groups=groups, policies=policies)


def test_a_right_to_write_into_a_group_comes_after_its_holder_has_left_it():
    for right in (WRITING, REWRITING):
        plan = planned(World(writer(right, held=True), writer(right, held=False)))

        assert needed(plan)["AddUserToGroup rights eve"] == {"RemoveUserFromGroup held eve"}
        assert plan.ordered.relies_on == {1: (0,)}


def test_a_right_to_write_into_a_group_goes_before_its_holder_joins_it():
    for right in (WRITING, REWRITING):
        plan = planned(World(writer(right, held=False), writer(right, held=True)))

        assert needed(plan)["AddUserToGroup held eve"] == {"RemoveUserFromGroup rights eve"}
        assert plan.ordered.relies_on == {1: (0,)}
