"""The messages of one reader's thread of an episode, as the ledger has them: the first, the edits and the replies."""

from collections.abc import Sequence

from onboarding.model.case import Case, Episode
from onboarding.model.effect import EffectLine
from onboarding.model.vocabulary import UNSENT, EffectState

KIND = "stall"
VOID = frozenset({EffectState.CANCELLED, EffectState.DEAD})
"""States of a message that never arrived; as a parent it does not count."""
GATHERED = "told in one message with others: "
"""How the reason of a message begins whose news left in another one."""


def lines_of(case: Case, episode: Episode, person_id: str) -> list[EffectLine]:
    """Return the messages of this reader's thread, in the order in which they were planned."""
    return sorted((line for line in _of(case, episode) if line.person_id == person_id), key=number_of)


def people_of(case: Case, episode: Episode) -> list[str]:
    """Return the ids of everyone for whom a message of this episode was planned."""
    return sorted({line.person_id for line in _of(case, episode)})


def number_of(line: EffectLine) -> int:
    """Return the message's number in its episode."""
    return int(line.occurrence.partition(".")[2])


def parent_of(lines: Sequence[EffectLine]) -> EffectLine | None:
    """Return the first message of the thread; None if there is none, or none that can arrive."""
    return next((line for line in lines if line.state not in VOID), None)


def edit_waits(lines: Sequence[EffectLine]) -> bool:
    """Return whether an edit waits; it is rendered when it is sent, so a second one would say the same."""
    return any(line.state in UNSENT and line.edits for line in lines)


def replies_waiting(lines: Sequence[EffectLine]) -> list[EffectLine]:
    """Return the replies that certainly have not arrived: a later one tells their news too."""
    parent = parent_of(lines)
    return [line for line in lines if line.state in UNSENT and not (line.edits or line.in_doubt or line == parent)]


def told_up_to(lines: Sequence[EffectLine], before: int | None = None) -> int:
    """Return the number of the last message (below ``before``) that notifies the reader; 0 if there is none."""
    numbers = [number_of(line) for line in lines if not line.edits and _tells(line)]
    return max((number for number in numbers if before is None or number < before), default=0)


def _tells(line: EffectLine) -> bool:
    gathered = line.state is EffectState.CANCELLED and line.because.startswith(GATHERED)
    return gathered or line.state not in VOID


def _of(case: Case, episode: Episode) -> list[EffectLine]:
    start = f"{episode.number}."
    return [line for line in case.effects if line.kind == KIND and line.occurrence.startswith(start)]
