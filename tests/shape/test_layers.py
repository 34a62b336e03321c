"""The list of layers in CONTRIBUTING.md, and the figures about arrows between them, follow from the contract."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

from layers import END, START, layers, with_layers  # noqa: E402
from measure import measure  # noqa: E402

CONTRACT = """
[tool.importlinter]
contracts = [{name = "x", type = "protected"}, {name = "y", type = "layers", layers = ["top", "left | right", "low"]}]
"""
MODULES = {
    "__init__": '"""Nothing."""\n',
    "top/__init__": "import iamctl.low\nfrom iamctl import left\n",
    "left/__init__": "from iamctl.right import x\n",
    "right/__init__": '"""Right."""\nclass A:\n    """A."""\n    def b(self): ...\n    def _c(self): ...\n',
    "low/word": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from iamctl.top import x\n",
    "loose": "def d(): ...\n",
}


@pytest.fixture
def root(tmp_path):
    (tmp_path / "pyproject.toml").write_text(CONTRACT)
    for name, text in MODULES.items():
        path = tmp_path / "iamctl" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def test_layers_come_from_the_contract(root):
    assert layers(root) == [["top"], ["left", "right"], ["low"]]


def test_layers_stand_between_the_markers(root):
    page = f"before\n{START}old\n{END} after"

    assert with_layers(page, root) == f"before\n{START}\n1. `top`\n2. `left`, `right`\n3. `low`\n\n{END} after"


@pytest.mark.parametrize("page", ["", START, f"{END}\n{START}"])
def test_a_page_without_markers_is_an_error(root, page):
    with pytest.raises(ValueError, match="expected the lines"):
        with_layers(page, root)


def test_figures_count_imports_of_types_and_of_the_same_layer(root):
    figures = measure(root)

    assert figures["arrows up"] == "2, iamctl.left.__init__ -> right, iamctl.low.word -> top"
    assert figures["public names documented"] == "1 of 3 (33.3%), 1 of 3 (33.3%) without inherited ones"
    assert (figures["modules at the root"], figures["packages"]) == ("1", "3")


@pytest.mark.exhaustive  # make lint checks it as well
def test_no_import_runs_up():
    assert measure(ROOT)["arrows up"] == "0"
