"""One Chromium for all tests of the page, from the package manager of the machine."""

import shutil
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

HOW = (
    "there is no Chromium; install one with the machine's package manager (apt-get install chromium, "
    "or on Ubuntu: snap install chromium) and the dev requirements"
)
NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def acme():
    """Return the report of the plan of the acme example, with its page."""
    sys.path.insert(0, str(ROOT))
    from tools.page_picture import report

    return report(ROOT / "examples/acme")


@pytest.fixture(scope="session")
def chromium():
    """Yield a browser; skip the test where there is none, with how to get it."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    playwright = pytest.importorskip("playwright.sync_api", reason=HOW)
    if program is None:
        pytest.skip(HOW)
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def window(chromium):
    """Return one page for all tests: a new one takes as long as everything that a test does on it."""
    context = chromium.new_context()
    context.set_default_timeout(60_000)  # of a machine that others use, too
    return context.new_page()


class Opened:
    """A page that is open, with all that it asked for and said."""

    def __init__(self, page, path, *, width=1280, scheme="light", fragment=""):
        self.page = page
        self.page.set_viewport_size({"width": width, "height": 900})
        self.page.emulate_media(media="screen", color_scheme=scheme)
        self.requests, self.messages = [], []
        self.listeners = {
            "request": lambda request: self.requests.append(request.url),
            "console": lambda message: self.messages.append(message.text),
            "pageerror": lambda error: self.messages.append(str(error)),
            "dialog": self._dismiss,
        }
        for event, listener in self.listeners.items():
            self.page.on(event, listener)
        self.address = path.as_uri()
        self.page.goto(self.address + fragment)
        self.page.wait_for_selector("html[data-ready=yes]")

    def _dismiss(self, dialog):
        self.messages.append(f"dialog {dialog.message}")
        dialog.dismiss()

    def close(self):
        self.page.goto("about:blank")
        for event, listener in self.listeners.items():
            self.page.remove_listener(event, listener)

    def __call__(self, script, *arguments):
        return self.page.evaluate(script, *arguments)

    def unfold(self, selector):
        """Click a summary, and wait until the page has heard of it: ``toggle`` is an event of a later task."""
        summary = self.page.locator(selector).first
        summary.evaluate(
            "one => one.parentElement.addEventListener('toggle', () => { one.dataset.heard = 'yes' }, {once: true})"
        )
        summary.click()
        self.page.wait_for_selector("summary[data-heard=yes]")
        summary.evaluate("one => { delete one.dataset.heard }")

    def count(self, selector):
        return self.page.locator(selector).count()


@pytest.fixture
def opened(window, tmp_path):
    """Return a function that opens the text of a page in place of the one before it."""
    found = []

    def open_it(text, **more):
        path = tmp_path / f"page{len(found)}.html"
        path.write_text(text, encoding="utf-8")
        found.append(Opened(window, path, **more))
        return found[-1]

    yield open_it
    for one in found:
        one.close()
