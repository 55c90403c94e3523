"""The board's page of one account: health by day, drawn and in words, served and as a file."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from onboarding.board.portfolio import Attention, Board, Column, Filter, Portfolio
from onboarding.model.case import Fact
from onboarding.model.phrases import near_day_words
from onboarding.model.vocabulary import Stage
from onboarding.review_case import review
from onboarding.usage.product_users import ProductUser
from tasks.views.picture import Picture
from tests.builders.case import CASE, SIGNED
from tests.builders.facts import build_fact
from tests.builders.playbook import build_playbook
from web.board.addresses import Addresses, Files, Served
from web.board.pages import account_page, board_page

NOW = datetime(2026, 3, 12, 9, tzinfo=UTC)


def page(
    to: Addresses, *history: tuple[str, int | None], users: tuple[ProductUser, ...] = (), facts: tuple[Fact, ...] = ()
) -> str:
    case = replace(CASE, facts=facts, progress=replace(CASE.progress, health_history=history))
    found = review(case, build_playbook(), NOW)
    seen = Picture(
        now=NOW,
        case=found.case,
        playbook=found.playbook,
        review=found.review,
        summary=found.summary,
        halted={},
        users=users,
    )
    return account_page(seen, to)


@pytest.mark.parametrize("to", [Served("../"), Files("../")])
def test_health_by_day_is_drawn_with_words_and_every_day_in_figures(to: Addresses) -> None:
    html = page(to, ("2026-03-02", 80), ("2026-03-07", 50), ("2026-03-11", 90))
    assert 'aria-label="Health by day from 2 March 2026 to ' in html
    assert 'points="0.0,12.0 ' in html
    assert "<li>80 from 2 March 2026 on</li>" in html
    assert html.index("<li>50 from 7 March 2026 on</li>") < html.index("<li>80 from 2 March 2026 on</li>")


def test_a_time_of_unknown_health_is_a_gap_in_the_curve_and_told_in_the_figures() -> None:
    html = page(Served("../"), ("2026-03-02", 80), ("2026-03-04", None), ("2026-03-07", 50))
    assert html.count("<polyline") == 2
    assert "<li>unknown from 4 March 2026 on</li>" in html


def test_the_days_of_work_are_short_and_say_their_year_only_where_it_is_another_one() -> None:
    work = page(Served("../")).partition("<h2>Work</h2>")[2].partition("</table>")[0]
    assert re.search(r">was due \d+ [A-Z][a-z]{2}<", work)
    assert near_day_words(NOW, NOW) == "12 Mar"
    assert near_day_words(NOW, NOW.replace(year=2027)) == "12 Mar 2026"


def test_a_summary_from_before_the_phase_was_kept_is_still_on_the_board() -> None:
    found = review(CASE, build_playbook(), NOW)
    line = {**found.summary.as_json(), "status": "completed", "stage": "done", "next_touchpoint_at": None}
    del line["phase"]
    column = Column(stage=Stage.DONE, lines=[{**line, "next_title": ""}], count=1, stalled=0)
    everyone = Portfolio(live=0, attention=dict.fromkeys(Attention, 0), owners=(), tiers=("mid",))
    board = Board(asked=Filter(), portfolio=everyone, columns=[column])
    assert CASE.account.name in board_page(board, Served("../"), NOW)


def test_without_a_history_no_curve_is_drawn() -> None:
    assert "Health by day" not in page(Served("../"))


def test_who_uses_the_product_is_a_list_with_short_days_that_fits_a_narrow_column() -> None:
    used = ProductUser(user="ann@customer.test", roles=("end_user",), first_use_at=SIGNED, last_use_at=NOW, minutes=70)
    html = page(Served("../"), users=(used, ProductUser(user="ben", misses="the first use of the product")))
    said = html[html.index("Users of the product") : html.index("Our team")]
    assert "<table" not in said, "six columns do not fit a narrow one"
    words = " ".join(re.sub("<[^>]*>", " ", said).split())
    assert "ann@customer.test , end user" in words
    assert f"first use {SIGNED:%-d %b}, last use 12 Mar 70 min in 30 days" in words
    assert "ben use: none next: the first use of the product" in words


def test_what_they_asked_support_is_told_by_topic_and_week() -> None:
    asked = build_fact("ticket", "T-1", NOW - timedelta(days=2), value={"topic": "Import", "sentiment": -1})
    html = page(Served("../"), facts=(asked,))
    words = " ".join(re.sub("<[^>]*>", " ", html).split())
    assert "What they asked support import 1 in four weeks (by week 0, 0, 0, 1), mood -1.0 The customer" in words
    assert "What they asked support" not in page(Served("../"))
