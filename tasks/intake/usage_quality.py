"""The quality of the usage data: what could not be read, what is dated ahead, and which of its users are our people."""

import json
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from database import key_values
from database.crm import problems
from database.events import signals
from database.onboardings import openings
from onboarding.model.crm_records import Problem
from onboarding.model.identity import one_spelling
from onboarding.model.phrases import day_words
from onboarding.model.usage import SignalBatch
from onboarding.people.team import Team
from onboarding.usage.arrival import IN_USE, SEVERAL, heard_at, stopped

FAR_AHEAD = timedelta(days=1)
"""An event dated so far ahead is reported; less is a zone or a clock skew that passes by itself. Our choice."""
REMEMBERED = timedelta(days=120)
"""How long unreadable usage is remembered: longer than any onboarding waits for activity. Our choice."""
DATED_AHEAD = ", dated ahead"
"""The suffix of the source under which events are listed that do not count before their date."""
ARRIVAL = "product usage"
"""The source under which it is listed that usage has stopped to arrive."""
WAITS = (
    "Until some arrives, nobody can say who is silent and stalls by usage wait; mend what reports it. Any event shows "
    "that it arrives, also one of your own people"
)
_SOURCE = "signals_source"
"""The key of the usage source that was last read."""


def note_unreadable(conn: Connection, batch: SignalBatch, as_of: datetime) -> None:
    """Store of which accounts usage came that could not be read: before that moment no account counts as silent (HS-8).

    A source that is read whole names all that is unreadable now; for one that is read incrementally, what it named
    before is kept. Safe to repeat.
    """
    kept = _kept(conn, key_values.UNREADABLE)
    if batch.whole:
        names = kept if batch.unchanged else batch.unreadable
        told = {name: as_of.isoformat() for name in names}
    else:
        old = (as_of - REMEMBERED).isoformat()
        told = {name: at for name, at in kept.items() if at > old}
        told |= {name: as_of.isoformat() for name in batch.unreadable}
    if told != kept:
        key_values.write(conn, key_values.UNREADABLE, json.dumps(told), as_of)


def note_ahead(conn: Connection, read: str, accounts: Collection[str], as_of: datetime) -> str:
    """Report accounts with events dated far ahead; return the source under which they are listed. ``accounts`` had
    some in this read of the source ``read``.

    Such an event is kept and counts from its own date on; then the report ends by itself. Safe to repeat.
    """
    source = f"{read}{DATED_AHEAD}"
    told = [problem for problem in problems.open_problems(conn) if problem.source.endswith(DATED_AHEAD)]
    names = {problem.record.partition(" ")[0] for problem in told}
    names |= set(accounts)
    if not names:
        return source
    found = [
        Problem(
            source=source,
            record=f"{account} {name}",
            field="at",
            problem=f"has events ahead of now, the last on {day_words(last)}; each counts from its date on. If the "
            "clock of what reports them is wrong, correct it there",
        )
        for account, name, last in signals.ahead_of(conn, names, as_of + FAR_AHEAD)
    ]
    # Events ahead that came from an earlier source are kept too, and are listed under the one in use.
    problems.note_problems(conn, found, as_of, {source, *(problem.source for problem in told)})
    return source


def note_arrivals(conn: Connection, as_of: datetime) -> None:
    """Store when any account was last heard of, and set aside, once, that usage has stopped to arrive.

    When it arrives again that ends by itself, and all onboardings are marked for review. Safe to repeat.
    """
    heard = heard_at(signals.last_heard(conn, as_of, SEVERAL, IN_USE).values())
    kept = key_values.read_all(conn, (key_values.SIGNALS, key_values.HEARD))
    told = heard.isoformat() if heard else ""
    if key_values.HEARD not in kept or kept[key_values.HEARD].value != told:
        key_values.write(conn, key_values.HEARD, told, as_of)
    source = kept.get(key_values.SIGNALS)
    why = stopped(source.at, heard, as_of) if source else None
    before = any(one.source == ARRIVAL for one in problems.open_problems(conn))
    found = [Problem(source=ARRIVAL, record="all accounts", field="", problem=f"{why} {WAITS}")] if why else []
    problems.note_problems(conn, found, as_of, [ARRIVAL])
    if before and not found:
        openings.touch(conn, openings.live_keys(conn), as_of)


def end_other_source(conn: Connection, source: str, as_of: datetime) -> None:
    """End what was set aside of the usage source that was read before, where it is another one than ``source`` (empty:
    none is read now). Safe to repeat."""
    kept = key_values.read(conn, _SOURCE)
    if (kept.value if kept else "") == source:
        return
    if kept is not None and kept.value:
        problems.note_problems(conn, (), as_of, [kept.value])
    key_values.write(conn, _SOURCE, source, as_of)


def note_our_people(conn: Connection, team: Team, as_of: datetime) -> None:
    """Store which of our people, besides the users of the CRM, may be in the usage; a change marks all onboardings for
    review. Safe to repeat."""
    told = {
        "addresses": sorted({one_spelling(member.email) for member in team.members}),
        "domains": sorted(domain.lower() for domain in team.domains),
    }
    if told != _kept(conn, key_values.OUR_PEOPLE):
        key_values.write(conn, key_values.OUR_PEOPLE, json.dumps(told), as_of)
        openings.touch(conn, openings.live_keys(conn), as_of)


def _kept(conn: Connection, name: str) -> dict[str, Any]:
    found = key_values.read(conn, name)
    return dict(json.loads(found.value)) if found else {}
