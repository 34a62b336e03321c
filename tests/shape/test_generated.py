"""Files that are made from the code are as the code makes them."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

from generate import generated_files  # noqa: E402


@pytest.fixture(scope="module")
def generated():
    return generated_files()


def test_generated_files_are_fresh(generated):
    stale = [path for path, text in generated.items() if (ROOT / path).read_text(encoding="utf-8") != text]
    assert stale == [], "run make generate"


def test_no_generated_schema_is_left_over(generated):
    assert {f"schemas/{path.name}" for path in (ROOT / "schemas").glob("*.json")} <= generated.keys()
