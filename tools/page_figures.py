"""Prints how large and how fast the page of a large account is, for docs/performance.md; needs Chromium."""

from __future__ import annotations

import gzip
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests/page")]

SIZES = ((5, 3, 2), (500, 50, 20), (5000, 300, 200))
"""Users, groups and changes."""

_WORDS = ("u", "us", "user-0", "user-00", "user-000", "9", "99", "zz", "")
_FILTER = """(words) => {
  const input = document.querySelector("#matrix input[type=search]");
  for (const word of words) {
    input.value = word;
    input.dispatchEvent(new Event("input"));
  }
}"""
_ELEMENTS = "document.querySelectorAll('*').length"


def figures() -> None:
    """Print a row for each size: bytes, compressed bytes, CPU until it can be used, a filter, elements, memory."""
    from playwright.sync_api import sync_playwright

    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    sys.stdout.write(
        "| users | groups | changes | kB | kB in gzip | CPU s until usable | CPU ms of a filter | elements | heap MB |\n"
    )
    sys.stdout.write(f"|{' --- |' * 9}\n")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for size in SIZES:
            sys.stdout.write(f"{_row(browser, Path(folder, 'page.html'), size)}\n")
        browser.close()


def _row(browser: Any, path: Path, size: tuple[int, int, int]) -> str:
    from big_page import big_report  # type: ignore[import-not-found]

    from iamctl.render.html import render_html

    text = render_html(big_report(*size, credentials=True)).encode()
    path.write_bytes(text)
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.goto(path.as_uri())
    page.wait_for_selector("html[data-ready=yes]")
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    told = _metrics(session)
    elements = page.evaluate(_ELEMENTS)
    page.evaluate(_FILTER, _WORDS * 5)
    taken = (_metrics(session)["ScriptDuration"] - told["ScriptDuration"]) / (len(_WORDS) * 5)
    page.close()
    cells = (
        *(f"{number:,}" for number in size),
        f"{len(text) / 1000:.0f}",
        f"{len(gzip.compress(text)) / 1000:.0f}",
        f"{told['TaskDuration']:.2f}",
        f"{1000 * taken:.1f}",
        f"{elements:,}",
        f"{told['JSHeapUsedSize'] / 1e6:.0f}",
    )
    return f"| {' | '.join(cells)} |"


def _metrics(session: Any) -> dict[str, float]:
    """Return what Chromium counted so far; durations are CPU seconds."""
    return {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}


if __name__ == "__main__":
    figures()
