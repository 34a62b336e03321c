"""What can be read back from a journal, also from one that was cut off anywhere or was written by somebody else."""

import json
from datetime import UTC, datetime

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iamctl.apply.journal import Journal
from iamctl.apply.recorded import ForeignJournalError, recorded_run
from iamctl.model import Call, Outcome, OutcomeStatus
from iamctl.render import FORMATS
from iamctl.report.journal import journal_report
from iamctl.schema import run_schema

NOW = datetime(2026, 11, 29, 9, tzinfo=UTC)
STATUSES = st.sampled_from(OutcomeStatus)
TEXTS = st.text(max_size=12)


def calls(count):
    return [Call(index, "iam", "CreateUser", {"UserName": f"u{index}", "Password": "x"}) for index in range(count)]


def written(folder, outcomes, *, end=None):
    """Return the text of a journal of calls that ended so; None: the call was sent and never answered."""
    journal = Journal.create(
        folder, plan_digest="sha256:" + "0" * 64, account_id="1" * 12, version="1", now=lambda: NOW
    )
    with journal:
        for call, status in zip(calls(len(outcomes)), outcomes, strict=True):
            if status is not OutcomeStatus.NOT_STARTED:
                journal.intent(call)
            if status is not None:
                journal.outcome(Outcome(call, status, "refused", "Code"))
        if end:
            journal.end(end)
    return journal.path.read_text(encoding="ascii")


@given(st.lists(STATUSES | st.none(), max_size=6))
def test_a_journal_says_what_became_of_each_call(tmp_path_factory, outcomes):
    text = written(tmp_path_factory.mktemp("j"), outcomes, end="finished")

    run = recorded_run(text.splitlines())

    assert [outcome.status for outcome in run.outcomes] == [status or OutcomeStatus.UNKNOWN for status in outcomes]
    assert [outcome.call.params["UserName"] for outcome in run.outcomes] == [f"u{i}" for i in range(len(outcomes))]
    assert "x" not in {outcome.call.params.get("Password") for outcome in run.outcomes}
    assert (run.ending, run.account_id, run.damaged) == ("finished", "1" * 12, ())


@given(st.lists(STATUSES | st.none(), min_size=1, max_size=4), st.data())
def test_fault_32_a_journal_that_was_cut_off_says_no_more_than_is_true(tmp_path_factory, outcomes, data):
    text = written(tmp_path_factory.mktemp("j"), outcomes)
    header = text.index("\n") + 1
    cut = text[: data.draw(st.integers(header, len(text)))]

    run = recorded_run(cut.splitlines())

    assert run.ending is None
    assert len(run.damaged) <= 1
    for outcome in run.outcomes:
        told = outcomes[outcome.call.index]
        assert outcome.status in {told, OutcomeStatus.UNKNOWN}
    sent = cut.count('"event": "intent"') - bool(run.damaged and '"intent"' in cut.splitlines()[-1])
    assert len([o for o in run.outcomes if o.status is not OutcomeStatus.NOT_STARTED]) >= sent


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda x: st.lists(x, max_size=3) | st.dictionaries(TEXTS, x, max_size=3),
    max_leaves=6,
)
EVENTS = st.fixed_dictionaries(
    {"event": st.sampled_from(["intent", "outcome", "retry", "end", "wait"])},
    optional={
        "index": JSON,
        "status": STATUSES.map(str) | JSON,
        "operation": JSON,
        "service": JSON,
        "params": st.dictionaries(TEXTS, JSON) | JSON,
        "because": JSON,
        "at": JSON,
        "reason": JSON,
        "error": JSON,
    },
)


@given(st.lists(EVENTS | JSON | TEXTS, max_size=5), st.sampled_from(["text", "markdown", "json"]))
def test_fault_32_no_file_makes_the_command_fail_or_prints_control_characters(lines, output):
    header = {"format": "iamctl-journal/1", "account": "a\x1b", "plan_digest": "\x9b", "version": 1, "started_at": "x"}
    texts = [line if isinstance(line, str) else json.dumps(line) for line in ({**header}, *lines)]

    report = journal_report(recorded_run(texts), "j\x1b.jsonl")

    assert not {char for char in FORMATS[output](report) if (char < " " and char != "\n") or "\x7f" <= char < "\xa0"}


def test_the_json_is_as_its_schema_says(tmp_path):
    text = written(tmp_path, list(OutcomeStatus), end="interrupted")

    report = journal_report(recorded_run(text.splitlines()), "j.jsonl")

    jsonschema.validate(report.data, run_schema())


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "nothing", '{"format": "iamctl-plan/1"}', '{"format": "iamctl-journal/1"}']
)
def test_fault_32_another_file_is_no_journal(text):
    with pytest.raises(ForeignJournalError, match="not the header of a journal"):
        recorded_run(text.splitlines())
