"""Saved plans are read strictly: whatever is not just what was saved is refused with the file, the reason and a fix."""

import json
import os
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from planning_worlds import DATA, PLAN

from iamctl.planning import saved_plan as module
from iamctl.planning.promise import digest
from iamctl.planning.saved_plan import MAX_DEPTH, SavedPlanError, load_saved_plan, saved_plan
from iamctl.render.json import json_text

VERSION = "1.2.3"
SAVED = saved_plan(PLAN, {**DATA, "iamctl_version": VERSION})
TEXT = json_text(SAVED)


@pytest.fixture
def refused(tmp_path):
    def refusal(content):
        path = tmp_path / "plan.json"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        with pytest.raises(SavedPlanError) as caught:
            load_saved_plan(path, VERSION)
        said = str(caught.value)
        assert caught.value.exit_code == 1
        assert said.startswith(str(path))
        return said.removeprefix(str(path))

    return refusal


def signed(**parts):
    """Return a saved plan with other parts and the digests that belong to them, as an attacker would write it."""
    whole = {key: value for key, value in {**SAVED, **parts}.items() if key != "section_digests"}
    return json.dumps({**whole, "section_digests": {key: digest(value) for key, value in whole.items()}})


def test_what_was_saved_is_what_was_approved(tmp_path):
    path = tmp_path / "plan.json"
    path.write_text(TEXT)

    found = load_saved_plan(path, VERSION)

    assert (found.plan_digest, found.account_id, found.partition) == (PLAN.plan_digest, "123456789012", "aws")
    assert found.covered == json.loads(json.dumps(PLAN.covered))


@pytest.mark.parametrize("share", [number / 40 for number in range(40)])
def test_fault_36_a_truncated_file(refused, share):
    said = refused(TEXT[: int(len(TEXT) * share)])

    assert re.match(
        r"(:\d+:\d+: not valid JSON \(.*\); the file may be truncated|: the file is empty)\. Save the plan again", said
    )


def test_a_file_without_its_last_brace_names_the_place(refused):
    lines = TEXT.rstrip().count("\n") + 1

    assert f":{lines}:" in refused(TEXT.rstrip()[:-1]) or f":{lines - 1}:" in refused(TEXT.rstrip()[:-1])


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("calls", []),
        ("summary", {}),
        ("account", {"id": "210987654321", "name": "x", "partition": "aws"}),
        ("plan_digest", f"sha256:{'0' * 64}"),
        ("created_at", "2001-01-01T00:00:00Z"),
        ("findings", [1]),
        ("extra", 1),
    ],
)
def test_an_edited_part_is_named(refused, part, value):
    assert refused(json.dumps({**SAVED, part: value})).startswith(
        f": edited after it was saved: {part}. Save the plan again"
    )


def test_a_part_that_is_missing_is_named(refused):
    less = {key: value for key, value in SAVED.items() if key != "findings"}

    assert "edited after it was saved: findings." in refused(json.dumps(less))


def test_calls_that_the_digest_does_not_cover_although_all_parts_are_signed(refused):
    calls = [{**SAVED["calls"][0], "operation": "DeleteUser"}]

    assert "plan_digest does not belong to the calls in this file" in refused(signed(calls=calls))


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("calls", None),
        ("calls", [1]),
        ("calls", [{"index": 0}]),
        ("calls", [{"index": 0, "service": "iam", "operation": "X", "params": []}]),
        ("account", []),
        ("account", {"id": 1, "partition": "aws"}),
        ("covers", None),
        ("covers", {"ids": {}, "terms": {}, "gained": {}, "risks": {}}),
        ("covers", {"ids": {}, "terms": {}, "gained": {}, "risks": [], "declared": 5}),
        ("covers", {"ids": {}, "terms": {}, "gained": {}, "risks": [[]]}),
        ("covers", {"ids": []}),
    ],
)
def test_parts_of_another_form(refused, part, value):
    assert "is missing or has the wrong type" in refused(signed(**{part: value}))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "the file is empty"),
        (" \n", "the file is empty"),
        ("[]", "not a saved plan"),
        ("5", "not a saved plan"),
        ('{"format": "iamctl-snapshot/1"}', "the format is 'iamctl-snapshot/1' instead of 'iamctl-saved-plan/1'"),
        ('{"format": "iamctl-saved-plan/2"}', "the format is 'iamctl-saved-plan/2'"),
        ('{"format": "iamctl-plan/1"}', "the output of 'plan --format json' cannot be applied"),
        ('{"format": "iamctl-saved-plan/1"}', "section_digests is missing, so the file was edited"),
        ('{"format": "iamctl-saved-plan/1", "format": "iamctl-saved-plan/1"}', "duplicate key 'format'"),
        ('{"calls": NaN}', "NaN is not valid JSON"),
        ('{"calls": ' + "9" * 6000 + "}", "not valid JSON"),
        (b'{"calls": "\xff"}', "not valid UTF-8 at byte 11"),
        ("[" * 100_000, "not valid JSON"),
        ("[" * 900 + "]" * 900, f"nested deeper than {MAX_DEPTH} levels"),
    ],
)
def test_a_file_that_is_something_else(refused, content, reason):
    assert reason in refused(content)


def test_fault_36_a_plan_of_another_version(refused):
    assert "saved by iamctl 9.9, but this is iamctl 1.2.3" in refused(signed(iamctl_version="9.9"))


def test_a_file_that_is_too_large(refused, monkeypatch):
    monkeypatch.setattr(module, "MAX_BYTES", 1_048_576)

    assert "larger than 1 MiB" in refused(" " * 1_048_577)


def test_no_file_and_no_regular_file(tmp_path):
    with pytest.raises(SavedPlanError, match="cannot be read: No such file"):
        load_saved_plan(tmp_path / "none", VERSION)
    os.mkfifo(tmp_path / "fifo")
    for path in (tmp_path, tmp_path / "fifo"):
        with pytest.raises(SavedPlanError, match="not a regular file"):
            load_saved_plan(path, VERSION)


@given(st.integers(0, len(TEXT) - 1), st.sampled_from('x"}{][,0 \\'))
def test_one_changed_character_is_refused_or_changes_nothing(tmp_path_factory, place, character):
    path = tmp_path_factory.getbasetemp() / "changed.json"
    text = f"{TEXT[:place]}{character}{TEXT[place + 1 :]}"
    path.write_text(text)

    try:
        found = load_saved_plan(path, VERSION)
    except SavedPlanError:
        return
    assert json.loads(text) == json.loads(TEXT)
    assert found.plan_digest == PLAN.plan_digest
