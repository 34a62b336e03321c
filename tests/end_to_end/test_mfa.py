"""MFA of console users in whole runs: the guard that ships with iamctl, and plans without one."""

import json

from command_line import NO_CREDENTIALS, NOW, account, group, run, save, user, write_tree

TO_A_TERMINAL = {"secrets": {"deliver": "terminal"}}
GUARDED = {
    "users": {"alice": {"path": "/people/", "console": True}},
    "groups": {"everyone": {"policies": ["require-mfa"]}},
    "memberships": {"everyone": ["alice"]},
    "policies": {"require-mfa": {"builtin": "require-mfa/1"}},
}
NO_CHANGE_OF_PASSWORDS = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Deny",
        "NotAction": ["iam:EnableMFADevice", "iam:CreateVirtualMFADevice"],
        "Resource": "*",
        "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
    },
}


def plan(tmp_path, live, manifests, *flags, **settings):
    write_tree(tmp_path / "iam", manifests, **TO_A_TERMINAL, **settings)
    file = save(tmp_path / "account.json", live)
    return run("plan", "iam", "--sandbox", file, "--now", NOW, *flags, cwd=tmp_path)


def with_password(since):
    return {**NO_CREDENTIALS, "LoginProfile": {"CreateDate": f"{since}T10:00:00Z"}}


def test_a_newcomer_with_the_builtin_guard_is_planned_and_the_guard_comes_first(tmp_path):
    done = plan(tmp_path, account(), GUARDED, "--format", "json")

    told = json.loads(done.stdout)
    operations = [call["operation"] for call in told["calls"]]
    (written,) = [call["params"]["PolicyDocument"] for call in told["calls"] if call["operation"] == "CreatePolicy"]
    assert done.returncode == 0, done.stdout
    assert [found["rule"] for found in told["findings"]] == []
    assert operations[-1] == "CreateLoginProfile"
    assert "{{" not in written
    assert "arn:aws:iam::*:user/*/${aws:username}" in written


def test_a_password_without_a_guard_is_refused_with_what_comes_near(tmp_path):
    bool_alone = {"Bool": {"aws:MultiFactorAuthPresent": "false"}}
    near = {**NO_CHANGE_OF_PASSWORDS, "Statement": {**NO_CHANGE_OF_PASSWORDS["Statement"], "Condition": bool_alone}}
    manifests = {**GUARDED, "policies": {"require-mfa": {"document": near}}}

    refused = plan(tmp_path, account(), manifests)

    assert refused.returncode == 3
    assert (
        "user/alice: this plan creates a password that no MFA guard covers; policy/require-mfa on group/everyone"
        in (refused.stdout)
    )
    assert "statement 1: its NotAction" not in refused.stdout
    assert "it says Bool, so it spares access keys" in refused.stdout
    assert "(IAM111)" in refused.stdout


def test_unguarded_users_are_a_warning_until_the_settings_refuse_them(tmp_path):
    live = account([user("alice")], credentials={"alice": with_password("2026-11-20")})
    manifests = {"users": {"alice": {"console": True}}}

    warned = plan(tmp_path, live, manifests)
    refused = plan(tmp_path, live, manifests, mfa={"existing": "refuse"})

    assert warned.returncode == 0
    assert "warning: 1 console user has no MFA guard: alice" in warned.stdout
    assert refused.returncode == 3
    assert "which mfa.existing: refuse forbids" in refused.stdout


def test_a_user_without_a_device_is_named_with_since_when(tmp_path):
    inline = [
        {
            "PolicyName": "mfa",
            "PolicyDocument": {
                "Version": "2012-10-17",
                "Statement": {
                    "Effect": "Deny",
                    "Action": "*",
                    "Resource": "*",
                    "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
                },
            },
        }
    ]
    live = account(
        [user("alice", ["everyone"])],
        [group("everyone", GroupPolicyList=inline)],
        credentials={"alice": with_password("2026-11-01")},
    )
    manifests = {
        "users": {"alice": {"console": True}},
        "groups": {"everyone": {"inline_policies": {"mfa": inline[0]["PolicyDocument"]}}},
        "memberships": {"everyone": ["alice"]},
    }

    warned = plan(tmp_path, live, manifests)

    assert warned.returncode == 0
    assert "user/alice: the user has had a password but no MFA device since 2026-11-01 (21 days)" in warned.stdout
    assert "(IAM112)" in warned.stdout
    assert "IAM111" not in warned.stdout


def test_a_first_sign_in_that_would_deadlock_is_refused(tmp_path):
    manifests = {**GUARDED, "policies": {"require-mfa": {"document": NO_CHANGE_OF_PASSWORDS}}}

    refused = plan(tmp_path, account(), manifests)

    assert refused.returncode == 3
    assert (
        "policy/require-mfa on group/everyone denies iam:ChangePassword without MFA, but the first sign-in requires a new "
        "password, so the user can never sign in" in refused.stdout
    )
    assert "(IAM113)" in refused.stdout
    assert "IAM111" not in refused.stdout


def test_a_builtin_that_there_is_not_is_an_error_of_validate(tmp_path):
    write_tree(tmp_path / "iam", {"policies": {"require-mfa": {"builtin": "require-mfa/7"}}})

    done = run("validate", "iam", cwd=tmp_path)

    assert done.returncode == 1
    assert "did you mean 'require-mfa/1'?" in done.stderr + done.stdout
