"""How far long work has come: a line every few seconds, and none of work that is soon done."""

import logging

import pytest

from tasks.progress import EVERY, Progress


def test_a_line_every_few_seconds_and_one_at_the_end(caplog: pytest.LogCaptureFixture) -> None:
    now = 0.0
    told = Progress("{done:,} of {total:,} stored", 3000, clock=lambda: now)
    with caplog.at_level(logging.INFO):
        told.advance(500)
        now = EVERY
        told.advance(500)
        now += 1
        told.advance(1000)
        told.advance(1000)
    assert caplog.messages == ["1,000 of 3,000 stored", "3,000 of 3,000 stored"]


def test_none_where_the_work_is_soon_done(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        Progress("{done} of {total}", 10, clock=lambda: 1.0).advance(10)
    assert caplog.messages == []
