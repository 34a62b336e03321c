"""``import --direct-policies groups``: which groups replace policies on users, and that nobody gains or loses by it."""

import json
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from effort import examples
from hypothesis import HealthCheck, given, settings
from strategies import snapshots
from world import world

from iamctl.access.held import PolicySources
from iamctl.account.live import live_account
from iamctl.account.needs import Needs
from iamctl.cli.process import run_command_line
from iamctl.commands.propose import propose
from iamctl.commands.workspace import Workspace, declared, open_tree
from iamctl.kinds import GroupPolicy, Membership, User, UserInlinePolicy, UserPolicy
from iamctl.manifests.declarable import ImportWishes
from iamctl.manifests.write import manifest_files, newer_than_the_report, policies_to_describe
from iamctl.model import Address, Severity
from iamctl.planning.plan import make_plan
from iamctl.planning.promise import promised

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
ACCOUNT = "123456789012"
TRUSTED = settings(deadline=None, max_examples=examples(24), suppress_health_check=[HealthCheck.too_slow])


def document(action, effect="Allow"):
    return {"Version": "2012-10-17", "Statement": [{"Effect": effect, "Action": action, "Resource": "*"}]}


def aws(*names):
    return [{"PolicyName": name, "PolicyArn": f"arn:aws:iam::aws:policy/{name}"} for name in names]


def user(name, *managed, groups=(), **inline):
    policies = [{"PolicyName": key, "PolicyDocument": found} for key, found in inline.items()]
    return {
        "UserName": name,
        "GroupList": list(groups),
        "AttachedManagedPolicies": aws(*managed),
        "UserPolicyList": policies,
    }


def group(name, *managed, **inline):
    policies = [{"PolicyName": key, "PolicyDocument": found} for key, found in inline.items()]
    return {"GroupName": name, "AttachedManagedPolicies": aws(*managed), "GroupPolicyList": policies}


def account(users, groups=(), summary=None, policies=()):
    return {
        "account": {"id": ACCOUNT, "partition": "aws"},
        "UserDetailList": users,
        "GroupDetailList": list(groups),
        "RoleDetailList": [],
        "Policies": list(policies),
        **({"SummaryMap": summary} if summary else {}),
    }


def imported(*users, groups=(), **more):
    return manifest_files(
        live_account(account(users, groups, **more)), account_name="main", wishes=ImportWishes(moves_direct=True)
    )


def made(found):
    return {group.name: users for group, users in found.moved.groups.items()}


def kept(found):
    return {str(address): why for address, why in found.moved.kept.items()}


def test_each_distinct_set_is_one_group_of_all_who_have_it():
    found = imported(user("zoe", "Read", "Audit"), user("bob", "Audit", "Read"), user("eve", "Read"))

    assert made(found) == {"Audit-and-1-more": ("bob", "zoe"), "eve": ("eve",)}
    assert yaml.safe_load(found.files["groups.yaml"])["groups"] == {
        "Audit-and-1-more": {"policies": ["aws:Audit", "aws:Read"]},
        "eve": {"policies": ["aws:Read"]},
    }
    assert "exceptions" not in yaml.safe_load(found.files["iamctl.yaml"])


def test_iamctl_yaml_says_what_the_first_plan_does():
    def first(*users):
        return imported(*users).files["iamctl.yaml"].splitlines()[0].partition("so ")[2]

    assert first(user("eve", "Read")) == "`iamctl plan` moves policies from users to groups."
    assert first(user("eve")) == "`iamctl plan` finds nothing to change yet."


def test_inline_policies_of_other_names_and_equal_meaning_are_one_set():
    other = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": ["S3:*", "s3:*"], "Resource": ["*"]}}
    found = imported(user("a", mine=document("s3:*")), user("b", own=other))

    assert made(found) == {"mine": ("a", "b")}
    assert json.loads(found.files["inline_policies/mine/mine.json"]) == document("s3:*")


def test_a_group_that_grants_exactly_the_set_is_used():
    groups = [group("readers", "Read"), group("more", "Read", "Audit")]
    found = imported(user("a", "Read"), user("b", "Read", groups=["readers"]), groups=groups)

    assert made(found) == {}
    assert {group.name: users for group, users in found.moved.reused.items()} == {"readers": ("a",)}
    assert yaml.safe_load(found.files["memberships.yaml"])["memberships"] == {"more": [], "readers": ["a", "b"]}
    assert len(found.moved.moved) == 2


