"""What is expected at the renewal: the answer to the risk review, with its why (TH-3)."""

from datetime import datetime

from onboarding.model.case import Case
from onboarding.model.phrases import day_words, name_words
from onboarding.model.reports import known
from onboarding.model.vocabulary import FactKind


def renewal_sentences(case: Case, now: datetime) -> tuple[str, ...]:
    """Return the last report on the renewal in a sentence; empty if there is none."""
    last = [fact for fact in known(case.facts, now) if fact.kind is FactKind.RENEWAL][-1:]
    return tuple(
        f"At the renewal: {name_words(str(fact.value.get('outlook')))}, because: {fact.value.get('why')} "
        f"({fact.by}, {day_words(fact.at)})."
        for fact in last
    )
