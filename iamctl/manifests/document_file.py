"""Policy documents as JSON files of a manifest tree."""

from __future__ import annotations

import json
from typing import Any

from iamctl.manifests.characters import hidden_character
from iamctl.manifests.secret import find_secrets_in_json
from iamctl.manifests.yaml_text import without_variables
from iamctl.model import Origin
from iamctl.policy import Document, DocumentError, parse


def document_text(document: Document) -> str:
    """Return the file of a document: indented, every character visible, and without accidental variables."""
    return _text(_without_variables(document.data))


def is_kept(document: Document) -> bool:
    """Return whether a file can represent the document: it is JSON and equal when read back."""
    if document.error is not None or not isinstance(document.data, dict):
        return False
    try:
        return Document.from_data(parse(_text(document.data))) == document
    except DocumentError:
        return False


def secret_in(document: Document) -> str | None:
    """Return the message on the secret that the loader would find in a policy document; it does not show the secret."""
    place = Origin("", 1, 1)
    secrets = find_secrets_in_json(
        "", document_text(document).encode("utf-8", "replace"), document.data, lambda _: place
    )
    return secrets[0].finding.message if secrets else None


def _text(data: Any) -> str:
    text = json.dumps(data, indent=2, ensure_ascii=False)
    if hidden_character(text.replace("\n", "")):
        text = "".join(_shown(character) for character in text)
    return f"{text}\n"


def _shown(character: str) -> str:
    """Return a character of a JSON text; an invisible one is inside a string, where an escape means the same."""
    if character == "\n" or not hidden_character(character):
        return character
    return json.dumps(character)[1:-1] if ord(character) > 0x7F else f"\\u{ord(character):04x}"


def _without_variables(data: Any) -> Any:
    if isinstance(data, str):
        return without_variables(data)
    if isinstance(data, dict):
        return {key: _without_variables(value) for key, value in data.items()}
    return [_without_variables(item) for item in data] if isinstance(data, list) else data
