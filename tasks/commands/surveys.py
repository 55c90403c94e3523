"""Answers to a survey: from its page, each link once, and from the webhook of a survey tool."""

import logging
from collections.abc import Mapping
from datetime import datetime

from database.onboardings.openings import accounts_of
from database.privacy import pseudonyms
from integrations.signals.survey_hook import read_answers
from onboarding.facts.feedback import LONGEST_COMMENT, SCALES
from onboarding.model.case import Fact
from onboarding.model.identity import one_line
from onboarding.model.vocabulary import FactKind, SurveyKind
from tasks.intake.feedback import keep_answers
from tasks.runtime.clock import present
from tasks.runtime.context import RunContext
from tasks.runtime.journal_entries import enter
from tasks.runtime.links import Link, LinkUnused

logger = logging.getLogger(__name__)

SOURCE = "survey page"
READER = "the recipient"
"""Who answers, as the journal names them: it holds no recipient's name."""


def answer_survey(context: RunContext, kind: SurveyKind, link: Link, given: tuple[int, str], now: datetime) -> bool:
    """Keep a score with its comment; return False where this link was answered before.

    Safe to repeat: one link gives one answer, the first. Raises ValueError for a score that is not on the scale, and
    LinkUnused where its person was erased or its onboarding is unknown.
    """
    (score, comment), scale = given, SCALES[kind]
    if not scale.low <= score <= scale.high:
        raise ValueError(f"{score} is not on the scale of {kind}: {scale}")
    value: dict[str, object] = {"score": score, "low": scale.low, "high": scale.high, "person": link.person_id}
    if said := one_line(comment, LONGEST_COMMENT):
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
            raise LinkUnused
        return bool(enter(conn, {link.onboarding_key: [fact]}, now))


def take_answers(context: RunContext, headers: Mapping[str, str], body: bytes) -> int | None:
    """Take in a request of a survey tool; return how many of its answers were new, None where no secret is set.

    An answer that cannot be read is passed over and logged: if the request were refused, the tool would repeat it
    unchanged, and the others would be lost with it. Those of accounts without an onboarding are left. Raises Forged
    (nothing was read) and Unreadable (nothing was changed). Safe to repeat: an answer has one id.
    """
    secret = context.settings.survey_hook_secret
    if secret is None:
        return None
    batch = read_answers(secret.get_secret_value(), headers, body, context.wall_clock())
    for one in batch.problems:
        logger.warning("webhook of surveys: passed over %s: %s %s", one.record, one.field, one.problem)
    with context.database.writing() as conn:
        fresh = keep_answers(conn, batch.signals, present(context))
    logger.info("webhook of surveys: %d answers, %d of them new", len(batch.signals), fresh)
    return fresh
