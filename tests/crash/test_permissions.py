"""iamctl permissions: what it prints is enough for every command, and nothing of it is never used."""

import ast
import json
import re
import shutil
from functools import cache

import botocore.session
import pytest
from command_line import ACCOUNT, ACME, ROOT, account, user
from crashing import place
from faults import Rule, drop
from permitted import Permitted
from scenarios import ARN, SCENARIOS, Scenario, allow, managed

from iamctl.apply.guard_check import GUARD_READS
from iamctl.apply.read_back import TABLE, reads_back
from iamctl.aws.reads import ACCOUNT_READS, PASSWORD_READS
from iamctl.kinds import KINDS, AccountSetting
from iamctl.kinds.account_setting import READS as SETTING_READS
from iamctl.policy import managed_grammar_errors

MANY = Scenario(account([user(f"u{number}") for number in range(30)]), {"users": {"u0": {"tags": {"team": "pay"}}}})
"""More users than are read one by one: passwords and keys come from the credential report."""
BACK = Scenario(
    account(
        [
            user(
                "u0",
                PermissionsBoundary={
                    "PermissionsBoundaryType": "Policy",
                    "PermissionsBoundaryArn": ARN.format("bound"),
                },
            )
        ],
        Policies=[managed("reads", allow("s3:a"), allow("s3:b")), managed("bound", allow("s3:a"))],
    ),
    {
        "users": {"u0": {}},
        "policies": {"reads": {"document": allow("s3:a")}, "bound": {"document": allow("s3:a")}},
    },
)
"""A boundary is removed, and a policy goes back to an older version."""


def printed(here, job, *words):
    shown = here.run("permissions", job, here.folder / "iam", *words)
    assert shown.code == 0, shown.err
    return json.loads(shown.out)


def permitted(here, policy):
    """Restrict what follows to what a policy allows."""
    found = Permitted(policy, here.account)
    here.rules += found.rule
    return found


def losing(here, operations):
    """Lose the answer to the first request of each of these operations."""
    for operation in operations:
        here.rules += Rule(drop, operation, when="after")


def planned_and_applied(here, *words, more=()):
    """Plan, lose an answer of each write of an apply, apply; return what was allowed and what was needed."""
    here.rules.rules.clear()
    plan_policy, apply_policy = printed(here, "plan"), printed(here, "apply", *more)
    first = here.saved()
    plan = permitted(here, plan_policy)
    here.run("plan", here.folder / "iam", *words)
    imported = here.run("import", here.folder / "imported")
    here.rules.rules.clear()
    apply = permitted(here, apply_policy)
    done = here.apply(*words)
    writes = set(here.writes)
    here.restore(first)
    again = permitted(here, apply_policy)
    losing(here, writes)
    lossy = here.apply(*words)

    assert imported.code == 0, imported.err
    assert plan.denied == apply.denied == again.denied == []
    assert (done.code, lossy.code) == (0, 0), done.err + lossy.err
    return plan_policy, plan.used, apply_policy, apply.used | again.used


def example(folder):
    """Return the same of the example, which has nearly every kind of change."""
    shutil.copytree(ACME, folder / "iam")
    snapshot = json.loads((folder / "iam/account.json").read_text(encoding="utf-8"))
    (folder / "iam/account.json").unlink()
    with place(folder, snapshot, account_id="111122223333") as here:
        return planned_and_applied(here, "--allow-removals", "users=9", more=("--path", "/"))


def actions(policy):
    return {action for statement in policy["Statement"] for action in statement["Action"]}


@pytest.fixture(scope="module")
def uses(tmp_path_factory):
    """Return for plan and apply what was printed and what was needed, over all scenarios."""
    found = {"plan": (set(), set()), "apply": (set(), set())}

    def add(result):
        plan_policy, plan_used, apply_policy, apply_used = result
        for job, policy, used in (("plan", plan_policy, plan_used), ("apply", apply_policy, apply_used)):
            found[job][0].update(actions(policy))
            found[job][1].update(used)

    for scenario in (*SCENARIOS.values(), MANY, BACK):
        folder = tmp_path_factory.mktemp("tree")
        with place(folder, scenario.live) as here:
            here.manifests(scenario.declared, **scenario.settings)
            add(
                planned_and_applied(here, *scenario.flags, more=("--path", "/", *scenario.flags))
            )  # one of them moves users and groups
    add(example(tmp_path_factory.mktemp("tree")))
    return found


