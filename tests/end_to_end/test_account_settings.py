"""The password policy and the alias of the account in whole runs: declared, drifted, imported, denied and removed."""

import json

import pytest
import yaml
from command_line import account, save, write_tree
from world import world

from iamctl.apply.read_back import TABLE, Verdict
from iamctl.cli.process import run_command_line
from iamctl.commands.password_handover import _policy_on_both_sides
from iamctl.handover.password import PasswordPolicy

POLICY = {"MinimumPasswordLength": 14, "RequireSymbols": True, "PasswordReusePrevention": 24}
KNOWN = {"PasswordPolicy": {"MinimumPasswordLength": 14, "RequireSymbols": True}, "AccountAliases": ["acme"]}


@pytest.fixture
def here(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def command(*words):
        code = run_command_line([*words])
        return code, capsys.readouterr()

    command.write = lambda **manifests: write_tree(tmp_path / "iam", manifests)
    command.held = lambda: json.loads((tmp_path / "a.json").read_text())["audit"]
    command.save = lambda **facts: save(tmp_path / "a.json", account(**facts))
    return command


def settings(**values):
    return {"account": values}


def calls(done):
    return [call["operation"] for call in json.loads(done.out)["calls"]]


def test_settings_are_set_then_equal_then_drift_and_are_adopted(here, tmp_path):
    here.save(audit={"PasswordPolicy": None, "AccountAliases": []})
    here.write(**settings(password_policy=POLICY, alias="acme-{{ account.name }}"))

    assert here("apply", "iam", "--sandbox", "a.json", "--yes")[0] == 0
    assert here.held()["AccountAliases"] == ["acme-test"]
    assert here.held()["PasswordPolicy"]["PasswordReusePrevention"] == 24
    assert here("plan", "iam", "--sandbox", "a.json", "--detailed-exitcode")[0] == 0

    here.write(**settings(password_policy={"MinimumPasswordLength": 8}, alias="acme-test"))
    code, told = here("drift", "iam", "--sandbox", "a.json")
    assert (code, "PasswordReusePrevention: 0 -> 24" in told.out) == (2, True)
    assert here("import", "iam", "--update", "account/password_policy", "--sandbox", "a.json")[0] == 0
    written = yaml.safe_load((tmp_path / "iam/iam.yaml").read_text())
    assert written["account"]["password_policy"].items() >= POLICY.items()
    assert here("plan", "iam", "--sandbox", "a.json", "--detailed-exitcode")[0] == 0


def test_a_plan_names_first_what_becomes_weaker(here):
    here.save(audit=KNOWN)
    here.write(**settings(password_policy={"MinimumPasswordLength": 12, "RequireSymbols": True}))

    code, told = here("plan", "iam", "--snapshot", "a.json")
    first = told.out.partition("Look at this first\n")[2].splitlines()[0]
    assert (code, first) == (0, "  the password policy of the account becomes weaker: MinimumPasswordLength 14 -> 12")


def test_nothing_is_read_that_no_manifest_declares(here):
    with world() as live:
        asked = []
        live.live._session.events.register("before-call.iam", lambda model, **_: asked.append(model.name))
        live.plan({"users": {}})
        without = {"GetAccountPasswordPolicy", "ListAccountAliases"} & set(asked)
        live.plan(settings(alias="acme"))

    assert (without, asked.count("ListAccountAliases"), asked.count("GetAccountPasswordPolicy")) == (set(), 1, 0)


def test_a_denied_read_refuses_the_plan_and_a_snapshot_without_the_fact_does_not(here):
    here.write(**settings(alias="acme"))
    here.save(audit={"Unread": {"AccountAliases": "iam:ListAccountAliases: AccessDenied"}})
    code, told = here("plan", "iam", "--snapshot", "a.json")
    assert (code, "the live value could not be read: iam:ListAccountAliases: AccessDenied" in told.out) == (3, True)

    here.save()
    code, told = here("plan", "iam", "--snapshot", "a.json", "--format", "json")
    assert (code, calls(told)) == (0, [])
    assert "the live value is unknown and was not compared" in told.out


def test_import_writes_the_settings_only_if_asked(here, tmp_path):
    here.save(audit=KNOWN)
    assert here("import", "plain", "--snapshot", "a.json")[0] == 0
    assert not (tmp_path / "plain/account.yaml").exists()

    assert here("import", "whole", "--account-settings", "--snapshot", "a.json")[0] == 0
    assert yaml.safe_load((tmp_path / "whole/account.yaml").read_text())["account"]["alias"] == "acme"
    assert here("plan", "whole", "--snapshot", "a.json", "--detailed-exitcode")[0] == 0

    here.save()
    code, told = here("import", "unknown", "--account-settings", "--snapshot", "a.json")
    assert (code, "password_policy of the account is unknown" in told.err) == (1, True)


def test_only_removed_deletes_and_the_permissions_follow(here):
    here.write(removed=["account/password_policy"])
    shown = json.loads(here("permissions", "apply", "iam")[1].out)
    actions = {action for statement in shown["Statement"] for action in statement["Action"] if "Account" in action}
    assert {action for action in actions if not action.startswith(("iam:GetAccount", "iam:ListUsers"))} == {
        "iam:DeleteAccountPasswordPolicy"
    }

    here.save(audit=KNOWN)
    assert here("apply", "iam", "--sandbox", "a.json", "--yes")[0] == 0
    assert here.held() == {"PasswordPolicy": None, "AccountAliases": ["acme"]}


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            {"alias": "Acme"},
            ": account setting 'alias': an alias has 3 to 63 lower-case letters, digits and single hyphens between them",
        ),
        ({"alias": "a--b"}, "an alias has 3 to 63 lower-case letters, digits and single hyphens between them"),
        ({"alais": "acme"}, "unknown key 'alais' in 'account'; did you mean 'alias'?"),
        ({"password_policy": {"MinimumPasswordLength": 5}}, "expected a number that is at least 6"),
        ({"password_policy": {"RequireSymbol": True}}, "unknown key 'RequireSymbol'"),
    ],
)
def test_mistakes_are_told_with_their_place(here, values, message):
    here.write(**settings(**values))
    code, told = here("validate", "iam")
    assert (code, message in told.out + told.err) == (1, True), told


