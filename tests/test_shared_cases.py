"""Small inputs that were wrong once, where they are beside this repository: what each of them must come to.

A case is a folder with manifests, an account, and where a pull request is meant the manifests before it. It is read
where it is. Without that folder these tests are skipped; the same promises have tests of their own.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from iamctl.aws.credential_report import report_facts
from iamctl.cli.process import run_command_line
from iamctl.source.aws import AwsSource

SHARED = Path(__file__).resolve().parents[1] / "../shared/cases"
pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared cases are not beside this repository")
NOW = "2026-11-28T12:00:00Z"


@dataclass(frozen=True)
class Case:
    """What a plan of a case must print."""

    code: int = 0
    first: str = ""
    """How the first line below "Look at this first" or "Refused" begins."""
    has: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    words: tuple[str, ...] = field(default=(), kw_only=True)
    """Further words of the command line; a later --now counts."""


def attaches_quarantine(account, _):
    """AWS attaches the policy to a user whose key is public."""
    name = "AWSCompromisedKeyQuarantineV3"
    ci = next(user for user in account["UserDetailList"] if user["UserName"] == "ci")
    ci["AttachedManagedPolicies"] = [{"PolicyName": name, "PolicyArn": f"arn:aws:iam::aws:policy/{name}"}]


def creates_the_keys_yesterday(account, _):
    for key in account["credentials"]["ci"]["AccessKeyMetadata"]:
        key["CreateDate"] = "2026-11-27T00:00:00Z"
        key.pop("AccessKeyLastUsed", None)


def has_a_report(account, folder):
    account["credential_report"] = {"GeneratedTime": NOW, **report_facts((folder / "report.csv").read_bytes())}


EDITS = {
    "aws-quarantine": attaches_quarantine,
    "key-of-yesterday": creates_the_keys_yesterday,
    "root-used": has_a_report,
}
"""What is not in the files of a case but is said of it."""

LOOSER = "or pass --allow-loosening (IAM410)"
CASES = {
    "access-a": Case(lacks=("refused",)),
    "access-b": Case(lacks=("IAM111",)),
    "access-c": Case(3, "olga becomes an administrator"),
    "access-keys-2": Case(has=("~ user/eve  access_keys: 0 -> 2",)),
    "account-id-placeholder": Case(has=("has 'account-id-without-hyphens' where the account id",)),
    "admin-by-tag": Case(0, "eve becomes an administrator"),
    "adopted-user": Case(
        0,
        "newhire already exists and no manifest declared this user until now; attached: password (since 2026-11-20); "
        "SSH key APKAEVILEVILEVILEVIL; Bedrock API key ACCAEVILEVILEVILEVIL (never expires); "
        "MFA device arn:aws:iam::123456789012:mfa/evil",
    ),
    "age-recipient-only": Case(0, "alice will have the next password encrypted for age1thxmgwwu2kvykwe0y65296egnqnc6k"),
    "ampersand-variable": Case(has=("'&{aws:username}' is not a policy variable", "(IAM310)")),
    "assume-role-changed": Case(3, "iamctl.yaml:5:5: refused: assume_role.apply:", (LOOSER, "sha256:")),
    "aws-policy-path": Case(
        has=("AWS has no policy 'aws:Billing'; write 'aws:job-function/Billing'", "write 'aws:ReadOnlyAccess'")
    ),
    "aws-quarantine": Case(
        0,
        "ci keeps the policy aws:AWSCompromisedKeyQuarantineV3, which only denies; AWS attaches it when an access key is "
        "public, so replace the key first; to remove it, add",
        ("Nothing to change.",),
    ),
    "backdoor-ignored": Case(0, "svc-backdoor is an administrator but ignored by user/svc-*"),
    "cannot-enrol": Case(3, "m.yaml:3:26: refused: user/alice:", ("cannot enrol one", "(IAM113)")),
    "comment-cut": Case(0, "3 users can become administrators: policy/team-149 on group/developers allows iam:AddUser"),
    "deny-that-held-back-goes": Case(
        0, "2 users become administrators: carol, eve", ("dan becomes an administrator, but has neither a password",)
    ),
    "gone-meanwhile": Case(has=("- bob, x1",)),
    "govcloud-partition": Case(3, "p.json:4:3: refused: policy/p:", ("this account is in 'aws-us-gov'", "(IAM309)")),
    "guard-spellings": Case(has=("Nothing to change.",), lacks=("IAM111",)),
    "hidden-in-and-n-more": Case(
        0,
        "3 users can become administrators: policy/deploy on group/developers allows iam:AddUserToGroup on group/admin",
        ("+ actions: iam:AddUserToGroup, iam:GetGroup, iam:GetUser, iam:ListGroups\n", "group/readers", "people/eve\n"),
    ),
    "key-of-yesterday": Case(lacks=("IAM122", "have not been used")),
    "last-admins-by-until": Case(3, "3 users are no longer administrators", ("none after", "(IAM412)")),
    "leaver-named-in-trust": Case(
        0,
        "user/eve is trusted by the trust policy of role/deploy, statement 1",
        ("1 trust policy (deploy) names 1 deleted user or role: AIDAJQABLZS4A3QDU576Q",),
    ),
    "live-reference": Case(0, "eve can become an administrator: policy/shared-logs on group/developers allows iam:Put"),
    "lockout-boundary": Case(3, "", ("none after", "(IAM412)")),
    "lockout-by-verbs": Case(3, "", ("3 users are no longer administrators", "none after", "(IAM412)")),
    "lockout-source-ip": Case(3, "3 users are no longer administrators", ("none after", "(IAM412)")),
    "lost-deny": Case(0, "4 users are no longer denied iam:*, ec2:RunInstances", ("b keeps the policy d",)),
    "mass-end-by-past-until": Case(3, "refused: this plan removes 41 of 51 memberships, but the limit is 10 (20%)"),
    "named-like-aws": Case(
        0,
        "3 users can become administrators: policy/SecurityAudit on group/developers",
        ("+ gains policy SecurityAudit", "this policy is your own"),
        ("gains policy aws:SecurityAudit",),
    ),
    "not-attachable": Case(1, "", ("PolicyNotAttachable",)),
    "order-consequences": Case(has=("   0 SetDefaultPolicyVersion(", "   1 AttachGroupPolicy(GroupName=oncall")),
    "order-resource-tags": Case(has=("   0 TagUser(UserName=dan", "   1 UntagUser(UserName=dan")),
    "orphan-device": Case(
        0, "erin cannot create an MFA device of this name, because one exists that belongs to nobody"
    ),
    "peer-words": Case(1, "", ("unknown section 'Groups'; did you mean 'groups'? This looks like a file of iamy",)),
    "placeholder-partition": Case(1, "", ("'${ARN_PARTITION}' in 'arn:${ARN_PARTITION}:s3:::b/*' is not a partition",)),
    "privileged-group-undeclared": Case(3, "", ("refused: group/administrators: this is protected", "(IAM430)")),
    "protect-by-tag": Case(3, "break-glass is no longer an administrator", ("user/break-glass is protected", "IAM408")),
    "reissue-to-other-key": Case(
        0, "alice is an administrator and gets a new password that others than before can read: age1thxmgwwu2kvykwe0y65"
    ),
    "rename-leaves-names": Case(
        3,
        "user/bob has its old name or path in policy/p, statement Keys",
        ("policy/p, statement Own", "group/developers has its old name or path in policy/p, statement Del"),
    ),
    "role-gains-iam": Case(0, "the role ci can become an administrator: policy/ci-deploy on role/ci allows"),
    "root-used": Case(has=("2025-02-01", "(IAM903)"), words=("--now", "2025-02-10")),
    "root-without-credentials": Case(has=("the MFA of the root user is not evaluated",), lacks=("warning",)),
    "secrets-removed": Case(3, "iamctl.yaml:3:3: refused: secrets: the setting is gone", (LOOSER,)),
    "secrets-terminal": Case(3, "iamctl.yaml:10:20: refused: secrets.deliver: terminal in place of age", (LOOSER,)),
    "stale-passwords": Case(has=("password", "(IAM124)")),
    "unguarded-by-tag": Case(3, "eve becomes an administrator", ("but the password has no MFA guard", "(IAM111)")),
    "until-extended": Case(0, "eve stays in group/administrators until 2099-12-31, instead of until 2026-12-05"),
    "version-reuse": Case(has=("   0 SetDefaultPolicyVersion(", "VersionId=v3", "1 call.")),
}
ELSEWHERE = {"eight-keys": "a plan is an error; the case is about import"}


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Return a function that runs a command line and returns its exit code and all of its output."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "500")
    monkeypatch.setenv("NO_COLOR", "1")
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)

    def ran(*words):
        code = run_command_line([str(word) for word in words])
        said = capsys.readouterr()
        return code, said.out + said.err

    return ran


def planned(run, name, case):
    folder = SHARED / name
    live = folder / "account.json"
    if name in EDITS:
        account = json.loads(live.read_text(encoding="utf-8"))
        EDITS[name](account, folder)
        live = Path("account.json").resolve()
        live.write_text(json.dumps(account), encoding="utf-8")
    base = ("--base", folder / "base") if (folder / "base").is_dir() else ()
    now = () if "--now" in case.words else ("--now", NOW)
    return run("plan", folder / "iam", "--snapshot", live, "--show-calls", "--all-findings", *now, *base, *case.words)


def first_line(out):
    """Return the first line of what must be looked at, or of what is refused."""
    _, _, rest = out.partition("Look at this first\n" if "Look at this first\n" in out else "Refused\n")
    return rest.partition("\n")[0].strip()


@pytest.mark.parametrize("name", CASES)
def test_a_case_comes_to_what_it_must(name, run):
    case = CASES[name]
    code, out = planned(run, name, case)

    assert code == case.code, out
    assert first_line(out).startswith(case.first), out
    assert [part for part in case.has if part not in out] == [], out
    assert [part for part in case.lacks if part in out] == [], out


def test_each_case_has_an_expectation():
    assert {path.name for path in SHARED.iterdir() if path.is_dir()} == CASES.keys() | ELSEWHERE.keys()


def test_eight_keys_stop_no_import(run):
    code, out = run("import", "imported", "--snapshot", SHARED / "eight-keys/account.json")

    assert code == 0
    assert "user/x: the user has 8 active access keys, and a manifest permits at most 2" in out
    assert "users: 2 live = 1 managed + 1 refused" in out


def test_drift_names_who_is_an_administrator_and_ignored(run):
    folder = SHARED / "backdoor-ignored"
    _, out = run("drift", folder / "iam", "--snapshot", folder / "account.json", "--now", NOW)

    assert first_line(out).startswith("svc-backdoor is an administrator but ignored")


@pytest.mark.xfail(
    reason="a Deny that ends is shown although nothing else allows what it denied: a resource's own policy may allow it"
)
def test_the_same_access_written_otherwise_has_no_row_of_access(run):
    _, out = planned(run, "access-a", CASES["access-a"])

    assert "\nAccess\n" not in out


def test_what_another_actor_removed_meanwhile_is_removed(run, monkeypatch, tmp_path):
    folder, live, execute, removed = SHARED / "gone-meanwhile", tmp_path / "account.json", AwsSource.execute, []

    def meanwhile(source, call):
        if call.operation == "RemoveUserFromGroup":
            removed.append(call.params)
            source._session.client("iam").remove_user_from_group(**call.params)
        return execute(source, call)

    live.write_bytes((folder / "account.json").read_bytes())
    monkeypatch.setattr(AwsSource, "execute", meanwhile)
    code, out = run("apply", folder / "iam", "--sandbox", live, "--yes", "--now", NOW)

    assert code == 0, out
    assert sorted(params["UserName"] for params in removed) == ["bob", "x1"]
