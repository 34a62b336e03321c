"""Passwords that the credential report does not tell, reissues of administrators, and a folder that cannot be written."""

import base64
import json

from command_line import ACCOUNT, ALLOW, NO_CREDENTIALS, NOW, UNLIMITED, account, group, run, save, user, write_tree
from loopback import loopback
from pyrage import x25519

SECRETS = {"deliver": "age", "recipients": [str(x25519.Identity.generate().to_public())]}
PASSWORD = {**NO_CREDENTIALS, "LoginProfile": {"CreateDate": "2026-11-01T10:00:00Z", "PasswordResetRequired": False}}
GUARD = {
    "Effect": "Deny",
    "NotAction": ["iam:ChangePassword", "iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:ListMFADevices"],
    "Resource": "*",
    "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
}
EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}
COLUMNS = (
    "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,"
    "mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,"
    "access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,"
    "access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,"
    "cert_1_last_rotated,cert_2_active,cert_2_last_rotated"
)
NOTHING = ",false,N/A,N/A,N/A,N/A" * 2 + ",false,N/A" * 2
ANSWER = (
    '<GetCredentialReportResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><GetCredentialReportResult>'
    "<Content>{}</Content><ReportFormat>text/csv</ReportFormat><GeneratedTime>2026-11-23T08:00:00Z</GeneratedTime>"
    "</GetCredentialReportResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata>"
    "</GetCredentialReportResponse>"
)


def document(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


def inline(name, *statements):
    return {"PolicyName": name, "PolicyDocument": document(*statements)}


def stale_report(iam):
    """Return the answer of a report that is older than every password."""
    users = iam.session.client("iam").get_account_authorization_details(Filter=["User"], MaxItems=1000)
    root = f"<root_account>,arn:aws:iam::{ACCOUNT}:root,2020-01-01T00:00:00+00:00,not_supported,no_information"
    rows = [COLUMNS, f"{root},not_supported,not_supported,true{NOTHING}"]
    for found in users["UserDetailList"]:
        made = found["CreateDate"].isoformat()
        rows.append(f"{found['UserName']},{found['Arn']},{made},false,N/A,N/A,N/A,false{NOTHING}")
    return ANSWER.format(base64.b64encode("\n".join(rows).encode()).decode()).encode()


def test_a_password_that_is_younger_than_the_report_is_found_before_its_guard_goes(tmp_path):
    names = [f"u{number:02d}" for number in range(30)]
    guarded = group("g", GroupPolicyList=[inline("guard", GUARD)])
    live = account([user(name, ["g"] if name == "u00" else []) for name in names], [guarded])
    live["credentials"] = {**live["credentials"], "u00": PASSWORD}
    manifests = {
        "users": dict.fromkeys(names),
        "groups": {"g": {"inline_policies": {"reads": ALLOW}}},
        "memberships": {"g": ["u00"]},
    }
    write_tree(tmp_path / "iam", manifests, limits=UNLIMITED)
    with loopback(live) as iam:
        iam.faults["GetCredentialReport"] = [stale_report(iam)] * 4
        done = run("apply", "iam", "--yes", cwd=tmp_path, **iam.environment)

        assert (done.returncode, iam.writes) == (3, []), done.stdout
        assert "login-profile/u00" in done.stdout
        assert iam.counts["GetLoginProfile"] == 2  # whether there is one, and then all that u00 signs in with
        assert iam.counts["ListAccessKeys"] == 1


def administrators(number):
    names = [f"a{index}" for index in range(number)]
    users = [user(name, ["adm"]) for name in names]
    live = account(users, [group("adm", GroupPolicyList=[inline("all", EVERYTHING, GUARD)])])
    manifests = {
        "users": {name: {"console": {"reissue": "2026-11-20"}} for name in names},
        "groups": {"adm": {"inline_policies": {"all": document(EVERYTHING, GUARD)}}},
        "memberships": {"adm": names},
    }
    return {**live, "credentials": dict.fromkeys(names, PASSWORD)}, manifests


def test_the_passwords_of_administrators_are_reissued_one_after_the_other(tmp_path):
    for number in (1, 2, 3):
        live, manifests = administrators(number)
        save(tmp_path / "a.json", live)
        write_tree(tmp_path / "iam", manifests, secrets=SECRETS)
        plan = run("plan", "iam", "--sandbox", "a.json", "--now", NOW, "--format", "json", cwd=tmp_path)
        assert plan.returncode == 0, plan.stdout
        calls = [(call["operation"], call["params"]["UserName"]) for call in json.loads(plan.stdout)["calls"]]
        pairs = (("DeleteLoginProfile", "CreateLoginProfile") for _ in range(number))
        assert calls == [(operation, f"a{index}") for index, pair in enumerate(pairs) for operation in pair]
        assert run("apply", "iam", "--sandbox", "a.json", "--now", NOW, "--yes", cwd=tmp_path).returncode == 0


def test_no_old_password_goes_before_new_ones_can_be_handed_over(tmp_path):
    live, manifests = administrators(3)
    save(tmp_path / "a.json", live)
    write_tree(tmp_path / "iam", manifests, secrets=SECRETS)
    (tmp_path / "handover").write_text("no folder")
    before = (tmp_path / "a.json").read_bytes()

    done = run("apply", "iam", "--sandbox", "a.json", "--now", NOW, "--yes", cwd=tmp_path)

    assert done.returncode == 1
    assert "secrets cannot be written to this folder" in done.stderr
    assert (tmp_path / "a.json").read_bytes() == before
