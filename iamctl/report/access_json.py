"""What a plan changes of everybody's access, as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from iamctl.access.row import Example, Row, Source
from iamctl.access.together import AccessChanges, Block
from iamctl.report.access_words import COUNTED, NOT_COUNTED
from iamctl.text.moment import to_the_second


def access_json(found: AccessChanges) -> dict[str, Any]:
    """Return the member ``access`` of ``iamctl-plan/1``: every row, whatever the text leaves out."""
    return {
        "catalogue": found.catalogue,
        "from": to_the_second(found.since),
        "counted": list(COUNTED),
        "not_counted": list(NOT_COUNTED),
        "summary": {
            "gain": found.gaining,
            "lose": found.losing,
            "changes": len(found.blocks),
            "unchanged": found.unchanged,
            "unusual": found.unusual,
            "undecided": len(found.undecided),
        },
        "changes": [_block_json(block) for block in found.blocks],
        "undecided": [str(person) for person in found.undecided],
        "unknown": list(found.unknown),
    }


def _block_json(block: Block) -> dict[str, Any]:
    return {
        "people": [str(person) for person in block.people],
        "status": block.status.value,
        "becomes_administrator": block.becomes_administrator,
        "gains": [row_json(row) for row in block.gains],
        "losses": [row_json(row) for row in block.losses],
        "restraints": [row_json(row) for row in block.restraints],
        "unknown_gains": list(block.unknown_gains),
        "unknown_losses": list(block.unknown_losses),
    }


def row_json(row: Row) -> dict[str, Any]:
    """Return a row with all of its actions, its sources and one request."""
    return {
        "kind": row.kind.value,
        "level": row.levels[0][0].value if row.levels else None,
        "levels": {level.value: number for level, number in row.levels},
        "services": list(row.services),
        "actions": list(row.actions),
        "count": row.count,
        "up_to": row.up_to or None,
        "resources": list(row.resources),
        "within": list(row.within),
        "except": list(row.excepted),
        "when": [{"key": one.key, "operator": one.operator, "values": list(one.values)} for one in row.when],
        "whole": row.is_whole,
        "proof": "exact" if row.is_exact else "possible",
        "until": row.until or None,
        "trusted": {role: truth.name.lower() for role, truth in row.trusted},
        "sources": sources_json(row.sources),
        "restraints": sources_json(row.restraints),
        "witness": example_json(row.example),
    }


def sources_json(sources: Iterable[Source]) -> list[dict[str, str]]:
    """Return statements with their policies and those who hold these."""
    return [{"policy": one.policy, "holder": one.holder, "statement": one.statement} for one in sources]


def example_json(example: Example) -> dict[str, Any]:
    """Return a request; a key of the context without a value is absent from the request."""
    return {
        "action": example.action,
        "resource": example.resource,
        "context": {key: list(values) for key, values in example.context},
    }
