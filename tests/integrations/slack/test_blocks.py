"""Posts in Block Kit: within Slack's limits, without mentions and misleading links."""

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.slack.blocks import blocks
from integrations.slack.text import escape
from onboarding.messages.posts import Post
from tests.examples import examples

NASTY = "<!channel> <@U123> <http://evil.example|Acme> & <!subteam^S1>"


def texts(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for item in value.values() for text in texts(item)]
    if isinstance(value, list):
        return [text for item in value for text in texts(item)]
    return [value] if isinstance(value, str) else []


def test_a_post_reads_as_it_was_meant() -> None:
    post = Post(
        headline="Acme: kickoff not booked",
        facts=(("Waiting on", "customer"), ("Since", "2 March")),
        lines=("Next: call Ann.", "Then: book."),
        footer="episode 1",
        link="https://crm.example.com/1?a=1&b=2",
    )
    text, built = blocks(post)
    assert text == "Acme: kickoff not booked\nNext: call Ann.\nThen: book."
    assert [block["type"] for block in built] == ["header", "section", "section", "context"]
    assert [field["text"] for field in built[2]["fields"]] == ["*Waiting on*\ncustomer", "*Since*\n2 March"]
    assert built[1]["text"]["text"] == "Next: call Ann.\nThen: book."
    assert [element["text"] for element in built[3]["elements"]] == [
        "<https://crm.example.com/1?a=1&amp;b=2|Open in the CRM>",
        "episode 1",
    ]


def test_one_idea_is_one_block_and_an_empty_line_parts_them() -> None:
    _, built = blocks(Post(headline="x", lines=("Cause.", "", "Next step: call.", "", "Also open:", "• one")))
    assert [block["text"]["text"] for block in built[1:]] == ["Cause.", "Next step: call.", "Also open:\n• one"]
    many = tuple(line for number in range(60) for line in (f"idea {number}", ""))
    _, built = blocks(Post(headline="x", lines=many, footer="end"))
    assert "idea 59" in json.dumps(built), "too many for a block each, so they are packed"


@pytest.mark.parametrize(("severity", "mark"), [("critical", "🔴"), ("warning", "🔶"), ("low", "🔹"), ("over", "✅")])
def test_a_severity_has_a_mark_of_its_own_before_the_words(severity: str, mark: str) -> None:
    text, built = blocks(Post(headline="Acme: stage overdue (warning)", severity=severity))
    assert text == built[0]["text"]["text"] == f"{mark} Acme: stage overdue (warning)"


def test_the_account_leads_to_its_record_and_its_page() -> None:
    post = Post(
        headline="x",
        facts=(("Account", "Smith | <Co>"), ("Stage", "Setup")),
        link="https://crm.example.com/1",
        page="https://board.example.com/board/006?link=abc",
    )
    _, built = blocks(post)
    assert [field["text"] for field in built[1]["fields"]] == [
        "*Account*\n<https://crm.example.com/1|Smith &lt;Co&gt;>",
        "*Stage*\nSetup",
    ]
    assert [one["text"] for one in built[2]["elements"]] == [
        "<https://crm.example.com/1|Open in the CRM>",
        "<https://board.example.com/board/006?link=abc|Open its page>",
    ]
    assert (
        "<"
        not in blocks(Post(headline="x", facts=(("Account", "A"),), page="http://plain.example"))[1][1]["fields"][0][
            "text"
        ]
    )


def test_a_customers_name_cannot_mention_a_user() -> None:
    post = Post(headline=NASTY, facts=((NASTY, NASTY),), lines=(NASTY,), footer=NASTY)
    text, built = blocks(post)
    for said in [text, *texts(built)]:
        assert "<" not in said
        assert not re.search(r"&(?!amp;|lt;|gt;)", said)
    assert "&lt;!channel&gt;" in text
    assert all(part["verbatim"] for block in built for part in block.get("fields", []))


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "https://a.example/|x", "https://a.example/> <!here", "http://a.example"]
)
def test_a_link_that_is_no_plain_web_address_is_left_out(link: str) -> None:
    _, built = blocks(Post(headline="x", link=link))
    assert [block["type"] for block in built] == ["header"]


def test_cutting_never_splits_an_entity() -> None:
    for most in range(1, 40):
        cut = escape("&<>" * 20, most)
        assert len(cut) <= most
        assert re.fullmatch(r"(&amp;|&lt;|&gt;)*…", cut)
    assert escape("&<>", 13) == "&amp;&lt;&gt;"


@settings(max_examples=examples(100))
@given(
    st.builds(
        Post,
        headline=st.text(max_size=400),
        facts=st.lists(st.tuples(st.text(max_size=300), st.text(max_size=3000)), max_size=12).map(tuple),
        lines=st.lists(st.text(max_size=4000), max_size=12).map(tuple),
        footer=st.text(max_size=3000),
    )
)
def test_every_post_fits_slacks_limits(post: Post) -> None:
    check_limits(post)


def test_the_largest_post_fits_slacks_limits() -> None:
    check_limits(
        Post(
            headline="&" * 500,
            facts=(("<" * 500, "😀" * 3000),) * 70,
            lines=("&" * 5000,) * 90,
            footer="<" * 5000,
            link="https://a.example/",
        )
    )


def check_limits(post: Post) -> None:
    text, built = blocks(post)
    assert 0 < len(text) <= 3000
    assert 0 < len(built) <= 50
    json.dumps([text, built]).encode("utf-8")
    for block in built:
        if block["type"] == "header":
            assert 0 < size(block["text"]["text"]) <= 150
        elif "fields" in block:
            assert 0 < len(block["fields"]) <= 10
            assert all(0 < size(part["text"]) <= 2000 for part in block["fields"])
        elif block["type"] == "section":
            assert 0 < size(block["text"]["text"]) <= 3000
        else:
            assert 0 < len(block["elements"]) <= 10
            assert all(0 < size(part["text"]) <= 2000 for part in block["elements"])


def size(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
