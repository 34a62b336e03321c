"""Laws try all their examples where exhaustive tests run."""

import effort
import pytest


@pytest.mark.parametrize(
    ("marker_expression", "tried"), [("not exhaustive", [2, 2, 50]), ("", [3, 12, 400]), ("exhaustive", [3, 12, 400])]
)
def test_a_run_with_exhaustive_tests_tries_every_example(monkeypatch, marker_expression, tried):
    monkeypatch.setattr(effort, "_SHARE", [0])

    effort.choose(marker_expression)

    assert [effort.examples(number) for number in (3, 12, 400)] == tried
