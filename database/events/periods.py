"""Which product usage counts: that of accounts, or of onboardings, of which a customer that returned has several."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Exists,
    Select,
    SQLColumnExpression,
    Subquery,
    and_,
    exists,
    func,
    not_,
    null,
    or_,
    select,
    true,
    union_all,
)

from database.tables import OnboardingRow, SignalDayRow, SignalRow, aliased
from onboarding.values import dataclass

At = SQLColumnExpression[datetime]
_OTHER = aliased(OnboardingRow, "other")
_OF_DAY = (SignalDayRow.account_id, SignalDayRow.name, SignalDayRow.user, SignalDayRow.day)


def had_one_before() -> Exists:
    """Return whether the customer of an onboarding had one before."""
    return _another().where(_OTHER.signed_at < OnboardingRow.signed_at)


def has_one_later() -> Exists:
    """Return whether the customer of an onboarding has a later one."""
    return _another().where(_OTHER.signed_at > OnboardingRow.signed_at)


def until_next_signature(at: At) -> ColumnElement[bool]:
    """Return whether a moment is before the customer's next onboarding was signed, if there is one."""
    return ~has_one_later().where(_OTHER.signed_at <= at)


def from_signature(at: At) -> ColumnElement[bool]:
    """Return whether a moment is after the signature of an onboarding or, as trial use, before the customer's first."""
    return or_(at >= OnboardingRow.signed_at, ~had_one_before())


def _always(_: At) -> ColumnElement[bool]:
    return true()


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Whose product usage is read, and from when to when."""

    whose: SQLColumnExpression[str]
    """The column that tells them apart."""
    which: ColumnElement[bool]
    now: datetime
    """What comes later does not count yet."""
    begins: Callable[[At], ColumnElement[bool]] = _always
    before_end: Callable[[At], ColumnElement[bool]] = _always
    since: SQLColumnExpression[datetime] | None = None
    """Several moments, part of ``begins``, from each of which it is counted again."""
    joined: tuple[tuple[Any, ColumnElement[bool]], ...] = ()
    """What the other fields need beside ``signal_day``."""

    def ends(self, at: At) -> ColumnElement[bool]:
        """Return whether a moment is before the end."""
        return and_(at <= self.now, self.before_end(at))

    def of(self, query: Select[Any]) -> Select[Any]:
        """Return a query of ``signal_day`` for these alone, at any time."""
        for table, condition in self.joined:
            query = query.join(table, condition)
        return query.where(self.which)


def by_day(period: Period, *wanted: ColumnElement[bool]) -> Subquery:
    """Select what each user did of each signal on each day of the period: the rows of ``signal_day``, and of a day that
    is in it for a part only the events. So what is read grows with days and users and not with traffic."""
    kept = SignalDayRow
    since: SQLColumnExpression[Any] = null() if period.since is None else period.since
    columns: tuple[SQLColumnExpression[Any], ...] = (period.whose.label("whose"), *_OF_DAY, since.label("since"))
    inside = and_(period.begins(kept.first_at), period.ends(kept.last_at))
    cut = and_(not_(inside), period.begins(kept.last_at), period.ends(kept.first_at))
    whole = period.of(select(*columns, kept.count, kept.events, kept.first_at, kept.last_at).select_from(kept))
    # The events of a day are read once for all its users: by the signal and the time, then each finds its user's row.
    times = (func.min(kept.first_at).label("first_at"), func.max(kept.last_at).label("last_at"))
    of_signal = (kept.account_id, kept.name, kept.day)
    days = period.of(select(*of_signal, *times).select_from(kept)).where(cut, *wanted).group_by(*of_signal).subquery()
    event = and_(
        SignalRow.account_id == days.c.account_id,
        SignalRow.name == days.c.name,
        SignalRow.at.between(days.c.first_at, days.c.last_at),
    )
    row = and_(
        *(ours == own for ours, own in zip(_OF_DAY, (*list(days.c)[:2], SignalRow.user, days.c.day), strict=True))
    )
    sums = (func.sum(SignalRow.count), func.count(SignalRow.key), func.min(SignalRow.at), func.max(SignalRow.at))
    part = select(*columns, *sums).select_from(days).join(SignalRow, event).join(kept, row)
    part = period.of(part).where(cut, period.begins(SignalRow.at), period.ends(SignalRow.at), *wanted)
    apart = [period.whose, *_OF_DAY, *([] if period.since is None else [period.since])]
    return union_all(whole.where(inside, *wanted), part.group_by(*apart)).subquery()


def _another() -> Exists:
    same = exists().where(_OTHER.account_id == OnboardingRow.account_id)
    return same.correlate(OnboardingRow.__table__, SignalRow.__table__, SignalDayRow.__table__)
