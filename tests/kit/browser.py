"""Chromium, for tests that use pages as a reader does."""

import itertools
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal, cast

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LOOKS = list(itertools.product(["en", "zh-CN"], ["light", "dark"]))  # languages and colour schemes
PHONE: ViewportSize = {"width": 320, "height": 640}
DESK: ViewportSize = {"width": 1280, "height": 900}


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


class Pages:
    """Opens pages, each for somebody of its own; ``said`` is what they wrote to the console."""

    def __init__(self, browser: Browser) -> None:
        self.said: list[str] = []
        self._browser = browser
        self._contexts: list[BrowserContext] = []

    def __call__(
        self, address: str, language: str = "en", colours: str = "light", size: ViewportSize = DESK
    ) -> Page:
        """Open a page in this language, colour scheme and size of window."""
        scheme = cast("Literal['light', 'dark']", colours)
        context = self._browser.new_context(locale=language, color_scheme=scheme, viewport=size)
        self._contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(5_000)
        page.on("console", lambda message: self.said.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.said.append(f"error: {error}"))
        page.goto(address)
        return page

    def close(self) -> None:
        """Close them all."""
        for context in self._contexts:
            context.close()


def complaints(page: Page) -> list[str]:
    """Return what axe-core finds on the page: rule and first element, for a screen reader's sake."""
    violations = Axe().run(page).response["violations"]
    return [f"{v['impact']} {v['id']}: {v['nodes'][0]['html'][:120]}" for v in violations]


def overflow(page: Page) -> int:
    """Return by how many pixels the page is wider than its window."""
    width: int = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return max(width, 0)
