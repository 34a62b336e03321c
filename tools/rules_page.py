"""The reference page of the rules, from their registrations."""

from __future__ import annotations

from urllib.parse import urlsplit

from iamctl.rules import Rule, rules

_WHEN = {"files": "reading files", "manifests": "`validate`", "declared": "`validate` only", "plan": "`plan`"}


def rules_page() -> str:
    """Return the page as Markdown: one line per rule and stage."""
    weights = (
        "An `error` in the files stops a command with exit code 1. A `refuse` stops a plan with exit code 3, before "
        "iamctl writes anything. `warn` and `info` stop nothing. A rule may give some cases another severity."
    )
    lines = [
        "# Rules",
        "",
        weights,
        "",
        "`plan` and `apply` also run the rules of `validate`.",
        "",
        "| code | severity | when | rule | source |",
        "| --- | --- | --- | --- | --- |",
    ]
    return "\n".join([*lines, *map(_line, rules())]) + "\n"


def _line(found: Rule) -> str:
    severity = f"`{found.severity.value}`"
    source = f"[{urlsplit(found.source).hostname}]({found.source})"
    return f"| {found.code} | {severity} | {_WHEN[found.stage]} | {found.title} | {source} |"
