"""JSON nested deeper than Python parses is bad input like any other, wherever it comes in."""

import httpx
import pytest

from integrations.mail.http_sender import _object
from integrations.mail.webhook import Unreadable, parse
from integrations.salesforce.cursor import Cursor
from integrations.slack.file import _key_and_ts
from web.slack_actions import _event, _interaction

DEEP = "[" * 100_000 + "]" * 100_000


def test_a_post_of_slack_that_is_too_deep_is_none() -> None:
    assert _interaction(f"payload={DEEP}".encode()) is None
    assert _event(DEEP.encode()) is None


def test_an_answer_that_is_too_deep_says_nothing() -> None:
    assert _object(httpx.Response(200, text=DEEP)) == {}


def test_a_line_or_cursor_that_is_too_deep_is_passed_over() -> None:
    assert _key_and_ts(DEEP.encode()) is None
    assert Cursor.read(DEEP, "fit") is None


def test_a_webhook_that_is_too_deep_is_refused() -> None:
    with pytest.raises(Unreadable):
        parse(DEEP.encode())
