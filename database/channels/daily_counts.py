"""Counts the mails that a person and an account get on one day, over all onboardings, at the moment they leave.

A worker reserves the day before it sends, in a transaction that excludes all others. So two workers with mails of two
onboardings to one person cannot both take the last place.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import ColumnElement, Connection, and_, bindparam, func, literal_column, or_, select, update

from database.statements import in_states
from database.tables import EffectRow, OnboardingRow
from database.turns import Turn, take_turn
from onboarding.effects.daily_caps import Counted, Wanted, admit
from onboarding.effects.notices import TOGETHER, Notice, Ration, admit_notices
from onboarding.model.vocabulary import UNSENT, Channel, EffectState

_COUNTS = in_states(EffectRow.state, EffectState.LEASED, EffectState.SENDING, EffectState.SENT, EffectState.UNKNOWN)
"""Sent, being sent or perhaps sent. A leased effect counts only with a day: it was admitted."""
_NOTIFIES = or_(_COUNTS, and_(EffectRow.kind == TOGETHER, in_states(EffectRow.state, *UNSENT)))
"""The same of Slack messages: gathered news have a place in their reader's day from when they are planned."""
_IN_SLACK: ColumnElement[bool] = EffectRow.channel == literal_column(f"'{Channel.SLACK.value}'")
"""With a literal, so that a plan that is made before the values are known uses the partial index too."""


def reserve(conn: Connection, wanted: Sequence[Wanted]) -> Mapping[str, str]:
    """Admit what fits the caps, the most important first; return the others by key, each with the reason.

    Safe to repeat: an admitted mail is not counted against itself. Three statements for any number.
    """
    if not wanted:
        return {}
    take_turn(conn, Turn.DAILY_CAPS)
    admitted, too_many = admit(wanted, _counted(conn, wanted))
    if admitted:
        rows = [{"effect_key": one.key, "day": one.day} for one in admitted]
        statement = update(EffectRow).where(EffectRow.key == bindparam("effect_key"))
        leased = EffectRow.state == EffectState.LEASED.value
        conn.execute(statement.where(leased).values(mail_day=bindparam("day")), rows)
    return too_many


def reserve_notices(conn: Connection, asking: Sequence[Notice]) -> Ration:
    """Admit the Slack messages that fit their readers' days and count them; return what follows for the others.

    Of those that leave as one, the first is counted until that one is planned. Safe to repeat: a message is not counted
    against itself.
    """
    take_turn(conn, Turn.DAILY_CAPS)
    query = select(EffectRow.person_id, EffectRow.mail_day, func.count()).where(
        _IN_SLACK,
        EffectRow.person_id.in_(sorted({one.person_id for one in asking})),
        EffectRow.mail_day.in_(sorted({one.day for one in asking})),
        EffectRow.key.not_in([one.key for one in asking]),
        _NOTIFIES,
    )
    rows = conn.execute(query.group_by(EffectRow.person_id, EffectRow.mail_day))
    found = admit_notices(asking, {(person, day): count for person, day, count in rows})
    if counted := [*found.admitted, *(group[0] for group in found.gathered)]:
        statement = update(EffectRow).where(EffectRow.key == bindparam("effect_key"))
        leased = EffectRow.state == EffectState.LEASED.value
        days = [{"effect_key": one.key, "day": one.day} for one in counted]
        conn.execute(statement.where(leased).values(mail_day=bindparam("day")), days)
    return found


def counted_since(conn: Connection, day: date) -> Counted:
    """Return the mails of this day and later ones, by address and by account."""
    query = (
        select(EffectRow.mail_to, EffectRow.mail_day, OnboardingRow.account_id)
        .join_from(EffectRow, OnboardingRow, OnboardingRow.key == EffectRow.onboarding_key)
        .where(EffectRow.channel == Channel.MAIL.value, EffectRow.mail_day >= day.isoformat(), _COUNTS)
    )
    counted = Counted()
    for address, on, account_id in conn.execute(query):
        counted.people[address, on] += 1
        counted.accounts[account_id, on] += 1
    return counted


def notified_since(conn: Connection, day: date) -> Counter[tuple[str, str]]:
    """Return the Slack messages that notified a reader on this day and later ones, by reader and day."""
    query = select(EffectRow.person_id, EffectRow.mail_day, func.count()).where(
        _IN_SLACK, EffectRow.mail_day >= day.isoformat(), _NOTIFIES
    )
    rows = conn.execute(query.group_by(EffectRow.person_id, EffectRow.mail_day))
    return Counter({(person, on): count for person, on, count in rows})


def _counted(conn: Connection, wanted: Sequence[Wanted]) -> Counted:
    """Return the mails of those days by address and by account, without those in ``wanted``."""
    mine, days = [one.key for one in wanted], sorted({one.day for one in wanted})
    others = (
        EffectRow.channel == Channel.MAIL.value,
        EffectRow.mail_day.in_(days),
        _COUNTS,
        EffectRow.key.not_in(mine),
    )
    by_person = select(EffectRow.mail_to, EffectRow.mail_day, func.count()).where(
        EffectRow.mail_to.in_(sorted({one.address.lower() for one in wanted})), *others
    )
    counted = Counted()
    for address, day, count in conn.execute(by_person.group_by(EffectRow.mail_to, EffectRow.mail_day)):
        counted.people[address, day] = count
    by_account = (
        select(OnboardingRow.account_id, EffectRow.mail_day, func.count())
        .join_from(OnboardingRow, EffectRow, OnboardingRow.key == EffectRow.onboarding_key)
        .where(OnboardingRow.account_id.in_(sorted({one.account_id for one in wanted})), *others)
    )
    for account_id, day, count in conn.execute(by_account.group_by(OnboardingRow.account_id, EffectRow.mail_day)):
        counted.accounts[account_id, day] = count
    return counted
