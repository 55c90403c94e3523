"""What each form does once it is filled in: the same as the command of that name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from integrations.slack.views.submission import Submission
from onboarding.facts.goal_lint import day_in_text, number_in
from onboarding.forms.answers import local_moment, start_of_day
from onboarding.forms.asked import Asked, goal_id
from onboarding.forms.fact_forms import SEND
from onboarding.forms.form import FormKind
from onboarding.forms.profile_forms import item_in
from onboarding.forms.task_form import asked_in
from onboarding.model.parties import BuyIn
from onboarding.model.state import Goal
from onboarding.model.vocabulary import HandoffItem, RenewalOutlook, VendorRole
from onboarding.orders import FactReport, Order
from onboarding.people.handovers import WITHOUT_NOTE
from onboarding.sentences.sentence import NearDay, Short, sentence
from tasks.clashes import decide_conflict, record_conflict
from tasks.commands import onboardings
from tasks.commands.drafts import approve_edited, edit_draft
from tasks.commands.facts import record_handoffs, record_meeting
from tasks.commands.learning_facts import record_renewal
from tasks.commands.own_tasks import record_task
from tasks.commands.value_facts import record_goal, record_goal_value
from tasks.profiles import record_buy_in, record_profile
from tasks.runtime.refusals import Refused
from tasks.slack.requests import SlackRequest

CHANGED = sentence("replies.changed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A submission with its request."""

    request: SlackRequest
    submission: Submission
    asked: Asked
    """The onboarding as read before the order."""

    @property
    def report(self) -> FactReport:
        """Return the report of the person."""
        return FactReport(by=self.request.by, now=self.request.now, guard=self.request.guard)

    def order(self, reason: str) -> Order:
        """Return the order of the person."""
        return Order(by=self.request.by, now=self.request.now, reason=reason, guard=self.request.guard)

    def answer(self, name: str) -> str:
        """Return the answer in a field; empty where it was left empty."""
        return self.submission.answers.get(name, "")


def _snooze(filled: Filled) -> str:
    until = start_of_day(filled.answer("until"), filled.request.zone)
    onboardings.snooze(filled.request.context, filled.order(""), filled.request.onboarding, until)
    return sentence("replies.rests", day=NearDay(until.date()))


def _hand_over(filled: Filled) -> str:
    order = filled.order(filled.answer("note") or WITHOUT_NOTE)
    to = filled.answer("address")
    return onboardings.reassign(filled.request.context, order, filled.request.onboarding, VendorRole.CSM.value, to)


def _resolve(filled: Filled) -> str:
    order = filled.order(filled.answer("reason"))
    return onboardings.resolve(filled.request.context, order, filled.request.onboarding)


def _hold(filled: Filled) -> str:
    day = filled.answer("until")
    until = start_of_day(day, filled.request.zone) if day else None
    order, key = filled.order(filled.answer("reason")), filled.request.onboarding
    resume = filled.answer("resume") or "shift"
    onboardings.hold(filled.request.context, order, key, until=until, resume=resume)
    if until is None:
        return sentence("replies.on_hold", reason=order.reason)
    return sentence("replies.on_hold_until", day=NearDay(until.date()), reason=order.reason)


def _resume(filled: Filled) -> str:
    return onboardings.resume(filled.request.context, filled.order(filled.answer("note")), filled.request.onboarding)


def _call(filled: Filled) -> str:
    at = local_moment(filled.answer("day"), filled.answer("time"), filled.request.zone)
    if at is None:
        raise Refused(sentence("replies.no_such_time"))
    name, zone = filled.answer("call"), filled.request.zone
    record_meeting(filled.request.context, filled.report, filled.request.onboarding, name, at)
    people = filled.asked.case.people
    reachable = any(one.email and one.left_on is None for one in people)
    said = "replies.invited" if reachable else "replies.invited_nobody"
    return sentence(said, at=Short(at, zone, has_time=True), zone=zone.replace("_", " "))


