"""The report's page: complete in itself, the same for the same figures, and harmless whatever an account is called."""

import re
from dataclasses import replace
from datetime import date, timedelta
from html import unescape
from html.parser import HTMLParser

import pytest

from onboarding.metrics.compute import compute
from onboarding.metrics.figures import CheckIn, GoalFigure, StallTime
from onboarding.metrics.page.stall_costs import DEFINITION
from onboarding.model.state import Ticket
from onboarding.model.vocabulary import Status
from onboarding.model.written.track import Phase
from tasks.reporting.page import report_page
from tests.tasks.reporting.portfolio import AS_OF, EVIL, portfolio

VOID = frozenset({"meta", "br", "img", "input", "link"})


@pytest.fixture(scope="module")
def page():
    return report_page(compute(portfolio(), AS_OF))


class Reader(HTMLParser):
    def __init__(self, page):
        super().__init__()
        self.open, self.tags = [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.mark.slow
def test_nothing_in_it_comes_from_elsewhere(page):
    read = Reader(page)
    assert read.open == []
    assert not {"script", "link", "img", "iframe", "object"} & {tag for tag, _ in read.tags}
    for _, given in read.tags:
        for name in ("src", "href", "xlink:href"):
            assert given.get(name, "#").startswith("#")
    outside = set(re.findall(r"https?://[^\s\"'<]+", page))
    assert outside <= {"http://www.w3.org/1999/xlink", "http://www.w3.org/2000/svg"}
    assert "@import" not in page
    assert "url(http" not in page


def test_a_name_is_text_and_nothing_else(page):
    assert "&lt;script&gt;" in page
    assert EVIL not in page


def test_the_pictures_are_there_in_the_pages_colours_with_words_for_who_cannot_see_them(page):
    assert page.count('class="picture wide"') == page.count('class="picture narrow"') == 2
    assert page.count('<figure role="img" aria-label="') == 2
    assert "var(--series-3)" in page
    assert not re.findall(r"(?:fill|stroke): #0[0-9a-f]{5}", page), "a colour that the dark would not change"


@pytest.mark.slow
def test_the_same_figures_give_the_same_bytes(page):
    assert report_page(compute(portfolio()[::-1], AS_OF)) == page


def test_time_to_value_and_activation_stand_first(page):
    headings = re.findall(r"<h2>([^<]*)</h2>", page)
    assert headings[:2] == ["Time to value", "Activation rate"]
    assert {"Where they drop off", "Whose clock", "Stalls and what they cost", "Who gets active"} <= set(headings)


def test_who_dropped_off_is_named(page):
    assert "Customer 5" in page


def test_an_empty_portfolio_has_a_page_too():
    page = report_page(compute([], AS_OF))
    assert Reader(page).open == []
    assert "No stage has been open" in page


def test_a_table_that_is_stacked_on_a_phone_names_every_cell_that_its_heading_names(page):
    for table in re.findall(r'<table class="stack">(.*?)</table>', page, re.DOTALL):
        heading, _, body = table.partition("</thead>")
        names = re.findall(r"<th scope=\"col\"[^>]*>([^<]*)</th>", heading)
        assert set(re.findall(r'data-label="([^"]*)"', body)) <= set(names)
        for row in re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL):
            assert len(re.findall(r"data-label", row)) >= len(names) - 2


@pytest.mark.slow
def test_goals_tell_their_return_in_the_customers_own_figures_alone():
    goal = GoalFigure(
        metric="quote turnaround", unit="h", baseline=48, target=4, due=date(2026, 6, 1), value=12, reached=False
    )
    told = replace(goal, confirmed=True, gain=3600.0, currency="EUR")
    one, two = portfolio()[1:3]
    page = report_page(compute([replace(one, goals=(told, told)), replace(two, goals=(goal,))], AS_OF))
    assert "<b>7,200 EUR</b> (2 goals of 1 customer)" in page
    assert page.count('class="tag">assumed') == 1
    assert "cannot be told in money" in report_page(compute([replace(two, goals=(goal,))], AS_OF))


@pytest.mark.slow
def test_stalls_tell_their_cost_with_what_it_counts():
    one = replace(portfolio()[1], activated_at=None)
    until = one.signed_at + timedelta(days=10)
    stall = StallTime(kind="champion_left", waiting_on="customer", since=one.signed_at, until=until, open=False)
    page = report_page(compute([replace(one, stalls=(stall,), amount=36_500.0)], AS_OF))
    assert "<b>1,000</b>" in page
    assert 'data-label="cost">1,000<' in page
    assert "1 of 1 account, few" in page
    assert DEFINITION in unescape(page)
    without = report_page(compute([replace(one, stalls=(stall,))], AS_OF))
    assert "no figure, no deal has an amount" in without


@pytest.mark.slow
def test_check_ins_are_told_with_what_became_of_them():
    day7 = CheckIn(step="check_in_7", title="Check-in, day 7", outcome="sent", answered=True)
    day30 = replace(day7, step="check_in_30", title="Check-in, day 30", outcome="person", answered=False)
    page = report_page(compute([replace(portfolio()[1], check_ins=(day30, day7, day7))], AS_OF))
    rows = re.findall(r'<tr><th scope="row">(Check-in, day \d+)</th>(.*?)</tr>', page)
    assert [(title, re.findall(r">(\d+)<", cells)) for title, cells in rows] == [
        ("Check-in, day 7", ["2", "2", "0", "0", "0"]),
        ("Check-in, day 30", ["0", "0", "1", "0", "0"]),
    ]


def test_each_tier_has_its_target_beside_the_one_of_its_own_history(page):
    rows = re.findall(r'data-label="target today">([^<]*)</td><td[^>]*data-label="proposed">([^<]*)<', page)
    # high: 20+ 23 26 29 32+, down to three quarters on 23; mid: 21 24+ 27 30 33, on 27; tech: 22 25 28+ 31, on 22.
    assert rows == [("45 days", "23 days"), ("45 days", "27 days"), ("45 days", "22 days")]


@pytest.mark.slow
def test_topics_of_tickets_are_told_by_week_with_their_mood_and_shared_ones_as_a_gap():
    def asked(account, *days, topic="Import"):
        return replace(
            account, tickets=tuple(Ticket(str(day), topic, AS_OF - timedelta(days=day), -0.5) for day in days)
        )

    one, two, three, *rest = portfolio()
    told = [asked(one, 1, 9, 40), asked(two, 1), asked(three, 1), asked(rest[0], 2, topic="billing")]
    words = " ".join(re.sub("<[^>]*>", " ", report_page(compute(told, AS_OF))).split())
    assert "import 3 0, 0, 1, 3 -0.5 1 a gap in the material billing 1 0, 0, 0, 1 -0.5 0 By week" in words


@pytest.mark.slow
def test_the_phases_are_counted_without_those_who_left() -> None:
    first, *others, last = portfolio()
    moved = [replace(first, phase=Phase.TERTIARY), *others, replace(last, status=Status.CHURNED)]
    secondary = sum(one.phase is Phase.SECONDARY for one in others)
    shown = report_page(compute(moved, AS_OF))
    assert f"Phase: {len(others) - secondary} primary, {secondary} secondary, 1 tertiary." in shown
