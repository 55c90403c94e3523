"""The readers' links in Slack messages: made once for a batch, kept from then on, and none in a dry run."""

import json
from datetime import datetime
from typing import Any

import pytest

from config.settings.load import load_settings
from tasks.delivery import reader_links
from tasks.runtime.context import open_run_context
from tasks.views import readers

CSM = "csm@vendor.example"
BOARD = "https://onboarding.vendor.example/board"


@pytest.fixture
def published(office: Any) -> Any:
    """Return the office with three customers whose kickoff is not booked, and a board with an address."""
    office.setenv("FIRST90_PUBLIC_URL", "https://onboarding.vendor.example")
    office.setenv("FIRST90_LINK_SECRET", "n" * 40)
    for number in (1, 2, 3):
        office.customer(number)
    office.run()
    return office


@pytest.mark.slow
def test_the_messages_of_a_batch_share_one_reading_of_their_readers_link_and_a_known_one_is_not_written_again(
    published: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed, made = [], []
    sign, make = readers.board_token, readers._new_number

    def signing(context: Any, reader: str, now: datetime) -> str:
        signed.append(reader)
        return sign(context, reader, now)

    def making(context: Any, reader: str, now: datetime) -> str:
        made.append(reader)
        return make(context, reader, now)

    monkeypatch.setattr(reader_links, "board_token", signing)
    monkeypatch.setattr(readers, "_new_number", making)
    published.run("2026-03-03T13:00")
    told = [post for post in published.told(CSM) if BOARD in json.dumps(post)]
    assert len(told) == 4, "three stalls and the digest"
    assert (signed, made) == ([CSM], [CSM])
    published.run("2026-03-04T09:00")
    assert len([post for post in published.told(CSM) if BOARD in json.dumps(post)]) > len(told)
    assert (signed, made) == ([CSM, CSM], [CSM])


@pytest.mark.slow
def test_a_dry_run_makes_no_link(published: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader_links, "board_token", lambda *_: pytest.fail("a link was made"))
    published.shut()
    with open_run_context(load_settings(env_file=None), dry=True) as context:
        assert published.cycle(context, "2026-03-03T13:00").sent >= 4
