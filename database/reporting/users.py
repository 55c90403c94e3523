"""The users of the product, by onboarding: first and last event, first key action, and who was there at the end."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, and_, case, func, or_, select

from database import key_values
from database.events.dating import Ours
from database.events.periods import Period, by_day, had_one_before, until_next_signature
from database.events.usage import own_people
from database.statements import chunks
from database.tables import OnboardingRow, SignalDayRow, SignalRow
from onboarding.usage.key_actions import SignalNames
from onboarding.usage.use import ACTIVE, TrialUse, UserUse

WINDOWS = 100
"""The most windows of time in one statement."""


def users(
    conn: Connection, keys: Collection[str], names: SignalNames, as_of: datetime
) -> Mapping[str, tuple[UserUse, ...]] | None:
    """Return by onboarding each named user since the signature up to ``as_of`` and to the customer's next signature.

    Our own people are left out; None where no source of product usage is connected. Two statements; a row a user, and
    one for each role that the source gives.
    """
    if key_values.read(conn, key_values.SIGNALS) is None:
        return None
    period = Period(
        whose=OnboardingRow.key,
        which=OnboardingRow.key.in_(sorted(keys)),
        now=as_of,
        begins=lambda at: at >= OnboardingRow.signed_at,
        before_end=until_next_signature,
        joined=((OnboardingRow, OnboardingRow.account_id == SignalDayRow.account_id),),
    )
    days = by_day(period, SignalDayRow.user != "", ~_ours(conn)(SignalDayRow.user)).c
    key_action, success = (days.name.in_(sorted(some)) for some in (names.key_actions, names.successes))
    spent = days.name.in_(sorted(names.time_spent))
    recent, signed_up = days.last_at > as_of - ACTIVE, days.name.in_(sorted(names.sign_ups))
    query = (
        select(
            *(days.whose, days.user, func.min(days.first_at), func.max(days.last_at)),
            *(func.min(case((which, days.first_at))) for which in (key_action, success)),
            *(func.count(case((which, days.day)).distinct()) for which in (recent, and_(recent, key_action))),
            *(func.min(case((which, days.first_at))) for which in (signed_up, ~signed_up)),
            func.sum(case((and_(recent, spent), days.count), else_=0)),
        )
        .group_by(days.whose, days.user)
        .order_by(days.whose, days.user)
    )
    roles = _roles(conn, keys, as_of)
    found: defaultdict[str, list[UserUse]] = defaultdict(list)
    for key, *one, minutes in conn.execute(query):
        found[key].append(replace(UserUse(*one), minutes=int(minutes), role=roles.get((key, one[0]), "")))
    return {key: tuple(found[key]) for key in found}


def trial_users(
    conn: Connection, keys: Collection[str], names: SignalNames, as_of: datetime
) -> Mapping[str, tuple[TrialUse, ...]]:
    """Return by onboarding each named user of the trial: before the signature of a customer's first onboarding (SX-16).

    Our own people are left out. One statement; a row a user.
    """
    period = Period(
        whose=OnboardingRow.key,
        which=and_(OnboardingRow.key.in_(sorted(keys)), ~had_one_before()),
        now=as_of,
        begins=lambda at: at < OnboardingRow.signed_at,
        joined=((OnboardingRow, OnboardingRow.account_id == SignalDayRow.account_id),),
    )
    days = by_day(period, SignalDayRow.user != "", ~_ours(conn)(SignalDayRow.user)).c
    key_action = days.name.in_(sorted(names.key_actions))
    query = (
        select(days.whose, days.user, func.min(days.first_at), func.min(case((key_action, days.first_at))))
        .group_by(days.whose, days.user)
        .order_by(days.whose, days.user)
    )
    found: defaultdict[str, list[TrialUse]] = defaultdict(list)
    for key, *one in conn.execute(query):
        found[key].append(TrialUse(*one))
    return {key: tuple(found[key]) for key in found}


def _roles(conn: Connection, keys: Collection[str], as_of: datetime) -> Mapping[tuple[str, str], str]:
    """Return the role that the source gave last to each user, by onboarding and user."""
    query = (
        select(OnboardingRow.key, SignalRow.user, SignalRow.role, func.max(SignalRow.at).label("last_at"))
        .join(SignalRow, SignalRow.account_id == OnboardingRow.account_id)
        .where(OnboardingRow.key.in_(sorted(keys)), SignalRow.role != "")
        .where(SignalRow.at >= OnboardingRow.signed_at, SignalRow.at <= as_of, until_next_signature(SignalRow.at))
        .group_by(OnboardingRow.key, SignalRow.user, SignalRow.role)
    )
    rows = sorted(conn.execute(query), key=lambda row: (row.last_at, row.role))
    return {(row.key, row.user): row.role for row in rows}


def active_up_to(conn: Connection, ends: Mapping[str, datetime]) -> Mapping[str, int]:
    """Return by onboarding how many named users its account had in the thirty days up to its moment in ``ends``."""
    ours, found = _ours(conn), dict.fromkeys(ends, 0)
    for part in chunks(sorted(ends.items()), WINDOWS):
        # A day is shorter than the window, so one of its ends is in the window if any of its events is.
        windows = [
            and_(OnboardingRow.key == key, SignalDayRow.last_at > end - ACTIVE, SignalDayRow.first_at <= end)
            for key, end in part
        ]
        query = (
            select(OnboardingRow.key, func.count(SignalDayRow.user.distinct()).label("users"))
            .join(SignalDayRow, SignalDayRow.account_id == OnboardingRow.account_id)
            .where(OnboardingRow.key.in_([key for key, _ in part]))
            .where(or_(*windows), SignalDayRow.user != "", ~ours(SignalDayRow.user))
            .group_by(OnboardingRow.key)
        )
        found |= {row.key: row.users for row in conn.execute(query)}
    return found


def _ours(conn: Connection) -> Ours:
    return own_people(key_values.read(conn, key_values.OUR_PEOPLE))
