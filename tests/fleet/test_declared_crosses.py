"""What manifests declare is the same after its way to another process, with every place in the files."""

import pickle
from pathlib import Path

import pytest
from manifests.manifest_trees import NOW, declare, write_tree

from iamctl.commands.workspace import declared_accounts
from iamctl.manifests import read_tree
from iamctl.policy import Document

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
FILES = {
    "policies.yaml": """\
policies:
  inline:
    document:
      Version: "2012-10-17"
      Statement:
        - {Effect: Allow, Action: "s3:GetObject", Resource: "*"}
        - Effect: Deny
          Action:
            - s3:PutObject
            - s3:DeleteObject
          Resource: "*"
  from-json: {file: policy.json}
  from-yaml: {file: document.yml}
  mfa: {builtin: require-mfa/1}
""",
    "policy.json": '{"Version": "2012-10-17",\n "Statement": [\n  {"Effect": "Allow",\n   "Action": "*", "Resource": "*"}]}\n',
    "document.yml": "Version: '2012-10-17'\nStatement:\n  - Effect: Allow\n    Action: '*'\n    Resource: '*'\n",
}


def paths(value, path=()):
    yield path
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in below:
        yield from paths(inner, (*path, key))


def documents(desired):
    return {
        resource.address: document
        for resource in desired.state
        if isinstance(document := getattr(resource, "document", None), Document)
    }


def test_every_value_of_every_document_keeps_its_place(tmp_path):
    here = declare(write_tree(tmp_path, FILES))
    there = pickle.loads(pickle.dumps(here))

    assert len(documents(here)) == 4
    for address, document in documents(here).items():
        crossed = documents(there)[address]
        assert crossed == document
        assert crossed.identical(document)
        assert crossed.text == document.text
        for path in paths(document.data):
            assert crossed.place_of(path) == document.place_of(path), (address, path)
        nowhere = ("Statement", 0, "Condition", "StringLike")
        assert crossed.place_of(nowhere) == document.place_of(nowhere)


@pytest.mark.parametrize("example", sorted(path.name for path in EXAMPLES.iterdir() if (path / "iamctl.yaml").exists()))
def test_the_examples_cross_whole(example):
    for _, here in declared_accounts(read_tree(EXAMPLES / example), NOW):
        there = pickle.loads(pickle.dumps(here))

        assert there == here
        assert [found.origin for found in there.state] == [found.origin for found in here.state]
