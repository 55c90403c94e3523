"""The board's page of one account: health by day, drawn and in words, served and as a file."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from onboarding.board.portfolio import Filter
from onboarding.review_case import review
from tasks.views.picture import Picture
from tests.builders.case import CASE
from tests.builders.playbook import build_playbook
from web.board.addresses import Addresses, Files, Served
from web.board.pages import account_page, board_page

NOW = datetime(2026, 3, 12, 9, tzinfo=UTC)


def page(to: Addresses, *history: tuple[str, int]) -> str:
    case = replace(CASE, progress=replace(CASE.progress, health_history=history))
    found = review(case, build_playbook(), NOW)
    seen = Picture(
        now=NOW,
        case=found.case,
        playbook=found.playbook,
        review=found.review,
        summary=found.summary,
        halted={},
    )
    return account_page(seen, to)


@pytest.mark.parametrize("to", [Served("../"), Files("../")])
def test_health_by_day_is_drawn_with_words_and_every_day_in_figures(to: Addresses) -> None:
    html = page(to, ("2026-03-02", 80), ("2026-03-07", 50), ("2026-03-11", 90))
    assert 'aria-label="Health by day from 2 March 2026 to ' in html
    assert 'points="0.0,12.0 ' in html
    assert "<li>80 from 2 March 2026 on</li>" in html
    assert html.index("<li>50 from 7 March 2026 on</li>") < html.index("<li>80 from 2 March 2026 on</li>")


def test_a_summary_from_before_the_phase_was_kept_is_still_on_the_board() -> None:
    found = review(CASE, build_playbook(), NOW)
    line = {**found.summary.as_json(), "status": "completed", "stage": "done", "next_touchpoint_at": None}
    del line["phase"]
    assert CASE.account.name in board_page([line], Filter(), Served("../"), NOW)


def test_without_a_history_no_curve_is_drawn() -> None:
    assert "Health by day" not in page(Served("../"))
