"""The expressions of GitHub Actions that our files use, evaluated.

https://docs.github.com/en/actions/reference/workflows-and-actions/expressions
"""

from __future__ import annotations

import re

_EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_TOKEN = re.compile(r"'(?:[^']|'')*'|&&|\|\||==|!=|[(),]|[A-Za-z_][\w.-]*|\S")
_PYTHON = {"&&": " and ", "||": " or ", "==": "==", "!=": "!=", "(": "(", ")": ")", ",": ","}


def filled(text, contexts):
    """Return a text in which each ``${{ }}`` is what it stands for."""
    return _EXPRESSION.sub(lambda found: shown(value(found[1], contexts)), str(text))


def value(expression, contexts):
    """Return what an expression is, for ``contexts`` of the form ``{"inputs": {...}}``."""
    tokens = _TOKEN.findall(expression)
    following = [*tokens[1:], ""]
    parts = []
    for token, after in zip(tokens, following, strict=True):
        if token in _PYTHON:
            parts.append(_PYTHON[token])
        elif token.startswith("'"):
            parts.append(repr(token[1:-1].replace("''", "'")))
        elif after == "(":
            parts.append({"always": "always", "format": "formatted"}[token])
        else:
            parts.append(f"find({token!r})")

    def find(name):
        found = contexts
        for part in name.split("."):
            found = (found or {}).get(part)
        return "" if found is None else found

    known = {"find": find, "always": lambda: True, "formatted": lambda text, *words: text.format(*words)}
    return eval("".join(parts), {"__builtins__": {}}, known)


def shown(found):
    return {True: "true", False: "false"}.get(found, found) if isinstance(found, bool) else str(found)
