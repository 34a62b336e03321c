"""Results of a run over many accounts survive the way through a file, and the worst one decides."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iamctl.model import IamctlError
from iamctl.model.fleet import AccountOutcome, AccountResult, FleetCommand, fleet_digest, fleet_exit_code

_RESULT = AccountResult("dev", "111122223333", "first", FleetCommand.PLAN, AccountOutcome.CLEAN, 0)
_COUNTS = st.dictionaries(st.text(max_size=8), st.integers(0, 99), max_size=3)
_ROWS = st.lists(st.dictionaries(st.text(max_size=8), st.text(max_size=8), max_size=2), max_size=3).map(tuple)
_RESULTS = st.builds(
    AccountResult,
    account=st.text(max_size=8),
    account_id=st.from_regex(r"[0-9]{12}", fullmatch=True),
    wave=st.text(max_size=8),
    command=st.sampled_from(FleetCommand),
    outcome=st.sampled_from(AccountOutcome),
    exit=st.sampled_from((0, 1, 2, 3, 4, 5, 64, 130)),
    digest=st.text(max_size=8),
    summary=_COUNTS,
    changes=_ROWS,
    findings=_ROWS,
    seconds=st.floats(0, 1e6),
    calls=st.integers(0, 10**6),
    error=st.text(max_size=8),
)


@given(_RESULTS)
def test_a_line_holds_the_whole_result(result: AccountResult) -> None:
    assert AccountResult.from_json(json.loads(json.dumps(result.to_json()))) == result


@pytest.mark.parametrize("key", [*_RESULT.to_json()])
def test_a_line_without_a_key_is_no_result(key: str) -> None:
    data = _RESULT.to_json()
    del data[key]
    with pytest.raises(IamctlError, match="result of a fleet run"):
        AccountResult.from_json(data)


@pytest.mark.parametrize("key", ["changes", "findings"])
def test_a_line_whose_rows_are_no_objects_is_no_result(key: str) -> None:
    with pytest.raises(IamctlError, match="result of a fleet run"):
        AccountResult.from_json({**_RESULT.to_json(), key: [1]})


@given(st.lists(_RESULTS, max_size=6), st.randoms())
def test_the_digest_of_a_run_does_not_depend_on_the_order(results: list[AccountResult], random: object) -> None:
    shuffled = list(results)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert fleet_digest(shuffled) == fleet_digest(results)


def test_the_digest_of_a_run_tells_which_account_has_which_plan() -> None:
    one, two = replace(_RESULT, digest="a"), replace(_RESULT, account_id="444455556666", digest="b")
    swapped = [replace(one, digest="b"), replace(two, digest="a")]
    assert fleet_digest([one, two]) != fleet_digest(swapped)


@pytest.mark.parametrize(
    ("exits", "worst"), [((), 0), ((0, 2), 2), ((2, 3), 3), ((3, 4), 4), ((4, 5), 5), ((5, 1), 1), ((1, 64), 64)]
)
def test_the_worst_account_decides_the_exit_code(exits: tuple[int, ...], worst: int) -> None:
    assert fleet_exit_code([replace(_RESULT, exit=code) for code in exits]) == worst


@pytest.mark.parametrize(("command", "code"), [(FleetCommand.APPLY, 4), (FleetCommand.PLAN, 0)])
def test_an_account_that_was_not_started_is_a_partial_apply(command: FleetCommand, code: int) -> None:
    result = replace(_RESULT, outcome=AccountOutcome.NOT_STARTED, command=command)
    assert fleet_exit_code([result]) == code
