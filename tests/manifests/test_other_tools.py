"""Words of other tools get iamctl's own word, and a file of another tool is recognized."""

import pytest

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
    assert (
        looks_like(keys)
        == f"; the file looks like one of {tool}, and 'iamctl import' writes manifests from the account"
    )


@pytest.mark.parametrize("keys", [[], ["users"], ["usres", "policies"]])
def test_other_files_look_like_nothing(keys):
    assert looks_like(keys) == ""
