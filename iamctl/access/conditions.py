"""Whether the Condition of a statement holds for one request, operator by operator as IAM documents them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from ipaddress import ip_address, ip_network

from iamctl.access.truth import Context, Truth, all_of, any_of, filled, literal, matches
from iamctl.policy.condition_grammar import split_operator
from iamctl.policy.normalized import Condition, Texts

_NOT = "Not"
_ARN_PARTS = 6


def holds(condition: Condition, context: Context, *, has_variables: bool = True) -> Truth:
    """Return whether all lines of a condition hold; a key whose value is not known makes its line MAYBE.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
    """
    return all_of(
        _line(operator, context.get(key), _texts(operator, values, context, has_variables=has_variables))
        for operator, key, values in condition
        if key
    )


def _texts(operator: str, values: Texts, context: Context, *, has_variables: bool) -> list[str]:
    """Return the values of a line, variables replaced; those that have no value are left out and match nothing."""
    has_wildcards = "Like" in operator or "Arn" in operator
    texts = (value if has_wildcards else literal(value) for value in values)
    if not has_variables:
        return list(texts)
    # the marks of a variable are no wildcards, so a literal text keeps its variables
    return [text for value in texts if (text := filled(value, context)) is not None]


def _line(operator: str, actual: tuple[str, ...] | None, wanted: list[str]) -> Truth:
    prefix, plain, if_exists = split_operator(operator)
    if actual is None:
        return Truth.MAYBE
    if plain == "Null":
        return any_of(_truth((text.lower() == "true") == (not actual)) for text in wanted)
    is_negated = _NOT in plain
    if not actual:
        return _truth(if_exists or prefix == "ForAllValues:" or (not prefix and is_negated))
    match = _matcher(plain.replace(_NOT, ""))
    if match is None:
        return Truth.MAYBE
    found = (any_of(match(text, value) for text in wanted) for value in actual)
    results = (~truth for truth in found) if is_negated else found
    return all_of(results) if prefix == "ForAllValues:" else any_of(results)


def _truth(fact: object) -> Truth:
    return Truth.YES if fact else Truth.NO


def _matcher(operator: str) -> Callable[[str, str], Truth] | None:
    """Return how a wanted and an actual value are compared; None for an operator of which that is not known."""
    if operator.startswith("Numeric"):
        return lambda wanted, actual: _compared(operator.removeprefix("Numeric"), _number(wanted), _number(actual))
    if operator.startswith("Date"):
        return lambda wanted, actual: _compared(operator.removeprefix("Date"), _seconds(wanted), _seconds(actual))
    return _MATCHERS.get(operator)


def _folded(wanted: str, actual: str) -> Truth:
    return matches(wanted.lower(), actual.lower())


def _arn(wanted: str, actual: str) -> Truth:
    """Each of the six parts is compared on its own, so that no wildcard reaches beyond a colon before the last part."""
    parts, others = wanted.split(":", _ARN_PARTS - 1), actual.split(":", _ARN_PARTS - 1)
    if len(parts) != len(others):
        return matches(wanted, actual)
    return all_of(map(matches, parts, others))


def _address(wanted: str, actual: str) -> Truth:
    try:
        return _truth(ip_address(actual) in ip_network(wanted, strict=False))
    except ValueError:
        return Truth.MAYBE


_MATCHERS: dict[str, Callable[[str, str], Truth]] = {
    "StringEquals": matches,
    "StringEqualsIgnoreCase": _folded,
    "StringLike": matches,
    "Bool": _folded,
    "ArnEquals": _arn,
    "ArnLike": _arn,
    "IpAddress": _address,
}
_ORDERS: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "Equals": lambda wanted, actual: actual == wanted,
    "LessThan": lambda wanted, actual: actual < wanted,
    "LessThanEquals": lambda wanted, actual: actual <= wanted,
    "GreaterThan": lambda wanted, actual: actual > wanted,
    "GreaterThanEquals": lambda wanted, actual: actual >= wanted,
}


def _compared(order: str, wanted: Decimal | None, actual: Decimal | None) -> Truth:
    compare = _ORDERS.get(order)
    if compare is None or wanted is None or actual is None:
        return Truth.MAYBE
    return _truth(compare(wanted, actual))


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _seconds(text: str) -> Decimal | None:
    """Return a date, or a number of seconds since 1970, as such a number."""
    number = _number(text)
    if number is not None and "-" not in text.lstrip("-"):
        return number
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return Decimal(str((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()))
