"""Finds secrets in plain text, by the names of keys and the form of values; no message shows them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from iamctl.manifests.node import MappingNode, Node, ScalarNode, SequenceNode
from iamctl.model import Finding, Origin, Severity

_SUSPECT = re.compile(rb"pass(word|wd|phrase)|secret|private key|AKIA|ASIA", re.IGNORECASE)
_KEY = re.compile(
    r"(new|initial|temporary|console|login|user)?[_-]?pass(word|wd|phrase)"
    r"|(aws)?[_-]?secrets?([_-]?(access)?[_-]?(key|value|token|text)s?)?",
    re.IGNORECASE,
)
_ACCESS_KEY_ID = re.compile(r"(?<![A-Za-z0-9])(AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])")
_ADDRESS_OF_A_KEY = "access-key/"
"""An address, for example under ``protect``, names a key by its id, which is not secret."""
_PRIVATE_KEY = re.compile(
    r"AGE-SECRET-KEY-[0-9A-Za-z-]+|-----BEGIN [A-Z ]*PRIVATE KEY-----(?s:.*)", re.IGNORECASE
)  # of age; of SSH and TLS
_SECRET_KEY = re.compile(r"(?<![A-Za-z0-9/+=])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])")
KEPT_BACK = "(not shown)"


@dataclass(frozen=True)
class Secret:
    """A secret in a file: the finding, and the text that no message may show."""

    finding: Finding
    text: str


def find_secrets(path: str, data: bytes, root: MappingNode) -> tuple[Secret, ...]:
    """Return the secrets in the values of a file."""
    if not _SUSPECT.search(data):
        return ()
    return tuple(_in_mapping(path, root))


def _in_mapping(path: str, node: MappingNode) -> Iterator[Secret]:
    scalars = [below for _, below in node.pairs.values() if isinstance(below, ScalarNode)]
    with_key = any(_ACCESS_KEY_ID.search(scalar.text) for scalar in scalars)
    for name, (key, below) in node.pairs.items():
        if isinstance(below, ScalarNode) and below.text and _KEY.fullmatch(name):
            yield _secret(
                f"there is a plain-text secret under {name!r}; remove it and change the secret", path, key, below
            )
        elif isinstance(below, ScalarNode):
            yield from _in_text(path, below, with_key=with_key)
        else:
            yield from _below(path, below)


def _below(path: str, node: Node) -> Iterator[Secret]:
    if isinstance(node, MappingNode):
        yield from _in_mapping(path, node)
    elif isinstance(node, SequenceNode):
        scalars = [item for item in node.items if isinstance(item, ScalarNode)]
        with_key = any(_ACCESS_KEY_ID.search(scalar.text) for scalar in scalars)
        for item in node.items:
            if isinstance(item, ScalarNode):
                yield from _in_text(path, item, with_key=with_key)
            else:
                yield from _below(path, item)


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
    if secret:
        message = "there is a secret access key in plain text; remove it and deactivate the key"
        yield _secret(message, path, node, ScalarNode(secret[0], True, node.line, node.column))


def _secret(message: str, path: str, at: ScalarNode, value: ScalarNode) -> Secret:
    finding = Finding("IAM002", Severity.ERROR, message, origin=Origin(path, at.line, at.column))
    return Secret(finding, value.text)
