"""Carries out a filled-in form: by the same functions as the command line, once, under the person's name.

What is wrong with an answer by itself is refused at its field while the form is open (``reply_to``). Everything else
is checked in the transaction of the order, and told in the modal that stays open.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from database.onboardings.lookup import NotFound
from integrations.slack.errors import Trouble
from integrations.slack.people import WorkspaceUser
from integrations.slack.views.modals import carrying_out_view, said_view
from integrations.slack.views.submission import Submission, read_submission
from integrations.slack.workspace import SlackWorkspace
from onboarding.dates.wording import short_moment
from onboarding.facts.goal_lint import day_in_text, number_in
from onboarding.forms.answers import local_moment, problems, start_of_day
from onboarding.forms.asked import Asked, fingerprint, goal_id
from onboarding.forms.fact_forms import SEND
from onboarding.forms.form import FormKind, statuses_for
from onboarding.model.case import Episode
from onboarding.model.state import Goal
from onboarding.model.vocabulary import Concern, HandoffItem, RenewalOutlook, VendorRole
from onboarding.orders import FactReport, Order
from tasks.commands import onboardings
from tasks.commands.drafts import approve_edited, edit_draft
from tasks.commands.facts import record_handoffs, record_meeting
from tasks.commands.learning_facts import record_renewal
from tasks.commands.value_facts import record_goal, record_goal_value
from tasks.runtime.context import RunContext
from tasks.runtime.refusals import Refused
from tasks.slack.home import show_home
from tasks.slack.presses import owned_by
from tasks.slack.requests import SlackRequest, address_of, known_member, read_asked, was_recorded
from tasks.slack.showing import FAULT, RECORDED, show

logger = logging.getLogger(__name__)

CHANGED = "this was changed by another hand since you opened the form; open it again to see how it stands"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Filled:
    """A submission with its request."""

    request: SlackRequest
    submission: Submission
    asked: Asked
    """The onboarding as read before the order."""

    @property
    def report(self) -> FactReport:
        return FactReport(by=self.request.by, now=self.request.now, guard=self.request.guard)

    def order(self, reason: str) -> Order:
        return Order(by=self.request.by, now=self.request.now, reason=reason, guard=self.request.guard)

    def answer(self, name: str) -> str:
        return self.submission.answers.get(name, "")


def reply_to(payload: Mapping[str, Any], now: datetime) -> Mapping[str, Any] | None:
    """Return what Slack is told at once: the fields that are wrong, or a modal that says to wait. Pure.

    None for what is no submission of first90's.
    """
    submission = read_submission(payload)
    if submission is None:
        return None
    wrong = problems(submission.subject.form, submission.answers, submission.subject.zone, now)
    if wrong:
        return {"response_action": "errors", "errors": dict(wrong)}
    return {"response_action": "update", "view": carrying_out_view()}


def handle_submission(context: RunContext, payload: Mapping[str, Any], now: datetime) -> None:
    """Carry out a submitted form that ``reply_to`` accepted, and say in its modal what came of it. Never raises."""
    slack, submission = context.chat, read_submission(payload)
    if submission is None or not isinstance(slack, SlackWorkspace):
        return
    subject, request = submission.subject, None
    try:
        member = known_member(context, slack, submission.team, submission.user)
        filled = _read(context, slack, submission, member, now)
        said, title = _CARRIED_OUT[subject.form](filled), "Done"
        request = filled.request
    except (Refused, NotFound, Trouble) as error:
        said, title = f"Nothing was changed: {error}.", "Nothing was changed"
    except Exception as error:
        logger.error("a form of onboarding %s could not be carried out: %s", subject.onboarding, type(error).__name__)
        recorded = was_recorded(context, _id_of(submission))
        said, title = (RECORDED, "Recorded") if recorded else (FAULT, "That did not work")
    _tell(slack, submission, title, said)
    if request is not None:
        show(request, frozenset(Concern) if subject.form is FormKind.CALL else frozenset({Concern.ESCALATIONS}))
    if not subject.response_url:
        show_home(context, slack, submission, now, said)


def _tell(slack: SlackWorkspace, submission: Submission, title: str, said: str) -> None:
    """Say it in the modal; if that was closed meanwhile, where the form was opened from."""
    try:
        if slack.views.update(submission.view_id, said_view(title, [said])):
            return
    except Trouble as trouble:
        logger.warning("a modal does not show what was done: %s", trouble)
    if submission.subject.response_url:
        slack.answer(submission.subject.response_url, said)


def _id_of(submission: Submission) -> str:
    """Return the id of the request, the same for every repeat by Slack."""
    return f"view:{submission.view_id}"


def _read(
    context: RunContext, slack: SlackWorkspace, submission: Submission, member: WorkspaceUser, now: datetime
) -> _Filled:
    subject = submission.subject

    def unneeded(asked: Asked, episode: Episode | None) -> str | None:
        return None if fingerprint(subject.form, replace(asked, about=subject.about)) == subject.shown else CHANGED

    request = SlackRequest(
        context=context,
        id=_id_of(submission),
        what=f"form.{subject.form}",
        onboarding=subject.onboarding,
        episode=subject.episode,
        by=member.email or member.id,
        now=now,
        zone=subject.zone,
        statuses=statuses_for(subject.form),
        unneeded=unneeded,
    )
    with context.database.reading() as conn:
        asked = read_asked(context, conn, subject.onboarding, now, subject.zone)
    filled = _Filled(request=request, submission=submission, asked=asked)
    if subject.form is FormKind.HAND_OVER:
        address = address_of(slack, submission.answers["to"])
        mine = owned_by(address)
        checked = replace(request, unneeded=lambda asked, episode: mine(asked, episode) or unneeded(asked, episode))
        answers = {**submission.answers, "address": address}
        return replace(filled, request=checked, submission=replace(submission, answers=answers))
    return filled


def _snooze(filled: _Filled) -> str:
    until = start_of_day(filled.answer("until"), filled.request.zone)
    onboardings.snooze(filled.request.context, filled.order(""), filled.request.onboarding, until)
    return f"It rests until {until:%A, %-d %B}."


def _hand_over(filled: _Filled) -> str:
    order = filled.order(filled.answer("note") or "handed over in Slack")
    to = filled.answer("address")
    return onboardings.reassign(filled.request.context, order, filled.request.onboarding, VendorRole.CSM.value, to)


def _resolve(filled: _Filled) -> str:
    order = filled.order(filled.answer("reason"))
    return onboardings.resolve(filled.request.context, order, filled.request.onboarding)


def _hold(filled: _Filled) -> str:
    day = filled.answer("until")
    until = start_of_day(day, filled.request.zone) if day else None
    order, key = filled.order(filled.answer("reason")), filled.request.onboarding
    resume = filled.answer("resume") or "shift"
    onboardings.hold(filled.request.context, order, key, until=until, resume=resume)
    return f"On hold{f' until {until:%A, %-d %B}' if until else ''}: {order.reason}"


def _resume(filled: _Filled) -> str:
    return onboardings.resume(filled.request.context, filled.order(filled.answer("note")), filled.request.onboarding)


def _call(filled: _Filled) -> str:
    at = local_moment(filled.answer("day"), filled.answer("time"), filled.request.zone)
    if at is None:
        raise Refused("this time does not exist on that day")
    name, zone = filled.answer("call"), filled.request.zone
    record_meeting(filled.request.context, filled.report, filled.request.onboarding, name, at)
    return f"Agreed for {short_moment(at, zone)} ({zone.replace('_', ' ')}). The invitation is on its way."


def _handoff(filled: _Filled) -> str:
    known = filled.asked.state.handoff
    given = {item.value: filled.answer(item.value) for item in HandoffItem if filled.answer(item.value)}
    changed = {name: text for name, text in given.items() if known.get(HandoffItem(name), "").strip() != text}
    if not changed:
        raise Refused("every item says what it said before")
    return record_handoffs(filled.request.context, filled.report, filled.request.onboarding, changed)


def _goal(filled: _Filled) -> str:
    baseline, target = number_in(filled.answer("baseline")), number_in(filled.answer("target"))
    due = day_in_text(filled.answer("due"))
    if baseline is None or target is None or due is None:
        raise Refused("this is no measurable goal")
    goal = Goal(
        metric=filled.answer("metric"),
        baseline=baseline,
        target=target,
        unit=filled.answer("unit"),
        due=due,
        at=filled.request.now,
    )
    return record_goal(filled.request.context, filled.report, filled.request.onboarding, goal)


def _goal_value(filled: _Filled) -> str:
    value, wanted = number_in(filled.answer("value")), filled.answer("goal")
    goal = next((one for one in filled.asked.state.goals if goal_id(one.metric) == wanted), None)
    if value is None or goal is None:
        raise Refused(CHANGED)
    return record_goal_value(filled.request.context, filled.report, filled.request.onboarding, goal.metric, value)


def _renewal(filled: _Filled) -> str:
    outlook = RenewalOutlook(filled.answer("outlook"))
    return record_renewal(
        filled.request.context, filled.report, filled.request.onboarding, outlook, filled.answer("why")
    )


def _draft(filled: _Filled) -> str:
    """Keep the words, and approve them if that was chosen."""
    keep = approve_edited if filled.answer("then") == SEND else edit_draft
    context, key = filled.request.context, filled.submission.subject.about
    return keep(context, filled.report, key, filled.answer("subject"), filled.answer("text"))


_CARRIED_OUT: Mapping[FormKind, Callable[[_Filled], str]] = {
    FormKind.SNOOZE: _snooze,
    FormKind.HAND_OVER: _hand_over,
    FormKind.RESOLVE: _resolve,
    FormKind.HOLD: _hold,
    FormKind.RESUME: _resume,
    FormKind.CALL: _call,
    FormKind.HANDOFF: _handoff,
    FormKind.GOAL: _goal,
    FormKind.GOAL_VALUE: _goal_value,
    FormKind.RENEWAL: _renewal,
    FormKind.DRAFT: _draft,
}
