"""The events of product usage that date what a detection of a playbook takes, few of many."""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Select, func, or_, select

from database.statements import utc_day
from database.tables import OnboardingRow, PlaybookRow, SignalRow
from onboarding.model.usage import MOST_NEEDED, Event

WITHIN = "within_days"


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
            if value.get(WITHIN):
                found.update(need["signal"] for need in (value, *value.get("also", ())))
            for one in value.values():
                look(one)

    look(json.loads(content))
    return frozenset(found)


def events_of(
    conn: Connection, used: Select[Any], within_days: Collection[str]
) -> Mapping[tuple[str, str], Mapping[datetime | None, tuple[Event, ...]]]:
    """Return the events that date what a detection takes, by ``whose`` they are, signal and moment from which they are
    counted (``SignalUse.events``). ``within_days`` are the signals that are counted within a window."""
    found: defaultdict[tuple[str, str], defaultdict[datetime | None, list[Event]]]
    found = defaultdict(lambda: defaultdict(list))
    queries = [_first(used)]
    if within_days:
        counted_within = SignalRow.name.in_(sorted(within_days))
        of_day = used.where(counted_within).add_columns(utc_day(conn, SignalRow.at).label("day"))
        queries = [_first(used.where(~counted_within)), _first_and_last_by_day(of_day)]
    for query in queries:
        for key, name, since, *event in conn.execute(query):
            found[key, name][since].append(tuple(event))
    return {place: {since: tuple(events) for since, events in some.items()} for place, some in found.items()}


def _first(used: Select[Any]) -> Select[Any]:
    """Select the first events, and the first event of each user: what dates a threshold of events or of users."""
    of = used.subquery()
    apart = [of.c.whose, of.c.name, of.c.since]
    in_time = [of.c.at, of.c.user, of.c.count]
    nth = func.row_number().over(partition_by=[*apart, of.c.user], order_by=in_time)
    numbered = select(*apart, *in_time, nth.label("nth")).subquery().c
    apart = [numbered.whose, numbered.name, numbered.since]
    in_order = [numbered.at, numbered.user, numbered.count]
    ranked = select(
        *apart,
        *in_order,
        func.row_number().over(partition_by=apart, order_by=in_order).label("place"),
        func.row_number().over(partition_by=apart, order_by=[numbered.nth, *in_order]).label("user_place"),
    ).subquery()
    first = or_(ranked.c.place <= MOST_NEEDED, ranked.c.user_place <= MOST_NEEDED)
    return select(*ranked.c["whose", "name", "since", "at", "user", "count"]).where(first).order_by(ranked.c.place)


def _first_and_last_by_day(used: Select[Any]) -> Select[Any]:
    """Select the first and last events of each day, and the first and last one of each user."""
    of = used.subquery().c
    apart, of_user = [of.whose, of.name, of.since, of.day], [of.whose, of.name, of.since, of.day, of.user]
    there = [of.at, of.user, of.count]
    back = [one.desc() for one in there]
    place = func.row_number()
    ranked = select(
        *(of.whose, of.name, of.since, *there),
        place.over(partition_by=apart, order_by=there).label("first"),
        place.over(partition_by=apart, order_by=back).label("last"),
        place.over(partition_by=of_user, order_by=there).label("first_of_user"),
        place.over(partition_by=of_user, order_by=back).label("last_of_user"),
    ).subquery()
    found = ranked.c
    kept = or_(found.first <= MOST_NEEDED, found.last <= MOST_NEEDED, found.first_of_user == 1, found.last_of_user == 1)
    in_order = (found.at, found.user, found.count)
    return select(found.whose, found.name, found.since, *in_order).where(kept).order_by(*in_order)
