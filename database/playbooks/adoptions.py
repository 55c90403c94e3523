"""Adoptions of playbook versions: what an onboarding was before each, kept so that it can be taken back."""

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Update, case, select, update
from sqlalchemy.orm import InstrumentedAttribute

from database import key_values
from database.tables import EffectRow, EscalationRow, FactRow, KeyValueRow, OnboardingRow, TouchpointRow
from onboarding.model.vocabulary import LIVE, Channel, EffectState, FactKind, Status
from onboarding.playbook_changes.change import Change
from onboarding.playbook_changes.renames import Renames, value_under
from onboarding.shared_plan.own_calls import OWN_CALL, occurrence_under

PREFIX = "adopted_playbook:"
POLICY = "playbook_policy:"
"""Prefix of the names under which the policies of single onboardings are stored."""
MOST_KEPT = 5
"""How many adoptions of an onboarding can be taken back, one after another. This project's choice."""
_FINAL = (EffectState.SENT.value, EffectState.CANCELLED.value)
_BUSY = (EffectState.LEASED.value, EffectState.SENDING.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """An onboarding before it adopted another version. Moments are ISO 8601 texts in UTC."""

    at: str
    playbook: str
    status: str
    stage: str
    stage_times: Mapping[str, str]
    crm_digests: Mapping[str, Any]
    touchpoints: Collection[Collection[str]]
    """Step and occurrence of every settled touchpoint."""
    unsettled: Mapping[str, Mapping[str, str | None]]
    """By key the effects that were neither sent nor cancelled: state, due dates and reason."""
    steps: Mapping[str, str]
    """Old to new name of the steps that the adoption renamed, and so for milestones."""
    milestones: Mapping[str, str]
    conditions: Mapping[str, Any] | None = None
    """The results of the old version's conditions; None where they were not kept."""
    plan: str = ""
    """The id of the plan that was carried out; what one command or run adopted has the same ``at`` and ``plan``."""
    calls: Mapping[str, str] = field(default_factory=dict)
    """Of the renamed steps those under which the time of a call is recorded."""
    completes: bool = False
    """Whether the adoption itself completed the onboarding, so that taking it back reopens it."""

    @property
    def adoption(self) -> tuple[datetime, str]:
        """Return what identifies the adoption, in the order of time."""
        return datetime.fromisoformat(self.at), self.plan

    def can_be_taken_back(self, status: str) -> bool:
        """Return whether an onboarding of this status can go back: one in flight, or completed by the adoption."""
        return status in LIVE or (status == Status.COMPLETED and self.completes)

    @property
    def renames(self) -> Renames:
        """Return what the adoption renamed."""
        return Renames(steps=self.steps, milestones=self.milestones, calls=self.calls)


def before(conn: Connection, change: Change, plan: str, at: datetime) -> Before:
    """Return the onboarding as it is now, to be kept with the adoption of this change, a part of the named plan."""
    key, names = change.key, change.renames
    row = conn.execute(select(OnboardingRow).where(OnboardingRow.key == key)).one()
    settled = select(TouchpointRow.step, TouchpointRow.occurrence).where(TouchpointRow.onboarding_key == key)
    effects = select(
        EffectRow.key, EffectRow.state, EffectRow.due_at, EffectRow.not_before, EffectRow.expires_at, EffectRow.because
    ).where(EffectRow.onboarding_key == key, EffectRow.state.not_in(_FINAL))
    return Before(
        at=at.isoformat(),
        playbook=row.playbook,
        status=row.status,
        stage=row.stage,
        stage_times=row.stage_times,
        crm_digests=row.crm_digests,
        conditions=row.conditions,
        touchpoints=sorted([one.step, one.occurrence] for one in conn.execute(settled)),
        unsettled={
            one.key: {
                "state": one.state,
                "due_at": one.due_at.isoformat(),
                "not_before": one.not_before.isoformat(),
                "expires_at": one.expires_at.isoformat() if one.expires_at else None,
                "because": one.because,
            }
            for one in conn.execute(effects.order_by(EffectRow.key))
        },
        steps=dict(names.steps),
        milestones=dict(names.milestones),
        calls=dict(names.calls),
        plan=plan,
        completes=change.completes,
    )


def keep(conn: Connection, key: str, known: Before, at: datetime) -> None:
    """Keep it as the latest adoption of this onboarding; the oldest ones beyond a few are dropped."""
    stack = [*_stack(conn, key), asdict(known)][-MOST_KEPT:]
    key_values.write(conn, PREFIX + key, json.dumps(stack, ensure_ascii=False), at)


def latest(conn: Connection, key: str) -> Before | None:
    """Return the onboarding before its latest adoption; None where there is none to take back."""
    stack = _stack(conn, key)
    return Before(**stack[-1]) if stack else None


def drop_latest(conn: Connection, key: str, at: datetime) -> None:
    """Forget the latest adoption, because it was taken back."""
    stack = _stack(conn, key)[:-1]
    if stack:
        key_values.write(conn, PREFIX + key, json.dumps(stack, ensure_ascii=False), at)
    else:
        key_values.forget(conn, PREFIX + key)


def newest_adoption(conn: Connection) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """Return the keys of the onboardings that moved with the newest adoption and can go back, and those of it that
    cannot any more, each with its status. Both are empty where no adoption can be taken back."""
    kept = select(KeyValueRow.name, KeyValueRow.value).where(KeyValueRow.name.startswith(PREFIX, autoescape=True))
    latest_of = {row.name.removeprefix(PREFIX): Before(**json.loads(row.value)[-1]) for row in conn.execute(kept)}
    rows = conn.execute(select(OnboardingRow.key, OnboardingRow.status).order_by(OnboardingRow.key)).all()
    found = [(row.key, row.status, latest_of[row.key]) for row in rows if row.key in latest_of]
    newest = max((one.adoption for _, status, one in found if one.can_be_taken_back(status)), default=None)
    mine = [(key, status, one) for key, status, one in found if one.adoption == newest]
    keys = tuple(key for key, status, one in mine if one.can_be_taken_back(status))
    return keys, tuple((key, status) for key, status, _ in mine if key not in keys)


def policies(conn: Connection) -> dict[str, str]:
    """Return the policy of each onboarding that has one of its own, by key."""
    own = KeyValueRow.name.startswith(POLICY, autoescape=True)
    query = select(KeyValueRow.name, KeyValueRow.value).where(own)
    return {row.name.removeprefix(POLICY): row.value for row in conn.execute(query)}


def is_busy(conn: Connection, key: str, kinds: Collection[str]) -> bool:
    """Return whether a message of one of these kinds is being sent; in a writing transaction none begins to be."""
    if not kinds:
        return False
    query = select(EffectRow.state).where(EffectRow.onboarding_key == key, EffectRow.kind.in_(list(kinds)))
    return any(state in _BUSY for state in conn.execute(query.with_for_update()).scalars())


def rename(conn: Connection, key: str, names: Renames) -> None:
    """Give the touchpoints, messages, facts and episodes of the onboarding the new names of steps and milestones.

    The key of a message stays what it was. Safe to repeat.
    """
    if names.steps:
        mine = (EffectRow.onboarding_key == key, EffectRow.channel != Channel.CRM.value)
        _rename(conn, update(EffectRow).where(*mine), EffectRow.kind, names.steps)
        settled = update(TouchpointRow).where(TouchpointRow.onboarding_key == key)
        _rename(conn, settled, TouchpointRow.step, names.steps)
    for kind in FactKind:
        if names.of_facts(kind):
            _rename_facts(conn, key, kind, names)
    if names.calls:
        _rename_own_calls(conn, key, names)
    if names.milestones:
        _rename_causes(conn, key, names)


def _rename_facts(conn: Connection, key: str, kind: FactKind, names: Renames) -> None:
    mine = (FactRow.onboarding_key == key, FactRow.kind == kind.value)
    told = names.of_facts(kind)
    found = select(FactRow.key, FactRow.name, FactRow.value).where(*mine, FactRow.name.in_(list(told)))
    for row in conn.execute(found).all():
        values = {"name": told[row.name], "value": value_under(row.value, row.name)}
        conn.execute(update(FactRow).where(*mine, FactRow.key == row.key).values(values))


def _rename_own_calls(conn: Connection, key: str, names: Renames) -> None:
    mine = (EffectRow.onboarding_key == key, EffectRow.kind == OWN_CALL)
    for row in conn.execute(select(EffectRow.key, EffectRow.occurrence).where(*mine)).all():
        occurrence = occurrence_under(row.occurrence, names.calls)
        conn.execute(update(EffectRow).where(EffectRow.key == row.key).values(occurrence=occurrence))


def _rename_causes(conn: Connection, key: str, names: Renames) -> None:
    one = (EscalationRow.onboarding_key, EscalationRow.number, EscalationRow.causes)
    for row in conn.execute(select(*one).where(EscalationRow.onboarding_key == key)).all():
        causes = [cause | {"about": names.of_cause(cause["kind"], cause.get("about", ""))} for cause in row.causes]
        if causes != row.causes:
            mine = (EscalationRow.onboarding_key == key, EscalationRow.number == row.number)
            conn.execute(update(EscalationRow).where(*mine).values(causes=causes))


def _rename(conn: Connection, rows: Update, column: InstrumentedAttribute[str], names: Mapping[str, str]) -> None:
    new = case(*((column == old, name) for old, name in names.items()), else_=column)
    conn.execute(rows.where(column.in_(list(names))).values({column: new}))


def _stack(conn: Connection, key: str) -> list[dict[str, Any]]:
    kept = key_values.read(conn, PREFIX + key)
    found: list[dict[str, Any]] = json.loads(kept.value) if kept else []
    return found
