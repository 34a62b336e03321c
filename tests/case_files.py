"""Reads tables of cases, with libyaml: the parser in Python takes seconds for all of them, in each worker."""

from pathlib import Path
from typing import Any

import yaml


def read_cases(path: Path) -> Any:
    """Return the cases of a YAML file."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