@pytest.mark.exhaustive
@pytest.mark.parametrize("job", ["plan", "apply"])
def test_what_is_printed_is_enough_and_all_of_it_is_used(uses, job):
    allowed, used = uses[job]

    # nobody here has a sign-in session: tests/crash/test_sessions_of_leavers.py
    assert used == allowed - {"signin:BatchRevokeSessions"}


def test_new_people_with_passwords_need_no_more_than_what_is_printed(tmp_path):
    scenario = SCENARIOS["new team"]
    with place(tmp_path, scenario.live) as here:
        here.manifests(scenario.declared, **scenario.settings)
        planned_and_applied(here)


def test_a_missing_permission_is_noticed(tmp_path):
    scenario = SCENARIOS["new team"]
    with place(tmp_path, scenario.live) as here:
        here.manifests(scenario.declared, **scenario.settings)
        policy = printed(here, "apply")
        for statement in policy["Statement"]:
            statement["Action"] = [one for one in statement["Action"] if one != "iam:AttachGroupPolicy"]
        found = permitted(here, policy)
        code = here.apply().code

    assert code == 4
    assert {action for action, _ in found.denied} == {"iam:AttachGroupPolicy"}


def both(allowed, denied):
    statements = [
        {"Effect": effect, "Action": action, "Resource": "*"}
        for effect, action in (("Allow", allowed), ("Deny", denied))
    ]
    return {"inline_policies": {"rights": {"Version": "2012-10-17", "Statement": statements}}}


def test_temporary_policies_need_no_more_than_what_is_printed_for_them(tmp_path):
    groups = {"readers": both("s3:GetObject", "sqs:*"), "senders": both("sqs:SendMessage", "s3:*")}
    members = {"readers": ["carol"], "senders": ["carol"]}
    with place(tmp_path, account([user("carol")])) as here:
        here.manifests({"users": {"carol": {}}, "groups": groups, "memberships": members})
        without = printed(here, "apply")
        found = permitted(here, printed(here, "apply", "--allow-transition"))
        code = here.apply("--allow-transition").code

    assert "iam:PutUserPolicy" not in actions(without)
    assert (code, found.denied) == (0, [])
    assert {"iam:PutUserPolicy", "iam:DeleteUserPolicy"} <= found.used


def of(tmp_path, declared, job="apply", **settings):
    with place(tmp_path, account()) as here:
        here.manifests(declared, **settings)
        return printed(here, job)


def resources(policy, action):
    return [
        one
        for statement in policy["Statement"]
        if action in statement["Action"]
        for one in ([statement["Resource"]] if isinstance(statement["Resource"], str) else statement["Resource"])
    ]


def test_writes_are_allowed_below_the_declared_paths_and_on_what_is_removed(tmp_path):
    declared = {"users": {"ann": {"path": "/people/"}, "bob": {"path": "/people/it/"}}, "removed": ["user/eve"]}
    keep = {"scope": {"undeclared": {"users": "report"}}}
    arn = "arn:aws:iam::123456789012:user/{}".format

    assert resources(of(tmp_path, declared, **keep), "iam:DeleteUser") == [
        arn("*/eve"),
        arn("eve"),
        arn("people/*"),
    ]
    renamed = {"users": {"ann": {"path": "/people/", "renamed_from": "anna"}}}
    assert resources(of(tmp_path, renamed, **keep), "iam:UpdateUser") == [arn("*/anna"), arn("anna"), arn("people/*")]
    with place(tmp_path, account()) as here:
        here.manifests(renamed, **keep)
        more = printed(here, "apply", "--path", "/old/")
        wrong = here.run("permissions", "apply", here.folder / "iam", "--path", "old")
    assert arn("old/*") in resources(more, "iam:UpdateUser")
    assert wrong.code == 64
    removing = of(tmp_path, declared, scope={"undeclared": {"users": "remove"}})
    assert resources(removing, "iam:DeleteUser") == [arn("*")]
    assert resources(removing, "iam:ListAccessKeys") == [arn("*")]


@pytest.mark.parametrize(
    ("declared", "absent"),
    [
        ({"users": {"ann": {}}}, "iam:(CreateGroup|AddUserToGroup|CreatePolicy|CreateLoginProfile|DeleteUser|Put.*)"),
        ({"groups": {"a": {"policies": []}}, "memberships": {"a": []}}, "iam:(CreateUser|TagUser|CreatePolicy)"),
    ],
)
def test_what_no_plan_for_the_manifests_can_contain_is_not_allowed(tmp_path, declared, absent):
    report = {"scope": {"undeclared": dict.fromkeys(("users", "groups", "policies"), "report")}}

    assert [action for action in actions(of(tmp_path, declared, **report)) if re.fullmatch(absent, action)] == []


