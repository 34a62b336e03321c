"""Each assertion of the how-to holds in a sane account, and a change that breaks it refutes it by a request or a way."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from end_to_end.command_line import write_tree
from shown_output import ROOT, blocks

from iamctl.access.assertions import judges
from iamctl.access.held import PolicySources
from iamctl.access.people import People
from iamctl.account.live import Live, Role
from iamctl.commands.workspace import declared, open_tree
from iamctl.policy import Document
from iamctl.rules.plan.assertion_words import refutation

NOW = datetime(2026, 11, 23, tzinfo=UTC)
CASES = yaml.safe_load(Path(__file__).with_name("assertions_page.yaml").read_text(encoding="utf-8"))
SHOWN = blocks((ROOT / "docs/how-to/assertions.md").read_text(encoding="utf-8"))
ASSERTIONS = {
    name: one
    for block in SHOWN
    if block.language == "yaml"
    for name, one in yaml.safe_load(block.body)["assertions"].items()
}
SANE = "the sane account"


def merged(whole, change):
    """Return manifests with a change: mappings are merged, everything else is replaced."""
    if not (isinstance(whole, dict) and isinstance(change, dict)):
        return change
    return {**whole, **{key: merged(whole.get(key), part) for key, part in change.items()}}


def desired(folder, change):
    write_tree(folder, merged({**CASES["sane"], "assertions": ASSERTIONS}, change))
    for block in SHOWN:
        if block.language == "json":
            (folder / block.file).parent.mkdir()
            (folder / block.file).write_text(block.body, encoding="utf-8")
    tree = open_tree(folder)
    return declared(tree, tree.account(None).account_name, "aws", NOW)


def role(name, service, policy):
    trusted = [{"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}]
    return Role(name, (policy,), trust=Document({"Version": "2012-10-17", "Statement": trusted}))


@pytest.fixture(scope="module")
def states(tmp_path_factory):
    """The sane account and the changed ones, each with what judges it."""
    changes = {SANE: {}, **{name: case["change"] for name, case in CASES["changes"].items()}}
    found = {name: desired(tmp_path_factory.mktemp("tree"), change) for name, change in changes.items()}
    roles = tuple(role(name, **one) for name, one in CASES["roles"].items())
    people = []
    for one in found.values():
        live = Live(one.settings.account_id, one.partition, one.state, roles)
        people.append((People(PolicySources(live, one.state), one.state, NOW), one.state))
    assertions = found[SANE].assertions
    judged = dict(zip(found, judges(people, assertions), strict=True))
    return judged, {assertion.name: assertion for assertion in assertions}


def test_the_page_has_ten_assertions_and_each_has_a_change():
    assert len(ASSERTIONS) == 10
    assert list(ASSERTIONS) == list(CASES["changes"])


@pytest.mark.parametrize("name", ASSERTIONS)
def test_each_assertion_holds_in_a_sane_account(states, name):
    judged, assertions = states

    verdict = judged[SANE].verdict(assertions[name])

    assert verdict.people
    assert verdict.holds, (verdict.refuted, verdict.undecided)
    assert verdict.unusual == ()


@pytest.mark.parametrize("name", ASSERTIONS)
def test_a_change_that_breaks_an_assertion_refutes_it(states, name):
    judged, assertions = states

    verdict = judged[name].verdict(assertions[name])

    assert CASES["changes"][name]["refuted"] in refutation(verdict, verdict.refuted)
