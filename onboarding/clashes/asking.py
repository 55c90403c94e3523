"""Whether a mail asks the customer's executive sponsor about a conflict of priorities. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from onboarding.clashes.clash import ANCHOR
from onboarding.model.case import LONG_AGO, Case
from onboarding.model.effect import EffectLine, PlannedEffect
from onboarding.model.phrases import list_words
from onboarding.model.playbook import Playbook, Step
from onboarding.model.state import OnboardingState
from onboarding.model.vocabulary import ON_ITS_WAY, UNSENT, Channel
from onboarding.people.audience import Audience, LeftOut, Recipient
from onboarding.people.recipients import recipients

ASKED_FOR = ON_ITS_WAY | UNSENT


def asking_steps(playbook: Playbook) -> tuple[Step, ...]:
    """Return the steps that put each conflict to the customer by mail; earlier versions of a playbook have none."""
    return tuple(
        step for step in playbook.steps if step.due.anchor == ANCHOR and step.mail is not None and step.mode != "task"
    )


def asks_by_mail(playbook: Playbook, case: Case, state: OnboardingState) -> bool:
    """Return whether a mail asks about a conflict that is raised now: the playbook has such a step, and somebody whom
    it asks can be written to (SH-7)."""
    return any(recipients(step, case, state).to for step in asking_steps(playbook))


def one_who_decides(audience: Audience, case: Case) -> Audience:
    """Return the audience of a decision mail with one of its recipients alone, as two would decide apart: one whom a
    deal names in the role before one known from a report, then a deal's primary contact, then whom first90 first read
    in a deal, then the lowest contact id. The same whatever was reported in which order."""
    if len(audience.to) < 2:
        return audience
    (first, chosen), *later = sorted(((_rank(one, case), one) for one in audience.to), key=lambda ranked: ranked[0])
    others = [
        LeftOut(
            id=one.id,
            name=one.name,
            role=one.role,
            reason="one_decides",
            because=f"is not asked beside {chosen.name}: one person decides, {_decisive(first, rank)}",
        )
        for rank, one in later
    ]
    beside = list_words(one.name for one in others)
    alone = f"{chosen.because}, not {beside} too: one decides, {_decisive(first, later[0][0])}"
    return replace(audience, to=(replace(chosen, because=alone),), left_out=(*audience.left_out, *others))


class _Rank(NamedTuple):
    """Who decides: the least one."""

    reported: bool
    """Known in the role from a report alone."""
    secondary: bool
    since: datetime
    id: str


_FIRST_BY: Mapping[str, str] = {
    "reported": "one whom a deal names before one who was reported",
    "secondary": "a deal's primary contact first",
    "since": "whom a deal named earlier first",
    "id": "the lower contact id first",
}


def _rank(one: Recipient, case: Case) -> _Rank:
    named = [part for part in case.stakeholders if (part.person_id, part.role) == (one.id, one.role)]
    since = min((part.since or LONG_AGO for part in named), default=LONG_AGO)
    return _Rank(not named, not any(part.primary for part in named), since, one.id)


def _decisive(first: _Rank, second: _Rank) -> str:
    """Return by what the first one goes before the second."""
    return next((_FIRST_BY[by] for by in _Rank._fields if getattr(first, by) != getattr(second, by)), _FIRST_BY["id"])


def asked_numbers(playbook: Playbook, owed: Iterable[EffectLine | PlannedEffect]) -> frozenset[str]:
    """Return the numbers of the conflicts whose mail was sent, is on its way, or waits."""
    steps = {step.name for step in asking_steps(playbook)}
    return frozenset(
        line.occurrence
        for line in owed
        if line.kind in steps and line.channel is Channel.MAIL and line.state in ASKED_FOR
    )