def test_a_password_is_as_long_as_the_policy_of_the_plan_wants():
    with world() as live:
        plan = live.plan(settings(password_policy={"MinimumPasswordLength": 40}))
        weaker = live.plan(settings(password_policy={"MinimumPasswordLength": 6}))

    assert _policy_on_both_sides(plan, PasswordPolicy(min_characters=8)).min_characters == 40
    assert _policy_on_both_sides(weaker, PasswordPolicy(min_characters=8)).min_characters == 8


@pytest.mark.parametrize(
    ("operation", "params", "answer", "verdict"),
    [
        ("DeleteAccountAlias", {"AccountAlias": "acme"}, {"AccountAliases": []}, Verdict.DONE),
        ("DeleteAccountAlias", {"AccountAlias": "acme"}, {"AccountAliases": ["acme"]}, Verdict.NOT_DONE),
        ("DeleteAccountPasswordPolicy", {}, None, Verdict.DONE),
        ("DeleteAccountPasswordPolicy", {}, {"PasswordPolicy": {}}, Verdict.NOT_DONE),
        ("UpdateAccountPasswordPolicy", POLICY, {"PasswordPolicy": {**POLICY, "MaxPasswordAge": 0}}, Verdict.DONE),
        ("UpdateAccountPasswordPolicy", POLICY, {"PasswordPolicy": {**POLICY, "HardExpiry": True}}, Verdict.NOT_DONE),
    ],
)
def test_a_lost_answer_is_judged_by_what_is_there(operation, params, answer, verdict):
    assert TABLE[operation](params, lambda _name, _params: answer) is verdict
