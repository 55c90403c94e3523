"""The report's page: complete in itself, the same for the same figures, and harmless whatever an account is called."""

import re
from html.parser import HTMLParser

import pytest

from onboarding.metrics.compute import compute
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
    assert page.count('class="picture"') == 2
    assert page.count('<figure role="img" aria-label="') == 2
    assert "var(--series-3)" in page
    assert not re.findall(r"(?:fill|stroke): #0[0-9a-f]{5}", page), "a colour that the dark would not change"


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
