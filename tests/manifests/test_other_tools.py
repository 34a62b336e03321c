"""Words of other tools get iamctl's own word, and a file of another tool is recognized."""

import pytest
from manifest_trees import findings, write_tree

from iamctl.manifests.other_tools import looks_like, meant_word

SECTIONS = ("users", "groups", "memberships", "policies", "removed")
OF_A_USER = ("path", "tags", "permissions_boundary", "console", "access_keys")


@pytest.mark.parametrize(
    ("word", "known", "expected"),
    [
        ("managed_policies", SECTIONS, "; iamctl calls this 'policies'"),
        ("ManagedPolicyArns", ("path", "policies"), "; iamctl calls this 'policies'"),
        ("PermissionsBoundary", OF_A_USER, "; iamctl calls this 'permissions_boundary'"),
        ("managed_policies", OF_A_USER, "; known: path, tags, permissions_boundary, console, access_keys"),
        ("Groups", SECTIONS, "; did you mean 'groups'?"),
        ("Resources", SECTIONS, "; known: users, groups, memberships, policies, removed"),
    ],
)
def test_a_word_of_another_tool_is_translated_where_iamctl_has_its_own(word, known, expected):
    assert meant_word(word, known) == expected


@pytest.mark.parametrize(
    ("keys", "tool"),
    [
        (["Resources"], "CloudFormation"),
        (["AWSTemplateFormatVersion", "Description"], "CloudFormation"),
        (["template_type", "properties"], "IAMbic"),
        (["apiVersion", "kind", "spec"], "Kubernetes or Crossplane"),
        (["resource"], "Terraform"),
        (["Policies", "Tags"], "iamy"),
        (["UserDetailList", "Policies"], "iamctl snapshot"),
    ],
)
def test_a_file_of_another_tool_is_recognized(keys, tool):
    assert looks_like(keys) == f" This looks like a file of {tool}; 'iamctl import' writes manifests from the account"


@pytest.mark.parametrize("keys", [[], ["users"], ["usres", "policies"]])
def test_other_files_look_like_nothing(keys):
    assert looks_like(keys) == ""


IMPORT = "'iamctl import' writes manifests from the account"


def test_the_first_finding_of_a_file_names_the_tool_and_each_says_which_word_is_meant(tmp_path):
    files = {
        "a.yaml": "Groups: [dev]\nTags: {a: b}\n",
        "b.yaml": "managed_policies: {p: {}}\n",
        "c.yaml": "Resources: {U: {Type: x}}\n",
    }

    found = [line for line in findings(write_tree(tmp_path, files)) if "IAM002" in line]

    known = "known: users, groups, memberships, policies, account, removed, assertions"
    assert found == [
        f"a.yaml:1:1: IAM002 unknown section 'Groups'; did you mean 'groups'? This looks like a file of iamy; {IMPORT}",
        f"a.yaml:2:1: IAM002 unknown section 'Tags'; {known}",
        "b.yaml:1:1: IAM002 unknown section 'managed_policies'; iamctl calls this 'policies'",
        f"c.yaml:1:1: IAM002 unknown section 'Resources'; {known}. This looks like a file of CloudFormation; {IMPORT}",
    ]
