"""Reads a folder of YAML manifests into the desired state of an account, and reports every mistake in it."""

from __future__ import annotations

from iamctl.manifests.schema import schemas
from iamctl.manifests.tree import AccountError, Tree, find_tree, read_tree, tree_in

__all__ = ["AccountError", "Tree", "find_tree", "read_tree", "schemas", "tree_in"]
