"""IAM policy documents as values: compared by meaning, checked against IAM's grammar, split into atoms."""

from __future__ import annotations

from iamctl.policy.atom import Atom, atoms_of, covers, overlaps
from iamctl.policy.document import Document
from iamctl.policy.grammar import GrammarError, action_error, grammar_errors, managed_grammar_errors
from iamctl.policy.parse import DocumentError, parse, positions

__all__ = [
    "Atom",
    "Document",
    "DocumentError",
    "GrammarError",
    "action_error",
    "atoms_of",
    "covers",
    "grammar_errors",
    "managed_grammar_errors",
    "overlaps",
    "parse",
    "positions",
]
