"""``iamctl fleet discover`` as a process that speaks HTTP to Organizations, in the role that iamctl.yaml names."""

import json
import re

import pytest
from command_line import ACCOUNT, run
from loopback import loopback

SETTINGS = f"""\
version: 1
organization: {{discover: {{role: "arn:aws:iam::{ACCOUNT}:role/iamctl-discover"}}}}
selections: [{{select: {{ou: "/*"}}, manifests: [a.yaml]}}]
"""
ORGANIZATION = [
    {"id": ACCOUNT, "name": "hub"},
    {"id": "222222222222", "name": "pro\u202ed", "ou": "/prod"},
]


@pytest.fixture(scope="module")
def served():
    with loopback({"organization": ORGANIZATION}) as iam:
        yield iam


@pytest.fixture
def tree(tmp_path):
    (tmp_path / "iam").mkdir()
    (tmp_path / "iam/iamctl.yaml").write_text(SETTINGS)
    (tmp_path / "iam/a.yaml").write_text("users: {alice: {}}\n")
    return tmp_path


def test_it_assumes_the_role_reads_and_writes_the_file(served, tree):
    served.asked.clear()
    done = run("fleet", "discover", cwd=tree, **served.environment)

    assert (done.returncode, done.stderr) == (0, "")
    assert "  + 222222222222 pro\\u{202E}d  /prod\n" in done.stdout
    assert served.counts == {
        "AssumeRole": 1,
        "ListAccounts": 1,
        "ListRoots": 1,
        "ListOrganizationalUnitsForParent": 2,
        "ListAccountsForParent": 2,
    }
    assert run("fleet", "discover", "--check", cwd=tree, **served.environment).returncode == 0
    assert run("validate", cwd=tree).stdout == "valid: 2 resources.\n"


def test_verbose_and_debug_say_what_is_read(served, tree):
    served.asked.clear()
    verbose = run("fleet", "discover", "--verbose", cwd=tree, **served.environment).stderr
    debug = run("fleet", "discover", "--debug", cwd=tree, **served.environment).stderr

    assert re.fullmatch(r"read 6 requests in \d+\.\d s\n", verbose)
    assert len([line for line in debug.splitlines() if line.startswith("debug: organizations:List")]) == 6
    assert "debug: sts:AssumeRole: 200" in debug


def test_a_refusal_says_whose_credentials_may_list_the_accounts_and_writes_nothing(served, tree):
    body = json.dumps({"__type": "AccessDeniedException", "Message": "You don't have permissions."})
    served.faults["ListAccounts"] = [("", "", 400, body)]
    done = run("fleet", "discover", cwd=tree, **served.environment)

    assert done.returncode == 1
    assert done.stderr.startswith("error: AWS denied organizations:ListAccounts; ")
    assert "use a role in the management account of the organization" in done.stderr
    assert not (tree / "iam/accounts.lock.yaml").exists()


def test_a_tree_without_an_organization(tree):
    (tree / "iam/iamctl.yaml").write_text(f'version: 1\naccounts: {{hub: {{id: "{ACCOUNT}"}}}}\n')
    done = run("fleet", "discover", "iam", cwd=tree)

    assert done.returncode == 1
    assert "there is no 'organization', whose accounts could be discovered; add it" in done.stdout + done.stderr
