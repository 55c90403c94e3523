"""Reads onboardings: which are due, and each as the frozen case that the rules take."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, Select, select

from database.bulk import collector_resting
from database.events import other_onboardings
from database.onboardings import surroundings
from database.onboardings.surroundings import Surroundings
from database.tables import EffectRow, EscalationRow, FactRow, HoldRow, OnboardingRow, TouchpointRow, columns
from onboarding.escalations.readers import CHANNEL_ID
from onboarding.escalations.stored import FIELDS, read_episode
from onboarding.model.case import Calendar, Case, Fact, Hold, Progress, Touchpoint
from onboarding.model.conditions.result import read_results
from onboarding.model.effect import TELLS, EffectLine
from onboarding.model.vocabulary import (
    Channel,
    Concern,
    EffectState,
    FactKind,
    Stage,
    Status,
    Tier,
    TouchpointOutcome,
    VendorRole,
)

Built = TypeVar("Built")

MOMENTS = {
    Concern.STAGES: OnboardingRow.stages_at,
    Concern.CHECK_INS: OnboardingRow.check_ins_at,
    Concern.ESCALATIONS: OnboardingRow.escalations_at,
}


def due_keys(
    conn: Connection,
    concern: Concern,
    now: datetime,
    stage: Stage | None = None,
    keys: Sequence[str] | None = None,
) -> list[str]:
    """Return the keys of the onboardings due for review of ``concern`` at ``now``, the longest due first.

    Its cost grows with what is due, not with what exists (P1); all come at once, some 70 bytes each. ``keys`` returns
    these instead (a manual run), due or not.
    """
    moment = MOMENTS[concern]
    query = select(OnboardingRow.key)
    # Ordered by moment first: ordered by key alone, SQLite would scan every onboarding.
    query = query.where(moment <= now) if keys is None else query.where(OnboardingRow.key.in_(keys))
    if stage is not None:
        query = query.where(OnboardingRow.stage == stage.value)
    return list(conn.execute(query.order_by(moment, OnboardingRow.key)).scalars())


@collector_resting()
def load(
    conn: Connection,
    keys: Sequence[str],
    now: datetime,
    calendars: Callable[[str | None], Calendar],
    only_accounts: frozenset[str] | None = None,
) -> dict[str, Case]:
    """Return the cases of these onboardings at ``now`` (UTC), in the order of ``keys``; an unknown key is left out.

    At most two statements a table, however many keys (give some hundreds at a time). ``calendars`` returns the calendar
    of a country; ``only_accounts`` is the pilot's setting, which the database does not hold.
    """
    if not keys:
        return {}
    rows = conn.execute(select(OnboardingRow, *surroundings.neighbours()).where(OnboardingRow.key.in_(keys))).all()
    facts = _grouped(conn, select(*_FACT).where(FactRow.onboarding_key.in_(keys)), _fact)
    effects = _grouped(conn, _effect_lines(keys), _effect)
    told = {key: _told(lines) for key, lines in effects.items()}
    around = surroundings.read(conn, rows, facts, told, now)
    touchpoints = _grouped(conn, select(*_TOUCHPOINT).where(TouchpointRow.onboarding_key.in_(keys)), _touchpoint)
    holds = _grouped(conn, select(*_HOLD).where(HoldRow.onboarding_key.in_(keys)), _in_order(Hold))
    episodes = _grouped(conn, select(*_EPISODE).where(EscalationRow.onboarding_key.in_(keys)), read_episode)
    others = other_onboardings.read(conn, rows)
    cases = {
        row.key: _case(
            row,
            around,
            calendars,
            only_accounts,
            elsewhere=others.mails_beside(row),
            said_elsewhere=others.said_beside(row),
            facts=facts.get(row.key, ()),
            effects=effects.get(row.key, ()),
            touchpoints=touchpoints.get(row.key, ()),
            holds=holds.get(row.key, ()),
            episodes=episodes.get(row.key, ()),
        )
        for row in rows
    }
    return {key: cases[key] for key in dict.fromkeys(keys) if key in cases}


def _case(
    row: Row[Any],
    around: Surroundings,
    calendars: Callable[[str | None], Calendar],
    only_accounts: frozenset[str] | None,
    **own: Any,
) -> Case:
    account = around.accounts[row.account_id]
    deals = around.deals.get(row.key, ())
    parts = around.stakeholders_of(deals)
    former = around.former_of(deals)
    people = around.people.of(account, parts, former)
    owners = around.owners_of(row, account, deals, own["facts"], _told(own["effects"]))
    countries = {account.country, *(p.country for p in people), *(o.country for o in owners.values())}
    return Case(
        key=row.key,
        version=row.version,
        account=account,
        deals=deals,
        people=people,
        stakeholders=parts,
        former=former,
        owners=owners,
        usage=around.usage[row.key],
        progress=_progress(row),
        calendars={country: calendars(country) for country in sorted(c for c in countries if c)},
        suppressions=around.suppressions_among(people, own["facts"]),
        followed=row.followed,
        only_accounts=only_accounts,
        **own,
    )


def _told(effects: Iterable[EffectLine]) -> tuple[str, ...]:
    """Return the ids of our people who got a message about it, also those who have no role in it any more."""
    ids = (line.person_id for line in effects if line.channel is Channel.SLACK and line.person_id != CHANNEL_ID)
    return tuple(dict.fromkeys(ids))


def _progress(row: Row[Any]) -> Progress:
    return Progress(
        status=Status(row.status),
        stage=Stage(row.stage),
        stage_times={Stage(name): datetime.fromisoformat(at) for name, at in row.stage_times.items()},
        tier=Tier(row.tier) if row.tier else None,
        tier_because=row.tier_because,
        playbook=row.playbook,
        opened_at=row.opened_at,
        adopted_at=row.adopted_at,
        blocked=row.blocked,
        assignments={VendorRole(role): owner for role, owner in row.assignments.items()},
        closed_reason=row.closed_reason,
        owner_id=row.owner_id,
        health_history=tuple((day, score) for day, score in row.health_history),
        unbalanced_at=row.unbalanced_at,
        conditions=read_results(row.conditions),
        crm_digests={key: (number, digest) for key, (number, digest) in row.crm_digests.items()},
    )


def _grouped(conn: Connection, query: Select[Any], build: Callable[..., Any]) -> Mapping[str, tuple[Any, ...]]:
    """Return built values by onboarding key, in one statement: its first column is the key, the others ``build``'s
    arguments."""
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for key, *values in conn.execute(query).all():
        found[key].append(build(*values))
    return {key: tuple(values) for key, values in found.items()}


_FACT = (
    FactRow.onboarding_key,
    FactRow.key,
    FactRow.kind,
    FactRow.name,
    FactRow.at,
    FactRow.learned_at,
    FactRow.source,
    FactRow.by,
    FactRow.value,
)
_TOUCHPOINT = (
    TouchpointRow.onboarding_key,
    TouchpointRow.step,
    TouchpointRow.occurrence,
    TouchpointRow.outcome,
    TouchpointRow.at,
    TouchpointRow.because,
)
_HOLD = columns(HoldRow, "onboarding_key", *Hold.__dataclass_fields__)
_EPISODE = columns(EscalationRow, "onboarding_key", *FIELDS)
_LINE = tuple(name for name in EffectLine.__dataclass_fields__ if name not in ("edits", "tells"))
_OF_DATA = (EffectRow.data["method"].as_string(), EffectRow.data[TELLS].as_string())
_EFFECT = (*columns(EffectRow, "onboarding_key", *_LINE), *_OF_DATA)


def _effect_lines(keys: Iterable[str]) -> Select[Any]:
    """Select all messages, and the CRM rows that are not settled: no rule needs the settled ones."""
    settled = [EffectState.SENT.value, EffectState.CANCELLED.value]
    return select(*_EFFECT).where(
        EffectRow.onboarding_key.in_(list(keys)),
        (EffectRow.channel != Channel.CRM.value) | EffectRow.state.not_in(settled),
    )


def _fact(key: str, kind: str, name: str, at: Any, learned: Any, source: str, by: str, value: Any) -> Fact:
    return Fact(key=key, kind=FactKind(kind), name=name, at=at, learned_at=learned, source=source, by=by, value=value)


def _touchpoint(step: str, occurrence: str, outcome: str, at: datetime, because: str) -> Touchpoint:
    return Touchpoint(step=step, occurrence=occurrence, outcome=TouchpointOutcome(outcome), at=at, because=because)


def _in_order(kind: type[Built]) -> Callable[..., Built]:
    """Return a function that builds this dataclass of its fields in their order."""
    names = list(kind.__dataclass_fields__)  # type: ignore[attr-defined]
    return lambda *values: kind(**dict(zip(names, values, strict=True)))


def _effect(*values: Any) -> EffectLine:
    line = dict(zip((*_LINE, "edits", "tells"), values, strict=True))
    line["edits"] = line["edits"] == "update"
    line["tells"] = tuple(json.loads(line["tells"])) if line["tells"] else ()
    line["channel"] = Channel(line["channel"])
    line["state"] = EffectState(line["state"])
    return EffectLine(**line)
