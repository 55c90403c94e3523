"""Checks of a form's answers that need nothing but the answers: shown at the field, while the form is still open."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta

from onboarding.clashes.request import LONGEST_SIDE, ClashRefused, checked_sides
from onboarding.dates.limits import YEARS, in_years
from onboarding.dates.working_time import zone_of
from onboarding.facts.goal_lint import lint_goal, number_in
from onboarding.forms.form import Answers, FormKind
from onboarding.forms.task_form import asked_in
from onboarding.model.parties import BuyIn, ProfileItem
from onboarding.model.vocabulary import HandoffItem
from onboarding.own_tasks.request import LONGEST_TITLE, TaskRefused, check_words
from onboarding.profiles.request import LONGEST_ITEM, ProfileRefused, checked_item
from onboarding.sentences.sentence import sentence
from onboarding.stages.handoff import is_answer

Problem = tuple[str, str]
"""The name of a field, and what is wrong with its answer."""
_LACKS = re.compile(r"\bit(?:s| has no) (baseline|target|unit|date)\b")


def problems(kind: FormKind, answers: Answers, zone: str, now: datetime) -> Mapping[str, str]:
    """Return what is wrong, by field; empty where the form may be carried out. ``zone``: the person's (IANA)."""
    return dict(_CHECKS[kind](answers, zone, now))


def start_of_day(day: str, zone: str) -> datetime:
    """Return the start of the chosen day (UTC), in the person's zone and not before it in UTC.

    Messages and ``explain`` show the day in UTC, where a morning in the east is still the day before.
    """
    chosen = date.fromisoformat(day)
    return max(datetime.combine(chosen, time(), zone_of(zone)).astimezone(UTC), datetime.combine(chosen, time(), UTC))


def local_moment(day: str, at: str, zone: str) -> datetime | None:
    """Return the moment (UTC) of a local time; the first of one that comes twice. None for one that the clocks skip."""
    there = datetime.combine(date.fromisoformat(day), time.fromisoformat(at), zone_of(zone))
    moment = there.astimezone(UTC)
    return moment if moment.astimezone(zone_of(zone)).replace(tzinfo=None) == there.replace(tzinfo=None) else None


def _until(answers: Answers, zone: str, now: datetime) -> Iterator[Problem]:
    if "until" in answers and (wrong := _day_ahead(answers["until"], zone, now)):
        yield "until", wrong


def _snooze(answers: Answers, zone: str, now: datetime) -> Iterator[Problem]:
    yield from _until({"until": answers.get("until", "")}, zone, now)


def _reason(answers: Answers, zone: str, now: datetime) -> Iterator[Problem]:
    if not is_answer(answers.get("reason", "")):
        yield "reason", sentence("problems.no_reason")


def _hold(answers: Answers, zone: str, now: datetime) -> Iterator[Problem]:
    yield from _reason(answers, zone, now)
    yield from _until(answers, zone, now)


def _nothing(answers: Answers, zone: str, now: datetime) -> Iterator[Problem]:
    yield from ()


def _person(answers: Answers, zone: str, now: datetime) -> Iterator[Problem]:
    if not answers.get("to"):
        yield "to", sentence("problems.no_person")


def _call(answers: Answers, zone: str, now: datetime) -> Iterator[Problem]:
    day, at = answers.get("day", ""), answers.get("time", "")
    if (wrong := _wrong_day(day)) is not None:
        yield "day", wrong
        return
    try:
        starts_at = local_moment(day, at, zone)
    except ValueError:
        yield "time", sentence("problems.no_time")
        return
    if starts_at is None:
        yield "time", sentence("problems.skipped_time")
    elif starts_at <= now:
        yield (
            "day" if date.fromisoformat(day) < now.astimezone(zone_of(zone)).date() else "time",
            sentence("problems.passed_time"),
        )


def _handoff(answers: Answers, zone: str, now: datetime) -> Iterator[Problem]:
    for item in HandoffItem:
        if item.value in answers and not is_answer(answers[item.value]):
            yield item.value, sentence("problems.says_nothing")


