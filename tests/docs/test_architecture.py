"""The architecture page names modules, functions and files that exist, and the layers of the contract."""

import re
import tomllib
from importlib import import_module

import pytest
from shown_output import ROOT

PAGE = (ROOT / "docs/explanation/architecture.md").read_text(encoding="utf-8")
CODE = sorted(set(re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", PAGE, flags=re.DOTALL))))
FILE = re.compile(r"[\w./]+/[\w.]*|\w+\.(toml|md|yaml)")
PACKAGES = {path.parent.name for path in (ROOT / "iamctl").glob("*/__init__.py")}
NAMES = [text for text in CODE if re.fullmatch(r"\w+(\.\w+)+", text) and not FILE.fullmatch(text)]
PATHS = [text for text in CODE if re.fullmatch(r"[a-z_]+/(\w+\.py)?", text)]
LAYERS = re.search(r"^## Layers$.*?^```text\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def exists(name):
    """Tell whether a dotted name below ``iamctl`` is a module or something in one, also a field of a dataclass."""
    parts = ["iamctl", *name.split(".")]
    for end in range(len(parts), 1, -1):
        try:
            found = import_module(".".join(parts[:end]))
        except ModuleNotFoundError:
            continue
        for part in parts[end:]:
            if part in getattr(found, "__dataclass_fields__", {}):
                return part == parts[-1]
            if not hasattr(found, part):
                return False
            found = getattr(found, part)
        return True
    return False


@pytest.mark.parametrize("name", NAMES)
def test_each_dotted_name_exists(name):
    assert exists(name)


@pytest.mark.parametrize("path", PATHS)
def test_each_path_exists(path):
    assert (ROOT / "iamctl" / path).exists()


def test_names_and_paths_are_found_on_the_page():
    assert {"planning.plan.plan_of", "model.plan.Severity.REFUSE"} <= set(NAMES)
    assert {"kinds/user.py", "rules/"} <= set(PATHS)
    assert {name.split(".")[0] for name in NAMES} <= PACKAGES


@pytest.mark.parametrize("name", ["planning.plan.no_such", "nowhere.plan", "model.plan.Call.no_field"])
def test_a_name_that_does_not_exist_is_found(name):
    assert not exists(name)


def test_the_picture_has_the_layers_of_the_contract():
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    layers = next(found["layers"] for found in contract if found["type"] == "layers")

    assert LAYERS is not None
    assert [re.split(r"  +", line)[0] for line in LAYERS[1].splitlines()] == layers
