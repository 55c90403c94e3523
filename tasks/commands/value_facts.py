"""Facts on value that a person records: goals and their values, promises, surveys, support tickets, replies.

Each function returns a sentence for the person, and raises Refused or NotFound where nothing was changed.
"""

import re
from datetime import date
from math import isfinite

from onboarding.facts.feedback import LONGEST_COMMENT, SCALES
from onboarding.facts.fold import fold_facts
from onboarding.facts.goal_lint import lint_goal
from onboarding.facts.goal_words import goal_itself
from onboarding.facts.goals import metric_named
from onboarding.facts.promises import is_nothing, promise_id
from onboarding.model.identity import many_lines, one_line, one_spelling
from onboarding.model.state import Goal, Promise
from onboarding.model.vocabulary import FactKind, PromiseState, SurveyKind
from onboarding.orders import FactReport
from onboarding.people.stakeholders import person_named
from onboarding.sentences.sentence import sentence
from onboarding.stages.handoff import is_answer
from tasks.commands.erasure import refuse_forgotten
from tasks.commands.fact_entry import FactEntry, need_address, open_entry, refuse_ahead, said_once
from tasks.runtime.context import RunContext
from tasks.runtime.refusals import Refused

_CURRENCY = re.compile(r"[A-Za-z]{3}")
"""An ISO 4217 code."""


def record_goal(context: RunContext, report: FactReport, wanted: str, goal: Goal) -> str:
    """Record a measurable goal (GO-1). Raises Refused for a vague one, with what it lacks."""
    lacks = lint_goal(goal.metric, goal.baseline, goal.target, goal.unit, goal.due)
    if lacks:
        raise Refused(sentence("replies.no_goal_because", lacks=lacks))
    if goal.money is not None and not (isfinite(goal.money) and goal.money > 0 and _CURRENCY.fullmatch(goal.currency)):
        raise Refused("the money a unit is worth needs a number above 0 and a currency: --money 85 --currency EUR")
    if goal.money is None and goal.currency:
        raise Refused("a currency alone says nothing; give the money a unit is worth too: --money 85 --currency EUR")
    refuse_ahead(report)
    value: dict[str, object] = {
        "metric": goal.metric,
        "baseline": goal.baseline,
        "target": goal.target,
        "unit": goal.unit,
        "due": goal.due.isoformat(),
    }
    if goal.kind is not None:
        value["kind"] = goal.kind.value
    if goal.money is not None:
        value |= {"money": goal.money, "currency": goal.currency.upper()}
    if goal.signal:
        value["signal"] = goal.signal
    with context.database.writing() as conn:
        entry = open_entry(context, conn, report, wanted)
        if goal.due < (signed := entry.case.signed_at.date()):
            raise Refused(
                f"--due {goal.due} lies before the signature on {signed}; a goal of the onboarding comes after"
            )
        fresh = entry.keep(FactKind.GOAL, goal.metric, value)
    return said_once(fresh, sentence("replies.goal_kept", goal=goal_itself(goal)))


def record_goal_value(context: RunContext, report: FactReport, wanted: str, metric: str, value: float) -> str:
    """Record the present value of a goal; the last report holds. Raises Refused where there is no such goal."""
    refuse_ahead(report)
    with context.database.writing() as conn:
        entry = open_entry(context, conn, report, wanted)
        known = fold_facts(entry.case, entry.playbook, report.now).goals
        goal = metric_named(known, metric)
        if goal is None:
            have = ", ".join(repr(one.metric) for one in known) or "none"
            raise Refused(f"there is no goal for {metric!r}; this onboarding has {have}")
        if not isfinite(value):
            raise Refused(f"--value {value} is no number")
        fresh = entry.keep(FactKind.GOAL_VALUE, goal.metric, {"value": value})
    return said_once(fresh, sentence("replies.goal_value_kept", metric=goal.metric, value=f"{value:g}", unit=goal.unit))


def record_promise(context: RunContext, report: FactReport, wanted: str, text: str, *, due: date | None) -> str:
    """Record a promise to the customer (SX-4). The same text again is the same promise."""
    said = many_lines(text).rstrip(".")
    if not is_answer(said) or is_nothing(said):
        raise Refused(f"{text!r} promises nothing; say what the customer was promised")
    refuse_ahead(report)
    name = promise_id(said)
    value = {"text": said, "source": "team"} | ({"due": due.isoformat()} if due else {})
    with context.database.writing() as conn:
        fresh = open_entry(context, conn, report, wanted).keep(FactKind.PROMISE, name, value)
    return said_once(fresh, f"Promise {name} kept in the ledger: {said}.")


