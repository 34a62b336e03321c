"""Policy documents: what IAM refuses and moto accepts, and the reverse."""

from __future__ import annotations

import json
import re
from typing import Any

from moto.iam.exceptions import MalformedPolicyDocument
from moto.iam.policy_validation import IAMPolicyDocumentValidator

SID = re.compile(r"[A-Za-z0-9]*")
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html"""

ACTION = re.compile(r"[A-Za-z0-9*?_-]+")
"""The characters of an action after its service, with wildcards."""

PRINCIPALS = ("Principal", "NotPrincipal")


PARTITION = re.compile(r"arn:([^:*?]*):[^:]*:")


def refuse_malformed(document: str, *, partition: str, inline: bool) -> None:
    """Raise when ``document`` is not an identity policy that IAM accepts in an account of ``partition``.

    An inline policy may say Version 2008-10-17 or none; a managed policy may not.

    Raises:
        MalformedPolicyDocument: with the reason in IAM's words.
    """
    try:
        parsed = json.loads(document)
    except ValueError:
        raise MalformedPolicyDocument("Syntax errors in policy.") from None
    if not isinstance(parsed, dict):
        raise MalformedPolicyDocument("Syntax errors in policy.")
    if inline and parsed.get("Version", "2008-10-17") == "2008-10-17":
        parsed = parsed | {"Version": "2012-10-17"}
    for statement in statements(parsed):
        refuse_statement(statement)
        refuse_other_partitions(statement, partition)
    plain = json.dumps({**parsed, "Statement": [with_text_values(one) for one in statements(parsed)]})
    IAMPolicyDocumentValidator(plain if statements(parsed) else json.dumps(parsed)).validate()


def statements(parsed: dict[str, Any]) -> list[Any]:
    """Return the statements of a document, or none where there is no list of objects."""
    found = parsed.get("Statement")
    listed = found if isinstance(found, list) else [found]
    return listed if all(isinstance(one, dict) for one in listed) else []


def refuse_statement(statement: dict[str, Any]) -> None:
    """Raise when a statement names a principal, or has a Sid or an action with characters that IAM refuses.

    Raises:
        MalformedPolicyDocument: with the reason in IAM's words.
    """
    if any(word in statement for word in PRINCIPALS):
        raise MalformedPolicyDocument("Policy document should not specify a principal.")
    sid = statement.get("Sid", "")
    if isinstance(sid, str) and not SID.fullmatch(sid):
        raise MalformedPolicyDocument(
            "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*"
        )
    for key in ("Action", "NotAction"):
        named = statement.get(key, [])
        for action in [named] if isinstance(named, str) else named:
            service, colon, name = str(action).partition(":")
            if colon and ":" not in name and service and not ACTION.fullmatch(name):
                raise MalformedPolicyDocument(f"Action {action} is not valid")


def refuse_other_partitions(statement: dict[str, Any], partition: str) -> None:
    """Raise when a resource is in another partition than the account."""
    for element in ("Resource", "NotResource"):
        named = statement.get(element, [])
        for resource in named if isinstance(named, list) else [named]:
            found = PARTITION.match(resource) if isinstance(resource, str) else None
            if found and found[1] != partition:
                raise MalformedPolicyDocument(f'Partition "{found[1]}" is not valid for resource "{resource}".')


def with_text_values(statement: dict[str, Any]) -> dict[str, Any]:
    """Return a statement whose true, false and numbers in conditions are text, as IAM reads them."""
    conditions = statement.get("Condition")
    if not isinstance(conditions, dict):
        return statement
    return statement | {
        "Condition": {
            operator: {key: text_values(value) for key, value in block.items()} if isinstance(block, dict) else block
            for operator, block in conditions.items()
        }
    }


def text_values(value: Any) -> Any:
    """Return a condition's value, or each in its list, with true, false and numbers as JSON text."""
    if isinstance(value, list):
        return [text_values(one) for one in value]
    return json.dumps(value) if isinstance(value, bool | int | float) else value
