"""Policies whose document ships with iamctl."""

import pytest
from manifest_trees import declare, findings, write_tree

from iamctl.kinds import Policy
from iamctl.policy import Document
from iamctl.policy.builtin import builtin_text

TREE = "policies:\n  require-mfa: {builtin: require-mfa/1}\n"


@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov"])
def test_a_manifest_names_the_builtin_and_gets_it_for_its_partition(tmp_path, partition):
    root = write_tree(tmp_path, {"a.yaml": TREE})

    (policy,) = declare(root, partition=partition).state.of_kind(Policy)

    assert policy.document == Document.from_text(builtin_text("require-mfa/1").replace("{{ partition }}", partition))
    assert f"arn:{partition}:iam::*:user/${{aws:username}}" in policy.document.text
    assert str(policy.document.place_of(("Statement", 0))) == "a.yaml:2:26"


def test_nothing_is_found_wrong_with_it(tmp_path):
    assert findings(write_tree(tmp_path, {"a.yaml": TREE})) == []
