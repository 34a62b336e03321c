"""Accounts of a run as short arrays: 2,000 accounts stay below half a megabyte."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, get_args

from iamctl.render.html_people import Texts
from iamctl.report.blocks import Line, Style
from iamctl.report.page import Page, PageAccount
from iamctl.text.visible import visible

_STYLES: tuple[str, ...] = get_args(Style)


def fleet_data(page: Page, texts: Texts, lines: Callable[[Iterable[Line], Texts], list[list[Any]]]) -> dict[str, Any]:
    """Return the accounts, the plans that they share, and the people; ``lines`` turns lines into arrays."""

    def account(one: PageAccount) -> list[Any]:
        return [
            visible(one.name),
            one.account_id,
            texts.number(one.wave),
            texts.number(one.outcome),
            _STYLES.index(one.style),
            texts.number(one.note),
            texts.number(one.sums),
            lines(one.lines, texts),
            one.plan,
            int(one.is_quiet),
        ]

    return {
        "accounts": [account(one) for one in page.accounts],
        "plans": [lines(plan, texts) for plan in page.plans],
        "across": [
            [visible(one.name), int(one.is_risky), [[list(where), lines(told, texts)] for where, told in one.parts]]
            for one in page.across
        ],
    }
