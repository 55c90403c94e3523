"""The pages of a customer's person by axe-core: nobody is kept out of them, in the light and in the dark."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from database.tables import PersonRow
from onboarding.model.vocabulary import SurveyKind
from tasks.commands.facts import record_meeting
from tests.browser import DESKTOP, PHONE, opened, window
from tests.web.test_plan_answers import WORK, answer, goal, page, record
from tests.web.test_surveys import page as survey_page

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with opened() as found:
        yield found


@pytest.mark.parametrize("language", ["en", "de"])
def test_no_page_of_a_customer_keeps_anybody_out(face: Any, browser: Any, language: str) -> None:
    goal(face)
    record(face, record_meeting, "kickoff_booked", datetime.now(UTC) + timedelta(days=3))
    with face.context.database.writing() as conn:
        conn.execute(update(PersonRow).values(language=language))
    answer(face, f"blocked/{WORK}", cause="time", comment="x")
    here = page(face)
    paths = [here, f"{here}/done/{WORK}", f"{here}/blocked/{WORK}", f"{here}/who", f"{here}/correct/0", f"{here}x"]
    paths += [f"{here}/pace", survey_page(face, SurveyKind.NPS), "/s/x", f"/u/{face.token()}", "/u/x"]
    for screen, light in ((DESKTOP, "light"), (DESKTOP, "dark"), (PHONE, "light"), (PHONE, "dark")):
        with window(browser, viewport=screen, color_scheme=light, bypass_csp=True) as seen:
            for path in paths:
                seen.page.goto(face.url + path)
                assert seen.barriers() == [], (path, screen, light)
