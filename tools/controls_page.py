"""The reference page of the controls of an audit, from their registrations."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from iamctl.audit import Control, Weight, all_controls
from iamctl.audit.frameworks import Framework
from iamctl.report.audit_words import FRAMEWORKS

_COMPARED = Path(__file__).parents[1] / "tests/audit"
_OLD = (Framework.CIS_1_5, Framework.CIS_2, Framework.CIS_3, Framework.CIS_4)
_COLUMNS = (
    Framework.CIS_5,
    Framework.CIS_6,
    Framework.CIS_7,
    Framework.SECURITY_HUB,
    Framework.SOC_2,
    Framework.ISO_27001,
)


def controls_page() -> str:
    """Return the page as Markdown: one line per control."""
    weights = list(Weight)
    found = sorted(all_controls(), key=lambda control: (weights.index(control.weight), control.id))
    names = ["CIS 1.5 to 4.0", "CIS 5.0", "CIS 6.0", "CIS 7.0", "Security Hub", "SOC 2", "ISO/IEC 27001:2022"]
    lines = [
        "# Controls of an audit",
        "",
        "[`iamctl audit`](../how-to/audit.md) judges an account by these controls. CIS is CIS AWS Foundations; its versions",
        "1.5 to 4.0 have the same numbers, except that 1.5 has no 1.22. `--framework` takes one of "
        + ", ".join(f"`{framework.value}`" for framework in FRAMEWORKS)
        + ".",
        "",
        "The columns SOC 2 and ISO/IEC 27001 name criteria that a control supports. They are our mapping: an auditor decides.",
        "The last column names the rules that find the same in a plan.",
        "",
        f"| control | severity | {' | '.join(names)} | demands | rules |",
        f"| --- | --- | {' | '.join('---' for _ in names)} | --- | --- |",
    ]
    return "\n".join([*lines, *map(_line, found), *_beside_prowler()]) + "\n"


def _beside_prowler() -> list[str]:
    """Return the section on the checks of Prowler, from the data with which the tests compare the verdicts."""
    checks, accounts = (_data(f"prowler_{name}.yaml") for name in ("checks", "accounts"))
    head = (_COMPARED / "prowler_verdicts.yaml").read_text(encoding="utf-8").split(" said ")[0].removeprefix("# What ")
    found: dict[str, list[str]] = {}
    for account in accounts.values():
        for control, reasons in (account.get("differs") or {}).items():
            found.setdefault(control, []).extend(reasons.values())
    lines = [
        "",
        "## Beside Prowler",
        "",
        f"The tests compare these controls with the recorded verdicts of {head} on small accounts. Both decide alike, except:",
        "",
        "| control | checks of Prowler | where the verdicts differ, and why |",
        "| --- | --- | --- |",
    ]
    for control, one in checks.items():
        names = ", ".join(f"`{check}`" for check in one["checks"])
        reasons = ". ".join(map(_sentence, dict.fromkeys(found.get(control, ()))))
        lines.append(f"| `{control}` | {names} | {reasons} |".replace("|  |", "| |"))
    alone = sorted(f"`{control.id}`" for control in all_controls() if control.id not in checks)
    return [*lines, "", f"Prowler has no check for {', '.join(alone[:-1])} and {alone[-1]}."]


def _data(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((_COMPARED / name).read_text(encoding="utf-8"))
    return found


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]


def _line(control: Control) -> str:
    old = dict.fromkeys(number for framework in _OLD for number in control.numbers(framework))
    ids = [", ".join(old), *(", ".join(control.numbers(framework)) for framework in _COLUMNS)]
    cells = [f"[`{control.id}`]({control.source})", control.weight.value, *ids, control.title, ", ".join(control.rules)]
    return f"| {' | '.join(cells)} |".replace("|  |", "| |").replace("|  |", "| |")
