"""The board in a browser: on a desktop, a phone, in the dark, on paper, with the keyboard alone, as files."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tasks.runtime.context import RunContext
from tests.browser import DESKTOP, PHONE, Window, opened, window
from tests.stories.conftest import Aftermath
from web.board.files import write_board

pytestmark = pytest.mark.slow
LOGIN = {"X-Forwarded-Email": "mia@northbeam.example"}
SCREENS = [(DESKTOP, "light"), (DESKTOP, "dark"), (PHONE, "light"), (PHONE, "dark")]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with opened() as browser:
        yield browser


@pytest.fixture
def desk(chromium: Any, served: str) -> Iterator[Window]:
    with window(chromium, viewport=DESKTOP, extra_http_headers=LOGIN) as found:
        found.page.goto(f"{served}/board")
        yield found


@pytest.mark.parametrize(("screen", "light"), SCREENS)
def test_each_page_fits_its_screen_loads_nothing_else_and_follows_the_dark(
    chromium: Any, served: str, seen: Aftermath, screen: dict[str, int], light: str
) -> None:
    account = next(line["deal_id"] for line in seen.lines if line["stage"] == "setup")
    with window(chromium, viewport=screen, color_scheme=light, extra_http_headers=LOGIN) as found:
        for path in ("/board", "/board?stage=setup", f"/board/{account}"):
            assert found.page.goto(f"{served}{path}").status == 200
            assert found.overhang <= 0, path
            assert (found.brightness < 60) == (light == "dark"), path
        assert (found.complaints, found.outside) == ([], [])


@pytest.mark.parametrize("light", ["light", "dark"])
def test_no_page_keeps_anybody_out_by_axe(chromium: Any, served: str, seen: Aftermath, light: str) -> None:
    account = next(line["deal_id"] for line in seen.lines if line["stage"] == "setup")
    with window(chromium, viewport=DESKTOP, color_scheme=light, extra_http_headers=LOGIN, bypass_csp=True) as found:
        for path in ("/board", "/board?stage=setup", f"/board/{account}"):
            found.page.goto(f"{served}{path}")
            assert found.barriers() == [], path


def test_the_keyboard_alone_reaches_the_content_filters_and_opens_an_account(desk: Window, seen: Aftermath) -> None:
    page, press = desk.page, desk.page.keyboard.press
    focused = (
        "document.activeElement.closest('label')?.firstChild.textContent.trim() ?? document.activeElement.textContent"
    )
    press("Tab")
    assert page.evaluate(focused) == "To the content"
    for _ in range(30):
        if page.evaluate(focused) == "Needs a person":
            break
        press("Tab")
    page.keyboard.type("stalled")
    press("Tab")
    assert page.evaluate(focused) == "Show"
    press("Enter")
    page.wait_for_url("**attention=stalled**")
    stalled = [line for line in seen.lines if line["stalled_since"] and line["status"] == "active"]
    assert page.locator(".card").count() == len(stalled)
    first = page.locator(".card > a").first
    name = first.inner_text()
    press("Tab")
    press("Enter")  # the skip link
    press("Tab")
    for _ in range(5):
        if page.evaluate("document.activeElement.matches('.card > a')"):
            break
        press("Tab")
    width = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
    assert width == "3px", "one sees where one is"
    press("Enter")
    page.wait_for_selector("h1 >> text=" + name)
    assert desk.complaints == []


def test_filters_leave_what_they_name(desk: Window, seen: Aftermath) -> None:
    page = desk.page
    owner = next(line["owner"] for line in seen.lines if line["owner"])
    page.get_by_label("Owner").select_option(owner)
    page.get_by_label("Tier").select_option("mid")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**owner=**")
    wanted = {
        line["account_name"]
        for line in seen.lines
        if (line["owner"], line["tier"]) == (owner, "mid") and line["status"] not in ("churned", "cancelled")
    }
    assert wanted
    assert set(page.locator(".card > a").all_inner_texts()) == wanted
    page.get_by_role("link", name="Show all").click()
    assert page.locator(".card").count() > len(wanted)


def test_a_card_names_the_next_step_as_people_do(desk: Window) -> None:
    told = " ".join(desk.page.locator(".card").all_inner_texts())
    assert "Check-in, day" in told
    assert "check in" not in told


def test_a_goal_with_values_has_its_curve_and_every_stage_its_clock(desk: Window, served: str, seen: Aftermath) -> None:
    goals = clocks = 0
    for line in seen.lines:
        desk.page.goto(f"{served}/board/{line['deal_id']}")
        curve = desk.page.locator("svg.curve")
        for number in range(curve.count()):
            box = curve.nth(number).bounding_box()
            assert box["width"] > 100
            assert box["height"] > 20
            label = curve.nth(number).get_attribute("aria-label")
            goals += "target" in label
        clocks += (
            desk.page.locator("section", has=desk.page.get_by_role("heading", name="Whose clock"))
            .locator("tbody tr")
            .count()
        )
    assert goals
    assert clocks
    assert desk.complaints == []


def test_on_paper_the_filters_are_gone_and_the_customers_are_there(desk: Window) -> None:
    desk.page.emulate_media(media="print")
    assert not desk.page.locator("form.filter").is_visible()
    assert desk.page.locator(".card").first.is_visible()
    desk.page.set_viewport_size({"width": 720, "height": 1000})  # A4 between its margins
    cut = "one => one.scrollWidth > one.clientWidth"
    assert not desk.page.locator(".stages").evaluate(cut), "no card is cut at the edge of the paper"
    assert desk.overhang <= 0
    assert desk.page.pdf().startswith(b"%PDF")


def test_as_files_one_comes_from_the_board_to_a_message_and_back(
    chromium: Any, context: RunContext, tmp_path: Path, seen: Aftermath
) -> None:
    out = tmp_path / "board"
    write_board(context.database, out, context.wall_clock(), None, lambda done, of: None)
    sent = next(line for line in seen.effects if line["channel"] == "mail" and line["state"] == "sent")
    name = next(line["account_name"] for line in seen.lines if line["deal_id"] == sent["deal_id"])
    with window(chromium, viewport=PHONE) as found:
        page = found.page
        page.goto((out / "index.html").as_uri())
        page.get_by_role("link", name=name, exact=True).click()
        page.get_by_role("link", name="as it was sent").first.click()
        assert page.locator("pre, p").first.is_visible()
        assert found.overhang <= 0
        page.get_by_role("link", name=name, exact=True).click()
        page.get_by_role("link", name="All customers").click()
        assert page.get_by_role("heading", name="Customers by stage").is_visible()
        assert (found.complaints, found.outside) == ([], [])
