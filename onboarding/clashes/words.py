"""Conflicts of priorities in sentences for the vendor's people. Pure."""

from collections.abc import Iterable
from datetime import datetime

from onboarding.clashes.clash import Clash, First, clash_numbered
from onboarding.model.case import Fact
from onboarding.model.phrases import day_words
from onboarding.sentences.sentence import pattern, sentence

SIDE_IN_MENU = 24
"""Characters of one side in a menu: with the id both fit into the 75 that Slack allows for an option."""


def sides_words(clash: Clash) -> str:
    """Return both sides: ``“the migration” clashes with “the audit”``."""
    return sentence("stalls.clash", this=clash.this, other=clash.other)


def choice_words(clash: Clash) -> str:
    """Return the id and as much of both sides as a menu has room for: ``3fa2c1: “the CRM” clashes with “the…”``."""
    sides = sentence("stalls.clash", this=_cut(clash.this), other=_cut(clash.other))
    return pattern("{id}: {sides}", id=clash.id, sides=sides)


def _cut(side: str) -> str:
    return side if len(side) <= SIDE_IN_MENU else f"{side[: SIDE_IN_MENU - 1].rstrip()}…"


def decision_words(clash: Clash) -> str:
    """Return what was decided, without who and when."""
    first = {First.THIS: clash.this, First.OTHER: clash.other}.get(clash.first)
    said = [f"“{first}” goes first"] if first else []
    said += [f"“{clash.decision}”"] if clash.decision else []
    return ": ".join(said) or "in other words, which were erased"


def state_words(clash: Clash) -> str:
    """Return since when it is open, or what was decided, when and by whom."""
    if clash.decided_at is None:
        return f"open since {day_words(clash.raised_at)}"
    return f"decided on {day_words(clash.decided_at)}, {decision_words(clash)} ({clash.decided_by})"


def why_not_asked(facts: Iterable[Fact], number: str, now: datetime) -> str:
    """Return why the mail about the clash with this number, which is not open at ``now`` (UTC), is not sent."""
    gone = clash_numbered(facts, number, now) is None
    return "the words of this conflict were erased" if gone else "it was decided meanwhile"


def clash_sentences(clashes: Iterable[Clash]) -> tuple[str, ...]:
    """Return each clash in a sentence with its id, the open ones first."""
    ordered = sorted(clashes, key=lambda one: (one.decided_at is not None, one.raised_at, one.number))
    return tuple(f"{sides_words(one)}; {state_words(one)} [{one.id}]." for one in ordered)
