"""Whether the documents of one user let a request through. Shares no code with iamctl and knows what these tests need."""

import re


def decision(documents, action, resource, context):
    """Return ``allowed``, ``denied`` or ``nothing``, by the evaluation logic for identity-based policies."""
    context = {key.lower(): value for key, value in context.items()}
    found = {
        statement["Effect"]
        for document in documents
        for statement in as_list(document["Statement"])
        if applies(statement, action, resource, context)
    }
    return "denied" if "Deny" in found else "allowed" if found else "nothing"


def applies(statement, action, resource, context):
    if "Action" in statement:
        is_meant = any(like(pattern.lower(), action.lower()) for pattern in as_list(statement["Action"]))
    else:
        is_meant = not any(like(pattern.lower(), action.lower()) for pattern in as_list(statement["NotAction"]))
    if "Resource" in statement:
        is_there = any(meets(pattern, resource, context) for pattern in as_list(statement["Resource"]))
    else:
        is_there = not any(meets(pattern, resource, context) for pattern in as_list(statement["NotResource"]))
    return (
        is_meant
        and is_there
        and all(
            holds(operator, context.get(key.lower()), as_list(wanted))
            for operator, keys in statement.get("Condition", {}).items()
            for key, wanted in keys.items()
        )
    )


def holds(operator, actual, wanted):
    if operator == "Null":
        return wanted == ["true"] if actual is None else wanted == ["false"]
    if actual is None:
        return operator.endswith("IfExists")
    assert operator in {"Bool", "BoolIfExists", "StringEquals"}
    return actual in wanted


def meets(pattern, resource, context):
    regex = ""
    for piece in re.split(r"(\$\{[^}]*\})", pattern):
        if piece.startswith("${"):
            value = context.get(piece[2:-1].lower())
            if value is None:
                return False
            regex += re.escape(value)
        else:
            regex += wild(piece)
    return re.fullmatch(regex, resource, re.DOTALL) is not None


def like(pattern, text):
    return re.fullmatch(wild(pattern), text, re.DOTALL) is not None


def wild(pattern):
    return "".join(".*" if char == "*" else "." if char == "?" else re.escape(char) for char in pattern)


def as_list(value):
    return value if isinstance(value, list) else [value]
