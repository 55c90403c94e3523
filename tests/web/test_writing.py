"""Requests that write take few threads and short transactions, so that pages that only read are served beside them."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import event, text

from onboarding.model.vocabulary import SurveyKind
from tasks.commands.suppressions import BATCH
from tasks.runtime.links import Link, plan_address, survey_url
from tasks.views.readers import board_url
from tests.conftest import BOTH_DATABASES
from tests.web.conftest import bounce
from web.writing import WRITERS

MANY = 60
"""More than the server has threads: each waits for the writer."""


def test_a_page_that_only_reads_is_served_while_writers_wait(face: Any) -> None:
    with ThreadPoolExecutor(MANY) as readers, face.context.database.writing():  # another process writes for long
        unsubscribed = [readers.submit(face.post, f"/u/{face.token(2)}") for _ in range(MANY)]
        time.sleep(0.5)  # until the server has them all; it answers none of them yet
        assert not any(one.done() for one in unsubscribed)
        for _ in range(5):
            assert face.client.get(f"{face.url}/u/{face.token()}", timeout=5).status_code == 200
    assert [one.result().status_code for one in unsubscribed] == [200] * MANY
    assert WRITERS < MANY


def readable(face: Any) -> Iterator[str]:
    """Return the address of each page that people read, with its link."""
    settings, reader, now = face.context.settings, Link("0031", "006A"), datetime.now(UTC)
    board = board_url(face.context, "cleo@vendor.example", now)
    links = [board, survey_url(settings, SurveyKind.CES, reader, now), plan_address(settings, reader, 0, now)]
    yield from (link.removeprefix(settings.public_url) for link in links)
    yield board.removeprefix(settings.public_url).replace("/board?", "/board/006A?")
    yield from (f"/u/{face.token()}", "/health", "/ready?exclude=sweep")


@BOTH_DATABASES
def test_no_page_waits_for_a_writer(face: Any, proof: Any) -> None:
    pages = list(readable(face))
    alone = {path: answered(face, path) for path in pages}
    with face.context.database.writing() as conn:  # another process, in the middle of a long transaction
        conn.execute(text("UPDATE onboarding SET version = version + 1"))
        conn.execute(text("UPDATE account SET name = 'Other'"))
        beside = {path: answered(face, path) for path in pages}
    told = ", ".join(f"{path[:7]} {alone[path] * 1000:.0f} {beside[path] * 1000:.0f}" for path in pages)
    proof(f"PAGES {face.context.database.dialect}, ms alone and beside a writer: {told}")


def answered(face: Any, path: str) -> float:
    """Return the seconds until the page is there. A page that waits for the writer is not there in time."""
    began = time.monotonic()
    assert face.client.get(face.url + path, timeout=10).status_code == 200, path
    return time.monotonic() - began


@BOTH_DATABASES
def test_a_webhook_request_of_many_events_writes_in_short_transactions(face: Any) -> None:
    together, steps, engine = 0, [], face.context.database.engine

    def taken(conn: Any, cursor: Any, statement: str, *_: Any) -> None:
        nonlocal together
        together += statement.startswith("INSERT INTO inbox")

    def committed(conn: Any) -> None:
        nonlocal together
        steps.append(together)
        together = 0

    event.listen(engine, "before_cursor_execute", taken)
    event.listen(engine, "commit", committed)
    moment = int(time.time()) - 60
    told = [
        {"event": "bounce", "type": "bounce", "email": f"p{number}@acme.example", "sg_event_id": f"e{number}"}
        | {"timestamp": moment}
        for number in range(175)
    ]
    assert face.sendgrid(told).text == "175 new\n"
    event.remove(engine, "before_cursor_execute", taken)
    event.remove(engine, "commit", committed)
    assert sum(steps) == 175
    assert max(steps) <= BATCH
    assert face.sendgrid(told).text == "0 new\n"
    assert face.postmark(bounce(1, "p1@acme.example")).status_code == 200
