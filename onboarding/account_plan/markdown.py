"""The account plan as Markdown, for the CRM record, Slack and the command line."""

from collections.abc import Iterable, Iterator

from onboarding.account_plan.plan import AccountPlan, Relationship, UsePattern
from onboarding.facts.goal_values import way_words
from onboarding.facts.goal_words import goal_sentence
from onboarding.model.phrases import day_words, list_words, name_words, role_words
from onboarding.model.state import Goal, Promise
from onboarding.model.vocabulary import PromiseState

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
        ("People", [_person(one) for one in plan.relationships], "nobody is known by role"),
        (
            "Goals and what was delivered",
            [*plan.aims, *map(goal_sentence, plan.goals)],
            "no measurable goal was agreed",
        ),
        ("What was promised", [_promise(one) for one in plan.promises], "no promise is on record"),
        ("How it is used", list(_usage(plan.usage)), ""),
        ("Where to go next", list(plan.opportunities), "nothing was found yet"),
        ("What is open", list(plan.risks), "nothing"),
        (
            "Who may speak for us",
            [
                f"{one.name}: {name_words(one.advocate.kind.value)}, "
                f"{'with' if one.advocate.consent else 'without'} their consent"
                for one in plan.speakers
            ],
            "nobody was asked yet",
        ),
        ("What we learned", [one.text for one in plan.lessons], "nothing was recorded yet"),
    )
    return tuple((heading, tuple(_cut(lines) or (nothing,))) for heading, lines, nothing in found)


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
    roles = list_words(role_words(role) for role in one.roles)
    reached = " (has left)" if one.left else f", {one.email}" if one.email else ""
    return "; ".join([f"{one.name}, {roles}{reached}", *one.matters])


def _promise(promise: Promise) -> str:
    due = f", due {day_words(promise.due)}" if promise.due else ""
    settled = f" {day_words(promise.settled_at)}" if promise.settled_at else ""
    state = promise.state.value if promise.state is not PromiseState.OPEN else f"open{due}"
    return f"{promise.text}: {state}{settled} (said by {promise.by or promise.source})"


def _usage(usage: UsePattern) -> Iterator[str]:
    """Use rounded figures, so that a login seldom changes the text and with it the CRM row."""
    if not usage.known:
        yield "usage of the product is not known"
        return
    if not usage.users:
        yield "nobody has used it yet"
        return
    seats = f" of {usage.seats} seats" if usage.seats else ""
    yield f"{_about(usage.users)} people seen{seats}"
    often = [name_words(name) for name, users in usage.signals if users * 2 >= usage.users]
    seldom = [name_words(name) for name, users in usage.signals if users * 2 < usage.users]
    if often:
        yield f"by half of them or more: {list_words(often)}"
    if seldom:
        yield f"by fewer: {list_words(seldom)}"


def _about(number: int) -> str:
    """Return the number; from ten on rounded to one significant digit: ``3``, ``about 40``."""
    if number < 10:
        return str(number)
    step = 10 ** (len(str(number)) - 1)
    return f"about {round(number / step) * step}"


def _cut(lines: Iterable[str]) -> list[str]:
    found = list(lines)
    return found if len(found) <= MOST else [*found[: MOST - 1], f"and {len(found) - MOST + 1} more"]


def _one_line(text: str) -> str:
    """Remove line breaks, so that a person's text cannot begin a heading or a list."""
    return " ".join(text.split())
