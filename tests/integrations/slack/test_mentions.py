"""The mention of a message's reader: in the text and where it is shown, within Slack's limits."""

from pathlib import Path

from integrations.ports import OutgoingMessage
from integrations.slack.blocks import BLOCKS, SECTION, blocks
from integrations.slack.file import ChatFile
from integrations.slack.mentions import mentioning, stand_in
from integrations.slack.text import length
from onboarding.messages.posts import Post


def test_a_mention_stands_first_in_the_notification_and_in_what_is_shown() -> None:
    text, built = mentioning("U123", *blocks(Post(headline="Acme: now critical", lines=("<@U9> left",)), "k"))
    assert text.startswith("<@U123> Acme: now critical")
    assert built[1]["text"]["text"] == "<@U123> &lt;@U9&gt; left"
    alone = mentioning("U123", *blocks(Post(headline="Acme"), "k"))[1]
    assert alone[1]["text"]["text"] == "<@U123>"


def test_a_mention_breaks_no_limit_of_slack() -> None:
    full = Post(headline="x" * 150, lines=("y" * SECTION, "z" * SECTION), facts=(("a", "b"),) * 500)
    _, built = mentioning("U0123456789", *blocks(full, "k"))
    assert len(built) <= BLOCKS
    assert all(
        length(block["text"]["text"]) <= SECTION for block in built if block["type"] == "section" and "text" in block
    )
    assert any("<@U0123456789>" in str(block) for block in built)


def test_a_chat_file_mentions_the_same_user_for_the_same_address(tmp_path: Path) -> None:
    chat = ChatFile(tmp_path / "chat.jsonl")
    payload = {"method": "chat.postMessage", "channel": "Cleo@vendor.test", "as_of": "2026-03-02T09:00:00+00:00"}
    post = {"headline": "Acme stalled"}
    chat.send([OutgoingMessage(key="1", payload=payload | {"post": post, "mentions": True})])
    chat.send([OutgoingMessage(key="2", payload=payload | {"post": post})])
    first, second = (tmp_path / "chat.jsonl").read_text("utf-8").splitlines()
    user = stand_in("cleo@vendor.test")
    assert user.startswith("U")
    assert f'"text": "<@{user}> Acme stalled' in first
    assert "<@" not in second
