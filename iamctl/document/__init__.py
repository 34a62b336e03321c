"""IAM policy documents as values: equal by meaning, checked against IAM's grammar, taken apart into statements."""

from __future__ import annotations

from iamctl.document.differences import differences, statement_summary, summaries
from iamctl.document.grammar import GrammarError, action_error, grammar_errors, managed_grammar_errors
from iamctl.document.parse import DocumentError, parse, positions
from iamctl.document.policy_document import Document
from iamctl.document.statement import Statement, covers, overlaps, statements

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
