"""ARNs in policy documents that belong to another partition or account, or hold a variable of another tool."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from iamctl.model import Severity
from iamctl.rules import Hit, Review, rule
from iamctl.rules.declared_statements import DeclaredStatement
from iamctl.rules.wording import shortened
from iamctl.text.late_pattern import late_pattern

_ARNS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html"
_ARN_PARTS = 6
_MOST_CHARACTERS = 160

_ANY_VALUE = late_pattern(r"[*?]|\$\{")
_PARTITION = late_pattern(r"arn:([^:*?${}]+):")
_ACCOUNT_ID = late_pattern(r"[0-9]{12}")
_FOREIGN_VARIABLE = late_pattern(r"&\{[^}]*\}|\$(?=\$\{)\$\{[^}]*\}")
"""``&{x}`` is how data sources of Terraform write ``${x}``, and ``$${x}`` how its templates do."""


@rule("IAM309", Severity.REFUSE, source=_ARNS)
def documents_are_of_the_partition(review: Review) -> Iterator[Hit]:
    """The ARNs of a policy document are in the partition of the account."""
    own = review.live.partition
    for statement in review.statements:
        for element, arn in _resources(statement):
            if (other := _other_partition(arn, own)) is not None:
                yield statement.hit(f": {_partition_words(element, arn, other, own, 'and AWS refuses it')}")
        for key, value in _condition_values(statement):
            if (other := _other_partition(value, own)) is not None:
                hit = statement.hit(f": {_partition_words(key, value, other, own, 'so it never matches')}")
                yield replace(hit, severity=Severity.WARN)


@rule(
    "IAM310",
    Severity.WARN,
    stage="manifests",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html",
)
def variables_are_spelled_for_iam(review: Review) -> Iterator[Hit]:
    """Policy variables are written as ``${aws:username}``, not as templates of other tools escape them."""
    for statement in review.statements:
        texts = [text for _, text in (*_resources(statement), *_condition_values(statement))]
        for written in dict.fromkeys(match[0] for text in texts for match in _FOREIGN_VARIABLE.finditer(text)):
            quoted = shortened(written, _MOST_CHARACTERS)
            yield statement.hit(
                f": {quoted!r} is not a policy variable: IAM reads it as plain text, so it matches nothing useful; "
                f"write {'$' + quoted.lstrip('&$')!r}"
            )


@rule("IAM311", Severity.WARN, stage="manifests", source=_ARNS, plural="ARNs do not name this account")
def iam_arns_name_this_account(review: Review) -> Iterator[Hit]:
    """The ARN of a user, group, role or policy names this account, or any."""
    own = review.desired.settings.account_id
    for statement in review.statements:
        for element, arn in _resources(statement):
            parts = arn.split(":", _ARN_PARTS - 1)
            if len(parts) < _ARN_PARTS or parts[0] != "arn" or parts[2] != "iam":
                continue
            account = parts[4]
            if account in {"", "aws", own} or _ANY_VALUE.search(account):
                continue
            fixed = shortened(":".join((*parts[:4], "{{ account.id }}", parts[5])), _MOST_CHARACTERS)
            shown = f"{element} {shortened(arn, _MOST_CHARACTERS)!r}"
            if not _ACCOUNT_ID.fullmatch(account):
                word = shortened(account, _MOST_CHARACTERS)
                problem = f"has {word!r} where the account id belongs, so it matches nothing"
                yield statement.hit(f": {shown} {problem}; write {fixed!r}")
            elif not _may_assume(statement):
                problem = f"is in account {account}, but this is account {own}, so it matches nothing here"
                yield statement.hit(f": {shown} {problem}; write {fixed!r}")


def _may_assume(statement: DeclaredStatement) -> bool:
    """Return whether a statement is about assuming roles, which other accounts have too."""
    return statement.has_not_action or statement.includes("sts:assumerole")


def _other_partition(arn: str, own: str) -> str | None:
    """Return the partition that an ARN names, where it is a name and not that of the account."""
    match = _PARTITION.match(arn)
    return match[1] if match and match[1] != own else None


def _partition_words(element: str, arn: str, other: str, own: str, effect: str) -> str:
    rest = arn.split(":", 2)[2]
    fixed = shortened(f"arn:{{{{ partition }}}}:{rest}", _MOST_CHARACTERS)
    shown = f"{element} {shortened(arn, _MOST_CHARACTERS)!r} is in partition {shortened(other, 40)!r}"
    return f"{shown}, but this account is in {own!r}, {effect}; write {fixed!r}"


def _resources(statement: DeclaredStatement) -> Iterator[tuple[str, str]]:
    """Yield the values of Resource and NotResource with the name of the element."""
    for element in ("Resource", "NotResource"):
        for value in _texts(statement.block.get(element, [])):
            yield element, value


def _condition_values(statement: DeclaredStatement) -> Iterator[tuple[str, str]]:
    """Yield the values of all conditions with their keys."""
    for keys in statement.block.get("Condition", {}).values():
        for key, values in keys.items():
            for value in _texts(values):
                yield key, value


def _texts(values: object) -> Iterator[str]:
    listed = values if isinstance(values, list) else [values]
    return (value for value in listed if isinstance(value, str))
