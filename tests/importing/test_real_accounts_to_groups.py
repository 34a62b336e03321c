"""Eleven published accounts: their direct policies move to groups, and nobody gains or loses access."""

import pytest
from adoption_table import ACCOUNTS, PAGE, row

LARGE = 4_500
"""Bytes of a snapshot that takes too long for each run."""

pytestmark = pytest.mark.skipif(not ACCOUNTS, reason="the published accounts are not beside this repository")


@pytest.mark.parametrize(
    "snapshot",
    [
        pytest.param(path, marks=[pytest.mark.exhaustive] if path.stat().st_size > LARGE else [], id=path.stem)
        for path in ACCOUNTS
    ],
)
def test_the_page_shows_what_becomes_of_an_account(snapshot, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    found = row(snapshot, tmp_path)

    assert found in PAGE.read_text(encoding="utf-8"), "run python tests/importing/adoption_table.py"
    assert found.endswith("| 0 |\n")
