"""Goals in words: what they serve, how far each has come, what that is worth, and what of it is still assumed."""

from collections.abc import Iterable
from enum import StrEnum

from onboarding.facts.goal_values import gain, way_words
from onboarding.model.case import Fact
from onboarding.model.state import Goal
from onboarding.model.vocabulary import FactKind
from onboarding.sentences.sentence import sentence


class Aim(StrEnum):
    """What stands above the goals of a customer."""

    OBJECTIVE = "objective"
    """The broader objective of their business (SX-7)."""
    CAPABILITY = "capability"
    """The one capability that makes them say that this is why they bought, the fastest path to value (GO-8)."""


def aim_sentence(aim: Aim, text: str) -> str:
    """Return what stands above the goals in a sentence, without its full stop."""
    return sentence(f"account_plan.{aim.value}", text=text)


def aim_sentences(facts: Iterable[Fact]) -> tuple[str, ...]:
    """Return what stands above the goals, a sentence each, without its full stop; of each kind the last report of
    ``facts``, which are in the order of time."""
    found = {
        Aim(fact.name): aim_sentence(Aim(fact.name), str(fact.value.get("text")))
        for fact in facts
        if fact.kind is FactKind.NOTE and fact.name in set(Aim)
    }
    return tuple(found[aim] for aim in Aim if aim in found)


def goal_sentence(goal: Goal) -> str:
    """Return a measurable goal in one sentence, without its full stop."""
    said, worth = _stands(goal), gain(goal)
    said = sentence("account_plan.goal_worth", goal=said, worth=str(worth)) if worth else said
    return said if goal.confirmed else sentence("account_plan.goal_assumed", goal=said)


def goal_itself(goal: Goal) -> str:
    """Return from where to where a goal goes, and by when, as a part of a sentence."""
    return sentence(
        "account_plan.goal",
        metric=goal.metric,
        baseline=goal.baseline,
        target=goal.target,
        unit=goal.unit,
        day=goal.due,
    )


def _stands(goal: Goal) -> str:
    whole = goal_itself(goal)
    if not goal.values or goal.value is None:
        return sentence("account_plan.goal_unsaid", goal=whole)
    day, way = goal.values[-1].on, way_words(goal)
    return sentence("account_plan.goal_stands", goal=whole, value=goal.value, unit=goal.unit, day=day, way=way)
