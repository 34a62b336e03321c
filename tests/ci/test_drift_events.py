"""The template that starts drift after writes to IAM: which events, one run for a burst, and what the run is told."""

import json
from itertools import pairwise

import pytest
from cfnlint.api import lint_file
from cfnlint.config import ManualArgs
from drift_events import APPLY_ROLE, TEMPLATE, StateMachine, matches, resource, template, transformed

from iamctl.commands.started_by import started_by
from iamctl.comparison.deeds import _CALLS
from iamctl.kinds import KINDS
from iamctl.model.deed import ActorKind

TOGETHER = {"DeleteSSHPublicKey", "DeleteSigningCertificate", "DeleteVirtualMFADevice"}
"""Calls on what no manifest declares; iamctl makes them only with a user's deletion, which is an event itself."""

MALLORY = {"type": "IAMUser", "userName": "mallory", "arn": "arn:aws:iam::123456789012:user/mallory"}
ROOT = {"type": "Root", "arn": "arn:aws:iam::123456789012:root"}


def role(arn, session="run"):
    name = arn.rpartition("/")[2]
    issuer = {"userName": name, "arn": arn}
    return {
        "type": "AssumedRole",
        "arn": f"arn:aws:sts::123456789012:assumed-role/{name}/{session}",
        "sessionContext": {"sessionIssuer": issuer},
    }


def event(identity=MALLORY, operation="AddUserToGroup", **more):
    detail = {
        "eventSource": "iam.amazonaws.com",
        "eventName": operation,
        "eventTime": "2026-11-29T10:00:00Z",
        "eventID": "e-1",
        "sourceIPAddress": "203.0.113.7",
        "userIdentity": identity,
        **more,
    }
    return {"source": "aws.iam", "detail-type": "AWS API Call via CloudTrail", "detail": detail}


def test_cloudformation_accepts_the_template():
    assert [str(match) for match in lint_file(TEMPLATE, ManualArgs(regions=["us-east-1"]))] == []


@pytest.mark.parametrize(
    ("told", "is_wanted"),
    [
        (event(), True),
        (event(ROOT), True),
        (event(role("arn:aws:iam::123456789012:role/helpdesk")), True),
        (event(role(APPLY_ROLE.replace("role/", "role/x-"), "iamctl-apply")), True),
        (event(role(APPLY_ROLE)), False),
        (event(errorCode="AccessDenied"), False),
        (event(operation="GetUser"), False),
        (event(operation="CreateRole"), False),
        ({**event(), "source": "aws.s3"}, False),
    ],
)
def test_the_rule_takes_writes_but_those_of_apply(told, is_wanted):
    assert matches(resource("Rule")["EventPattern"], told) == is_wanted


def test_every_write_that_drift_can_report_starts_a_run():
    names = resource("Rule")["EventPattern"]["detail"]["eventName"]
    operations = [kind.operations for kind in KINDS]
    writes = {name for one in operations for name in (*one.create, *one.update, *one.delete)}
    deeds = {name for calls in _CALLS.values() for name in calls}

    assert writes | deeds <= set(names) | TOGETHER
    assert names == sorted(set(names))


@pytest.mark.parametrize(
    ("identity", "kind", "name"),
    [
        (MALLORY, ActorKind.USER, "mallory"),
        (ROOT, ActorKind.ROOT, "root"),
        (role("arn:aws:iam::123456789012:role/helpdesk", "eve"), ActorKind.ROLE, "helpdesk"),
    ],
)
def test_iamctl_reads_what_the_rule_passes_on(identity, kind, name):
    told = transformed(event(identity))

    found = started_by(json.dumps(told["event"]))

    assert (found.actor.kind, found.actor.name, found.operation) == (kind, name, "AddUserToGroup")
    assert found.actor.session == ("eve" if kind is ActorKind.ROLE else "")
    assert (found.event_id, found.address) == ("e-1", "203.0.113.7")


def runs(*times, system="github"):
    machine = StateMachine(system)
    machine.run([(at, {"event": {"eventID": f"e-{at}"}}) for at in times])
    return machine.started


def test_a_burst_is_one_run_after_all_of_its_events():
    ((at, body),) = runs(*range(100))

    assert at == 130
    assert body == {"ref": "main", "inputs": {"event": '{"eventID": "e-0"}'}}


def test_no_event_is_left_without_a_later_run():
    times = [0, 1, 60, 129, 131, 140, 300, 5000]

    started = [at for at, _ in runs(*times)]

    assert all(any(run >= at for run in started) for at in times)
    assert len(started) == 4


def test_events_without_end_do_not_hold_the_run_up():
    started = [at for at, _ in runs(*range(0, 3600, 5))]

    assert started[0] == 130
    assert max(later - earlier for earlier, later in pairwise(started)) <= 150


def test_gitlab_gets_the_variables_of_the_job():
    ((_, body),) = runs(0, system="gitlab")

    assert body == {"ref": "main", "variables": {"IAMCTL_SCHEDULE": "drift", "IAMCTL_EVENT": '{"eventID": "e-0"}'}}


def test_the_token_is_in_no_parameter_and_no_definition():
    text = TEMPLATE.read_text(encoding="utf-8")
    connection = json.dumps(resource("Connection"))

    assert connection.count("{{resolve:secretsmanager:${TokenSecret}:SecretString}}") == text.count("{{resolve:") == 2
    assert "Token" not in json.dumps(resource("StateMachine"))
    assert set(template()["Parameters"]) >= {"TokenSecret", "Endpoint", "ApplyRoleArn"}


def test_the_example_of_parameters_fits_the_template():
    given = json.loads(TEMPLATE.with_name("drift-events-parameters.json").read_text(encoding="utf-8"))
    parameters = template()["Parameters"]
    needed = {name for name, told in parameters.items() if "Default" not in told}

    assert needed <= {one["ParameterKey"] for one in given} <= set(parameters)
