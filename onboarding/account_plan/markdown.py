"""The account plan as Markdown, for the CRM record, Slack and the command line."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from onboarding.account_plan.plan import AccountPlan, Relationship, Speaker, UsePattern
from onboarding.facts.goal_values import way_words
from onboarding.facts.goal_words import goal_sentence
from onboarding.model.phrases import day_words, name_words
from onboarding.model.state import Goal, Promise
from onboarding.model.vocabulary import PromiseState
from onboarding.sentences.sentence import Value, joined, sentence
from onboarding.sentences.terms import role_name, utc_day

LONGEST = 32_000
"""Characters of the whole text; a long text field of Salesforce holds 32,768."""
MOST = 12
"""Entries listed in one section; further ones are only counted."""


def as_markdown(plan: AccountPlan) -> str:
    """Return the plan as Markdown. Equal facts give equal text, so that a CRM row changes only with them."""
    return _whole(_lines(plan))


def people_lines(found: Iterable[Relationship]) -> str:
    """Return people with their roles, a line each."""
    return _whole(_one_line(_person(one)) for one in found)


def goal_lines(goals: Iterable[Goal]) -> str:
    """Return goals with their progress, a line each. A count of product usage tells only the share, which is steady."""
    return _whole(
        _one_line(f"{goal}; {way_words(goal) or 'no value yet'}" + ("" if goal.confirmed else " (assumed)"))
        for goal in goals
    )


def _whole(lines: Iterable[str]) -> str:
    text = "\n".join(lines)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def sections(plan: AccountPlan) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the headings of the plan, each with at least one entry."""
    found = (
        ("people", [_person(one) for one in plan.relationships], "no_people"),
        ("goals", [*plan.aims, *map(goal_sentence, plan.goals)], "no_goals"),
        ("promised", [_promise(one) for one in plan.promises], "no_promise"),
        ("use", list(_usage(plan.usage)), ""),
        ("next", list(plan.opportunities), "no_next"),
        ("open", list(plan.risks), "nothing_open"),
        ("speakers", [_speaker(one) for one in plan.speakers], "no_speakers"),
        ("lessons", [one.text for one in plan.lessons], "no_lessons"),
    )
    return tuple(
        (_said(heading), tuple(_cut(lines) or ((_said(nothing) if nothing else ""),)))
        for heading, lines, nothing in found
    )


def _said(phrase: str, **values: Value) -> str:
    return sentence(f"account_plan.{phrase}", **values)


def _speaker(one: Speaker) -> str:
    kind = _said(f"kind_{one.advocate.kind.value}")
    return _said("with_consent" if one.advocate.consent else "without_consent", person=one.name, kind=kind)


def _lines(plan: AccountPlan) -> Iterator[str]:
    yield f"# Account plan: {plan.account}"
    yield ""
    yield f"{_summary(plan)}"
    for heading, lines in sections(plan):
        yield ""
        yield f"## {heading}"
        yield ""
        yield from (f"- {_one_line(line)}" for line in lines)
    yield ""


def _summary(plan: AccountPlan) -> str:
    said = [f"Signed {day_words(plan.signed_at)}"]
    if plan.activated_at:
        days = (plan.activated_at - plan.signed_at).days
        said.append(f"first value {day_words(plan.activated_at)} (day {max(days, 0)})")
    else:
        said.append("no first value yet")
    if plan.completed_at:
        said.append(f"onboarding completed {day_words(plan.completed_at)}")
    said.append(f"owner {plan.owner or 'not known'}")
    if plan.seller:
        said.append(f"sold by {plan.seller}")
    return "; ".join(said) + "."


def _person(one: Relationship) -> str:
    roles = tuple(role_name(role) for role in one.roles)
    if one.left:
        said = _said("person_left", person=one.name, roles=roles)
    elif one.email:
        said = _said("person_at", person=one.name, roles=roles, email=one.email)
    else:
        said = _said("person", person=one.name, roles=roles)
    return joined("; ", [said, *one.matters])


def _promise(promise: Promise) -> str:
    day = promise.due if promise.state is PromiseState.OPEN else promise.settled_at
    named: dict[str, Value] = {"promise": promise.text, "person": promise.by or promise.source}
    if day is None:
        return _said(f"promise_{promise.state.value}", **named)
    on = utc_day(day) if isinstance(day, datetime) else day
    ends = "due" if promise.state is PromiseState.OPEN else "on"
    return _said(f"promise_{promise.state.value}_{ends}", day=on, **named)


def _usage(usage: UsePattern) -> Iterator[str]:
    """Use rounded figures, so that a login seldom changes the text and with it the CRM row."""
    if not usage.known:
        yield _said("use_unknown")
        return
    if not usage.users:
        yield _said("no_use")
        return
    users = _about(usage.users)
    yield _said("seen_of", users=users, seats=usage.seats) if usage.seats else _said("seen", users=users)
    often = tuple(name_words(name) for name, users in usage.signals if users * 2 >= usage.users)
    seldom = tuple(name_words(name) for name, users in usage.signals if users * 2 < usage.users)
    if often:
        yield _said("often", what=often)
    if seldom:
        yield _said("seldom", what=seldom)


def _about(number: int) -> str:
    """Return the number; from ten on rounded to one significant digit: ``3``, ``about 40``."""
    if number < 10:
        return str(number)
    step = 10 ** (len(str(number)) - 1)
    return _said("about", number=str(round(number / step) * step))


def _cut(lines: Iterable[str]) -> list[str]:
    found = list(lines)
    if len(found) <= MOST:
        return found
    return [*found[: MOST - 1], sentence("posts.and_more", count=len(found) - MOST + 1)]


def _one_line(text: str) -> str:
    """Remove line breaks, so that a person's text cannot begin a heading or a list."""
    return " ".join(text.split())