def _handoff(filled: Filled) -> str:
    known = filled.asked.state.handoff
    given = {item.value: filled.answer(item.value) for item in HandoffItem if filled.answer(item.value)}
    changed = {name: text for name, text in given.items() if known.get(HandoffItem(name), "").strip() != text}
    if not changed:
        raise Refused(sentence("replies.items_as_before"))
    return record_handoffs(filled.request.context, filled.report, filled.request.onboarding, changed)


def _task(filled: Filled) -> str:
    asked = asked_in(filled.submission.answers)
    return record_task(filled.request.context, filled.report, filled.request.onboarding, asked)


def _conflict(filled: Filled) -> str:
    context, key = filled.request.context, filled.request.onboarding
    return record_conflict(context, filled.report, key, filled.answer("this"), filled.answer("with"))


def _decision(filled: Filled) -> str:
    context, key = filled.request.context, filled.request.onboarding
    return decide_conflict(context, filled.report, key, filled.answer("conflict"), filled.answer("decision"))


def _profile(filled: Filled) -> str:
    item = item_in(filled.answer("item"))
    if item is None:
        raise Refused(CHANGED)
    context, key = filled.request.context, filled.request.onboarding
    return record_profile(context, filled.report, key, _address(filled), (item, filled.answer("text")))


def _buy_in(filled: Filled) -> str:
    context, key = filled.request.context, filled.request.onboarding
    stands = BuyIn(filled.answer("stands")), filled.answer("why")
    return record_buy_in(context, filled.report, key, _address(filled), stands)


def _address(filled: Filled) -> str:
    """Return the address of the person who was chosen. Raises Refused where they have no role any more."""
    holders = filled.asked.state.holders.values()
    chosen = (person for people in holders for person in people if person.id == filled.answer("person"))
    person = next(chosen, None)
    if person is None:
        raise Refused(CHANGED)
    return person.email or ""


def _goal(filled: Filled) -> str:
    baseline, target = number_in(filled.answer("baseline")), number_in(filled.answer("target"))
    due = day_in_text(filled.answer("due"))
    if baseline is None or target is None or due is None:
        raise Refused(sentence("replies.no_goal"))
    goal = Goal(
        metric=filled.answer("metric"),
        baseline=baseline,
        target=target,
        unit=filled.answer("unit"),
        due=due,
        at=filled.request.now,
    )
    return record_goal(filled.request.context, filled.report, filled.request.onboarding, goal)


def _goal_value(filled: Filled) -> str:
    value, wanted = number_in(filled.answer("value")), filled.answer("goal")
    goal = next((one for one in filled.asked.state.goals if goal_id(one.metric) == wanted), None)
    if value is None or goal is None:
        raise Refused(CHANGED)
    return record_goal_value(filled.request.context, filled.report, filled.request.onboarding, goal.metric, value)


def _renewal(filled: Filled) -> str:
    outlook = RenewalOutlook(filled.answer("outlook"))
    return record_renewal(
        filled.request.context, filled.report, filled.request.onboarding, outlook, filled.answer("why")
    )


def _draft(filled: Filled) -> str:
    """Keep the words, and approve them if that was chosen."""
    keep = approve_edited if filled.answer("then") == SEND else edit_draft
    context, key = filled.request.context, filled.submission.subject.about
    return keep(context, filled.report, key, filled.answer("subject"), filled.answer("text"))


CARRIED_OUT: Mapping[FormKind, Callable[[Filled], str]] = {
    FormKind.SNOOZE: _snooze,
    FormKind.HAND_OVER: _hand_over,
    FormKind.RESOLVE: _resolve,
    FormKind.HOLD: _hold,
    FormKind.RESUME: _resume,
    FormKind.CALL: _call,
    FormKind.HANDOFF: _handoff,
    FormKind.TASK: _task,
    FormKind.CONFLICT: _conflict,
    FormKind.DECISION: _decision,
    FormKind.PROFILE: _profile,
    FormKind.BUY_IN: _buy_in,
    FormKind.GOAL: _goal,
    FormKind.GOAL_VALUE: _goal_value,
    FormKind.RENEWAL: _renewal,
    FormKind.DRAFT: _draft,
}