def test_apply_may_write_the_lock_and_no_other_object(tmp_path):
    declared = {"users": {"ann": {}}}
    policy = of(tmp_path, declared, lock={"s3": "acme-locks/iam"})

    assert resources(policy, "s3:PutObject") == ["arn:aws:s3:::acme-locks/iam/123456789012.json"]
    assert resources(policy, "s3:DeleteObject") == resources(policy, "s3:GetObject")
    assert resources(of(tmp_path, declared, "plan", lock={"s3": "acme-locks/iam"}), "s3:PutObject") == []


def test_the_role_that_plans_may_only_read(tmp_path):
    policy = of(tmp_path, {"users": {"ann": {}}}, "plan")

    assert all(re.match("(iam|signin):(Get|List|GenerateCredentialReport)", action) for action in actions(policy))


@pytest.mark.parametrize("job", ["plan", "apply"])
def test_iam_accepts_what_is_printed_and_apply_says_what_it_is_worth(tmp_path, job):
    scenario = SCENARIOS["leavers"]
    with place(tmp_path, scenario.live) as here:
        role = {job: "arn:aws:iam::123456789012:role/ci"}
        here.manifests(scenario.declared, accounts={"test": {"id": ACCOUNT, "assume_role": role}}, **scenario.settings)
        shown = here.run("permissions", job, here.folder / "iam")
        partition = here.run("permissions", job, here.folder / "iam", "--partition", "aws-us-gov")
        wrong = here.run("permissions", job, here.folder / "iam", "--partition", "us gov")

    assert managed_grammar_errors(json.loads(shown.out)) == ()
    assert ("grant themselves anything" in shown.err) is (job == "apply")
    assert "arn:aws:iam::123456789012:role/ci" in shown.err
    assert "arn:aws-us-gov:iam::123456789012:user/*" in partition.out
    assert wrong.code == 64


def test_each_kind_states_the_writes_of_its_steps():
    declared = {kind.kind: kind.operations.all for kind in KINDS}
    for kind in KINDS:
        path = ROOT / "iamctl/kinds" / f"{kind.__module__.rpartition('.')[2]}.py"
        found = operations_in(path)
        if kind is AccountSetting:  # its steps take their names from its operations
            assert found == set()
        else:
            assert found == declared[kind.kind], path


OPERATION = re.compile(r"(?:Add|Attach|Create|Deactivate|Delete|Detach|Put|Remove|Set|Tag|Untag|Update)[A-Z]\w+")


def operations_in(path):
    """Return the names of writes in the steps of a kind: all of its texts but those of ``operations``."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    stated = {
        id(text)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Operations"
        for text in ast.walk(node)
    }
    # "TagUser" and "TagPolicy" are also needed for what is created with tags; then a step of an update has them, too
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in stated
        and OPERATION.fullmatch(node.value)
        and node.value in operations()
    }


@cache
def operations():
    return set(botocore.session.Session().get_service_model("iam").operation_names)


READ = re.compile(r"(?:Get|List|Generate)[A-Z]\w+")


def test_each_read_in_the_code_is_listed():
    known = operations()
    found = set()
    for folder in ("aws", "apply"):
        for path in sorted((ROOT / "iamctl" / folder).glob("*.py")):
            if path.name in {"reads.py", "errors.py", "audit_facts.py"}:
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and READ.fullmatch(node.value):
                    found |= {node.value} & known
    lost = frozenset().union(*(judge.reads for judge in TABLE.values()), reads_back("CreateLoginProfile"))

    assert found | {"GetAccountPasswordPolicy"} == ACCOUNT_READS | PASSWORD_READS | GUARD_READS | lost


def test_the_docs_list_what_is_printed():
    text = (ROOT / "docs/reference/aws.md").read_text(encoding="utf-8")
    reads, _, writes = (set(block.split()) for block in re.findall(r"```text\n(.*?)```", text, re.DOTALL))
    lost = frozenset().union(*(judge.reads for judge in TABLE.values()))
    further = {"UpdateLoginProfile", "PutUserPolicy"}  # a repair; the temporary deny of --allow-transition
    every = frozenset().union(*(kind.operations.all for kind in KINDS)) | further

    of_settings = {
        operation for _, operation in SETTING_READS.values()
    }  # where manifests declare the account's settings
    assert reads == {f"iam:{name}" for name in ACCOUNT_READS | of_settings} | {"signin:ListSessions"}
    assert writes == {
        f"iam:{name}" for name in (every | lost | GUARD_READS | PASSWORD_READS) - ACCOUNT_READS - of_settings
    } | {"signin:BatchRevokeSessions"}
