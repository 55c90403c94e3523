"""``status`` says first thing what does not leave, and why."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import update

from database import breakers
from database.engine import open_database
from database.tables import EFFECT

First90 = Callable[..., Any]


def test_status_names_a_channel_that_is_down_and_counts_what_waits_for_a_person(first90: First90, home: Path) -> None:
    quiet = first90("status").out
    assert "Undelivered" not in quiet
    assert "is down" not in quiet
    database = open_database(f"sqlite:///{home / 'first90.db'}", create=False)
    with database.writing() as conn:
        told = "the token was refused; correct FIRST90_MAIL_TOKEN"
        breakers.failed(conn, "mail", 1, datetime(2026, 3, 4, 9, tzinfo=UTC), told, whole_lane=True)
        conn.execute(update(EFFECT).where(EFFECT.c.kind == "welcome").values(state="dead", error="no such mailbox"))
    database.close()
    said = first90("status")
    shown = " ".join(said.out.split())
    assert "mail is down since 04 Mar 09:00 UTC: the token was refused; correct FIRST90_MAIL_TOKEN" in shown
    assert "dead; first90 effects --state dead" in shown
    assert isinstance(first90("status", "--json").json, list)
