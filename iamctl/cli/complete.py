"""What a shell offers for names: from the files of the manifest tree, without AWS; where anything is wrong, nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from iamctl.manifests.tree import Tree


def complete_account(context: typer.Context, incomplete: str) -> list[str]:
    """Return the accounts of iamctl.yaml whose names begin so."""
    return _beginning(incomplete, lambda: list(_tree(context).accounts))


def complete_group(context: typer.Context, incomplete: str) -> list[str]:
    """Return the groups of all manifests whose names begin so."""
    return _beginning(incomplete, lambda: _tree(context).names("groups"))


def complete_user(context: typer.Context, incomplete: str) -> list[str]:
    """Return the users of all manifests whose names begin so."""
    return _beginning(incomplete, lambda: _tree(context).names("users"))


def complete_schema(incomplete: str) -> list[str]:
    """Return the schemas whose names begin so."""

    def names() -> list[str]:
        from iamctl.commands.schema import all_schemas

        return sorted(all_schemas())

    return _beginning(incomplete, names)


def _tree(context: typer.Context) -> Tree:
    from iamctl.manifests.tree import find_tree, read_tree

    directory = context.params.get("directory")
    return read_tree(find_tree(Path(directory) if directory else None))


def _beginning(incomplete: str, names: Any) -> list[str]:
    """Return what begins so and prints as one word; a shell shows no errors, since they would break the line."""
    try:
        found = names()
    except Exception:  # noqa: BLE001 - whatever is wrong, nothing is offered
        return []
    return [name for name in found if name.startswith(incomplete) and name.isprintable() and " " not in name]
