"""IAM policy documents as values: equal by meaning, checked against IAM's grammar, taken apart into statements."""

from __future__ import annotations

from iamctl.document.parse import DocumentError, parse, positions
from iamctl.document.policy_document import Document

__all__ = ["Document", "DocumentError", "parse", "positions"]
