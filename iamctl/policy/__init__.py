"""IAM policy documents as values: equal by meaning, checked against IAM's grammar, taken apart into statements."""

from __future__ import annotations

from iamctl.policy.atom import Statement, covers, overlaps, statements
from iamctl.policy.differences import differences, statement_summary, summaries
from iamctl.policy.document import Document
from iamctl.policy.grammar import GrammarError, action_error, grammar_errors, managed_grammar_errors
from iamctl.policy.parse import DocumentError, parse, positions

__all__ = [
    "Document",
    "DocumentError",
    "GrammarError",
    "Statement",
    "action_error",
    "covers",
    "differences",
    "grammar_errors",
    "managed_grammar_errors",
    "overlaps",
    "parse",
    "positions",
    "statement_summary",
    "statements",
    "summaries",
]
