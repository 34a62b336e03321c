"""The faults of an apply, each with its number in docs/explanation/reliability.md; IAM is on loopback."""

import json

import pytest
from command_line import NO_CREDENTIALS, account, group, run, user, write_tree
from effort import first
from loopback import loopback
from pyrage import x25519

SECRETS = {"deliver": "age", "recipients": [str(x25519.Identity.generate().to_public())]}
PASSWORD = {**NO_CREDENTIALS, "LoginProfile": {"CreateDate": "2026-11-01T10:00:00Z", "PasswordResetRequired": False}}
READ = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}}
NAMES = [f"u{number}" for number in range(5)]


@pytest.fixture
def here(tmp_path):
    """Return what applies manifests to an IAM on loopback and returns exit code, JSON result and stderr."""

    def apply(iam, manifests, *words, **settings):
        tree = write_tree(tmp_path / "iam", manifests, secrets=SECRETS, **settings)
        done = run("apply", tree, "--yes", "--format", "json", *words, cwd=tmp_path, **iam.environment)
        return done.returncode, json.loads(done.stdout) if done.stdout.strip() else None, done.stderr

    return apply


def ends(result, operation):
    return [row["status"] for row in result["outcomes"] if row["operation"] == operation]


GUARDED = {
    "users": {name: {"console": True} for name in NAMES},
    "groups": {"everyone": {"policies": ["guard"]}},
    "memberships": {"everyone": NAMES},
    "policies": {"guard": {"builtin": "require-mfa/1"}},
}


def lose_guard(iam):
    client = iam.session.client("iam")
    client.detach_group_policy(GroupName="everyone", PolicyArn="arn:aws:iam::123456789012:policy/guard")


def leave_group(iam):
    iam.session.client("iam").remove_user_from_group(GroupName="everyone", UserName="u3")


def weaken_guard(iam):
    iam.session.client("iam").create_policy_version(
        PolicyArn="arn:aws:iam::123456789012:policy/guard", PolicyDocument=json.dumps(READ), SetAsDefault=True
    )


@pytest.mark.parametrize(
    ("edit", "lost"),
    [
        (lose_guard, "no longer on group everyone"),
        (leave_group, "no longer in group"),
        (weaken_guard, "no longer an MFA guard"),
    ],
)
def test_fault_1_no_password_is_made_once_somebody_takes_the_guard_away(here, edit, lost):
    with loopback(account([])) as iam:
        iam.faults["CreateLoginProfile"] = [lambda: edit(iam)]
        code, result, _ = here(iam, GUARDED, "--parallel", 1, "--patience", "1s")
        profiles = [name for name in NAMES if has_password(iam, name)]

    assert code == 4
    expected = 1 if edit is not leave_group else 4
    assert len(profiles) == expected, profiles
    failed = [row["error"] for row in result["outcomes"] if row["status"] == "failed"]
    assert failed
    assert all(lost in error for error in failed)


def has_password(iam, name):
    client = iam.session.client("iam")
    try:
        client.get_login_profile(UserName=name)
    except client.exceptions.NoSuchEntityException:
        return False
    return True


def test_fault_1_nobody_with_a_password_gets_more_once_the_guard_is_gone(here):
    manifests = {
        "users": {"u0": {"console": True}},
        "groups": {"everyone": {"policies": ["guard"]}, "readers": {"policies": ["read"]}},
        "memberships": {"everyone": ["u0"], "readers": ["u0"]},
        "policies": {"guard": {"builtin": "require-mfa/1"}, "read": {"document": READ}},
    }
    with loopback(account([])) as iam:
        code, _, errors = here(iam, {**manifests, "memberships": {"everyone": ["u0"], "readers": []}})
        assert code == 0, errors
        iam.faults["ListGroupsForUser"] = [lambda: lose_guard(iam)]
        code, result, _ = here(iam, manifests)
        groups = [one["GroupName"] for one in iam.session.client("iam").list_groups_for_user(UserName="u0")["Groups"]]

    assert code == 1
    assert ends(result, "AddUserToGroup") == ["failed"]
    assert groups == ["everyone"]


