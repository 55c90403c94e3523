"""Product usage of a batch of accounts up to a moment, summed by the database."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, or_, select, union_all

from database import key_values
from database.events.dating import Events, Ours, events_of, windowed
from database.events.periods import Period, by_day, from_signature, until_next_signature
from database.events.recent_users import recent_users
from database.tables import FactRow, OnboardingRow, OwnerRow, SignalDayRow, SignalRow
from onboarding.model.parties import Account
from onboarding.model.reports import CORRECTIONS
from onboarding.model.usage import ANY_ACCOUNT, OwnUse, SignalUse, Usage


def of_accounts(account_ids: Iterable[str], now: datetime) -> Period:
    """Return all usage of these accounts up to ``now``, by account."""
    account = SignalDayRow.account_id
    return Period(whose=account, which=account.in_(sorted(account_ids)), now=now)


def of_onboardings(keys: Iterable[str], now: datetime) -> Period:
    """Return the usage that counts in these onboardings up to ``now``, by onboarding."""
    return Period(
        whose=OnboardingRow.key,
        which=OnboardingRow.key.in_(sorted(keys)),
        now=now,
        begins=from_signature,
        before_end=until_next_signature,
        joined=((OnboardingRow, OnboardingRow.account_id == SignalDayRow.account_id),),
    )


def read(
    conn: Connection, accounts: Mapping[str, Account], now: datetime, corrected: Collection[str] = ()
) -> tuple[Mapping[str, Usage], Usage]:
    """Return usage by account as it was at ``now`` (UTC), and the usage of an account without any event."""
    return _read(conn, of_accounts(accounts, now), accounts, corrected)


def read_by_period(
    conn: Connection, accounts: Mapping[str, Account], now: datetime, corrected: Collection[str]
) -> Mapping[str, Usage]:
    """Return the same by onboarding, each with the events of its own time; ``accounts`` is by onboarding too.

    For onboardings of a customer that had several: what was used in one proves nothing in another.
    """
    return _read(conn, of_onboardings(accounts, now), accounts, corrected)[0] if accounts else {}


def _read(
    conn: Connection, period: Period, accounts: Mapping[str, Account], corrected: Collection[str]
) -> tuple[Mapping[str, Usage], Usage]:
    """Return usage by the period's ``whose``, the key of ``accounts``, and the usage of one without any event.

    Some four statements over days and first events, two where there is no event, and one more for the accounts of
    ``corrected``, those in whose onboardings a person took a milestone back. Of events dated ahead only the first
    moment is given. What our own people did is listed apart and counts nowhere else. ``users`` counts distinct named
    users.
    """
    kept = key_values.read_all(
        conn, (key_values.SIGNALS, key_values.UNREADABLE, key_values.OUR_PEOPLE, key_values.HEARD)
    )
    source = kept.get(key_values.SIGNALS)
    heard = kept.get(key_values.HEARD)
    heard_at = datetime.fromisoformat(heard.value) if heard and heard.value else None
    quiet = Usage(known=source is not None, read_at=source.at if source else None, heard_at=heard_at)
    ours = own_people(kept.get(key_values.OUR_PEOPLE))
    totals = conn.execute(_totals(period, ours)).all()
    events, anew = (
        _events(conn, period, accounts, corrected, ours) if any(not one.by_us for one in totals) else ({}, {})
    )
    found: defaultdict[str, list[SignalUse]] = defaultdict(list)
    own: defaultdict[str, list[OwnUse]] = defaultdict(list)
    for key, name, by_us, total, users, first_at, last_at in totals:
        if by_us:
            own[key].append(OwnUse(name=name, total=int(total), last_at=last_at))
            continue
        found[key].append(
            SignalUse(
                name=name,
                total=int(total),
                users=users,
                first_at=first_at,
                last_at=last_at,
                events=events[key, name][None],
                after={since: found for since, found in anew.get((key, name), {}).items() if since},
            )
        )
    until = min(period.now, quiet.known_until or period.now)
    recent = recent_users(conn, period, {one.id for one in accounts.values()}, until, ours) if found else {}
    ahead = dict(row._tuple() for row in conn.execute(_ahead(period)))
    unread = _unread(accounts, kept.get(key_values.UNREADABLE))
    return {
        key: Usage(
            known=quiet.known,
            read_at=quiet.read_at,
            signals=tuple(found[key]),
            ours=tuple(own[key]),
            ahead_at=ahead.get(key),
            unread_at=unread.get(key),
            heard_at=heard_at,
            recent_users=recent.get(key, {}),
        )
        for key in {*found, *own, *ahead, *unread}
    }, quiet


def _events(
    conn: Connection, period: Period, accounts: Mapping[str, Account], corrected: Collection[str], ours: Ours
) -> tuple[Events, Events]:
    """Return the events that date what a detection takes, and those after the corrections of ``corrected``."""
    within = windowed(conn, {one.id for one in accounts.values()})
    theirs = ~ours(SignalDayRow.user)
    found = events_of(conn, by_day(period, theirs), ours, within)
    if not corrected:
        return found, {}
    return found, events_of(conn, by_day(_after_corrections(period, corrected), theirs), ours, within)


def _totals(period: Period, ours: Ours) -> Select[Any]:
    days = by_day(period).c
    by_us = case((ours(days.user), 1), else_=0).label("by_us")
    apart = (days.whose, days.name, by_us)
    users = func.count(func.nullif(days.user, "").distinct())
    sums = (func.sum(days.count), users, func.min(days.first_at), func.max(days.last_at))
    return select(*apart, *sums).group_by(*apart).order_by(days.whose, days.name)


def _ahead(period: Period) -> Select[Any]:
    """Select the first moment after now for which something is dated."""
    kept, now = SignalDayRow, period.now
    whose: ColumnElement[str] = period.whose.label("whose")
    later = period.of(select(whose, kept.first_at.label("at")).select_from(kept)).where(kept.first_at > now)
    until = func.max(kept.last_at).label("until")
    today = period.of(select(whose, kept.account_id, kept.name, until).select_from(kept))
    today = today.where(kept.first_at <= now, kept.last_at > now, period.before_end(kept.last_at))
    rest = today.group_by(period.whose, kept.account_id, kept.name).subquery()
    event = and_(SignalRow.account_id == rest.c.account_id, SignalRow.name == rest.c.name)
    of_today = select(rest.c.whose, SignalRow.at).join(SignalRow, event)
    of_today = of_today.where(SignalRow.at > now, SignalRow.at <= rest.c.until)
    both = union_all(later.where(period.before_end(kept.first_at)), of_today).subquery().c
    return select(both.whose, func.min(both.at)).group_by(both.whose)


def own_people(kept: key_values.KeyValue | None) -> Ours:
    """Return the condition that a user is one of our own people: of the CRM, the team file or our domains."""
    told: Mapping[str, Any] = json.loads(kept.value) if kept else {}
    return lambda user: or_(
        user.in_(select(OwnerRow.email)),
        *(user == address for address in told.get("addresses", [])),
        *(or_(user.like(f"%@{domain}"), user.like(f"%@%.{domain}")) for domain in told.get("domains", [])),
    )


def _unread(accounts: Mapping[str, Account], kept: key_values.KeyValue | None) -> Mapping[str, datetime]:
    """Return by the key of ``accounts`` when usage last came that could not be read."""
    told: Mapping[str, str] = json.loads(kept.value) if kept else {}
    if not told:
        return {}
    moments = {name: datetime.fromisoformat(at) for name, at in told.items()}
    names = {key: (one.id, one.domain or "", ANY_ACCOUNT) for key, one in accounts.items()}
    found = {key: [moments[name] for name in known if name in moments] for key, known in names.items()}
    return {key: max(times) for key, times in found.items() if times}


def _after_corrections(period: Period, accounts: Iterable[str]) -> Period:
    """Return the usage of these accounts after each moment at which a person took a milestone back or waived one."""
    corrected = (
        select(OnboardingRow.account_id, FactRow.learned_at.label("since"))
        .join(FactRow, FactRow.onboarding_key == OnboardingRow.key)
        .where(OnboardingRow.account_id.in_(sorted(accounts)), FactRow.kind.in_(sorted(CORRECTIONS)))
        .distinct()
        .subquery("corrected")
    )
    since = corrected.c.since
    return replace(
        period,
        begins=lambda at: and_(period.begins(at), at > since),
        since=since,
        joined=(*period.joined, (corrected, corrected.c.account_id == SignalDayRow.account_id)),
    )