def settle_promise(context: RunContext, report: FactReport, wanted: str, name: str, state: PromiseState) -> str:
    """Record that a promise was kept or broken. Raises Refused where no promise has this id or text."""
    refuse_ahead(report)
    with context.database.writing() as conn:
        entry = open_entry(context, conn, report, wanted)
        promise = _promise(fold_facts(entry.case, entry.playbook, report.now).promises, name)
        value = {"state": state.value, "text": promise.text, "source": promise.source}
        fresh = entry.keep(FactKind.PROMISE_SETTLED, promise.id, value)
    return said_once(fresh, f"Promise {promise.id} is {state}: {promise.text}.")


def _promise(known: tuple[Promise, ...], name: str) -> Promise:
    found = [one for one in known if one.id == name.strip().casefold() or one.id == promise_id(name)]
    if not found:
        have = "; ".join(f"{one.id} ({one.text})" for one in known) or "none"
        raise Refused(f"there is no promise {name!r}; this onboarding has {have}")
    return found[0]


def record_survey(
    context: RunContext,
    report: FactReport,
    wanted: str,
    kind: SurveyKind,
    score: float,
    *,
    person: str | None = None,
    comment: str = "",
) -> str:
    """Record an answer to a survey on the scale of its kind; ``person`` is the address of its author, where known."""
    scale = SCALES[kind]
    if not scale.low <= score <= scale.high:
        raise Refused(f"{score:g} is not on the scale of {kind}: {scale}")
    if kind is SurveyKind.NPS and score != int(score):
        raise Refused(f"{score:g} is no answer to nps: one person answers a whole number, {scale}")
    refuse_ahead(report)
    value: dict[str, object] = {"score": score, "low": scale.low, "high": scale.high}
    who = ""
    if said := one_line(comment, LONGEST_COMMENT):
        value["comment"] = said
    with context.database.writing() as conn:
        entry = open_entry(context, conn, report, wanted)
        if person is not None:
            address = need_address(person)
            refuse_forgotten(conn, address)
            value["person"], who = _person(entry, address)
        fresh = entry.keep(FactKind.SURVEY, kind.value, value)
    return said_once(fresh, f"Survey kept: {kind} {score:g}, on {scale}{who and f', from {who}'}.")


def record_ticket(
    context: RunContext, report: FactReport, wanted: str, ticket: str, *, topic: str, sentiment: float | None
) -> str:
    """Record a support ticket of the customer's people. The last report of one id holds."""
    name, about = one_line(ticket, 80), one_line(topic, 120)
    if not name or not is_answer(about):
        raise Refused("a ticket needs its id and a topic: ticket T-123 --topic import")
    if sentiment is not None and not -1 <= sentiment <= 1:
        raise Refused(f"--sentiment {sentiment:g} is outside -1 (angry) to 1 (pleased)")
    refuse_ahead(report)
    value: dict[str, object] = {"topic": about} | ({} if sentiment is None else {"sentiment": sentiment})
    with context.database.writing() as conn:
        fresh = open_entry(context, conn, report, wanted).keep(FactKind.TICKET, name, value)
    return said_once(fresh, f"Ticket kept: {name} about {about}.")


def record_reply(context: RunContext, report: FactReport, wanted: str, email: str, *, confirms: bool) -> str:
    """Record that a person of the customer answered us; with ``confirms`` they confirmed the goals.

    Raises Refused where nothing could be confirmed, and for an address of our own.
    """
    address = need_address(email)
    refuse_ahead(report)
    with context.database.writing() as conn:
        refuse_forgotten(conn, address)
        entry = open_entry(context, conn, report, wanted)
        if one_spelling(address) in {one_spelling(owner.email) for owner in entry.case.owners.values()}:
            raise Refused("this address is one of our own people; a reply comes from the customer's side")
        known = fold_facts(entry.case, entry.playbook, report.happened_at).goals
        if confirms and not known:
            raise Refused("there is no measurable goal to confirm yet; record the goal first")
        person, who = _person(entry, address)
        value = {"person": person}
        fresh = entry.keep(FactKind.REPLY, "", value)
        if confirms:
            fresh |= entry.keep(FactKind.GOAL_CONFIRMED, "", value)
    confirmed = f" and confirmed {'; '.join(map(str, known))}" if confirms else ""
    return said_once(fresh, f"Noted: {who} answered{confirmed}.")


def _person(entry: FactEntry, email: str) -> tuple[str, str]:
    """Return the id of the person with this address, as facts hold ids and never addresses, and who it is in words."""
    address = one_spelling(email)
    for one in entry.case.people:
        if one.email and one_spelling(one.email) == address:
            return one.id, one.name
    return person_named(address), f"{address} (no contact of {entry.case.account.name} in the CRM has this address)"
