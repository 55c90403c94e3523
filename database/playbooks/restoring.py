"""Takes an adoption back: an onboarding as it was before, but for what was sent and what has become known since."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, func, or_, select, tuple_, update

from database.playbooks.adoptions import Before, rename
from database.statements import in_states
from database.tables import EffectRow, JournalRow, MilestoneRow, OnboardingRow, TouchpointRow, aliased
from database.transitions import can, changed
from onboarding.effects.events import Event
from onboarding.model.vocabulary import LIVE, UNSENT, Channel, EffectState, Status

_UNSENT = in_states(EffectRow.state, *UNSENT)
_GIVEN_UP = EffectRow.state == EffectState.CANCELLED.value
_PENDING = frozenset({EffectState.PLANNED, EffectState.WITHHELD, EffectState.LEASED, EffectState.SENDING})
"""What was on its way by itself. What waited for a person is left as that person decided."""


def restore(conn: Connection, key: str, known: Before) -> None:
    """Restore version, stage, touchpoints and unsent messages in the transaction of ``conn``.

    What was sent, is being sent or waits for a person stays, with its touchpoint; so do facts and what a person
    cancelled. The caller reviews the onboarding next, under the old version, which withholds, cancels or moves what
    has changed since. Safe to repeat.
    """
    rename(conn, key, known.renames.back())
    by_person = _cancelled_by_people(conn, key, datetime.fromisoformat(known.at))
    _drop_new_effects(conn, key, known, by_person)
    _restore_effects(conn, key, known, by_person)
    _drop_new_touchpoints(conn, key, known)
    _restore_onboarding(conn, key, known)


def open_milestones(conn: Connection, key: str) -> frozenset[str]:
    """Return the names of the open milestones of an onboarding, as it was last saved."""
    query = select(MilestoneRow.name).where(MilestoneRow.onboarding_key == key, MilestoneRow.status == "open")
    return frozenset(conn.execute(query).scalars())


def revive(conn: Connection, key: str, values: Mapping[str, Any]) -> None:
    """Plan a cancelled effect again, with these dates and this reason; where another mail of its step goes to its
    address now, it stays cancelled."""
    other = aliased(EffectRow, "other")
    clash = (
        select(other.key)
        .where(other.onboarding_key == EffectRow.onboarding_key, other.kind == EffectRow.kind)
        .where(other.occurrence == EffectRow.occurrence, other.mail_to == func.lower(EffectRow.recipient))
        .where(other.key != key)
        .exists()
    )
    mails = EffectRow.channel == Channel.MAIL.value
    again = changed(Event.RESTORED) | dict(values)
    one = (EffectRow.key == key, can(Event.RESTORED), EffectRow.in_doubt.is_(False))
    conn.execute(update(EffectRow).where(*one, ~mails).values(again))
    conn.execute(
        update(EffectRow).where(*one, mails, ~clash).values(again | {"mail_to": func.lower(EffectRow.recipient)})
    )


def _cancelled_by_people(conn: Connection, key: str, since: datetime) -> frozenset[str]:
    query = select(JournalRow.about).where(JournalRow.onboarding_key == key, JournalRow.kind == "effect_cancel")
    return frozenset(conn.execute(query.where(JournalRow.at >= since)).scalars())


def _drop_new_effects(conn: Connection, key: str, known: Before, by_person: Collection[str]) -> None:
    """Delete what was planned since and has not left, so that the old version can plan it at its own time.

    Escalations are not of the playbook's steps: the ladder goes on with them.
    """
    before = [(step, occurrence) for step, occurrence in known.touchpoints]
    steps = select(TouchpointRow.step).where(TouchpointRow.onboarding_key == key)
    fresh = EffectRow.kind.in_(steps) & tuple_(EffectRow.kind, EffectRow.occurrence).not_in(before)
    rows = EffectRow.channel == Channel.CRM.value
    conn.execute(
        delete(EffectRow).where(
            EffectRow.onboarding_key == key,
            EffectRow.key.not_in([*known.unsettled, *by_person]),
            EffectRow.in_doubt.is_(False),
            or_(and_(or_(rows, EffectRow.kind.in_(steps)), _UNSENT), and_(fresh, _GIVEN_UP)),
        )
    )


def _restore_effects(conn: Connection, key: str, known: Before, by_person: Collection[str]) -> None:
    pending = [one for one, was in known.unsettled.items() if was["state"] in _PENDING and one not in by_person]
    mine = select(EffectRow.key, EffectRow.state).where(EffectRow.key.in_(pending), or_(_UNSENT, _GIVEN_UP))
    for row in conn.execute(mine.where(EffectRow.onboarding_key == key)).all():
        was = known.unsettled[row.key]
        values: dict[str, Any] = {name: _moment(was[name]) for name in ("due_at", "not_before", "expires_at")}
        values["because"] = was["because"]
        if row.state == EffectState.CANCELLED.value:
            revive(conn, row.key, values)
        withheld = was["state"] == EffectState.WITHHELD.value
        event = Event.WITHHELD if withheld else Event.RESCHEDULED
        conn.execute(
            update(EffectRow).where(EffectRow.key == row.key, _UNSENT).values(changed(event, *UNSENT) | values)
        )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _drop_new_touchpoints(conn: Connection, key: str, known: Before) -> None:
    """Forget what was settled since, unless a message of it exists: it was sent, or waits for a person."""
    before = {(step, occurrence) for step, occurrence in known.touchpoints}
    there = select(EffectRow.kind, EffectRow.occurrence).where(EffectRow.onboarding_key == key)
    before |= {(row.kind, row.occurrence) for row in conn.execute(there)}
    mine = select(TouchpointRow.step, TouchpointRow.occurrence).where(TouchpointRow.onboarding_key == key)
    for row in conn.execute(mine).all():
        if (row.step, row.occurrence) not in before:
            one = (TouchpointRow.step == row.step, TouchpointRow.occurrence == row.occurrence)
            conn.execute(delete(TouchpointRow).where(TouchpointRow.onboarding_key == key, *one))


def _restore_onboarding(conn: Connection, key: str, known: Before) -> None:
    row = conn.execute(
        select(OnboardingRow.status, OnboardingRow.crm_digests).where(OnboardingRow.key == key).with_for_update()
    ).one()
    reopened = row.status == Status.COMPLETED.value and known.status in {status.value for status in LIVE}
    values = {
        "playbook": known.playbook,
        "stage": known.stage,
        "stage_times": dict(known.stage_times),
        "crm_digests": _digests(conn, key, row.crm_digests, known.crm_digests),
        "status": known.status if reopened else row.status,
        **({} if known.conditions is None else {"conditions": dict(known.conditions)}),
    }
    conn.execute(update(OnboardingRow).where(OnboardingRow.key == key).values(values))


def _digests(conn: Connection, key: str, now: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """Return the digests of the CRM rows as last planned: those of before where no later write exists any more."""
    query = select(EffectRow.target_id, EffectRow.occurrence).where(
        EffectRow.onboarding_key == key, EffectRow.channel == Channel.CRM.value
    )
    written = {(row.target_id, row.occurrence) for row in conn.execute(query)}
    stays = {name: mark for name, mark in now.items() if (name, str(mark[0])) in written}
    return {**{name: mark for name, mark in before.items() if name in now}, **stays}
