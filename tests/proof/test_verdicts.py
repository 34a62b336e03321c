"""The engine agrees with verdicts of others: AWS's own analyzer, IAMSpy, and the history of AWS-managed policies."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from proof.accounts import principals
from proof.worlds import side_of

from iamctl.policy.normalized import normalize
from iamctl.proof.decide import Held, Request, decide
from iamctl.proof.encoding import Reading
from iamctl.proof.engine import Engine, Side
from iamctl.proof.universe import Universe

DATA = Path(__file__).resolve().parents[2] / "../shared/data/evaluation"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the shared data with verdicts is not here")
NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)


def read(name):
    path = DATA / name
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []


def universe(*documents):
    return Universe(
        pattern for document in documents for statement in document.statements for pattern in statement.actions
    )


SAMPLES = [case for case in read("access-analyzer-no-new-access.json") if case["policy_type"] == "identity"]
UNUSUAL = {
    "identity-policies/check-access-to-sensitive-resource/ecs-task-definition#1": (
        "the new access needs a * at the end of a part that reaches over a colon"
    )
}
"""Samples that pass although the engine finds a request, one that AWS does not document."""


def test_as_many_samples_for_identity_policies_as_there_were():
    assert len(SAMPLES) == 109
    assert {case["verdict"] for case in SAMPLES} == {"PASS", "FAIL"}


@pytest.mark.parametrize("case", [pytest.param(case, id=case["id"]) for case in SAMPLES])
def test_no_new_access_as_access_analyzer_says(case):
    reference, candidate = Held((normalize(case["reference"]),)), Held((normalize(case["candidate"]),))
    engine = Engine(universe(*reference.policies, *candidate.policies), NOW)

    gains = engine.gains(side_of(engine, reference), side_of(engine, candidate))

    assert ("FAIL" if any(gain.usual for gain in gains) else "PASS") == case["verdict"]
    if case["verdict"] == "PASS":
        assert bool(gains) == (case["id"] in UNUSUAL)
    for gain in gains:
        assert gain.exact
        assert decide(gain.witness, candidate, gain.reading) is True
        assert decide(gain.witness, reference, gain.reading) is False


def changes_of_aws():
    path = DATA / "managed-policy-version-changes.jsonl"
    return [json.loads(one) for one in path.read_text(encoding="utf-8").splitlines()] if path.is_file() else []


CHANGES = changes_of_aws()
STILL_ALLOWED = "the new version still allows what the data calls lost"
ERRORS = {
    ("EC2ImageBuilderExecutionPolicy@7ff619b9b", "lost"): STILL_ALLOWED,
    ("AmazonInspector2FullAccess_v2@7ff619b9b", "lost"): STILL_ALLOWED,
    ("SageMakerStudioFullAccess@13926783c", "lost"): STILL_ALLOWED,
    ("AmazonConnectReadOnlyAccess@285ec3f72", "lost"): STILL_ALLOWED,
    ("AmazonConnectSynchronizationServiceRolePolicy@137ce2004", "gained"): "the data overlooks a Deny",
}
"""Where the data of others is wrong."""


def test_as_many_changes_of_managed_policies_as_there_were():
    assert len(CHANGES) == 274
    assert {case for case, _ in ERRORS} <= {change["id"] for change in CHANGES}


@pytest.mark.parametrize("part", range(10))
def test_each_action_that_a_version_gains_or_loses_is_among_the_gains(part):
    for change in CHANGES[part::10]:
        gains_are_found(change)


def gains_are_found(change):
    old, new = (Held((normalize(change[side]),)) for side in ("old", "new"))
    engine = Engine(universe(*old.policies, *new.policies), NOW)
    before, after = side_of(engine, old), side_of(engine, new)

    for said, gains in (("gained", engine.gains(before, after)), ("lost", engine.gains(after, before))):
        names = {name.lower() for gain in gains for name in engine.universe.names(gain.actions)}
        missing = [one["action"] for one in change[said] if one["action"].lower() not in names]
        assert bool(missing) == ((change["id"], said) in ERRORS), missing[:5]


@pytest.mark.parametrize("case", [case for case, reason in ERRORS.items() if reason == STILL_ALLOWED])
def test_what_the_data_calls_lost_wrongly_is_still_allowed(case):
    change = next(one for one in CHANGES if (one["id"], "lost") == case)
    new = Held((normalize(change["new"]),))
    engine = Engine(universe(*new.policies), NOW)

    allowed = {
        name for gain in engine.gains(Side(), side_of(engine, new)) for name in engine.universe.names(gain.actions)
    }

    assert {one["action"].lower() for one in change["lost"]} <= {name.lower() for name in allowed}


QUESTIONS = [case for case in read("iamspy-cases.json") if "resources" not in case["files"]]
"""The others turn on the policy of a resource, which no identity policy knows."""


def test_as_many_questions_in_scope_as_there_were():
    assert len(QUESTIONS) == 17


@pytest.mark.parametrize("case", [pytest.param(case, id=case["id"]) for case in QUESTIONS])
def test_who_can_as_iamspy_says(case):
    (details,) = (read(f"iamspy-files/{name}") for name in case["files"]["gaads"])
    organizations = [read(f"iamspy-files/{name}") for name in case["files"].get("scps", ())]
    *wanted, action, resource = case["input"]
    expected = case["expected"] if case["query"] == "who_can" else wanted if case["expected"] else []

    found = []
    for principal in principals(details):
        if wanted and principal.arn not in wanted:
            continue
        ceilings = [level for organization in organizations for level in control_policies(organization, principal)]
        held = Held(principal.policies, (*principal.held.ceilings, *ceilings, (only_here(principal),)))
        is_found = gains_request(held, action, resource)
        assert decide(Request(action, resource), held) is is_found
        if is_found:
            found.append(principal.arn)

    assert found == expected


def gains_request(held, action, resource):
    """Ask the engine whether one request is allowed."""
    documents = [*held.policies, *(document for group in held.ceilings for document in group)]
    engine = Engine(universe(*documents, asked := normalize(allow(action, [resource]))), NOW)
    side = side_of(engine, held)
    gains = engine.gains(Side(), Side(side.allow, side.deny, (*side.ceilings, engine.statements(asked).allow)))
    assert all(gain.exact for gain in gains)
    return any(gain.reading is Reading.PARTS for gain in gains)


def allow(action, resources):
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": resources}]}


def only_here(principal):
    """Allow all in the principal's account: in another one a policy of the resource would have to, and there is none."""
    account = principal.arn.split(":")[4]
    return normalize(allow("*", [f"arn:*:*:*:{account}:*", "arn:*:*:*::*"]))


def control_policies(node, principal):
    """Return the service control policies of each level above a principal's account; none for the management account."""
    account = principal.arn.split(":")[4]
    if node["Arn"].split(":")[4] == account:
        return []
    path = path_to(node, account)
    return [tuple(normalize(policy["Content"]) for policy in level["Policies"]) for level in path]


def path_to(node, account):
    if node["Id"] == account:
        return [node]
    below = [path for child in node.get("Children", ()) if (path := path_to(child, account))]
    return [node, *below[0]] if below else []
