"""Chromium for the tests that look at pages as a person does."""

import itertools
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LOOKS = list(itertools.product(["en", "zh-CN"], ["light", "dark"]))  # languages and colour schemes
PHONE = {"width": 320, "height": 640}
DESK = {"width": 1280, "height": 900}


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the Chromium that is installed; without one, skip with a sentence (in CI: fail)."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        give_up = pytest.fail if os.environ.get("CI") else pytest.skip
        give_up("no Chromium on PATH: install it (Debian: apt-get install chromium) to run the browser tests")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


def complaints(page: Page) -> list[str]:
    """Return what axe-core finds on the page: rule and first element, for a screen reader's sake."""
    violations = Axe().run(page).response["violations"]
    return [f"{v['impact']} {v['id']}: {v['nodes'][0]['html'][:120]}" for v in violations]


def overflow(page: Page) -> int:
    """Return by how many pixels the page is wider than its window."""
    width: int = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return max(width, 0)
