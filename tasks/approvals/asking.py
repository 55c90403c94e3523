"""Asks for a second person where a playbook in use says so; else the act is done at once."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from database import approvals
from database.acting import how_known
from database.onboardings.lookup import find_onboarding
from database.onboardings.overview import status_lines
from database.outbox import planned
from database.playbooks import adoptions
from onboarding.acts import OF_ALL, Act, is_asked
from onboarding.effects.approval_note import asked_note, expired_note
from onboarding.model.vocabulary import LIVE, Status, Tier
from onboarding.orders import Order
from onboarding.people.permissions import whom_to_ask
from onboarding.permissions.second_person import NEEDED, VALID, Approval
from onboarding.playbook_changes.asked import as_text
from onboarding.playbook_changes.plan import Plan
from tasks.commands.deliveries import need_reason
from tasks.runtime.context import RunContext
from tasks.runtime.refusals import Refused

WITH_REASON = frozenset({Act.SKIP_STAGE, Act.CLOSE, Act.RETIER, Act.STOP, Act.FORGET})
Words = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _About:
    """What an act is about: the onboarding with its account's name and its tier; nothing for an act of all."""

    key: str | None = None
    name: str = ""
    tiers: Collection[str | None] = ()
    stage: str = ""


@dataclass(frozen=True, slots=True)
class PlanChoice:
    """The onboardings for which a plan is adopted (None: all), of one tier where given, and the plan's id if named."""

    keys: Sequence[str] | None
    tier: Tier | None
    plan_id: str | None


def second_person(context: RunContext, order: Order, act: Act, words: Words, wanted: str | None = None) -> str | None:
    """Return what to tell where a second person has to confirm the act, for which a request is stored; None where the
    act may be done at once. ``wanted`` is the onboarding as a person names it.

    The managers' channel is asked too, and told when the request expires. Safe to repeat: the same request that still
    waits is not stored again. Raises Refused, NotFound.
    """
    if not _asks(context, act, ()):
        return None
    with context.database.writing() as conn:
        about = _About()
        if wanted is not None:
            line = status_lines(conn, keys=[find_onboarding(conn, wanted)])[0]
            if line["status"] not in (LIVE | {Status.COMPLETED} if act is Act.CLOSE else LIVE):
                raise Refused(f"this onboarding is {line['status']}; only one that is under way can be changed so")
            about = _About(line["deal_id"], line["account_name"], {line["tier"]}, line["stage"])
        elif act not in OF_ALL:
            keys, tier = words["keys"].split(), words["tier"]
            named = {one["tier"] for one in status_lines(conn, keys=keys)} if keys else {tier}
            about = _About(tiers=named)
        if not _asks(context, act, about.tiers):
            return None
        if act in WITH_REASON:
            need_reason(order)
        words = {**words, "stage": about.stage} if act is Act.SKIP_STAGE else dict(words)
        known = approvals.same(conn, act, about.key, words, order.now)
        if known is None:
            approvals.add(conn, request := _request(order, act, about, words))
            planned.plan(conn, [(None, asked_note(request)), (None, expired_note(request))], order.now)
            return _waits(context, request)
    return f"This was asked for already. {_waits(context, known)}"


def second_person_for_plan(context: RunContext, order: Order, plan: Plan, chosen: PlanChoice) -> str | None:
    """Return the same for the adoption of a plan. The request keeps what was to follow for each onboarding that moves;
    what becomes of others in between does not matter."""
    if not plan.moving:
        return None
    words = {
        "keys": " ".join(chosen.keys or ()),
        "tier": chosen.tier or "",
        "plan": chosen.plan_id or plan.id,
        "moves": as_text(plan),
    }
    return second_person(context, order, Act.ADOPT_PLAYBOOK, words)


def second_person_for_rollback(context: RunContext, order: Order, keys: Sequence[str] | None) -> str | None:
    """Return the same for taking adoptions back, those of these onboardings or (None) the newest one. The request keeps
    which adoption of each onboarding is meant."""
    with context.database.reading() as conn:
        meant = [(key, adoptions.latest(conn, key)) for key in keys or adoptions.newest_adoption(conn)[0]]
    back = [[key, known.at, known.plan] for key, known in meant if known]
    if not back:
        return None
    words = {"keys": " ".join(keys or ()), "tier": "", "back": json.dumps(back)}
    return second_person(context, order, Act.ADOPT_PLAYBOOK, words)


def _asks(context: RunContext, act: Act, tiers: Collection[str | None]) -> bool:
    """Return whether a playbook in use, of these tiers if any is known, asks a second person for the act."""
    named = {Tier(tier) for tier in tiers if tier and tier in context.library} or set(context.library.playbook_versions)
    return any(is_asked(act, context.library[tier].playbook.four_eyes) for tier in named)


def _request(order: Order, act: Act, about: _About, words: Words) -> Approval:
    meant = json.dumps([order.now.isoformat(), order.by, act, about.key, words], sort_keys=True)
    return Approval(
        id=sha256(meant.encode()).hexdigest()[:8],
        act=act,
        onboarding_key=about.key,
        words=words,
        said=_SAID[act](about.name, words),
        reason=order.reason,
        asked_by=order.by,
        asked_known=how_known(order.by),
        asked_at=order.now,
        expires_at=order.now + VALID,
    )


def _waits(context: RunContext, request: Approval) -> str:
    whom = (
        whom_to_ask(context.team, NEEDED[request.act], but=request.asked_by) if context.team.access.configured else ""
    )
    return (
        f"Nothing was changed yet: a second person has to confirm it by {request.expires_at:%Y-%m-%d %H:%M}Z "
        f"(`first90 approvals confirm {request.id}`, or `/first90 confirm {request.id}` in Slack)"
        f"{f'; {whom}' if whom else ''}."
    )


def _playbook_said(name: str, words: Words) -> str:
    if "policy" in words:
        return f"let {name} follow its playbook: {words['policy'].replace('_', ' ')}"
    if "back" in words:
        return f"take back the last adoption of {words['keys'] or 'all that moved with it'}"
    return f"move {words['keys'] or 'all onboardings'} to the newest playbook, plan {words['plan']}"


_SAID: Mapping[Act, Callable[[str, Words], str]] = {
    Act.SKIP_STAGE: lambda name, words: f"skip the stage {words['stage'].replace('_', ' ')} of {name}",
    Act.NOT_APPLICABLE: lambda name, words: f"call {words['milestone']} not applicable at {name}: {words['why']}",
    Act.CLOSE: lambda name, words: f"close {name} as {words['as']}",
    Act.ADOPT_PLAYBOOK: lambda name, words: _playbook_said(name, words),
    Act.RETIER: lambda name, words: f"move {name} to tier {words['to']}",
    Act.STOP: lambda name, words: f"stop {words['channel'] or 'all sending'}",
    Act.START: lambda name, words: f"start {words['channel'] or 'all sending'} again",
    Act.FORGET: lambda name, words: f"erase {words['person']}",
}
