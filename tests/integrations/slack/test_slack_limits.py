"""Whatever a customer's name, a message fits Slack's limits, mentions no user and links only to the CRM."""

import html
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.slack.blocks import TOTAL, blocks
from integrations.slack.buttons import about
from integrations.slack.interactions import read_press
from integrations.slack.lookup import metadata
from integrations.slack.text import escape, length
from onboarding.messages.posts import Buttons, Post
from onboarding.model.identity import many_lines
from tests.examples import examples
from tests.integrations.slack.block_rules import faults, markup, units

HOSTILE = (
    "<!channel> & <!here> <!everyone>",
    "<@U0001> <!subteam^S1> <#C0MANAGERS>",
    "<https://evil.example|Acme>",
    "&amp;lt;!channel&amp;gt;",
    "A&B <C> &",
    "شركة \u202eevil\u202c الاختبار",
    "👩‍👩‍👧‍👦🏳️‍🌈" * 40,
    "&" * 5000,
    "*bold* _it_ ~no~ `code` ```block``` > quote",
    "line\nbreak\r\nand\u2028more\x00\x1b[31m",
    "\ud800 alone",
)
IDS = st.text(alphabet="006ABCxyz", min_size=15, max_size=18)
TEXTS = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=300), st.text(alphabet="&<>😀a", max_size=4000))
BUTTONS = st.builds(
    Buttons,
    episode=st.one_of(st.just(""), st.builds("{}:{}".format, IDS, st.integers(1, 99))),
    doable=st.lists(
        st.tuples(st.builds("{}:{}".format, IDS, st.text(alphabet="abc_", min_size=1, max_size=160)), TEXTS),
        max_size=120,
    ).map(tuple),
)
POSTS = st.builds(
    Post,
    headline=TEXTS,
    facts=st.lists(st.tuples(TEXTS, TEXTS), max_size=24).map(tuple),
    lines=st.lists(TEXTS, max_size=60).map(tuple),
    footer=TEXTS,
    link=st.one_of(
        st.none(), TEXTS, st.just("https://acme.my.salesforce.com/0011?a=1&b=<2>"), st.just("https://a.example/1")
    ),
    buttons=st.one_of(st.none(), BUTTONS),
)


@settings(max_examples=examples(150))
@given(POSTS)
def test_every_message_is_one_that_slack_takes(post: Post) -> None:
    text, built = blocks(post, "006A:stall:1.1:slack:005C")
    json.dumps([text, built]).encode("utf-8")
    assert faults(built) == []
    assert 1 <= units(text) <= 4000, "an edit takes no more"
    assert markup(text) == []
    shown = [part for block in built for part in (block.get("text"), *block.get("fields", ())) if part]
    shown += [part for block in built if block["type"] == "context" for part in block["elements"]]
    for part in shown:
        assert markup(part["text"]) == [], part
        assert part["type"] == "plain_text" or part["verbatim"] is True
    sections = [block["text"]["text"] for block in built if block["type"] == "section" and "text" in block]
    assert sum(map(units, sections)) <= TOTAL + 200


@settings(max_examples=examples(300))
@given(TEXTS, st.integers(1, 4000))
def test_a_cut_text_is_the_beginning_of_what_was_meant(text: str, most: int) -> None:
    cut = escape(text, most)
    assert length(cut) <= most
    whole = many_lines(text)
    if cut.endswith("…") and not whole.endswith("…"):
        assert whole.startswith(html.unescape(cut[:-1]).rstrip())
    else:
        assert html.unescape(cut) == whole or cut.endswith("…")


@pytest.mark.parametrize("name", HOSTILE)
def test_a_customers_name_is_shown_as_it_is_spelt(name: str) -> None:
    _, built = blocks(Post(headline="x", facts=(("Account", name),)))
    shown = built[1]["fields"][0]["text"].partition("\n")[2]
    wanted = many_lines(name)
    assert html.unescape(shown) == wanted or wanted.startswith(html.unescape(shown[:-1]))


def test_a_link_is_made_only_of_an_address_that_cannot_hide_another() -> None:
    def links(url: str) -> list[str]:
        _, built = blocks(Post(headline="x", link=url))
        return [part["text"] for block in built if block["type"] == "context" for part in block["elements"]]

    assert links("https://acme.my.salesforce.com/001A?x=1&y=2") == [
        "<https://acme.my.salesforce.com/001A?x=1&amp;y=2|Open in the CRM>"
    ]
    for url in ("http://acme.example", "javascript:alert(1)", "https://a.example/|evil", "https://a.example/>x", ""):
        assert links(url) == []


def test_what_is_too_much_for_one_message_is_said() -> None:
    _, built = blocks(Post(headline="x", lines=("y" * 2900,) * 20))
    assert "more than fits" in built[-1]["text"]["text"]
    assert len(built) < 8


@settings(max_examples=examples(100))
@given(POSTS.filter(lambda post: post.buttons is not None))
def test_every_button_leads_back_to_what_it_is_about(post: Post) -> None:
    assert post.buttons is not None
    _, built = blocks(post, "006A:stall:1.1:slack:005C")
    for row in [block for block in built if block["type"] == "actions"]:
        for element in row["elements"]:
            options = element.get("options") or [None]
            for option in options:
                action = {"type": element["type"], "action_id": element["action_id"], "block_id": row["block_id"]}
                action |= {"action_ts": "1.1", "value": element.get("value"), "selected_option": option}
                payload = {"type": "block_actions", "actions": [action], "user": {"id": "U1"}, "team": {"id": "T1"}}
                press = read_press(payload)
                assert press is not None
                told = (option or {}).get("value") or post.buttons.episode
                assert press.onboarding == told.partition(":")[0] if not post.buttons.episode else True
                if post.buttons.episode:
                    assert f"{press.onboarding}:{press.episode}" == post.buttons.episode


def test_an_edit_brings_choices_with_a_new_id_so_that_they_are_empty_again() -> None:
    buttons = Post(headline="x", buttons=Buttons(episode="006A:1"))
    ids = {
        blocks(buttons, key)[1][-1]["block_id"] for key in ("006A:stall:1.1:slack:005C", "006A:stall:1.2:slack:005C")
    }
    assert len(ids) == 2


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"type": "view_submission"},
        {"type": "block_actions"},
        {"type": "block_actions", "actions": []},
        {"type": "block_actions", "actions": [{"block_id": "other", "action_id": "x", "action_ts": "1"}]},
        {"type": "block_actions", "actions": [{"block_id": 7}], "user": None},
        {"type": "block_actions", "actions": "x"},
    ],
)
def test_what_is_no_press_of_ours_is_passed_over(payload: dict[str, object]) -> None:
    assert read_press(payload) is None


@settings(max_examples=examples(200))
@given(
    st.recursive(
        st.one_of(st.none(), st.integers(), st.text(max_size=20)),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(st.sampled_from(["type", "actions", "user", "team", "block_id", "value", "id"]), inner)
        ),
        max_leaves=20,
    )
)
def test_no_payload_breaks_the_reader(found: object) -> None:
    payload = found if isinstance(found, dict) else {"actions": [found]}
    read_press({**payload, "type": "block_actions"})
    about(str(found), "")


def test_the_metadata_has_the_effects_key_and_no_name() -> None:
    found = metadata("006A:stall:1.1:slack:005C")
    assert len(json.dumps(found)) < 500
    assert found == {"event_type": "first90_effect", "event_payload": {"key": "006A:stall:1.1:slack:005C"}}
