"""The report's page in a browser: it fits a phone, follows the dark, and prints. Where no Chromium is installed the
tests are left out."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from PIL import Image

from onboarding.metrics.compute import compute
from tasks.reporting.page import report_page
from tests.tasks.reporting.portfolio import AS_OF, portfolio

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")]
LIGHT, DARK = "1", "0"
"""Chromium's numbers of the reader's preference."""
MEASURED = "<script>document.title = 'overhang ' + (document.documentElement.scrollWidth - innerWidth)</script>"


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "report.html"
    path.write_text(report_page(compute(portfolio(), AS_OF)), encoding="utf-8")
    return path


def browse(page: Path, *arguments: str, width: int = 1100) -> str:
    """Open the page without a network; return what the browser prints."""
    command = [str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
    command += ["--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={page.parent / 'profile'}"]
    command += [f"--window-size={width},900", *arguments, page.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, timeout=90, check=True).stdout


@pytest.mark.parametrize("width", [500, 1100])
def test_nothing_hangs_over_the_edge(page: Path, width: int) -> None:
    page.write_text(page.read_text("utf-8").replace("</body>", f"{MEASURED}</body>"), encoding="utf-8")
    (overhang,) = re.findall(r"overhang (-?\d+)", browse(page, "--dump-dom", width=width))
    assert int(overhang) <= 0


def test_the_dark_is_dark_and_the_pictures_with_it(page: Path) -> None:
    corners = {}
    for name, number in (("light", LIGHT), ("dark", DARK)):
        shot = page.with_name(f"{name}.png")
        browse(page, f"--blink-settings=preferredColorScheme={number}", f"--screenshot={shot}")
        with Image.open(shot) as picture:
            corners[name] = picture.convert("L").getpixel((3, 3))
    assert corners["dark"] < 50 < 200 < corners["light"]


def test_it_prints_on_paper(page: Path) -> None:
    paper = page.with_name("report.pdf")
    browse(page, f"--print-to-pdf={paper}")
    assert paper.read_bytes().count(b"/Type /Page\n") + paper.read_bytes().count(b"/Type /Page ") >= 2
