"""Answers to a survey from its page, each link once."""

from datetime import datetime

from database.onboardings.openings import accounts_of
from database.privacy import pseudonyms
from onboarding.facts.feedback import SCALES
from onboarding.model.case import Fact
from onboarding.model.identity import one_line
from onboarding.model.vocabulary import FactKind, SurveyKind
from tasks.runtime.context import RunContext
from tasks.runtime.journal_entries import enter
from tasks.runtime.links import Link, LinkRefused

SOURCE = "survey page"
READER = "the recipient"
"""Who answers, as the journal names them: it holds no recipient's name."""


def answer_survey(context: RunContext, kind: SurveyKind, link: Link, given: tuple[int, str], now: datetime) -> bool:
    """Keep a score with its comment; return False where this link was answered before.

    Safe to repeat: one link gives one answer, the first. Raises ValueError for a score that is not on the scale, and
    LinkRefused where its person was erased or its onboarding is unknown.
    """
    (score, comment), scale = given, SCALES[kind]
    if not scale.low <= score <= scale.high:
        raise ValueError(f"{score} is not on the scale of {kind}: {scale}")
    value: dict[str, object] = {"score": score, "low": scale.low, "high": scale.high, "person": link.person_id}
    if said := one_line(comment, 500):
        value["comment"] = said
    fact = Fact(
        key=f"{SOURCE}:{kind.value}:{link.person_id}:{link.onboarding_key}",
        kind=FactKind.SURVEY,
        name=kind.value,
        at=now,
        learned_at=now,
        source=SOURCE,
        by=READER,
        value=value,
    )
    with context.database.writing() as conn:
        known = accounts_of(conn, [link.onboarding_key])
        if not known or pseudonyms.erased_among(conn, {link.person_id}):
            raise LinkRefused("this link is not in use any more")
        return bool(enter(conn, {link.onboarding_key: [fact]}, now))
