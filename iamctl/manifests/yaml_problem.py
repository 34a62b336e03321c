"""What a YAML parser complains about, in plain words."""

from __future__ import annotations

from typing import Any

_WORDS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("tab", "indentation"), "a tab stands in the indentation; use spaces"),
    (("mapping values are not allowed",), "a colon stands where none can; look for a missing space after a colon, quotes and the indentation"),
    (("sequence entries are not allowed",), "a '-' stands where no list item can begin; mend the indentation"),
    (("mapping keys are not allowed",), "a key stands where none can begin; mend the indentation"),
    (("could not find expected ':'",), "a colon and a space are missing after the key"),
    (("cannot start any token",), "this character cannot begin a value; put the text into quotes"),
    (("unexpected end of stream",), "a quote is opened and never closed"),
    (("document indicator",), "a quote is opened and not closed before '---' or '...'"),
    (("unknown escape character",), "a backslash in double quotes is followed by a letter that YAML does not know; use single quotes"),
    (("hex",), "a backslash code in double quotes is not complete"),
    (("invalid unicode character escape",), "a backslash code in double quotes names no character"),
    (("expected ',' or ']'",), "a comma or a closing ']' is missing"),
    (("expected ',' or '}'",), "a comma or a closing '}' is missing"),
    (("expected '-' indicator",), "a list item is missing here; mend the indentation"),
    (("expected <block end>",), "the indentation fits nothing above; mend it or put the text into quotes"),
    (("did not find expected key",), "the indentation fits nothing above; mend it or put the text into quotes"),
    (("node content",), "a value is missing here"),
    (("while scanning an anchor",), "anchors are not supported; put a text that begins with '&' into quotes"),
    (("while scanning an alias",), "aliases are not supported; put a text that begins with '*' into quotes"),
    (("tag",), "tags are not supported; put a text that begins with '!' into quotes"),
    (("directive",), "lines that begin with '%' are not supported; remove it"),
    (("incompatible yaml document",), "the file asks for another version of YAML; remove the %YAML line"),
    (("document start",), "something follows after the end of the document; remove it or the '...' line"),
    (("indentation indicator",), "the indentation after '|' or '>' is out of bounds"),
    (("comment or line break",), "only a comment may follow on this line"),
    (("block scalar",), "only an indentation and '+' or '-' may follow after '|' or '>'"),
    (("depth",), "too many lists and mappings stand inside each other"),
)  # fmt: skip


def plain_problem(problem: Any, text: str, path: str) -> tuple[str, str, int, int]:
    """Return message, path, line and column for an error of the YAML parser."""
    mark = getattr(problem, "problem_mark", None) or getattr(problem, "context_mark", None)
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    said = f"{getattr(problem, 'context', None) or ''} {getattr(problem, 'problem', None) or ''}".lower()
    if text[_offset(text, line, column) :][:1] == "\t":
        return "a tab stands where YAML wants spaces", path, line, column
    words = next((plain for parts, plain in _WORDS if all(part in said for part in parts)), None)
    start = getattr(problem, "context_mark", None)
    if start is not None and words is not None and not text[_offset(text, line, column) :].strip():
        if "flow" in said:
            words = "the list or mapping that begins here is never closed"
        line, column = start.line + 1, start.column + 1
    return words or "this is not YAML; look for quotes, colons and indentation", path, line, column


def _offset(text: str, line: int, column: int) -> int:
    start = 0
    for _ in range(line - 1):
        start = text.find("\n", start) + 1 or len(text)
    return start + column - 1
