"""A second opinion: whether a policy allows one request. Shares no code with iamctl and is slow and plain."""

import re
from itertools import chain


def listed(value):
    return value if isinstance(value, list) else [value]


def regex(pattern, any_text):
    return "".join(any_text if char == "*" else "." if char == "?" else re.escape(char) for char in pattern)


def matches_action(pattern, action):
    return re.fullmatch(regex(pattern.lower(), ".*"), action.lower(), re.DOTALL) is not None


def replaced(pattern, version, context):
    """Policy variables as text, or None where one has no value. A value's own wildcards are no wildcards."""
    if version != "2012-10-17":
        return re.split("()$", pattern)[:1]
    pieces = re.split(r"(\$\{[^}]*\})", pattern)
    for index in range(1, len(pieces), 2):
        name = pieces[index][2:-1]
        value = name if name in {"*", "?", "$"} else context.get(name.lower())
        if not isinstance(value, str):
            return None
        pieces[index] = value
    return pieces


def pattern_regex(pieces, any_text):
    return "".join(regex(piece, any_text) if index % 2 == 0 else re.escape(piece) for index, piece in enumerate(pieces))


def matches_resource(pattern, resource, version, context, mode):
    """``plain``: wildcards cross colons; ``parts``: they do not before the last part; ``reach``: the last one of a part does."""
    pieces = replaced(pattern, version, context)
    if pieces is None:
        return False
    if mode == "plain" or pattern == "*":
        return re.fullmatch(pattern_regex(pieces, ".*"), resource, re.DOTALL) is not None
    marked = "".join(
        piece if index % 2 == 0 else "".join(f"\0{char}" for char in piece) for index, piece in enumerate(pieces)
    )
    parts = re.split(r"(?<!\0):", marked, maxsplit=5)
    parts += ["*"] * (6 - len(parts))
    texts = []
    for number, part in enumerate(parts):
        inner = ".*" if number == 5 else "[^:]*"
        chars = re.findall(r"\0.|.", part, re.DOTALL)
        text = [
            re.escape(c[1]) if len(c) == 2 else {"*": inner, "?": "[^:]" if number < 5 else "."}.get(c, re.escape(c))
            for c in chars
        ]
        if mode == "reach" and chars and chars[-1] == "*":
            text[-1] = ".*"
        texts.append("".join(text))
    return re.fullmatch(":".join(texts), resource, re.DOTALL) is not None


def text_of(value):
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)


def folded_key(key):
    name, slash, tag = key.partition("/")
    return name.lower() + slash + tag


def holds_one(operator, wanted, actual, version, context):
    texts = [text_of(value) for value in listed(wanted)]
    if operator.endswith("Like"):
        all_pieces = [replaced(text, version, context) for text in texts]
        found = any(
            pieces is not None and re.fullmatch(pattern_regex(pieces, ".*"), actual, re.DOTALL) for pieces in all_pieces
        )
    else:
        all_pieces = [replaced(text, version, context) for text in texts]
        found = any(pieces is not None and "".join(pieces) == actual for pieces in all_pieces)
    return found != ("Not" in operator)


def holds(operator, key, wanted, version, context):
    actual = context.get(folded_key(key))
    if operator == "Null":
        return any((text_of(value) == "true") == (actual is None) for value in listed(wanted))
    prefix, _, plain = operator.rpartition(":")
    plain, if_exists = plain.removesuffix("IfExists"), plain.endswith("IfExists")
    if actual is None:
        return if_exists or prefix == "ForAllValues" or (not prefix and "Not" in plain)
    results = [holds_one(plain, wanted, value, version, context) for value in listed(actual)]
    return all(results) if prefix == "ForAllValues" else any(results)


def matches(statement, version, request, mode="plain"):
    action, resource, context = request
    actions = [
        matches_action(pattern, action) for pattern in listed(statement.get("Action", statement.get("NotAction")))
    ]
    names = listed(statement.get("Resource", statement.get("NotResource")))
    resources = [matches_resource(name, resource, version, context, mode) for name in names]
    conditions = statement.get("Condition", {})
    return (
        any(actions) != ("NotAction" in statement)
        and any(resources) != ("NotResource" in statement)
        and all(
            holds(operator, key, wanted, version, context)
            for operator, key, wanted in chain.from_iterable(
                [(operator, key, wanted) for key, wanted in keys.items()] for operator, keys in conditions.items()
            )
        )
    )


def decision(policy, request, mode="plain"):
    """``Deny``, ``Allow`` or ``nothing``."""
    version = policy.get("Version", "2008-10-17")
    effects = {block["Effect"] for block in listed(policy["Statement"]) if matches(block, version, request, mode)}
    return "Deny" if "Deny" in effects else "Allow" if effects else "nothing"
