"""What is compared of an account, and what is left alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from iamctl.model import Address, State
from iamctl.model.settings import IgnoreRule, PolicyException
from iamctl.text.late_dataclass import dataclass


@dataclass(frozen=True)
class Scoped:
    """Both states, ready to be compared, and what is left out of the comparison.

    A live resource that is renamed stands under its new address, with its old name in it.
    """

    desired: State
    """What must exist, in the spelling of the live account."""
    live: State
    """What is compared."""
    whole: State
    """All live resources."""
    managed: frozenset[Address] = frozenset()
    """The live users, groups and policies that are compared."""
    going: frozenset[Address] = frozenset()
    """The managed ones that must go."""
    ignored: Mapping[Address, IgnoreRule] = field(default_factory=dict)
    """The live users, groups and policies that are never touched."""
    undeclared: tuple[Address, ...] = ()
    """Live users, groups and policies that no manifest names, also not as ``live:``, and that are left alone."""
    left_memberships: tuple[Address, ...] = ()
    """Live memberships of managed groups that are left alone: the user is ignored, or ``memberships: report``."""
    excepted: Mapping[Address, PolicyException] = field(default_factory=dict)
    """Direct policies of declared users that stay, and the exception that keeps them."""
    restraints: tuple[Address, ...] = ()
    """Direct policies of declared users that only deny; they stay until ``removed`` or an exception that ends says so."""
