"""What counts beyond the onboarding, as a person records it: aims, advocates, lessons, the outlook on the renewal.

Every function returns a sentence for the person, and raises Refused or NotFound where nothing was changed.
"""

from onboarding.facts.goal_words import Aim, aim_sentence
from onboarding.model.identity import many_lines, one_spelling
from onboarding.model.phrases import name_words, stage_words
from onboarding.model.vocabulary import Advocacy, FactKind, RenewalOutlook, Stage
from onboarding.orders import FactReport
from onboarding.sentences.sentence import sentence
from onboarding.stages.handoff import is_answer
from tasks.commands.erasure import refuse_forgotten
from tasks.commands.fact_entry import need_address, open_entry, refuse_ahead, said_once
from tasks.runtime.context import RunContext
from tasks.runtime.refusals import Refused


def record_advocate(
    context: RunContext, report: FactReport, wanted: str, email: str, kind: Advocacy, *, consent: bool
) -> str:
    """Record that a contact may speak for the vendor, with their consent or still without (SX-15).

    The last report of a contact and a kind holds. Raises Refused for an address that is no contact of the account.
    """
    address = need_address(email)
    refuse_ahead(report)
    with context.database.writing() as conn:
        refuse_forgotten(conn, address)
        entry = open_entry(context, conn, report, wanted)
        mine = {one_spelling(one.email): one for one in entry.case.people if one.email}
        person = mine.get(one_spelling(address))
        if person is None:
            raise Refused(
                f"{address} is no contact of {entry.case.account.name} in the CRM; add the contact there first"
            )
        fresh = entry.keep(FactKind.ADVOCATE, kind.value, {"person": person.id, "consent": consent})
    agreed = "with their consent" if consent else "who has not agreed yet"
    return said_once(fresh, f"Kept: {person.name} as {name_words(kind.value)}, {agreed}.")


def record_lesson(context: RunContext, report: FactReport, wanted: str, said: str, stage: Stage | None) -> str:
    """Record what this onboarding taught, of one stage or of all of it (CT-5). Raises Refused for an empty text."""
    text = many_lines(said)
    if not text:
        raise Refused("the lesson is empty; say what the next onboarding should do differently")
    refuse_ahead(report)
    with context.database.writing() as conn:
        fresh = open_entry(context, conn, report, wanted).keep(
            FactKind.LESSON, stage.value if stage else "", {"text": text}
        )
    return said_once(fresh, f"Lesson kept{f' of {stage_words(stage).lower()}' if stage else ''}.")


def record_aim(context: RunContext, report: FactReport, wanted: str, said: str, aim: Aim) -> str:
    """Record the objective of the customer's business, or the capability for which they bought (SX-7, GO-8). The last
    report of each holds. Raises Refused for an empty text."""
    text = many_lines(said)
    if not is_answer(text):
        raise Refused(f"the {aim} is empty; say it in the customer's words")
    refuse_ahead(report)
    with context.database.writing() as conn:
        fresh = open_entry(context, conn, report, wanted).keep(FactKind.NOTE, aim.value, {"text": text})
    return said_once(fresh, f"Kept. {aim_sentence(aim, text)}.")


def record_renewal(context: RunContext, report: FactReport, wanted: str, outlook: RenewalOutlook, why: str) -> str:
    """Record what a person expects at the renewal, and why (TH-3). The last report holds."""
    text = many_lines(why)
    if not is_answer(text):
        raise Refused("the outlook needs its why; say what it rests on")
    refuse_ahead(report)
    with context.database.writing() as conn:
        value = {"outlook": outlook.value, "why": text}
        fresh = open_entry(context, conn, report, wanted).keep(FactKind.RENEWAL, "", value)
    return said_once(fresh, sentence("replies.outlook_kept", outlook=sentence(f"replies.outlook_{outlook.value}")))
