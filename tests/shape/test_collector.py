"""Only the process of the command line sets the garbage collector; what may run beside other code never does."""

import ast
import gc

import pytest
from manifests.manifest_trees import NOW, write_tree
from shape.sources import ROOT, SOURCES, nodes_of, text_of

from iamctl.manifests import read_tree

OF_THE_PROCESS = {"iamctl/cli/process.py"}


def importers():
    for path in SOURCES:
        if "gc" not in text_of(path):
            continue
        for node in nodes_of(path):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            if "gc" in names or (isinstance(node, ast.ImportFrom) and node.module == "gc"):
                yield str(path.relative_to(ROOT))


def test_the_process_alone_sets_the_collector():
    assert set(importers()) == OF_THE_PROCESS


def test_a_tree_is_read_and_declared_without_touching_the_collector(tmp_path, monkeypatch):
    root = write_tree(tmp_path, {"a.yaml": "users: {alice: {}}\n"})
    for name in ("disable", "enable", "freeze", "collect", "set_threshold"):
        monkeypatch.setattr(gc, name, lambda *_, name=name: pytest.fail(f"gc.{name} was called"))

    assert read_tree(root).declare("prod", now=NOW).state.resources
