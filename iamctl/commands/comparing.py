"""What validate, plan and apply compare the settings with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from iamctl.comparison.settings_guard import stricter_of_both
from iamctl.manifests import Tree, read_base, tree_in
from iamctl.model.failures import UsageError
from iamctl.model.settings import Base, Desired


def open_base(directory: Path | None, tree: Tree, *, allow_loosening: bool) -> Base | None:
    """Return the settings of the tree that ``--base`` names, or None without it.

    Raises:
        UsageError: there is nothing that may be looser, or the base is the tree itself.
        ManifestError: there is no such folder, or its iamctl.yaml has mistakes.
    """
    if directory is None:
        if allow_loosening:
            raise UsageError("--allow-loosening goes with --base, the tree that the settings are compared with")
        return None
    found = tree_in(directory)
    if found.is_dir() and found.samefile(tree.root):
        raise UsageError("--base is the tree itself; name the tree as it was, such as a checkout of the base branch")
    return Base(read_base(found), loosening_allowed=allow_loosening)


def held_to(base: Base | None, desired: Desired) -> Desired:
    """Return what a plan is made from: the stricter settings of both trees, unless they may be looser."""
    return stricter_of_both(replace(desired, base=base))
