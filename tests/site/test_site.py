"""The site of the documents: built strictly without a network, complete, and without anything from elsewhere."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from config.settings.variables import VARIABLES, variable
from tests.browser import DESKTOP, PHONE, opened, window

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
NO_NETWORK = """
import socket, sys
def refuse(*_, **__): raise OSError("the site is built without a network")
socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse
from mkdocs.__main__ import cli
cli(["build", "--strict", "--site-dir", sys.argv[1]])
"""
LOADS = {"src", "srcset", "data", "poster", "action"}
"""Attributes whose address a browser loads by itself."""
COMMANDS = ("first90 run", "first90 record goal-value", "first90 playbook plan", "first90 deploy", "first90 db upgrade")


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site once, in a process that can reach nothing."""
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-c", NO_NETWORK, str(folder)],
        cwd=ROOT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


class Loaded(HTMLParser):
    """Collects what a page loads, and the ids and links that it has."""

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "link" and told.get("rel") not in ("next", "prev", "canonical"):
            self.loads.append(told.get("href") or "")
        self.loads += [value or "" for name, value in attrs if name in LOADS]


def pages(site: Path) -> Iterator[Path]:
    yield from sorted(site.rglob("*.html"))


def test_every_document_is_a_page_and_none_loads_anything_from_elsewhere(site: Path) -> None:
    documents = {path.relative_to(ROOT / "docs").with_suffix(".html") for path in (ROOT / "docs").rglob("*.md")}
    assert {path.relative_to(site) for path in pages(site)} >= documents
    for page in pages(site):
        read = Loaded()
        read.feed(page.read_text(encoding="utf-8"))
        assert [address for address in read.loads if urlsplit(address).netloc] == [], page
    for style in site.rglob("*.css"):
        assert not re.findall(r"(?:url\(|@import)\s*['\"]?(?:https?:)?//", style.read_text(encoding="utf-8")), style


def test_the_reference_names_every_command_setting_and_key(site: Path) -> None:
    commands = (site / "reference/command-line.html").read_text(encoding="utf-8")
    for words in COMMANDS:
        assert re.search(rf"<h[23][^>]*>{words}<", commands), words
    settings = (site / "reference/settings.html").read_text(encoding="utf-8")
    assert [name for name in VARIABLES if variable(name) not in settings] == []
    schema = (site / "reference/playbook-schema.html").read_text(encoding="utf-8")
    for key in ("stages", "steps", "stalls", "ladder", "specialist", "within_days"):
        assert f"<code>{key}</code>" in schema, key


@pytest.mark.parametrize("look", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_browser_asks_nobody_else_and_the_page_fits(site: Path, look: dict[str, int], scheme: str) -> None:
    with opened() as browser, window(browser, viewport=look, color_scheme=scheme) as seen:
        for name in ("index", "tutorial", "running", "slack", "architecture", "reference/command-line"):
            seen.page.goto((site / f"{name}.html").as_uri())
            seen.page.wait_for_timeout(200)
            assert seen.overhang <= 0, name
            assert (seen.brightness < 100) == (scheme == "dark")
            assert seen.barriers() == [], name
        assert seen.outside == []
