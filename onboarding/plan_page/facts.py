"""The facts that an answer on the plan page becomes: who said it, when, and from where. Pure."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from onboarding.facts.feedback import SCALES
from onboarding.forms.form import Answers
from onboarding.model.case import Fact
from onboarding.model.identity import mail_address
from onboarding.model.vocabulary import FactKind, SurveyKind
from onboarding.plan_page.calls.forms import read_time
from onboarding.plan_page.clashes import forms as clash_forms
from onboarding.plan_page.context import PageContext
from onboarding.plan_page.form import AnswerKind, PlanForm
from onboarding.plan_page.goals import answers as goal_answers
from onboarding.plan_page.goals.forms import goal_of
from onboarding.plan_page.profiles import forms as profile_forms
from onboarding.plan_page.tasks import forms as task_forms
from onboarding.plan_page.work_forms import NO_BLOCKER
from onboarding.shared_plan.named import PAGE
from onboarding.stages.kickoff import WAS_AT


class Said(NamedTuple):
    """One thing that was said: the kind of its fact, its name and its value."""

    kind: FactKind
    name: str
    value: Mapping[str, Any]


def facts_of(form: PlanForm, answers: Answers, page: PageContext, form_id: str) -> tuple[Fact, ...]:
    """Return the facts of a form that was sent; ``form_id`` names this one form, so that a repeat is the same fact."""
    comment = {"comment": answers["comment"]} if "comment" in answers else {}
    return tuple(
        Fact(
            key=fact_key(form_id, number),
            kind=said.kind,
            name=said.name,
            at=page.now,
            learned_at=page.now,
            source=PAGE,
            by=f"{page.reader.name} on their plan page",
            value={**said.value, **comment, "person": page.reader.id},
        )
        for number, said in enumerate(_SAID[form.kind](form, answers, page))
    )


def fact_key(form_id: str, number: int = 0) -> str:
    """Return the key of a fact that one form gives."""
    return f"{PAGE}:{form_id}:{number}"


def _done(form: PlanForm, answers: Answers, page: PageContext) -> list[Said]:
    return [Said(FactKind.MILESTONE_CLAIMED if form.evidence else FactKind.MILESTONE, form.about, {})]


def _date(form: PlanForm, answers: Answers, page: PageContext) -> list[Said]:
    return [Said(FactKind.DATE_PROPOSED, form.about, {"due_on": answers["day"]})]


def _blocked(form: PlanForm, answers: Answers, page: PageContext) -> list[Said]:
    cause = "" if answers["cause"] == NO_BLOCKER else answers["cause"]
    return [Said(FactKind.BLOCKED, form.about, {"cause": cause})]


def _person(form: PlanForm, answers: Answers, page: PageContext) -> list[Said]:
    value = {"name": answers["name"], "email": mail_address(answers["email"]), "role": answers["role"]}
    return [Said(FactKind.PERSON_NAMED, form.about, value | ({"instead": True} if form.kind is AnswerKind.WHO else {}))]


def _goal(form: PlanForm, answers: Answers, page: PageContext) -> list[Said]:
    return [Said(FactKind.GOAL_CONFIRMED, goal_of(form.about, page).metric, {})]


def _correct(form: PlanForm, answers: Answers, page: PageContext) -> list[Said]:
    goal, value = goal_answers.corrected(form, answers, page)
    return [Said(FactKind.GOAL, goal.metric, value), Said(FactKind.GOAL_CONFIRMED, goal.metric, {})]


def _new_goal(form: PlanForm, answers: Answers, page: PageContext) -> list[Said]:
    value = goal_answers.stated(form, answers, page)
    return [Said(FactKind.GOAL, value["metric"], value), Said(FactKind.GOAL_CONFIRMED, value["metric"], {})]


def _value(form: PlanForm, answers: Answers, page: PageContext) -> list[Said]:
    value = {"value": goal_answers.figure_in(answers["value"], page)}
    return [Said(FactKind.GOAL_VALUE, goal_of(form.about, page).metric, value)]


def _mood(form: PlanForm, answers: Answers, page: PageContext) -> list[Said]:
    scale = SCALES[SurveyKind.PULSE]
    value = {"score": int(answers["score"]), "low": scale.low, "high": scale.high}
    return [Said(FactKind.SURVEY, SurveyKind.PULSE.value, value)]


def _pace(form: PlanForm, answers: Answers, page: PageContext) -> list[Said]:
    return [Said(FactKind.MAIL_PACE, page.reader.id, {"days": int(answers["days"])})]


def _clash(form: PlanForm, answers: Answers, page: PageContext) -> list[Said]:
    return [Said(FactKind.CONFLICT, *clash_forms.raised(form, answers, page))]


def _decide(form: PlanForm, answers: Answers, page: PageContext) -> list[Said]:
    return [Said(FactKind.CONFLICT_DECIDED, *clash_forms.decided(form, answers, page))]


def _profile(form: PlanForm, answers: Answers, page: PageContext) -> list[Said]:
    return [Said(FactKind.PROFILE, item.value, value) for item, value in profile_forms.told(answers, page)]


def _task(form: PlanForm, answers: Answers, page: PageContext) -> list[Said]:
    return [Said(FactKind.TASK, *task_forms.added(answers, page))]


def _call(form: PlanForm, answers: Answers, page: PageContext) -> list[Said]:
    at = read_time(answers["at"])
    return [Said(FactKind.MEETING, form.about, {"meeting_at": at.isoformat()})] if at else []


def _off(form: PlanForm, answers: Answers, page: PageContext) -> list[Said]:
    return [Said(FactKind.MILESTONE_UNDONE, form.about, {})]


def _time(form: PlanForm, answers: Answers, page: PageContext) -> list[Said]:
    return [Said(FactKind.CALL_PROPOSED, form.about, {})]


def _held(form: PlanForm, answers: Answers, page: PageContext) -> list[Said]:
    meeting = page.state.meetings.get(form.about)
    return [Said(FactKind.CALL_HELD, form.about, {WAS_AT: meeting.at.isoformat()})] if meeting else []


_SAID: Mapping[AnswerKind, Callable[[PlanForm, Answers, PageContext], list[Said]]] = {
    AnswerKind.DONE: _done,
    AnswerKind.DATE: _date,
    AnswerKind.BLOCKED: _blocked,
    AnswerKind.PERSON: _person,
    AnswerKind.GOAL: _goal,
    AnswerKind.CORRECT: _correct,
    AnswerKind.NEW_GOAL: _new_goal,
    AnswerKind.VALUE: _value,
    AnswerKind.MOOD: _mood,
    AnswerKind.PACE: _pace,
    AnswerKind.COLLEAGUE: _person,
    AnswerKind.WHO: _person,
    AnswerKind.CLASH: _clash,
    AnswerKind.DECIDE: _decide,
    AnswerKind.PROFILE: _profile,
    AnswerKind.TASK: _task,
    AnswerKind.CALL: _call,
    AnswerKind.OFF: _off,
    AnswerKind.TIME: _time,
    AnswerKind.HELD: _held,
}
