"""The report's page in a browser: it fits a phone, follows the dark, shows its pictures and prints."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from onboarding.metrics.compute import compute
from onboarding.metrics.figures import CheckIn, GoalFigure, RoleUse, StallTime
from onboarding.model.state import Ticket
from tasks.reporting.page import report_page
from tests.browser import DESKTOP, PHONE, opened, window
from tests.tasks.reporting.portfolio import AS_OF, portfolio

pytestmark = pytest.mark.slow
LONG = "Average handling time of incoming requests of the second level in all regions"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with opened() as browser:
        yield browser


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A report with something in every section, and with long words."""
    one, *others = portfolio()
    goal = GoalFigure(metric=LONG, unit="h", baseline=48, target=4, due=date(2026, 6, 1), value=12, reached=False)
    full = replace(
        one,
        goals=(replace(goal, confirmed=True, gain=3600.0, currency="EUR"),),
        check_ins=(CheckIn(step="check_in_7", title="Check-in, day 7", outcome="sent"),),
        roles=(RoleUse(role="end_user", people=12, seen=7, activated=3),),
        amount=36_500.0,
        stalls=(StallTime(kind="champion_left", waiting_on="customer", since=one.signed_at, until=AS_OF, open=True),),
        sent={"kickoff_invitation": 3},
        tickets=tuple(Ticket(str(n), LONG, AS_OF - timedelta(days=8 * n), -0.5) for n in range(4)),
        promises={"open": 2},
        health=40,
        health_before=90,
    )
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(report_page(compute([full, *others], AS_OF)), encoding="utf-8")
    return path.as_uri()


@pytest.mark.parametrize("light", ["light", "dark"])
@pytest.mark.parametrize(("screen", "shown", "hidden"), [(DESKTOP, "wide", "narrow"), (PHONE, "narrow", "wide")])
def test_it_fits_its_screen_with_pictures_that_can_be_read(
    chromium: Any, page: str, screen: dict[str, int], shown: str, hidden: str, light: str
) -> None:
    with window(chromium, viewport=screen, color_scheme=light) as found:
        found.page.goto(page)
        for details in found.page.locator("details").all():
            details.evaluate("one => one.open = true")
        assert found.overhang <= 0
        inner = "[...document.querySelectorAll('section')].filter(one => one.scrollWidth > one.clientWidth).length"
        assert found.page.evaluate(inner) == 0, "nothing is scrolled sideways inside a section either"
        assert (found.brightness < 60) == (light == "dark")
        assert found.page.locator(f"svg.{hidden}").first.is_hidden()
        pictures = found.page.locator(f"svg.{shown}")
        assert pictures.count() == 2
        for picture in pictures.all():
            assert picture.is_visible()
            heights = picture.locator("text").evaluate_all("all => all.map(one => one.getBoundingClientRect().height)")
            assert min(heights) > 8, "words large enough to read"
        assert (found.complaints, found.outside) == ([], [])


def test_a_table_on_a_phone_names_each_figure(chromium: Any, page: str) -> None:
    with window(chromium, viewport=PHONE) as found:
        found.page.goto(page)
        label = "one => getComputedStyle(one, '::before').content"
        cell = found.page.locator("table.stack td[data-label='went on']").first
        assert cell.evaluate(label) == '"went on"'
        assert cell.bounding_box()["width"] > 250


def test_the_keyboard_opens_the_accounts_behind_a_figure(chromium: Any, page: str) -> None:
    with window(chromium, viewport=DESKTOP) as found:
        found.page.goto(page)
        found.page.keyboard.press("Tab")
        assert found.page.evaluate("document.activeElement.tagName") == "SUMMARY"
        found.page.keyboard.press("Enter")
        assert found.page.evaluate("document.activeElement.parentElement.open")


def test_it_prints_on_several_pages_with_the_wide_pictures(chromium: Any, page: str) -> None:
    with window(chromium, viewport=PHONE) as found:
        found.page.goto(page)
        found.page.emulate_media(media="print")
        assert found.page.locator("svg.wide").first.is_visible()
        assert found.page.locator("svg.narrow").first.is_hidden()
        shown = "Array.from(document.querySelectorAll('th details p')).map(one => one.checkVisibility())"
        definitions = found.page.evaluate(shown)
        assert definitions
        assert all(definitions), "nobody can open on paper what is closed"
        found.page.emulate_media(media="screen")
        assert not any(found.page.evaluate(shown))
        found.page.emulate_media(media="print")
        paper = found.page.pdf(format="A4")
        assert paper.count(b"/Type /Page\n") + paper.count(b"/Type /Page ") >= 2