@pytest.mark.parametrize(
    "words", [("--patience", "soon"), ("--patience", "-1s"), ("--parallel", "0"), ("--parallel", "33")]
)
def test_fault_18_a_pace_that_makes_no_sense_is_wrong_usage(tmp_path, words):
    assert run("apply", tmp_path, "--yes", *words, cwd=tmp_path).returncode == 64


def test_fault_6_one_failed_read_after_the_calls_does_not_end_the_apply(here):
    denied = ("AccessDenied", "not just now")
    with loopback(account([])) as iam:
        iam.faults["GetAccountAuthorizationDetails"] = [None, None, denied]
        code, result, errors = here(iam, {"users": {"alice": {}}})

    assert (code, result["converged"]) == (0, True), errors
    assert iam.writes == ["CreateUser"]


PAGE = b"<html><head><title>Sign in</title></head><body>proxy</body></html>"


@pytest.mark.parametrize(
    "operation",
    first(
        2,
        [
            "GetCallerIdentity",
            "GetAccountAuthorizationDetails",
            "GetAccountSummary",
            "GetLoginProfile",
            "ListAccessKeys",
        ],
    ),
)
@pytest.mark.parametrize("page", [PAGE, b"<html>", b"{}"], ids=["page", "cut", "json"])
def test_fault_12_a_page_of_a_proxy_is_an_error_and_no_traceback(here, operation, page):
    with loopback(account([user("ann", [])])) as iam:
        iam.faults[operation] = [page] * 60
        code, result, errors = here(iam, {"users": {"ann": {}}})

    assert (code, result, iam.writes) == (1, None, [])
    assert errors.startswith("error: ") or "\nerror: " in errors


def test_fault_12_a_page_of_a_proxy_is_no_success_of_a_write(here):
    with loopback(account([user("ann", [])], [group("team")])) as iam:
        iam.faults["AddUserToGroup"] = [PAGE]
        manifests = {"users": {"ann": {}}, "groups": {"team": {"policies": []}}, "memberships": {"team": ["ann"]}}
        code, result, errors = here(iam, manifests)

    assert (code, result["converged"]) == (0, True), errors
    assert iam.writes == ["AddUserToGroup"] * 2


def test_fault_5_a_device_that_was_deactivated_and_not_deleted_goes_with_its_user(here):
    serial = "arn:aws:iam::123456789012:mfa/dave"
    leaver = {"users": {"ann": {}}, "removed": ["user/dave"]}
    held = {**NO_CREDENTIALS, "MFADevices": [{"SerialNumber": serial, "EnableDate": "2026-01-01T00:00:00Z"}]}
    with loopback(account([user("ann", []), user("dave", [])], credentials={"dave": held})) as iam:
        client = iam.session.client("iam")
        before = client.list_virtual_mfa_devices()["VirtualMFADevices"]
        client.deactivate_mfa_device(UserName="dave", SerialNumber=serial)  # and then the run was killed
        code, result, errors = here(iam, leaver, "--allow-removals", "users=1")
        left = client.list_virtual_mfa_devices()["VirtualMFADevices"]

    assert len(before) == 1
    assert (code, result["converged"]) == (0, True), errors
    assert iam.writes == ["DeleteVirtualMFADevice", "DeleteUser"]
    assert left == []


def test_fault_5_a_device_that_somebody_is_about_to_enrol_stays(here):
    with loopback(account([user("ann", [])])) as iam:
        client = iam.session.client("iam")
        client.create_virtual_mfa_device(VirtualMFADeviceName="ann")
        code, _, errors = here(iam, {"users": {"ann": {"tags": {"team": "pay"}}}})
        left = client.list_virtual_mfa_devices()["VirtualMFADevices"]

    assert code == 0, errors
    assert iam.writes == ["TagUser"]
    assert len(left) == 1
