"""Files that are made from the code are as the code makes them."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

from generate import generated_files  # noqa: E402

FILES = generated_files()


@pytest.mark.parametrize("path", FILES)
def test_generated_file_is_fresh(path):
    assert (ROOT / path).read_text(encoding="utf-8") == FILES[path], "run make generate"


def test_no_generated_schema_is_left_over():
    assert {f"schemas/{path.name}" for path in (ROOT / "schemas").glob("*.json")} <= FILES.keys()
