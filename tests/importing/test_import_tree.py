"""What an import writes for which account."""

import yaml

from iamctl.account.live import live_account
from iamctl.manifests.write import manifest_files

ACCOUNT = "123456789012"
ALLOW = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
LOWER_CASE_EFFECT = {**ALLOW, "Statement": [{**ALLOW["Statement"][0], "Effect": "allow"}]}


def arn(name, path="/"):
    return f"arn:aws:iam::{ACCOUNT}:policy{path}{name}"


def policy(name, path="/", document=ALLOW, **more):
    version = {"VersionId": "v1", "IsDefaultVersion": True, "Document": document}
    return {"PolicyName": name, "Path": path, "Arn": arn(name, path), "PolicyVersionList": [version], **more}


def attached(*arns):
    return [{"PolicyName": found.rsplit("/", 1)[-1], "PolicyArn": found} for found in arns]


def bounded_by(found):
    return {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": found}


def tree(users=(), groups=(), roles=(), policies=(), account_name="main"):
    snapshot = {
        "account": {"id": ACCOUNT, "partition": "aws"},
        "UserDetailList": list(users),
        "GroupDetailList": list(groups),
        "RoleDetailList": list(roles),
        "Policies": list(policies),
    }
    return manifest_files(live_account(snapshot), account_name=account_name)


def section(found, name):
    return yaml.safe_load(found.files[f"{name}.yaml"])[name]


UNDECLARED = dict.fromkeys(("users", "groups", "policies"), "drift")


def settings(found):
    return yaml.safe_load(found.files["iamctl.yaml"])


def test_an_empty_account_has_all_four_files_to_go_on_from():
    found = tree()

    assert list(found.files) == ["users.yaml", "groups.yaml", "memberships.yaml", "policies.yaml", "iamctl.yaml"]
    assert all(section(found, name) == {} for name in ("users", "groups", "memberships", "policies"))
    assert settings(found) == {
        "version": 1,
        "accounts": {"main": {"id": ACCOUNT}},
        "scope": {"undeclared": UNDECLARED},
    }


def test_users_say_only_what_is_no_default():
    carol = {
        "UserName": "carol",
        "Path": "/{{x}}/",
        "Tags": [{"Key": "team", "Value": "Ops"}, {"Key": "Age", "Value": "7"}],
        "PermissionsBoundary": bounded_by("arn:aws:iam::aws:policy/job-function/Billing"),
    }
    found = tree(users=[carol, {"UserName": "Bob", "Path": "/"}, {"UserName": "alice", "Path": "/"}])

    assert list(section(found, "users")) == ["alice", "Bob", "carol"]
    assert section(found, "users")["alice"] is None
    assert section(found, "users")["carol"] == {
        "path": "/{{{{x}}/",
        "tags": {"Age": "7", "team": "Ops"},
        "permissions_boundary": "aws:job-function/Billing",
    }


def test_tags_of_others_and_those_of_iamctl_are_left_out():
    keys = ("aws:x", "iamctl:made", "team")
    found = tree(users=[{"UserName": "a", "Tags": [{"Key": key, "Value": "v"} for key in keys]}])

    assert section(found, "users") == {"a": {"tags": {"team": "v"}}}
    assert settings(found)["scope"] == {"undeclared": UNDECLARED}


def test_groups_name_their_policies_and_all_their_members():
    group = {
        "GroupName": "dev",
        "AttachedManagedPolicies": attached(arn("own", "/team/"), "arn:aws:iam::aws:policy/ReadOnlyAccess"),
        "GroupPolicyList": [{"PolicyName": "..", "PolicyDocument": ALLOW}],
    }
    found = tree(
        users=[{"UserName": "b", "GroupList": ["dev"]}, {"UserName": "A", "GroupList": ["dev"]}],
        groups=[{"GroupName": "none"}, group],
        policies=[policy("own", "/team/", Description="Deploys", Tags=[])],
    )

    assert section(found, "groups") == {
        "dev": {
            "policies": ["own", "aws:ReadOnlyAccess"],
            "inline_policies": {"..": {"file": "inline_policies/dev/~..~.json"}},
        },
        "none": None,
    }
    assert section(found, "memberships") == {"dev": ["A", "b"], "none": []}
    assert section(found, "policies") == {
        "own": {"path": "/team/", "description": "Deploys", "file": "policies/own.json"}
    }
    assert found.counts == {"users": 2, "groups": 2, "memberships": 2, "policies": 1}


def test_policies_that_only_roles_use_are_left_out_and_counted():
    role = {
        "RoleName": "r",
        "AttachedManagedPolicies": attached(arn("of-role"), arn("of-both")),
        "PermissionsBoundary": bounded_by(arn("bounds-role")),
    }
    user = {
        "UserName": "u",
        "AttachedManagedPolicies": attached(arn("direct")),
        "PermissionsBoundary": bounded_by(arn("bounds-user")),
    }
    names = ("of-role", "of-both", "bounds-role", "direct", "bounds-user", "of-nobody")
    found = tree(
        users=[user],
        groups=[{"GroupName": "g", "AttachedManagedPolicies": attached(arn("of-both"))}],
        roles=[role],
        policies=[policy(name) for name in names],
    )

    assert list(section(found, "policies")) == ["bounds-user", "direct", "of-both", "of-nobody"]
    assert found.role_policies == 2
    assert "policies/of-role.json" not in found.files


def test_direct_policies_become_exceptions_user_by_user():
    bob = {
        "UserName": "bob",
        "AttachedManagedPolicies": attached(arn("p")),
        "UserPolicyList": [{"PolicyName": "in", "PolicyDocument": LOWER_CASE_EFFECT}],
    }
    ann = {"UserName": "ann", "AttachedManagedPolicies": attached("arn:aws:iam::aws:policy/ReadOnlyAccess")}
    found = tree(users=[bob, ann], policies=[policy("p")])

    assert [exception["address"] for exception in settings(found)["exceptions"]] == [
        "user-policy/ann/arn:aws:iam::aws:policy/ReadOnlyAccess",
        "user-inline-policy/bob/in",
        f"user-policy/bob/{arn('p')}",
    ]
    assert {exception["reason"] for exception in settings(found)["exceptions"]} == {"older than iamctl"}
    assert found.exceptions == 3


def test_a_policy_that_iam_would_not_take_is_named_as_another_tools():
    groups = [{"GroupName": "g", "AttachedManagedPolicies": attached(arn("odd", "/x/"))}]
    users = [{"UserName": "u", "PermissionsBoundary": bounded_by(arn("odd", "/x/"))}]
    found = tree(users=users, groups=groups, policies=[policy("odd", "/x/", {**ALLOW, "Version": "2008-10-17"})])

    assert section(found, "groups") == {"g": {"policies": ["live:x/odd"]}}
    assert section(found, "users") == {"u": {"permissions_boundary": "live:x/odd"}}
    assert section(found, "policies") == {}
    assert [str(address) for address in found.refused] == ["policy/odd"]


def test_a_group_with_an_odd_inline_policy_is_ignored_with_the_reason():
    odd = {"GroupName": "odd", "GroupPolicyList": [{"PolicyName": "p", "PolicyDocument": LOWER_CASE_EFFECT}]}
    found = tree(users=[{"UserName": "u", "GroupList": ["odd", "g"]}], groups=[odd, {"GroupName": "g"}])

    assert section(found, "groups") == {"g": None}
    assert section(found, "memberships") == {"g": ["u"]}
    assert settings(found)["scope"] == {"undeclared": UNDECLARED, "ignore": ["group/odd"]}
    assert "#   group/odd: inline policy 'p': Effect" in found.files["iamctl.yaml"]
    assert found.counts["memberships"] == 1


def test_a_group_whose_inline_policies_differ_by_case_alone_is_ignored():
    twins = [{"PolicyName": name, "PolicyDocument": ALLOW} for name in ("p", "P")]
    found = tree(groups=[{"GroupName": "g", "GroupPolicyList": twins}])

    assert settings(found)["scope"] == {"undeclared": UNDECLARED, "ignore": ["group/g"]}
    assert [path for path in found.files if path.startswith("inline_policies/")] == []


def test_a_name_that_iam_does_not_take_stays_on_its_line_and_matches_only_itself():
    found = tree(users=[{"UserName": "a*\n# b\u202e", "AttachedManagedPolicies": attached(arn("p"))}])

    assert section(found, "users") == {}
    assert settings(found)["scope"] == {"undeclared": UNDECLARED, "ignore": ["user/a[*]\n# b\u202e"]}
    assert "\u202e" not in found.files["iamctl.yaml"]
    assert "exceptions" not in settings(found)


def test_the_order_of_the_snapshot_changes_nothing():
    users = [{"UserName": name, "GroupList": ["g", "h"]} for name in "cab"]
    groups = [{"GroupName": name} for name in "hg"]

    assert tree(users, groups).files == tree(users[::-1], groups[::-1]).files
