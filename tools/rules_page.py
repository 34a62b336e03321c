"""The reference page of the rules, from their registrations."""

from __future__ import annotations

from urllib.parse import urlsplit

from iamctl.rules import Rule, rules

_WHEN = {"files": "reading files", "manifests": "`validate`", "plan": "`plan`"}


def rules_page() -> str:
    """Return the page as Markdown: one line per rule and stage."""
    weights = (
        "`error` is found in files and ends a command with exit code 1. `refuse` stops a plan (3) before anything is "
        "written; `warn` and `info` stop nothing. A rule may weigh some cases more or less than the table says."
    )
    lines = [
        "# Rules",
        "",
        weights,
        "",
        "`plan` and `apply` also run what `validate` runs.",
        "",
        "| code | severity | when | what holds | source |",
        "| --- | --- | --- | --- | --- |",
    ]
    return "\n".join([*lines, *map(_line, rules())]) + "\n"


def _line(found: Rule) -> str:
    severity = f"`{found.severity.value}`"
    source = f"[{urlsplit(found.source).hostname}]({found.source})"
    return f"| {found.code} | {severity} | {_WHEN[found.stage]} | {found.title} | {source} |"
