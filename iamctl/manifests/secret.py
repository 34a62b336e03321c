"""Finds secrets in plain text, by the names of keys and the form of texts; no message shows them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from iamctl.manifests.node import MappingNode, Node, Path, ScalarNode, SequenceNode
from iamctl.model import Finding, Origin, Severity
from iamctl.text.late_dataclass import dataclass
from iamctl.text.late_pattern import late_pattern

_SUSPECT = (b"password", b"passwd", b"passphrase", b"secret", b"private key", b"akia", b"asia")
"""One of these is in every file that has a secret, in some case; a search for each is faster than one expression."""
_KEY = late_pattern(
    r"(new|initial|temporary|console|login|user)?[_-]?pass(word|wd|phrase)"
    r"|(aws)?[_-]?secrets?([_-]?(access)?[_-]?(key|value|token|text)s?)?",
    re.IGNORECASE,
)
_ACCESS_KEY_ID = late_pattern(r"(?<![A-Za-z0-9])(AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])")
_ADDRESS_OF_A_KEY = "access-key/"
"""An address, for example under ``protect``, names a key by its id, which is not secret."""
_LIST_OF_KEY_IDS = "retire"
"""The list of access keys that go, below ``access_keys`` of a user."""
_PRIVATE_KEY = late_pattern(
    r"AGE-SECRET-KEY-[0-9A-Za-z-]+|-----BEGIN [A-Z ]*PRIVATE KEY-----(?s:.*)", re.IGNORECASE
)  # of age; of SSH and TLS
_SECRET_KEY = late_pattern(r"(?<![A-Za-z0-9/+=])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])")
_COMMENTED_PAIR = late_pattern(r"[\"']?(?P<key>[\w-]+)[\"']?\s*[:=]\s*[\"']?(?P<value>[^\s\"'\[{<$]\S{7,})")
"""A key and its value in a comment; a value that is a secret has a digit and no spaces."""

_COMMENT = late_pattern(r"(?:^|(?<=\s))#.*", re.MULTILINE)
_HEXADECIMAL = late_pattern(r"[0-9a-f]+")
KEPT_BACK = "(not shown)"


@dataclass(frozen=True)
class Secret:
    """A secret in a file: the finding, and the text that no message may show."""

    finding: Finding
    text: str


def _is_suspect(data: bytes) -> bool:
    folded = data.lower()
    return any(word in folded for word in _SUSPECT)


def find_secrets(path: str, data: bytes, root: Node | None) -> tuple[Secret, ...]:
    """Return the secrets in the names, values and comments of a YAML file; ``root`` is None if it cannot be read."""
    if not _is_suspect(data):
        return ()
    found = tuple(_below(path, root)) if root else ()
    return *found, *_outside(path, data, root)


def find_secrets_in_json(path: str, data: bytes, parsed: Any, place_of: Callable[[Path], Origin]) -> tuple[Secret, ...]:
    """Return the secrets in a JSON document; ``parsed`` is None if it cannot be read."""
    if not _is_suspect(data):
        return ()
    if parsed is None:
        return tuple(_outside(path, data, None))
    return tuple(_below(path, _as_node(parsed, (), place_of)))


def _as_node(value: Any, at: Path, place_of: Callable[[Path], Origin]) -> Node:
    """Return a JSON value as a node, whose place is that of its member."""
    place = place_of(at)
    line, column = place.line, place.column
    if isinstance(value, dict):
        pairs: dict[str, tuple[ScalarNode, Node]] = {}
        for name, part in value.items():
            below = _as_node(part, (*at, name), place_of)
            pairs[name] = (ScalarNode(name, False, below.line, below.column), below)
        return MappingNode(line, column, pairs)
    if isinstance(value, list):
        return SequenceNode(
            line, column, [_as_node(part, (*at, number), place_of) for number, part in enumerate(value)]
        )
    return ScalarNode(value if isinstance(value, str) else "", False, line, column)


def _outside(path: str, data: bytes, root: Node | None) -> Iterator[Secret]:
    """Yield the secrets in comments; of a file that cannot be read, those in all of its text."""
    text = data.decode("utf-8", "replace")
    inside = frozenset(_texts(root)) if root else frozenset()
    lines = [(match.start(), match[0]) for match in _COMMENT.finditer(text)] if root else [(0, text)]
    with_key = any(_ACCESS_KEY_ID.search(comment) for _, comment in lines)
    for start, comment in lines:
        if any(comment in told for told in inside):
            continue  # a line of a text in quotes or in a block, which was looked at
        line = text.count("\n", 0, start) + 1
        node = ScalarNode(comment, False, line, start - text.rfind("\n", 0, start))
        yield from _in_text(path, node, with_key=with_key)
        pair = _COMMENTED_PAIR.search(comment) if root else None
        if pair and _KEY.fullmatch(pair["key"]) and any(map(str.isdigit, pair["value"])):
            message = (
                f"there is a plain-text secret under {pair['key']!r} in a comment; remove it and change the secret"
            )
            yield _secret(message, path, node, ScalarNode(pair["value"].rstrip("\"',;"), False, line, 1))


def _texts(node: Node) -> Iterator[str]:
    if isinstance(node, MappingNode):
        for key, below in node.pairs.values():
            yield key.text
            yield from _texts(below)
    elif isinstance(node, SequenceNode):
        for item in node.items:
            yield from _texts(item)
    elif "#" in node.text:
        yield node.text


def _in_mapping(path: str, node: MappingNode) -> Iterator[Secret]:
    scalars = [below for _, below in node.pairs.values() if isinstance(below, ScalarNode)]
    with_key = any(_ACCESS_KEY_ID.search(scalar.text) for scalar in scalars)
    for name, (key, below) in node.pairs.items():
        yield from _in_text(path, key, with_key=False)
        if isinstance(below, ScalarNode) and below.text and _KEY.fullmatch(name):
            yield _secret(
                f"there is a plain-text secret under {name!r}; remove it and change the secret", path, key, below
            )
        elif isinstance(below, ScalarNode):
            if not (name == _LIST_OF_KEY_IDS and _ACCESS_KEY_ID.fullmatch(below.text)):  # the schema wants a list
                yield from _in_text(path, below, with_key=with_key)
        else:
            yield from _below(path, below, with_ids=name == _LIST_OF_KEY_IDS)


def _below(path: str, node: Node, *, with_ids: bool = False) -> Iterator[Secret]:
    """Yield the secrets in a node; ``with_ids``: items that are ids of access keys stand there on purpose."""
    if isinstance(node, MappingNode):
        yield from _in_mapping(path, node)
    elif isinstance(node, SequenceNode):
        scalars = [item for item in node.items if isinstance(item, ScalarNode)]
        with_key = any(_ACCESS_KEY_ID.search(scalar.text) for scalar in scalars)
        for item in node.items:
            if isinstance(item, ScalarNode) and with_ids and _ACCESS_KEY_ID.fullmatch(item.text):
                continue
            if isinstance(item, ScalarNode):
                yield from _in_text(path, item, with_key=with_key)
            else:
                yield from _below(path, item)
    else:
        yield from _in_text(path, node, with_key=False)


def _in_text(path: str, node: ScalarNode, *, with_key: bool) -> Iterator[Secret]:
    match = _ACCESS_KEY_ID.search(node.text)
    if match and not node.text.startswith(_ADDRESS_OF_A_KEY):
        message = (
            "there is an access key ID in plain text; remove it, and deactivate the key if its secret was here too"
        )
        yield _secret(message, path, node, ScalarNode(match[0], True, node.line, node.column))
    private = _PRIVATE_KEY.search(node.text)
    if private:
        message = "there is a private key in plain text; remove it and generate a new pair"
        yield _secret(message, path, node, ScalarNode(private[0], True, node.line, node.column))
    secret = _SECRET_KEY.search(node.text) if with_key else None
    if secret and not _HEXADECIMAL.fullmatch(secret[0]):  # the id of a commit is no secret
        message = "there is a secret access key in plain text; remove it and deactivate the key"
        yield _secret(message, path, node, ScalarNode(secret[0], True, node.line, node.column))


def _secret(message: str, path: str, at: ScalarNode, value: ScalarNode) -> Secret:
    finding = Finding("IAM002", Severity.ERROR, message, origin=Origin(path, at.line, at.column))
    return Secret(finding, value.text)
