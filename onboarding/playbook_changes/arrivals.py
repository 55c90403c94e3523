"""Whom a version that gets the mail to newcomers only now leaves out: who has had other mails since they joined."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import datetime

from onboarding.model.case import Case, Touchpoint
from onboarding.model.identity import one_spelling
from onboarding.model.phrases import day_words, name_words
from onboarding.model.playbook import Playbook
from onboarding.model.review import Decision
from onboarding.model.vocabulary import Channel, TouchpointOutcome
from onboarding.newcomers.newcomers import ANCHOR, Newcomer, newcomers
from onboarding.review_case import Reviewed, review_context


def known_already(case: Case, old: Playbook, new: Playbook, now: datetime) -> Iterator[Touchpoint]:
    """Yield, for an onboarding that moves from ``old`` to ``new`` at ``now`` (UTC), the mail to a newcomer as skipped
    for each person who joined before and has had another mail of the onboarding since: they know of it (SH-6).

    Nothing where the old version had such a mail: whom it left out was decided then. Pure.
    """
    fresh = [step for step in new.steps if step.due.anchor == ANCHOR]
    if not fresh or any(step.due.anchor == ANCHOR for step in old.steps):
        return
    context = review_context(case, new, now)
    settled = {(one.step, one.occurrence) for one in case.touchpoints}
    for step in fresh:
        for one in newcomers(context, step):
            if (step.name, one.person.id) not in settled and (because := _told_since(case, one)):
                yield Touchpoint(
                    step=step.name,
                    occurrence=one.person.id,
                    outcome=TouchpointOutcome.SKIPPED,
                    at=context.now,
                    because=f"{one.person.name} joined on {day_words(one.at)}, before this mail was in the playbook; "
                    f"{because}",
                )


def with_settled(case: Case, touchpoints: Collection[Touchpoint]) -> Case:
    """Return the case with these touchpoints settled besides its own."""
    return replace(case, touchpoints=(*case.touchpoints, *touchpoints)) if touchpoints else case


def also_settling(found: Reviewed, touchpoints: Collection[Touchpoint]) -> Reviewed:
    """Return the review of a case ``with_settled`` these touchpoints as one that settles them, each with its line in
    the journal."""
    if not touchpoints:
        return found
    case = replace(found.case, touchpoints=tuple(one for one in found.case.touchpoints if one not in touchpoints))
    told = (Decision(kind="skipped", about=one.step, because=one.because) for one in touchpoints)
    review = replace(
        found.review,
        touchpoints=(*found.review.touchpoints, *touchpoints),
        decisions=(*found.review.decisions, *told),
    )
    return replace(found, case=case, review=review)


def _told_since(case: Case, newcomer: Newcomer) -> str | None:
    """Return in words the first other mail that reached them since they joined; None if none did."""
    sent = (
        (line.sent_at, line.kind)
        for line in case.effects
        if line.channel is Channel.MAIL and line.sent_at is not None and line.sent_at >= newcomer.at
        if line.person_id == newcomer.person.id or one_spelling(line.recipient) == newcomer.address != ""
    )
    first = min(sent, default=None)
    return f"another one ({name_words(first[1])}) has reached them on {day_words(first[0])}" if first else None
