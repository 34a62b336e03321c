"""Translates errors of the YAML parser into plain words."""

from __future__ import annotations

from typing import Any

_WORDS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("tab", "indentation"), "a tab is used for indentation; use spaces"),
    (("mapping values are not allowed",), "a colon is not allowed here; check for a missing space after a colon, quotes and the indentation"),
    (("sequence entries are not allowed",), "a list item cannot begin here; correct the indentation"),
    (("mapping keys are not allowed",), "a key cannot begin here; correct the indentation"),
    (("could not find expected ':'",), "a colon and a space are missing after the key"),
    (("cannot start any token",), "a value cannot begin with this character; quote the text"),
    (("unexpected end of stream",), "a quote is opened but never closed"),
    (("document indicator",), "a quote is opened but not closed before '---' or '...'"),
    (("unknown escape character",), "this backslash escape is not valid in double quotes; use single quotes"),
    (("hex",), "a backslash code in double quotes is incomplete"),
    (("invalid unicode character escape",), "a backslash code in double quotes is not a valid character"),
    (("expected ',' or ']'",), "a comma or a closing ']' is missing"),
    (("expected ',' or '}'",), "a comma or a closing '}' is missing"),
    (("expected '-' indicator",), "a list item is missing here; correct the indentation"),
    (("expected <block end>",), "the indentation does not match any line above; correct it or quote the text"),
    (("did not find expected key",), "the indentation does not match any line above; correct it or quote the text"),
    (("node content",), "a value is missing here"),
    (("while scanning an anchor",), "anchors are not supported; quote a text that begins with '&'"),
    (("while scanning an alias",), "aliases are not supported; quote a text that begins with '*'"),
    (("tag",), "tags are not supported; quote a text that begins with '!'"),
    (("directive",), "lines that begin with '%' are not supported; remove it"),
    (("incompatible yaml document",), "the file requires another version of YAML; remove the %YAML line"),
    (("document start",), "there is content after the end of the document; remove it or the '...' line"),
    (("indentation indicator",), "the indentation after '|' or '>' is out of range"),
    (("comment or line break",), "only a comment is allowed in the rest of this line"),
    (("block scalar",), "only an indentation and '+' or '-' are allowed after '|' or '>'"),
    (("depth",), "lists and mappings are nested too deeply"),
)  # fmt: skip


def plain_problem(problem: Any, text: str, path: str) -> tuple[str, str, int, int]:
    """Return message, path, line and column for an error of the YAML parser."""
    mark = getattr(problem, "problem_mark", None) or getattr(problem, "context_mark", None)
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    said = f"{getattr(problem, 'context', None) or ''} {getattr(problem, 'problem', None) or ''}".lower()
    if text[_offset(text, line, column) :][:1] == "\t":
        return "there is a tab where YAML requires spaces", path, line, column
    words = next((plain for parts, plain in _WORDS if all(part in said for part in parts)), None)
    start = getattr(problem, "context_mark", None)
    if start is not None and words is not None and not text[_offset(text, line, column) :].strip():
        if "flow" in said:
            words = "the list or mapping that begins here is not closed"
        line, column = start.line + 1, start.column + 1
    return words or "this is not valid YAML; check quotes, colons and indentation", path, line, column


def _offset(text: str, line: int, column: int) -> int:
    start = 0
    for _ in range(line - 1):
        start = text.find("\n", start) + 1 or len(text)
    return start + column - 1