def _task(answers: Answers, zone: str, now: datetime) -> Iterator[Problem]:
    try:
        _, _, day = check_words(asked_in(answers))
    except TaskRefused as why:
        name = "owner" if why.field == "side" else why.field  # the form asks for both in one choice
        yield name, (_wrong_day(answers.get("due", "")) if name == "due" else _TASK_WORDS.get(name)) or f"{why}."
        return
    # The account's today is known to the order; a day that is over everywhere is over there.
    if day < (now - timedelta(hours=12)).date():
        yield "due", sentence("problems.task_passed")


_TASK_WORDS: Mapping[str, str] = {
    "title": sentence("problems.task_title", most=LONGEST_TITLE),
    "owner": sentence("problems.task_owner"),
}
"""What is wrong with an answer, in the words of the form."""


def _conflict(answers: Answers, zone: str, now: datetime) -> Iterator[Problem]:
    try:
        checked_sides(answers.get("this", ""), answers.get("with", ""))
    except ClashRefused as why:
        yield why.field, sentence("problems.conflict_side", most=LONGEST_SIDE)


def _decision(answers: Answers, zone: str, now: datetime) -> Iterator[Problem]:
    if not answers.get("conflict"):
        yield "conflict", sentence("problems.no_conflict")
    if not is_answer(answers.get("decision", "")):
        yield "decision", sentence("problems.no_decision")


def _profile(answers: Answers, zone: str, now: datetime) -> Iterator[Problem]:
    item = answers.get("item", "")
    if not answers.get("person"):
        yield "person", sentence("problems.no_person")
    if item not in set(ProfileItem):
        yield "item", sentence("problems.no_item")
        return
    try:
        checked_item(ProfileItem(item), answers.get("text", ""))
    except ProfileRefused:
        yield "text", sentence("problems.item_text", most=LONGEST_ITEM)


def _buy_in(answers: Answers, zone: str, now: datetime) -> Iterator[Problem]:
    if not answers.get("person"):
        yield "person", sentence("problems.no_person")
    if answers.get("stands") not in set(BuyIn):
        yield "stands", sentence("problems.no_stand")
    if not is_answer(answers.get("why", "")):
        yield "why", sentence("problems.no_source")


def _goal(answers: Answers, zone: str, now: datetime) -> Iterator[Problem]:
    given = {name: answers.get(name, "") for name in ("metric", "baseline", "target", "unit", "due")}
    lacks = lint_goal(given["metric"], given["baseline"], given["target"], given["unit"], given["due"])
    if lacks is not None:
        found = _LACKS.search(lacks)
        name = (found[1] if found else "metric").replace("date", "due")
        yield name, sentence("problems.no_goal", lacks=lacks)
    elif wrong := _day_ahead(given["due"], zone, now):
        yield "due", wrong


def _goal_value(answers: Answers, zone: str, now: datetime) -> Iterator[Problem]:
    if number_in(answers.get("value")) is None:
        yield "value", sentence("problems.no_number")
    if not answers.get("goal"):
        yield "goal", sentence("problems.which_goal")


def _renewal(answers: Answers, zone: str, now: datetime) -> Iterator[Problem]:
    if not answers.get("outlook"):
        yield "outlook", sentence("problems.no_outlook")
    if not is_answer(answers.get("why", "")):
        yield "why", sentence("problems.no_outlook_why")


def _draft(answers: Answers, zone: str, now: datetime) -> Iterator[Problem]:
    for name in ("subject", "text"):
        if not answers.get(name, "").strip():
            yield name, sentence("problems.no_words")


def _day_ahead(text: str, zone: str, now: datetime) -> str | None:
    if (wrong := _wrong_day(text)) is not None:
        return wrong
    ahead = date.fromisoformat(text) > now.astimezone(zone_of(zone)).date()
    return None if ahead else sentence("problems.not_ahead")


def _wrong_day(text: str) -> str | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return sentence("problems.no_day")
    return None if in_years(day) else sentence("problems.out_of_years", first=str(YEARS[0]), last=str(YEARS[-1]))


_CHECKS: Mapping[FormKind, Callable[[Answers, str, datetime], Iterator[Problem]]] = {
    FormKind.SNOOZE: _snooze,
    FormKind.HAND_OVER: _person,
    FormKind.RESOLVE: _reason,
    FormKind.HOLD: _hold,
    FormKind.RESUME: _nothing,
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
