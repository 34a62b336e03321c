"""The source files of iamctl, each parsed once for all checks of their shape."""

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "iamctl").rglob("*.py"))


@cache
def text_of(path):
    """Return the text of a file."""
    return path.read_text(encoding="utf-8")


@cache
def tree_of(path):
    """Return the syntax tree of a file, which no check may change."""
    return ast.parse(text_of(path))


@cache
def nodes_of(path):
    """Return all nodes of the syntax tree of a file, the outer ones first."""
    return tuple(ast.walk(tree_of(path)))
