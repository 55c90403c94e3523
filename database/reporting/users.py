"""The users of the product, by onboarding: first and last event, first key action, and who was there at the end."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, case, func, or_, select

from database import key_values
from database.events.periods import until_next_signature
from database.events.usage import own_people
from database.statements import chunks, utc_day
from database.tables import OnboardingRow, SignalRow
from onboarding.metrics.usage import ACTIVE, SignalNames
from onboarding.usage.use import UserUse

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
    key_action, success = (SignalRow.name.in_(sorted(some)) for some in (names.key_actions, names.successes))
    recent = SignalRow.at > as_of - ACTIVE
    day, signed_up = utc_day(conn, SignalRow.at), SignalRow.name.in_(sorted(names.sign_ups))
    query = (
        select(
            *(OnboardingRow.key, SignalRow.user, func.min(SignalRow.at), func.max(SignalRow.at)),
            *(func.min(case((which, SignalRow.at))) for which in (key_action, success)),
            *(func.count(case((which, day)).distinct()) for which in (recent, and_(recent, key_action))),
            *(func.min(case((which, SignalRow.at))) for which in (signed_up, ~signed_up)),
        )
        .join(SignalRow, SignalRow.account_id == OnboardingRow.account_id)
        .where(OnboardingRow.key.in_(sorted(keys)), SignalRow.user != "")
        .where(SignalRow.at >= OnboardingRow.signed_at, SignalRow.at <= as_of, until_next_signature(), ~_ours(conn))
        .group_by(OnboardingRow.key, SignalRow.user)
        .order_by(OnboardingRow.key, SignalRow.user)
    )
    roles = _roles(conn, keys, as_of)
    found: defaultdict[str, list[UserUse]] = defaultdict(list)
    for key, *one in conn.execute(query):
        found[key].append(replace(UserUse(*one), role=roles.get((key, one[0]), "")))
    return {key: tuple(found[key]) for key in found}


def _roles(conn: Connection, keys: Collection[str], as_of: datetime) -> Mapping[tuple[str, str], str]:
    """Return the role that the source gave last to each user, by onboarding and user."""
    query = (
        select(OnboardingRow.key, SignalRow.user, SignalRow.role, func.max(SignalRow.at).label("last_at"))
        .join(SignalRow, SignalRow.account_id == OnboardingRow.account_id)
        .where(OnboardingRow.key.in_(sorted(keys)), SignalRow.role != "")
        .where(SignalRow.at >= OnboardingRow.signed_at, SignalRow.at <= as_of, until_next_signature())
        .group_by(OnboardingRow.key, SignalRow.user, SignalRow.role)
    )
    rows = sorted(conn.execute(query), key=lambda row: (row.last_at, row.role))
    return {(row.key, row.user): row.role for row in rows}


def active_up_to(conn: Connection, ends: Mapping[str, datetime]) -> Mapping[str, int]:
    """Return by onboarding how many named users its account had in the thirty days up to its moment in ``ends``."""
    ours, found = _ours(conn), dict.fromkeys(ends, 0)
    for part in chunks(sorted(ends.items()), WINDOWS):
        windows = [
            and_(OnboardingRow.key == key, SignalRow.at > end - ACTIVE, SignalRow.at <= end) for key, end in part
        ]
        query = (
            select(OnboardingRow.key, func.count(SignalRow.user.distinct()).label("users"))
            .join(SignalRow, SignalRow.account_id == OnboardingRow.account_id)
            .where(OnboardingRow.key.in_([key for key, _ in part]))
            .where(or_(*windows), SignalRow.user != "", ~ours)
            .group_by(OnboardingRow.key)
        )
        found |= {row.key: row.users for row in conn.execute(query)}
    return found


def _ours(conn: Connection) -> ColumnElement[bool]:
    return own_people(key_values.read(conn, key_values.OUR_PEOPLE))
