"""What another tool says that it manages, and what of the account that is."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from enum import StrEnum
from pathlib import Path
from typing import Any

from iamctl.model import Address, IamctlError, State
from iamctl.text.late_dataclass import dataclass


class Tool(StrEnum):
    """A tool that manages IAM, by its name."""

    TERRAFORM = "Terraform"
    CLOUDFORMATION = "CloudFormation"


@dataclass(frozen=True)
class OwnedResource:
    """One resource of another tool."""

    tool: Tool
    kind: str
    """The tool's type of resource."""
    name: str
    """How the tool calls it: a Terraform address, or a logical id in a stack."""
    stack: str = ""
    """The stack of CloudFormation, where it is known."""
    roots: tuple[Address, ...] = ()
    """The users, groups and policies that it is, or that it is a part of; empty for anything else."""


@dataclass(frozen=True)
class Ownership:
    """What other tools manage, beside the account."""

    resources: tuple[OwnedResource, ...] = ()
    sources: Mapping[Tool, str] = field(default_factory=dict)

    def of_account(self, live: State) -> dict[Address, str]:
        """Return who manages what of the account, each as a sentence without its end."""
        found: dict[Address, str] = {}
        for resource in self.resources:
            for root in resource.roots:
                known = live.get(root)
                if known is not None:
                    found.setdefault(known.address, f"{resource.tool} manages this")
        return found

    def known(self, live: State) -> Iterator[OwnedResource]:
        """Yield the resources that are, or are a part of, users, groups and policies of the account."""
        return (one for one in self.resources if any(live.get(root) for root in one.roots))

    def missing(self, live: State) -> Iterator[OwnedResource]:
        """Yield the resources whose users, groups and policies the account does not have."""
        return (one for one in self.resources if one.roots and not any(live.get(root) for root in one.roots))

    def foreign(self) -> Iterator[OwnedResource]:
        """Yield the resources that manifests have no counterpart for."""
        return (one for one in self.resources if not one.roots)


def joined(parts: Iterable[Ownership]) -> Ownership:
    """Return what several sources say; a resource that two of them name counts once."""
    found = {(one.tool, one.stack, one.name): one for part in parts for one in part.resources}
    return Ownership(tuple(found.values()))


def read_json(path: Path, wanted: str) -> Mapping[str, Any]:
    """Return the JSON object in a file of another tool; no message shows what it says, since it may hold secrets.

    Raises:
        IamctlError: the file cannot be read or is not a JSON object.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise IamctlError(f"{path}: the file cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise IamctlError(f"{path}: not valid JSON; use {wanted}") from None
    if not isinstance(data, dict):
        raise IamctlError(f"{path}: not a JSON object; use {wanted}")
    return data


def rows(value: Any) -> Iterator[Mapping[str, Any]]:
    """Yield the objects of a list; anything else yields nothing."""
    if isinstance(value, list):
        yield from (row for row in value if isinstance(row, dict))


def text(value: Any) -> str:
    """Return a text as it is, and nothing for anything else."""
    return value if isinstance(value, str) else ""
