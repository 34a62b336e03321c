"""What the manifests declare for an account reaches a worker whole, with the places of every statement."""

from __future__ import annotations

import json
import pickle
from datetime import UTC, datetime

import pytest
from fleet.fleet_world import NOW as DAY
from fleet.fleet_world import results, write_accounts

from iamctl.commands.workspace import declared, open_tree
from iamctl.policy import Document

NOW = datetime(2026, 11, 29, tzinfo=UTC)
STATEMENT = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
DOCUMENT = {"Version": "2012-10-17", "Statement": [STATEMENT]}
MANIFEST = """\
policies:
  in-json: {file: read.json}
  in-yaml: {file: read.yaml}
  inline:
    document: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "s3:*", Resource: "*"}]}
  guard: {builtin: require-mfa/1}
groups:
  devs: {policies: [in-json, in-yaml, inline, guard], inline_policies: {own: {file: read.json}}}
memberships: {devs: []}
"""
YAML = 'Version: "2012-10-17"\nStatement:\n  - Effect: Allow\n    Action: "s3:*"\n    Resource: "*"\n'


@pytest.fixture
def tree(tmp_path):
    folder = write_accounts(tmp_path, 1)
    (folder / "shared/policies.yaml").write_text(MANIFEST, encoding="utf-8")
    (folder / "shared/read.json").write_text(json.dumps(DOCUMENT, indent=2), encoding="utf-8")
    (folder / "shared/read.yaml").write_text(YAML, encoding="utf-8")
    return folder


def documents(desired):
    found = {resource.address: getattr(resource, "document", None) for resource in desired.state}
    return {address: document for address, document in found.items() if isinstance(document, Document)}


def test_the_places_of_statements_travel(tree):
    desired = declared(open_tree(tree), "a1", "aws", NOW)
    arrived = pickle.loads(pickle.dumps(desired))

    before, after = documents(desired), documents(arrived)
    assert sorted(str(address) for address in before) == [
        *("group-inline-policy/devs/own", "policy/guard", "policy/in-json", "policy/in-yaml", "policy/inline")
    ]
    for address, document in before.items():
        assert after[address].identical(document)
        for path in ((), ("Statement", 0), ("Statement", 0, "Action")):
            assert after[address].place_of(path) == document.place_of(path)
            assert document.place_of(path).line > 0


def test_a_run_plans_accounts_with_documents(tree, here, inline):
    done = here("fleet", "plan", "iam", "--sandbox", "accounts", "--now", DAY, "--format", "jsonl")
    alone = here("plan", "iam", "--account", "a1", "--sandbox", "accounts/a1.json", "--now", DAY, "--format", "json")

    found = results(done.stdout)["a1"]
    assert found["outcome"] == "changes"
    assert found["findings"] == json.loads(alone.stdout)["findings"]
    assert any("policies.yaml" in str(one["origin"]) or "read" in str(one["origin"]) for one in found["findings"])
