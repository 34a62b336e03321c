"""``iamctl audit`` as people run it: verdicts, exit codes, formats, acceptances."""

import csv
import io
import json
from pathlib import Path

import pytest
import yaml
from audit_accounts import ACCOUNT, snapshot
from jsonschema import Draft202012Validator

from iamctl.cli.process import run_command_line

ROOT = Path(__file__).resolve().parents[2]
NOW = "2026-11-23T10:00:00Z"
IN_ORDER = {
    "users": {"alice": {"password": {"since": "2026-11-01", "used": "2026-11-22"}, "mfa": True, "groups": ["all"]}},
    "groups": {"all": {"inline": {"mfa": "builtin"}}},
    "roles": {"support": {"attached": ["aws:AWSSupportAccess"]}},
    "policies": {},
    "SummaryMap": {
        "AccountMFAEnabled": 1,
        "AccountAccessKeysPresent": 0,
        "AccountPasswordPresent": 1,
        "AccountSigningCertificatesPresent": 0,
    },
    "unassigned": [],
    "credential_report": {"GeneratedTime": "2026-11-23T07:30:00Z", "users": {}, "root": {"AccessKeys": []}},
    "audit": {
        "PasswordPolicy": {
            "MinimumPasswordLength": 14,
            "PasswordReusePrevention": 24,
            "RequireLowercaseCharacters": True,
            "RequireUppercaseCharacters": True,
            "RequireNumbers": True,
            "RequireSymbols": True,
        },
        "ServerCertificates": [],
        "Analyzers": {"us-east-1": ["ACCOUNT"]},
        "OrganizationsFeatures": None,
        "RootVirtualMFADevices": [],
        "SigninSessions": [],
    },
}
SUPPORT = {
    "PolicyName": "AWSSupportAccess",
    "Arn": "arn:aws:iam::aws:policy/AWSSupportAccess",
    "PolicyVersionList": [
        {
            "VersionId": "v1",
            "IsDefaultVersion": True,
            "Document": {
                "Version": "2012-10-17",
                "Statement": {"Effect": "Allow", "Action": "support:*", "Resource": "*"},
            },
        }
    ],
}


def account(**more):
    """Return an account in which every control passes, but for what ``more`` changes."""
    case = {**IN_ORDER, **more}
    tagged = {name: {"tags": {"owner": "a"}, **value} for name, value in case["users"].items()}
    found = snapshot({**case, "users": tagged})
    return {**found, "taken_at": "2026-11-20T10:00:00Z", "Policies": [*found["Policies"], SUPPORT]}


def two_keys():
    keys = {
        "AKIAIOSFODNN7EXAMPL1": {"since": "2026-11-01", "used": "2026-11-22"},
        "AKIAIOSFODNN7EXAMPL2": {"since": "2026-01-01", "used": "never"},
    }
    return {"users": {**IN_ORDER["users"], "ci": {"keys": keys}}}


