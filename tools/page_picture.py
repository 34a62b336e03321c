"""Takes docs/page.png: the page of the plan of the acme example, as Chromium shows it."""

from __future__ import annotations

import shutil
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from iamctl.report.blocks import Report

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

EXAMPLE = ROOT / "examples/acme"
PICTURE = ROOT / "docs/page.png"
WIDTH, HEIGHT = 1120, 900


def report(tree: Path = EXAMPLE) -> Report:
    """Return the report that ``iamctl plan --format html`` shows of a tree and the account beside it."""
    from iamctl.commands.access_of_plan import access_of
    from iamctl.commands.page import with_page
    from iamctl.commands.propose import propose
    from iamctl.commands.workspace import open_workspace
    from iamctl.report.reports import plan_report
    from iamctl.source.open import SourceOptions

    source = SourceOptions(None, None, None, tree / "account.json", "auto")
    with open_workspace(tree, source, account=None, now=datetime(2026, 11, 23, tzinfo=UTC)) as workspace:
        proposal = propose(workspace, trusts_report=True)
    plan, shown = proposal.plan, access_of(proposal, "summary")
    made = plan_report(plan, {}, show_calls=True, access=shown.sections)
    return with_page(made, proposal.compared, plan, shown.found, has_cards=True)


def take() -> None:
    """Write the picture."""
    from playwright.sync_api import sync_playwright

    from iamctl.render.html import render_html

    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        path = Path(folder, "plan.html")
        path.write_text(render_html(report()), encoding="utf-8")
        browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
        page.goto(path.as_uri())
        page.wait_for_selector("html[data-ready=yes]")
        page.screenshot(path=PICTURE)
        browser.close()


if __name__ == "__main__":
    take()