def test_names_of_groups_are_unique_without_regard_to_case_and_the_same_again():
    users = [user("Ann", "Read"), user("b1", "Audit"), user("b2", "Audit"), user("c1", audit=document("s3:*"))]
    users.append(user("c2", audit=document("s3:*")))
    groups = [group("ann"), group("ANN-direct")]

    found = imported(*users, groups=groups)

    assert made(found) == {"Ann-direct-2": ("Ann",), "Audit": ("b1", "b2"), "audit-direct": ("c1", "c2")}
    assert imported(*users[::-1], groups=groups[::-1]).files == found.files


def test_what_only_denies_stays_on_the_user():
    found = imported(user("a", "Read", stop=document("s3:*", "Deny")))

    assert made(found) == {"a": ("a",)}
    assert kept(found) == {"user-inline-policy/a/stop": "it only denies; a plan never moves what holds a user back"}
    assert [one["address"] for one in yaml.safe_load(found.files["iamctl.yaml"])["exceptions"]] == [
        "user-inline-policy/a/stop"
    ]


def test_documents_that_manifests_cannot_declare_stay_on_the_user():
    secret = document("s3:*")
    secret["Statement"][0]["Sid"] = "AKIAIOSFODNN7EXAMPLE"
    found = imported(user("a", "Read", bad=document("s3:*", "allow"), worse=secret))

    assert made(found) == {"a": ("a",)}
    assert kept(found)["user-inline-policy/a/bad"].startswith("Effect")
    assert "access key ID" in kept(found)["user-inline-policy/a/worse"]


def test_a_user_without_room_for_another_group_keeps_the_policies():
    groups = [group(f"g{number}") for number in range(10)]
    names = [one["GroupName"] for one in groups]
    found = imported(user("full", "Read", groups=names), user("nearly", "Read", groups=names[:9]), groups=groups)

    assert made(found) == {"nearly": ("nearly",)}
    assert kept(found) == {
        "user-policy/full/arn:aws:iam::aws:policy/Read": "the user would be in 11 groups, and IAM allows 10; merge groups "
        "of this user first"
    }


def test_more_policies_than_a_group_holds_need_two_groups():
    names = [f"P{number:02}" for number in range(12)]
    found = imported(user("a", *names), user("b", *names))

    assert made(found) == {"P00-and-9-more": ("a", "b"), "P10-and-1-more-2": ("a", "b")}
    held = yaml.safe_load(found.files["groups.yaml"])["groups"]
    assert [len(one["policies"]) for one in held.values()] == [10, 2]


def test_an_account_without_room_for_all_groups_gets_those_of_the_most_users():
    users = [user("a", "Read"), user("b", "Read"), user("c", "Audit")]
    found = imported(*users, groups=[group("g")], summary={"GroupsQuota": 2})

    assert made(found) == {"Read": ("a", "b")}
    assert kept(found) == {
        "user-policy/c/arn:aws:iam::aws:policy/Audit": "the account has room for 2 groups; ask AWS to raise the quota, or "
        "delete groups first"
    }