@pytest.fixture
def audit(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def run(found, *words, source="--snapshot", users=("alice", "ci"), **settings):
        tree = tmp_path / "iam"
        tree.mkdir(exist_ok=True)
        whole = {"version": 1, "accounts": {"prod": {"id": ACCOUNT}}, **settings}
        (tree / "iamctl.yaml").write_text(yaml.safe_dump(whole, sort_keys=False))
        (tree / "iam.yaml").write_text(yaml.safe_dump({"users": dict.fromkeys(users)}))
        (tmp_path / "account.json").write_text(json.dumps(found))
        code = run_command_line(["audit", "iam", source, "account.json", "--now", NOW, *words])
        return code, capsys.readouterr().out

    return run


@pytest.mark.parametrize("source", ["--snapshot", "--sandbox"])
def test_an_account_in_order_passes_every_control(audit, source):
    code, out = audit(account(), source=source)

    assert code == 0, out
    assert "27 controls: 1 not applicable, 26 passed.\n" in out
    assert "Failed" not in out


def test_the_ages_of_the_data_come_first(audit):
    _, out = audit(account())

    assert out.startswith(
        f"Audit of prod ({ACCOUNT}, aws)\n"
        "  account read at 2026-11-20T10:00:00Z, 3 days old\n"
        "  credential report of 2026-11-23T07:30:00Z, 2 hours old\n"
    )


def test_what_fails_has_its_place_and_the_line_that_cures_it(audit):
    code, out = audit(account(**two_keys()))

    assert code == 2
    assert (
        "  medium unused-access-keys: Every active access key was used or created within 45 days.  CIS 7.0 2.11, IAM.22, IAM.8\n"
        "      access-key/ci/AKIAIOSFODNN7EXAMPL2: the access key was created 326 days ago, on 2026-01-01, and has never been used  iam.yaml:3:3\n"
        "          users: {ci: {access_keys: {count: 1, retire: [AKIAIOSFODNN7EXAMPL2]}}}\n"
    ) in out


def test_a_line_that_cures_several_things_is_shown_once_below_them(audit):
    names = ("ann", "bea")
    users = {name: {"password": {"since": "2026-11-22", "used": "2026-11-22"}} for name in names}
    _, out = audit(account(users=users), users=names)

    told = out.partition("  high mfa-guard: ")[2].splitlines()[1:4]
    assert [one.strip().partition(":")[0] for one in told] == ["user/ann", "user/bea", "policies"]
    assert out.count('policies: {require-mfa: {builtin: "require-mfa/1"}}') == 1


def test_a_user_whom_nobody_declares_gets_no_line(audit):
    _, out = audit(account(**two_keys()), users=("alice",))

    assert "has never been used (not declared)\n" in out
    assert "users: {ci" not in out


def test_a_line_that_cures_reads_back_as_what_it_says(audit):
    _, out = audit(account(users={"no": {"password": {"since": "2026-11-22", "used": "never"}}}), users=("no",))

    lines = [line.strip() for line in out.splitlines() if line.strip().startswith("users: {")]
    assert [yaml.safe_load(line) for line in lines] == [{"users": {"no": {"console": False}}}]


def test_a_snapshot_that_lacks_facts_passes_nothing_on_them_and_exits_1(audit):
    found = account()
    del found["audit"], found["SummaryMap"], found["virtual_mfa_devices"]

    code, out = audit(found)

    assert code == 1
    assert (
        "not evaluated: the settings of the password policy are unknown; the snapshot does not contain them (iamctl snapshot --audit)"
        in out
    )
    assert "27 controls: 11 not evaluated, 16 passed.\n" in out


def test_a_denied_read_is_named_and_exits_1(audit):
    facts = {name: value for name, value in IN_ORDER["audit"].items() if name != "Analyzers"}
    reason = "AWS denied access-analyzer:ListAnalyzers; allow it"

    code, out = audit(account(audit={**facts, "Unread": {"Analyzers": reason}}))

    assert code == 1
    assert f"not evaluated: the analyzers of the regions are unknown; {reason}\n" in out


def test_credentials_that_only_a_denied_report_has_name_the_denial(audit):
    facts = {**IN_ORDER["audit"], "Unread": {"CredentialReport": "AWS denied iam:GenerateCredentialReport; allow it"}}
    users = {**IN_ORDER["users"], "ci": {"credentials": "unknown"}}

    code, out = audit(account(audit=facts, users=users))

    assert code == 1
    assert "not evaluated: credentials are unknown: user/ci; AWS denied iam:GenerateCredentialReport" in out


def test_a_failure_exits_2_although_something_was_not_evaluated(audit):
    found = account(**two_keys())
    del found["audit"]

    assert audit(found)[0] == 2


def accepted(**more):
    line = {"control": "unused-access-keys", "address": "user/ci", "until": "2026-11-23", "reason": "OPS-7", **more}
    others = [{**line, "control": name} for name in ("one-access-key", "access-key-age")]
    return {"audit": {"accept": [line, *others]}}


def test_an_accepted_finding_fails_no_more_until_its_date(audit):
    code, out = audit(account(**two_keys()), **accepted())

    assert code == 0, out
    assert "never been used; accepted until 2026-11-23: OPS-7  iamctl.yaml:" in out
    assert "27 controls: 3 accepted, 1 not applicable, 23 passed.\n" in out


def test_an_acceptance_that_is_over_accepts_nothing_and_is_named(audit):
    code, out = audit(account(**two_keys()), **accepted(until="2026-11-22"))

    assert code == 2
    assert "unused-access-keys of user/ci: ended on 2026-11-22; delete it  iamctl.yaml:" in out


def test_an_acceptance_of_a_key_accepts_no_other_key_and_no_other_control(audit):
    code, out = audit(account(**two_keys()), **accepted(address="access-key/ci/AKIAIOSFODNN7EXAMPL1"))

    assert code == 2
    assert "unused-access-keys of access-key/ci/AKIAIOSFODNN7EXAMPL1: fits no finding; delete it" in out


def test_an_acceptance_without_an_address_is_for_the_account(audit):
    line = {"control": "support-role", "until": "2027-01-01", "reason": "no support plan"}

    code, out = audit(account(roles={}), audit={"accept": [line]})

    assert code == 0, out
    assert "accepted until 2027-01-01: no support plan" in out


def test_an_exception_for_a_direct_policy_is_an_acceptance(audit):
    users = {**IN_ORDER["users"], "ci": {"inline": {"ses": "ses:SendRawEmail"}}}
    exception = {"address": "user-inline-policy/ci/ses", "reason": "SES", "until": "2027-03-31"}

    code, out = audit(account(users=users), exceptions=[exception])

    assert code == 0, out
    assert "accepted until 2027-03-31: SES" in out


def test_a_framework_shows_its_controls_with_their_ids_in_it(audit):
    code, out = audit(account(**two_keys()), "--framework", "cis-5")

    assert code == 2
    assert out.startswith(f"Audit of prod ({ACCOUNT}, aws): CIS AWS Foundations 5.0\n")
    assert "one-access-key: No user has more than one active access key.  1.12\n" in out
    assert "api-keys-expire" not in out


def test_json_is_what_the_schema_says(audit):
    for found in (account(), account(**two_keys())):
        _, out = audit(found, "--format", "json", **accepted(until="2026-11-22"))
        schema = json.loads((ROOT / "schemas/audit.schema.json").read_text())
        Draft202012Validator(schema).validate(json.loads(out))

    told = json.loads(out)
    failed = [one["id"] for one in told["controls"] if one["verdict"] == "fail"]
    assert failed == ["access-key-age", "one-access-key", "unused-access-keys"]
    assert told["summary"] == {
        "controls": 27, "failed": 3, "not_evaluated": 0, "accepted": 0, "not_applicable": 1, "passed": 23,
    }  # fmt: skip
    assert {one["control"] for one in told["unused_acceptances"]} == set(failed)


def test_csv_has_a_row_for_each_finding_and_no_formula(audit):
    users = {"=cmd": {"password": {"since": "2026-11-22", "used": "never"}, "groups": ["all"]}}
    found = account(users=users, groups={"all": {"inline": {"mfa": "builtin", "=x()": "s3:*"}}})

    _, out = audit(found, "--format", "csv", users=("alice",))

    rows = list(csv.DictReader(io.StringIO(out)))
    failed = [row for row in rows if row["verdict"] == "fail"]
    assert {row["address"] for row in failed} == {"user/=cmd", "group-inline-policy/all/=x()"}
    assert {row["control"] for row in rows} >= {"root-mfa", "console-mfa"}
    assert [row["cis-7"] for row in rows if row["control"] == "console-mfa"] == ["2.10"]
    cells = [cell for row in rows for cell in row.values()]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@", "\t"))]
    assert [row["finding"] for row in failed if row["control"] == "whole-services"] == [
        "'=x() allows every action of s3 on every resource"
    ]


def test_sarif_places_findings_on_lines_of_the_manifests(audit):
    _, out = audit(account(**two_keys()), "--format", "sarif")

    run = json.loads(out)["runs"][0]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert {"root-mfa", "access-key-age"} <= set(rules)
    (found,) = [result for result in run["results"] if result["ruleId"] == "one-access-key"]
    place = found["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == ("iam/iam.yaml", 3)
    assert found["level"] == "warning"
    assert rules[found["ruleIndex"]] == "one-access-key"
    assert run["automationDetails"] == {"id": "iamctl/audit/"}


def test_markdown_escapes_text_from_the_account(audit):
    users = {"<b>@x": {"password": {"since": "2026-11-22", "used": "never"}, "groups": ["all"]}}

    _, out = audit(account(users=users), "--format", "markdown")

    assert "`user/<b>@x: the user has a password since 2026-11-22 and no MFA device; the user enrols one (" in out
    assert ", or remove the password (not declared)`" in out


def test_an_unknown_control_and_an_address_that_is_none_are_mistakes(audit, capsys):
    line = {"until": "2027-01-01", "reason": "a"}
    entries = [{"control": "unused-access-key", **line}, {"control": "root-mfa", "address": "alice", **line}]

    code, _ = audit(account(), audit={"accept": [*entries, *[{"control": "root-mfa", **line}] * 2]})

    assert code == 1


def test_mistakes_in_acceptances_name_the_fix(tmp_path, capsys):
    line = {"until": "2027-01-01", "reason": "a"}
    entries = [{"control": "unused-access-key", **line}, {"control": "root-mfa", "address": "alice", **line}]
    whole = {
        "version": 1,
        "accounts": {"prod": {"id": ACCOUNT}},
        "audit": {"accept": [*entries, {"control": "root-mfa", **line}, {"control": "root-mfa", **line}]},
    }
    (tmp_path / "iamctl.yaml").write_text(yaml.safe_dump(whole, sort_keys=False))
    (tmp_path / "iam.yaml").write_text("users: {alice: }")

    code = run_command_line(["validate", str(tmp_path)])

    out = capsys.readouterr().out + capsys.readouterr().err
    assert code == 1
    assert "'unused-access-key' is not a control; did you mean 'unused-access-keys'?" in out
    assert "'alice' is not an address; write it as 'iamctl audit' prints it" in out
    assert "root-mfa is already accepted for this address" in out


def test_a_snapshot_for_an_audit_gives_the_same_verdicts(audit, tmp_path, capsys):
    found = account(**two_keys())
    _, whole = audit(found, "--format", "json", source="--sandbox")

    code = run_command_line(["snapshot", "-o", "account.json", "--sandbox", "account.json", "--audit"])
    capsys.readouterr()
    saved = json.loads((tmp_path / "account.json").read_text())
    _, again = audit(saved, "--format", "json")

    assert code == 0
    assert json.loads(again)["summary"] == json.loads(whole)["summary"]
    assert saved["audit"] == {**found["audit"], "PasswordPolicy": saved["audit"]["PasswordPolicy"], "Unread": {}}
