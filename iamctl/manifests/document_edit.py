"""What a declared policy document must say so that it grants what the live one does, with as few changes as possible."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from iamctl.manifests.spans import Leaf, Raw
from iamctl.manifests.yaml_text import without_variables
from iamctl.policy.normalized import MeaninglessError, NormalizedStatement, folded, normalize_statement

Fill = Callable[[str], str]


def raw_of(value: Any) -> Raw:
    """Return data as a file says it: texts without accidental variables, everything else without quotes."""
    if isinstance(value, Mapping):
        return {str(key): raw_of(below) for key, below in value.items()}
    if isinstance(value, (list, tuple)):
        return [raw_of(item) for item in value]
    if type(value) is str:
        return Leaf(without_variables(value))
    return Leaf(json.dumps(value) if value is None or isinstance(value, (bool, int, float)) else str(value), True)


def edited_document(declared: Raw, live: Any, fill: Fill) -> Raw:
    """Return the declared document changed to the live one: statements with the same meaning stay as they are."""
    if not isinstance(declared, dict) or not isinstance(live, Mapping):
        return raw_of(live)
    found = {key: value for key, value in declared.items() if key in live or key in {"Id", "Version"}}
    for key, value in live.items():
        if key == "Statement" and "Statement" in found:
            found[key] = _statements(found[key], value, fill)
        elif key != "Id":
            found[key] = _merged(found[key], value, fill) if key in found else raw_of(value)
    if "Version" not in live:
        found.pop("Version", None)
    return found


def _statements(declared: Raw, live: Any, fill: Fill) -> Raw:
    blocks = [declared] if isinstance(declared, dict) else declared
    wanted = [live] if isinstance(live, Mapping) else list(live)
    if not isinstance(blocks, list):
        return raw_of(live)
    left = [(block, _meaning(block)) for block in wanted]
    kept: dict[int, Raw] = {}
    for index, block in enumerate(blocks):
        meaning = _meaning(_filled(block, fill))
        match = next((pair for pair in left if meaning is not None and pair[1] == meaning), None)
        if match:
            left.remove(match)
            kept[index] = block
    for index, block in enumerate(blocks):
        if index not in kept and (following := _successor(block, [block for block, _ in left], fill)) is not None:
            left = [pair for pair in left if pair[0] is not following]
            kept[index] = _merged(block, following, fill)
    found = [kept[index] for index in sorted(kept)] + [raw_of(block) for block, _ in left]
    return found[0] if isinstance(declared, dict) and len(found) == 1 else found


def _successor(block: Raw, left: list[Any], fill: Fill) -> Any:
    """Return which of the statements a changed one has become: that of its Sid, else the one that is most like it."""
    data = _filled(block, fill)
    if not isinstance(data, dict):
        return None
    same = [one for one in left if isinstance(one, Mapping) and data.get("Sid") and one.get("Sid") == data["Sid"]]
    alike = [
        (sum(one.get(key) == value for key, value in data.items()), one) for one in left if isinstance(one, Mapping)
    ]
    best = max(alike, key=lambda pair: pair[0], default=(0, None))
    return same[0] if same else best[1] if best[0] else None


def _meaning(block: Any) -> NormalizedStatement | None:
    try:
        return normalize_statement(block) if isinstance(block, Mapping) else None
    except MeaninglessError:
        return None


def _merged(declared: Raw, live: Any, fill: Fill) -> Raw:
    """Return a value changed to the live one; what says the same stays as it is written."""
    if isinstance(declared, dict) and isinstance(live, Mapping):
        kept = {key: _merged(value, live[key], fill) for key, value in declared.items() if key in live}
        return kept | {key: raw_of(value) for key, value in live.items() if key not in kept}
    texts = {_text(item) for item in (live if isinstance(live, list) else [live])}
    if None in texts or isinstance(declared, dict):
        return raw_of(live)
    items = declared if isinstance(declared, list) else [declared]
    said = [(_text(_filled(item, fill)), item) for item in items]
    if {text for text, _ in said} == texts:
        return declared
    kept_items = [item for text, item in said if text in texts]
    known = {text for text, _ in said}
    more = [raw_of(item) for item in (live if isinstance(live, list) else [live]) if _text(item) not in known]
    found = kept_items + more
    return found[0] if len(found) == 1 and isinstance(declared, Leaf) and not isinstance(live, list) else found


def _text(value: Any) -> str | None:
    """Return a scalar as text, in which the case of actions does not count; None for what is none."""
    if isinstance(value, (Mapping, list)):
        return None
    if isinstance(value, bool):
        return str(value).lower()
    text = str(value)
    return folded(text) if ":" in text and not text.startswith("arn:") else text


def _filled(value: Raw, fill: Fill) -> Any:
    """Return what a file says with its variables filled in, every scalar as text."""
    if isinstance(value, Leaf):
        return fill(value.text)
    if isinstance(value, dict):
        return {key: _filled(below, fill) for key, below in value.items()}
    return [_filled(item, fill) for item in value]