def plan_of(live, tree):
    with tempfile.TemporaryDirectory() as directory:
        for path, text in tree.files.items():
            file = Path(directory, path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8", newline="\n")
        return make_plan(declared(open_tree(Path(directory)), "main", live.partition, NOW), live, now=NOW)


@TRUSTED
@given(snapshots(odd=True))
def test_the_plan_only_moves_and_access_is_proved_unchanged_for_all_who_move(snapshot):
    live = live_account(snapshot)
    tree = manifest_files(live, account_name="main", wishes=ImportWishes(moves_direct=True))

    plan = plan_of(live, tree)

    users = {Address.of("user", address.parts[0]) for address in tree.moved.moved}
    assert set(plan.access_unchanged) == users
    assert plan.access_unproved == ()
    assert {change.address for change in plan.changes if change.after is None} == set(tree.moved.moved)
    assert not [finding for finding in plan.findings if finding.severity is Severity.REFUSE]


@TRUSTED
@given(snapshots())
def test_quotas_hold_and_what_moves_and_what_stays_is_all_there_was(snapshot):
    live = live_account(snapshot)
    tree = manifest_files(live, account_name="main", wishes=ImportWishes(moves_direct=True))
    direct = [one.address for kind in (UserPolicy, UserInlinePolicy) for one in live.state.of_kind(kind)]

    assert sorted([*tree.moved.moved, *tree.moved.kept]) == sorted(direct)
    for user_ in tree.moved.state.of_kind(User):
        assert sum(one.user == user_.name for one in tree.moved.state.of_kind(Membership)) <= 10
    for made_group in tree.moved.groups:
        assert sum(one.group == made_group.name for one in tree.moved.state.of_kind(GroupPolicy)) <= 10


def test_an_apply_moves_all_and_the_next_plan_is_empty(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    users = [user(f"u{number}", "IAMReadOnlyAccess", own=document(f"s3:Get{number % 2}")) for number in range(4)]
    (tmp_path / "account.json").write_text(json.dumps(account(users)), encoding="utf-8")

    assert run("import", "iam", "--sandbox", "account.json", "--direct-policies", "groups") == 0
    told = capsys.readouterr().out
    assert "8 direct policies of 4 users move to 2 new groups\n" in told
    assert "one member" not in told
    assert "the plan leaves access unchanged for 4 users (proved)\n" in told

    assert run("plan", "iam", "--sandbox", "account.json", "--access", "none") == 0
    told = capsys.readouterr().out
    assert "Access unchanged for 4 users whose policies the plan moves (proved).\n" in told
    assert told.count("IAM102") == 1
    assert "IAM401" not in told
    assert "IAM437" not in told
    assert run("apply", "iam", "--sandbox", "account.json", "--yes") == 0
    assert run("plan", "iam", "--sandbox", "account.json", "--detailed-exitcode") == 0
    assert run("import", "again", "--sandbox", "account.json", "--direct-policies", "groups") == 0
    for name in ("groups.yaml", "memberships.yaml", "users.yaml"):
        assert Path("again", name).read_text() == Path("iam", name).read_text()


def test_passwords_without_a_guard_do_not_stop_a_move(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    held = account([user("alice", "IAMReadOnlyAccess")])
    held["credentials"] = {
        "alice": {"LoginProfile": {"CreateDate": "2024-01-31T10:00:00Z"}, "AccessKeyMetadata": [], "MFADevices": []}
    }
    Path("account.json").write_text(json.dumps(held), encoding="utf-8")

    assert run("import", "iam", "--sandbox", "account.json", "--direct-policies", "groups") == 0, (
        capsys.readouterr().out
    )
    assert run("apply", "iam", "--sandbox", "account.json", "--yes") == 0, capsys.readouterr().out


def test_groups_with_one_member_are_counted(tmp_path, capsys):
    path = tmp_path / "account.json"
    path.write_text(json.dumps(account([user("alice", "Read"), user("bob", "Audit")])), encoding="utf-8")

    assert run("import", tmp_path / "iam", "--snapshot", path, "--direct-policies", "groups") == 0

    assert "2 groups have one member: look for a common one (alice, bob)\n" in capsys.readouterr().out


def run(*words):
    return run_command_line([str(word) for word in words])


@pytest.mark.exhaustive
@settings(TRUSTED, max_examples=15)
@given(snapshots(odd=True))
def test_so_it_is_when_the_account_is_read_by_api_calls_and_an_apply_reaches_it(snapshot):
    with world(snapshot) as sandbox, tempfile.TemporaryDirectory() as directory:
        read = sandbox.live.fetch(Needs())
        found = live_account(read)
        needs = Needs.of(sign_in=newer_than_the_report(found.state), policy_details=policies_to_describe(found))
        read = sandbox.live.fetch(needs, read)
        tree = manifest_files(live_account(read), account_name="main", wishes=ImportWishes(moves_direct=True))
        for path, text in tree.files.items():
            file = Path(directory, path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8", newline="\n")
        workspace = Workspace(declared(open_tree(Path(directory)), "main", "aws", NOW), sandbox.live, NOW)
        plan = propose(workspace, read=read).plan

        assert not plan.is_refused
        assert plan.access_unproved == ()
        assert not [outcome for outcome in sandbox.apply(plan) if outcome.error]
        assert propose(workspace).plan.changes == ()


@pytest.mark.parametrize("word", ["keep", "groups"])
def test_both_words_of_the_option_are_valid(tmp_path, word):
    path = tmp_path / "account.json"
    path.write_text(json.dumps(account([user("alice")])), encoding="utf-8")

    assert run("import", tmp_path / "iam", "--snapshot", path, "--direct-policies", word) == 0


def test_the_digest_covers_whose_access_is_proved_unchanged():
    live = live_account(account([user("alice", "Read")]))
    plan = plan_of(live, manifest_files(live, account_name="main", wishes=ImportWishes(moves_direct=True)))

    digests = {
        promised(replace(plan, access_unchanged=users), live.state, PolicySources(live, live.state)).plan_digest
        for users in ((), plan.access_unchanged)
    }

    assert plan.access_unchanged == (Address.of("user", "alice"),)
    assert plan.covered["unchanged"] == ["user/alice"]
    assert len(digests) == 2
