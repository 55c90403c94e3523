"""The plan page in Chromium: on a phone, in the dark, on paper, and by the keyboard alone."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from database.tables import EffectRow
from onboarding.clashes.clash import clash_id
from onboarding.model.vocabulary import Concern
from onboarding.shared_plan.news import PLAN_ANSWERS
from tasks.plan_page.inviting import invite
from tasks.review.batches import review_named
from tests.browser import DESKTOP, PHONE, opened, window
from tests.web.test_booking import OURS, THEIRS, invitations
from tests.web.test_plan_answers import WORK, answer, goal, kept, page
from tests.web.test_plan_clashes import AUDIT, MIGRATION, sponsor

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with opened() as found:
        yield found


def test_the_page_fits_a_phone_and_the_dark_and_breaks_no_policy(face: Any, browser: Any) -> None:
    goal(face)
    answer(face, f"blocked/{WORK}", cause="time", comment="x" * 200)
    for options in ({"viewport": PHONE}, {"viewport": DESKTOP, "color_scheme": "dark"}):
        for what in ("", f"/done/{WORK}", f"/blocked/{WORK}", "/who", "/correct/0", "/mood/2", "x"):
            with window(browser, **options) as seen:
                seen.page.goto(face.url + page(face) + what)
                complaints = [one for one in seen.complaints if "404" not in one]
                assert (seen.overhang, complaints, seen.outside) == (0, [], []), what
                assert (seen.brightness < 60) is ("color_scheme" in options)


def test_a_tick_by_the_keyboard_alone(face: Any, browser: Any) -> None:
    with window(browser, viewport=DESKTOP) as seen:
        seen.page.goto(face.url + page(face))
        press(seen.page, "Answer: Complete the security and compliance review")
        assert "is done?" in seen.page.title()
        press(seen.page, "Yes, it is done")
        assert seen.page.get_by_role("status").inner_text().startswith("Thank you.")
        press(seen.page, "Back to the plan")
        assert seen.page.get_by_role("row", name="Complete the security").get_by_text("done on").is_visible()
        seen.page.go_back()
        seen.page.reload()  # the browser sends the form once more
    assert [kind for kind, _, _ in kept(face)] == ["milestone"]


def test_a_call_is_booked_by_the_keyboard_and_both_sides_are_invited(morning: Any, browser: Any) -> None:
    with window(browser, viewport=PHONE) as seen:
        seen.page.goto(morning.url + page(morning))
        reach(seen.page, "Choose a time: Book the kickoff call")
        seen.page.keyboard.press("Enter")
        seen.page.wait_for_url("**#call")
        seen.page.keyboard.press("Tab")
        time = seen.page.locator(".day a").first
        assert time.evaluate("one => one === document.activeElement"), "the times are next, also by the keyboard"
        words = " ".join(time.inner_text().split())
        time.focus()
        with seen.page.expect_navigation():
            seen.page.keyboard.press("Enter")
        press(seen.page, "Book this time")
        assert seen.page.get_by_role("status").inner_text().startswith("It is settled.")
        press(seen.page, "Back to the plan")
        agreed = seen.page.get_by_role("region", name="Next call").inner_text()
        assert words.partition(", ")[0] in agreed
        assert (seen.overhang, seen.complaints, seen.outside) == (0, [], [])
    assert morning.settled()
    invite(morning.context, "006A", "001A")
    found = invitations(morning)
    assert set(found) == {OURS, THEIRS}
    assert found[OURS] == found[THEIRS], "the same entry on both sides"


def test_a_conflict_is_raised_with_a_press_and_the_csm_is_told(desk: Any, browser: Any) -> None:
    sponsor(desk)
    with window(browser, viewport=PHONE) as seen:
        seen.page.goto(desk.url + page(desk))
        press(seen.page, "Two priorities clash? Tell us")
        this, other = seen.page.get_by_role("textbox").all()[:2]
        this.fill(MIGRATION)
        other.fill(AUDIT)
        assert kept(desk) == [], "until it is sent nothing is kept"
        with seen.page.expect_navigation():
            seen.page.locator("form[method=post] button").first.click()
        assert seen.page.get_by_role("status").inner_text().startswith("Thank you")
        press(seen.page, "Back to the plan")
        assert seen.page.get_by_text(f"“{MIGRATION}” clashes with “{AUDIT}”").is_visible()
        assert (seen.overhang, seen.complaints, seen.outside) == (0, [], [])
    assert [(kind, name) for kind, name, _ in kept(desk)] == [("conflict", clash_id(MIGRATION, AUDIT))]
    review_named(desk.context, ["006A"], datetime.now(UTC), "test", frozenset(Concern))
    with desk.context.database.reading() as conn:
        told = conn.execute(select(EffectRow).where(EffectRow.kind == PLAN_ANSWERS)).all()
    assert [(one.channel, one.person_id) for one in told] == [("slack", "005C")]


def test_on_paper_nothing_is_left_to_press(face: Any, browser: Any) -> None:
    with window(browser, viewport=DESKTOP, color_scheme="dark") as seen:
        seen.page.goto(face.url + page(face))
        seen.page.emulate_media(media="print", color_scheme="dark")
        assert seen.page.get_by_text("How is it going?").is_hidden()
        assert seen.page.get_by_text("Answer: ").first.is_hidden()
        assert seen.page.get_by_role("heading", name="All the work, of both sides").is_visible()
        assert seen.page.locator("#profile").is_hidden(), "no heading without anything under it"


def press(on: Any, name: str) -> None:
    """Press the link or button of this name, which leads to another page."""
    reach(on, name)
    with on.expect_navigation():
        on.keyboard.press("Enter")


def reach(on: Any, name: str) -> None:
    """Go on with Tab until the link or button of this name has the focus, which is to be seen."""
    for _ in range(120):
        on.keyboard.press("Tab")
        focused = on.evaluate("document.activeElement.textContent.trim().replace(/\\s+/g, ' ')")
        if focused == name:
            assert on.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
            return
    raise AssertionError(f"nothing called {name!r} can be reached")
