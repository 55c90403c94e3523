"""The system's Chromium for tests of pages: without a network but this machine, and every complaint of the page kept.

Where there is no Chromium, or no Playwright, the tests that need them are left out.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
NEAR = frozenset({"127.0.0.1", "localhost"})
PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 900}


class Window:
    """One page of a browser. ``complaints`` are errors of its console, a breach of its content policy among them;
    ``outside`` are addresses elsewhere that it asked for."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.outside: list[str] = []
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.route("**/*", self._near)

    def _near(self, route: Any) -> None:
        address = urlsplit(route.request.url)
        if address.scheme == "file" or address.hostname in NEAR:
            route.continue_()
        else:
            self.outside.append(route.request.url)
            route.abort()

    @property
    def overhang(self) -> int:
        """Return how many pixels the page is wider than its window."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))

    def barriers(self) -> list[str]:
        """Return what keeps people out, by axe-core: its serious and critical findings, with where each is."""
        axe = pytest.importorskip("axe_playwright_python.sync_playwright")
        found = axe.Axe().run(self.page, options={"resultTypes": ["violations"]}).response["violations"]
        return [
            f"{one['id']}: {one['help']}: {[node['html'][:120] for node in one['nodes'][:3]]}"
            for one in found
            if one["impact"] in ("serious", "critical")
        ]

    @property
    def brightness(self) -> float:
        """Return how bright the page's background is, from 0 to 255."""
        colour = self.page.evaluate("getComputedStyle(document.body).backgroundColor")
        return sum(int(part) for part in colour.partition("(")[2].rstrip(")").split(",")[:3]) / 3


@contextmanager
def opened() -> Iterator[Any]:
    """Yield a running Chromium, or skip the test."""
    library = pytest.importorskip("playwright.sync_api")
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    with library.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def window(browser: Any, **options: Any) -> Iterator[Window]:
    """Yield a new window; ``options`` as Playwright takes them, such as ``viewport`` and ``color_scheme``."""
    context = browser.new_context(**options)
    context.set_default_timeout(20_000)
    yield Window(context.new_page())
    context.close()
