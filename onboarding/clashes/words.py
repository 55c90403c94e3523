"""Conflicts of priorities in sentences for the vendor's people. Pure."""

from collections.abc import Iterable

from onboarding.clashes.clash import Clash, First
from onboarding.model.phrases import day_words


def sides_words(clash: Clash) -> str:
    """Return both sides: ``“the migration” clashes with “the audit”``."""
    return f"“{clash.this}” clashes with “{clash.other}”"


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


def clash_sentences(clashes: Iterable[Clash]) -> tuple[str, ...]:
    """Return each clash in a sentence with its id, the open ones first."""
    ordered = sorted(clashes, key=lambda one: (one.decided_at is not None, one.raised_at, one.number))
    return tuple(f"{sides_words(one)}; {state_words(one)} [{one.id}]." for one in ordered)
