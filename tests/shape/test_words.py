"""Messages, help texts and documents use the words of the field; each pattern names a word that they do not use."""

import ast
import re
from collections.abc import Iterator
from functools import cache

import pytest
from shape.sources import ROOT, SOURCES, nodes_of

AVOIDED = {
    r"stands? twice": "duplicate key 'a'",
    r"^To know$|^## To know": "Notes",
    r"\bwhoever\b": "the person who, or: anyone who",
    r"; left out:": "default:",
    r"\btells? (?:of|that|whether|what|which|nothing|everything|every)\b": "report, show, determine, state",
    r"\b(?:is|are|was|were) told\b": "reported, shown, stated",
    r"\bIAM (?:takes|does not take|took)\b": "IAM accepts, IAM allows",
    r"\b(?:it|this|that|(?!There\b)[A-Z]\w*|'\S+'|\{\w+\}) is no (?!longer\b|more\b|way\b|such\b)[a-z]": "X is not a Y",
    r"\bit is no\b(?! longer| more)": "it is not",
    r"(?<!@)\bsomebody\b": "a user, someone",
    r"\bstands? (?:in|at|under|on|here|there|where|before|between|behind|only)\b": "is in, is listed under",
    r"\bthe other way round\b": "the reverse",
    r"\bto begin with\b": "starter",
    r"\banew\b": "again",
    r"\bmade inactive\b": "deactivated",
    r"\bgoes (?:along )?with\b(?! -)": "is deleted with",
    r"\btoo few administrators would be left\b": "too few administrators would remain",
}
"""What is not written, and what is in its place."""


def docstrings(nodes) -> Iterator[int]:
    for node in nodes:
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and node.body:
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                yield id(first.value)
        if isinstance(node, ast.Module | ast.ClassDef):
            yield from (id(below.value) for below in node.body if isinstance(below, ast.Expr))


def titles(nodes) -> Iterator[tuple[int, str]]:
    """Yield the first lines of docstrings that are printed: titles of rules and help texts of commands."""
    for node in nodes:
        if isinstance(node, ast.FunctionDef) and node.decorator_list and (text := ast.get_docstring(node)):
            called = [decorator.func for decorator in node.decorator_list if isinstance(decorator, ast.Call)]
            if {getattr(func, "id", getattr(func, "attr", "")) for func in called} & {
                "rule",
                "command",
                "callback",
                "control",
            }:
                yield node.lineno, text


def messages(nodes) -> Iterator[tuple[int, str]]:
    silent = set(docstrings(nodes))
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in silent:
            yield node.lineno, node.value
    yield from titles(nodes)


@cache
def texts() -> tuple[tuple[str, str], ...]:
    """Return what people read, with its place."""
    return tuple(_texts())


def _texts() -> Iterator[tuple[str, str]]:
    for path in SOURCES:
        if "sandbox" not in path.parts:  # it repeats the messages of IAM
            for line, text in messages(nodes_of(path)):
                yield f"{path.relative_to(ROOT)}:{line}", text
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            yield f"{path.relative_to(ROOT)}:{number}", line


def found(pattern, written):
    return [f"{place}: {text.strip()[:160]}" for place, text in written if re.search(pattern, text)]


def test_texts_avoid_these_words():
    all_of_it = "\n".join(text for _, text in texts())
    suspect = {  # one search for each pattern: one for each text as well takes seconds
        pattern: instead for pattern, instead in AVOIDED.items() if re.search(pattern, all_of_it, re.MULTILINE)
    }
    wrong = {f"write: {instead}": told for pattern, instead in suspect.items() if (told := found(pattern, texts()))}
    assert wrong == {}


@pytest.mark.parametrize(
    "code",
    [
        "raise ValueError(f'{key} stands twice')",
        "@app.command()\ndef a():\n    '''A key that stands twice.'''",
        "@rule('IAM999')\ndef a():\n    '''A key stands twice.'''",
    ],
)
def test_messages_help_texts_and_titles_are_read(code):
    assert found("stands? twice", messages(tuple(ast.walk(ast.parse(code)))))


def test_docstrings_are_not_read():
    code = "'''stands twice'''\nx = 1\n'''stands twice'''\ndef f():\n    '''stands twice'''\n"

    assert not found("stands? twice", messages(tuple(ast.walk(ast.parse(code)))))
