"""Whatever a call writes is in every format: each action, resource, principal and condition of each statement."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from effort import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from iamctl.account.live import Live
from iamctl.kinds import Group, GroupInlinePolicy, Policy
from iamctl.model import State
from iamctl.model.settings import Desired, Settings
from iamctl.planning.plan import make_plan
from iamctl.planning.plan_json import plan_json
from iamctl.policy import Document, grammar_errors
from iamctl.render.markdown import left_out, render_markdown
from iamctl.render.text import render_text
from iamctl.report.blocks import Report
from iamctl.report.reports import plan_report
from iamctl.text.visible import visible

ACCOUNT = "123456789012"
ACTIONS = st.from_regex(r"(s3|iam|ec2):[A-Z][A-Za-z]{2,20}\*?", fullmatch=True)
RESOURCES = st.from_regex(r"arn:aws:s3:::[a-z0-9-]{3,30}/[A-Za-z0-9 ?*]{0,12}[a-z]", fullmatch=True)
PARTS = frozenset({"Action", "NotAction", "Resource", "NotResource"})
ELEMENTS = PARTS | {"Effect", "Condition"}
KEYS = st.sampled_from(["aws:SourceIp", "aws:PrincipalTag/team", "s3:prefix"])


@st.composite
def statements(draw: st.DrawFn) -> dict[str, Any]:
    found: dict[str, Any] = {"Effect": draw(st.sampled_from(["Allow", "Deny"]))}
    found[draw(st.sampled_from(["Action", "NotAction"]))] = draw(st.lists(ACTIONS, min_size=1, max_size=12))
    found[draw(st.sampled_from(["Resource", "NotResource"]))] = draw(st.lists(RESOURCES, min_size=1, max_size=12))
    if draw(st.booleans()):
        values = st.lists(st.from_regex(r"[a-z]{1,9}", fullmatch=True), min_size=1, max_size=4)
        found["Condition"] = {"StringEquals": draw(st.dictionaries(KEYS, values, min_size=1, max_size=2))}
    return found


DOCUMENTS = st.lists(statements(), min_size=1, max_size=4).map(
    lambda found: Document.from_data({"Version": "2012-10-17", "Statement": found})
)


def only_calls(report: Report) -> Iterator[Report]:
    """Yield the section that ``--show-calls`` adds, alone."""
    yield from (replace(report, sections=(one,)) for one in report.sections if one.title.startswith("Calls"))


def written(statements: list[dict[str, Any]]) -> Iterator[str]:
    """Yield every word of statements; Principal and NotPrincipal are in none (see the last test)."""
    for statement in statements:
        assert statement.keys() <= ELEMENTS
        for element in PARTS & statement.keys():
            yield from statement[element]
        for conditions in statement.get("Condition", {}).values():
            for key, values in conditions.items():
                yield key
                yield from values


@settings(max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(DOCUMENTS, min_size=2, max_size=2), st.booleans())
def test_every_part_of_what_a_call_writes_is_in_every_format(documents: list[Document], is_inline: bool) -> None:
    def state(document: Document) -> State:
        policy = Policy(name="logs", document=document, arn=f"arn:aws:iam::{ACCOUNT}:policy/logs")
        inline = GroupInlinePolicy(group="dev", name="logs", document=document)
        return State.of([Group(name="dev"), inline if is_inline else policy])

    before, after = documents
    desired = Desired(Settings("prod", ACCOUNT), "aws", state(after))
    plan = make_plan(desired, Live(ACCOUNT, "aws", state(before)), now=datetime(2026, 11, 23, tzinfo=UTC))
    data = plan_json(plan, "0")
    report, with_calls = plan_report(plan, data), plan_report(plan, data, show_calls=True)
    text, calls, page = render_text(report), "".join(map(render_text, only_calls(with_calls))), render_markdown(report)
    sent = [
        json.loads(call["params"]["PolicyDocument"]) for call in data["calls"] if "PolicyDocument" in call["params"]
    ]

    assert bool(sent) == any(change.before != change.after for change in plan.changes)
    assert [change["after"]["document"] for change in data["changes"]] == sent
    for document in sent:
        assert all(visible(part) in calls for part in written(document["Statement"]))
        new = [statement for statement in document["Statement"] if statement not in before.data["Statement"]]
        for part in written(new):
            assert visible(part) in text
            assert visible(part) in html.unescape(page) or left_out(report)


@pytest.mark.parametrize("element", ["Principal", "NotPrincipal"])
def test_no_call_writes_a_principal(element: str) -> None:
    """Only trust policies and policies of resources have one; iamctl writes neither, and IAM refuses it elsewhere."""
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", element: {"AWS": "*"}}

    (error,) = grammar_errors({"Version": "2012-10-17", "Statement": [statement]})

    assert element in error.message
