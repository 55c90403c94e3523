"""The events of product usage that date what a detection of a playbook takes, few of many."""

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    SQLColumnExpression,
    Subquery,
    and_,
    func,
    or_,
    select,
    true,
    union,
)

from database.tables import OnboardingRow, PlaybookRow, SignalRow
from onboarding.model.usage import MOST_NEEDED, Event

WITHIN = "within_days"
Ours = Callable[[SQLColumnExpression[str]], ColumnElement[bool]]
"""Whether a user is one of our own people."""
Events = Mapping[tuple[str, str], Mapping[datetime | None, tuple[Event, ...]]]
"""By ``whose`` they are, signal and moment from which they are counted (``SignalUse.events``)."""


def windowed(conn: Connection, account_ids: Collection[str]) -> frozenset[str]:
    """Return the signals that the playbooks of these accounts count within a window."""
    versions = select(OnboardingRow.playbook).where(OnboardingRow.account_id.in_(sorted(account_ids)))
    with_window = or_(*(PlaybookRow.content.contains(f'"{WITHIN}": {digit}') for digit in range(1, 10)))
    contents = conn.execute(select(PlaybookRow.content).where(PlaybookRow.hash.in_(versions), with_window)).scalars()
    return frozenset(name for content in contents for name in _windowed_in(content))


@lru_cache(maxsize=64)
def _windowed_in(content: str) -> frozenset[str]:
    """Return the same of one stored playbook."""
    found: set[str] = set()

    def look(value: Any) -> None:
        if isinstance(value, list):
            for one in value:
                look(one)
        elif isinstance(value, dict):
            # A mapped field or a milestone may have the same name; only a detection has a signal and a number of days.
            if isinstance(value.get(WITHIN), int) and isinstance(value.get("signal"), str):
                found.update(need["signal"] for need in (value, *value.get("also", ())))
            for one in value.values():
                look(one)

    look(json.loads(content))
    return frozenset(found)


def events_of(conn: Connection, days: Subquery, ours: Ours, within_days: Collection[str]) -> Events:
    """Return the events that date what a detection takes.

    ``days`` is the usage by day without that of our own people; ``within_days`` are the signals that are counted within
    a window.
    """
    found: defaultdict[tuple[str, str], defaultdict[datetime | None, list[Event]]]
    found = defaultdict(lambda: defaultdict(list))
    theirs, windowed = ~ours(SignalRow.user), days.c.name.in_(sorted(within_days))
    queries = [_first(days, ~windowed if within_days else true(), theirs)]
    if within_days:
        queries.append(_first_and_last_by_day(days, windowed, theirs))
    for query in queries:
        for key, name, since, _, at, user, count in conn.execute(query):
            found[key, name][since].append((at, user, count))
    return {place: {since: tuple(events) for since, events in some.items()} for place, some in found.items()}


def _first(days: Subquery, which: ColumnElement[bool], theirs: ColumnElement[bool]) -> Select[Any]:
    """Select the first events, and the first event of each user: what dates a threshold of events or of users."""
    each = _each_day(days, which)
    earlier = func.sum(each.c.events).over(partition_by=_apart(each), order_by=each.c.day) - each.c.events
    counted = select(each, earlier.label("earlier")).subquery()
    ends = (func.min(counted.c.first_at).label("first_at"), func.max(counted.c.last_at).label("last_at"))
    early = select(*_apart(counted), *ends).where(counted.c.earlier < MOST_NEEDED).group_by(*_apart(counted)).subquery()
    place = func.row_number().over(partition_by=_apart(early), order_by=_EVENT[1:])
    ranked = _events_in(early, place.label("place")).where(theirs).subquery()
    of_user = [*_apart(days), days.c.user]
    seen = select(*of_user, func.min(days.c.first_at).label("at")).where(which).group_by(*of_user).subquery()
    nth = func.row_number().over(partition_by=_apart(seen), order_by=[seen.c.at, seen.c.user])
    users = select(seen, nth.label("nth")).subquery()
    of_users = _events_of_user(users, users.c.at == SignalRow.at).where(users.c.nth <= MOST_NEEDED)
    return _in_order(_without_places(ranked).where(ranked.c.place <= MOST_NEEDED), of_users)


def _first_and_last_by_day(days: Subquery, which: ColumnElement[bool], theirs: ColumnElement[bool]) -> Select[Any]:
    """Select the first and last events of each day, and the first and last one of each user."""
    each = _each_day(days, which)
    apart, place = [*_apart(each), each.c.day], func.row_number()
    there = place.over(partition_by=apart, order_by=_EVENT[1:]).label("there")
    back = place.over(partition_by=apart, order_by=[one.desc() for one in _EVENT[1:]]).label("back")
    ranked = _events_in(each, there, back).where(theirs).subquery()
    kept = or_(ranked.c.there <= MOST_NEEDED, ranked.c.back <= MOST_NEEDED)
    ends = or_(days.c.first_at == SignalRow.at, days.c.last_at == SignalRow.at)
    return _in_order(_without_places(ranked).where(kept), _events_of_user(days, ends).where(which))


_EVENT = (SignalRow.key, SignalRow.at, SignalRow.user, SignalRow.count)


def _apart(of: Subquery) -> list[ColumnElement[Any]]:
    return [of.c.whose, of.c.account_id, of.c.name, of.c.since]


def _each_day(days: Subquery, which: ColumnElement[bool]) -> Subquery:
    """Select the number of events of each signal on each day, and the first and the last moment."""
    of = [*_apart(days), days.c.day]
    ends = (func.min(days.c.first_at).label("first_at"), func.max(days.c.last_at).label("last_at"))
    return select(*of, func.sum(days.c.events).label("events"), *ends).where(which).group_by(*of).subquery()


def _events_in(times: Subquery, *places: ColumnElement[int]) -> Select[Any]:
    """Select the events of a signal between two moments."""
    here = SignalRow.at.between(times.c.first_at, times.c.last_at)
    return _events(times, here, *places)


def _events_of_user(users: Subquery, at: ColumnElement[bool]) -> Select[Any]:
    return _events(users, and_(users.c.user == SignalRow.user, at))


def _events(of: Subquery, which: ColumnElement[bool], *places: ColumnElement[int]) -> Select[Any]:
    same = and_(of.c.account_id == SignalRow.account_id, of.c.name == SignalRow.name)
    return select(of.c.whose, of.c.name, of.c.since, *_EVENT, *places).join(SignalRow, and_(same, which))


def _without_places(ranked: Subquery) -> Select[Any]:
    return select(*list(ranked.c)[: 3 + len(_EVENT)])


def _in_order(*queries: Select[Any]) -> Select[Any]:
    """Select the events of all queries, each once, in the order of time."""
    found = union(*queries).subquery()
    return select(found).order_by(found.c.at, found.c.user, found.c.count)
