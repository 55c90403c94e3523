"""What matters to each of the customer's people, and where they stand, as our people record it (SH-1, SH-9, SX-5).

Each function returns a sentence for the person, and raises Refused or NotFound where nothing was changed.
"""

from onboarding.facts.fold import fold_facts
from onboarding.model.identity import many_lines
from onboarding.model.parties import BuyIn, Person, ProfileItem
from onboarding.model.vocabulary import FactKind
from onboarding.orders import FactReport
from onboarding.profiles.request import LONGEST_ITEM, ProfileRefused, checked_item, person_at
from onboarding.profiles.words import ITEM_WORDS
from onboarding.sentences.sentence import sentence
from onboarding.stages.handoff import is_answer
from tasks.commands.erasure import refuse_forgotten
from tasks.commands.fact_entry import FactEntry, need_address, open_entry, refuse_ahead, said_once
from tasks.runtime.context import RunContext
from tasks.runtime.refusals import Refused


def record_profile(
    context: RunContext, report: FactReport, wanted: str, email: str, said: tuple[ProfileItem, str]
) -> str:
    """Record one item of a person's profile; the last report of it holds. Who reads it: the vendor's people, and that
    person on their plan page. Safe to repeat."""
    address, item = need_address(email), said[0]
    refuse_ahead(report)
    try:
        text = checked_item(*said)
    except ProfileRefused as why:
        raise Refused(str(why)) from why
    with context.database.writing() as conn:
        refuse_forgotten(conn, address)
        entry = open_entry(context, conn, report, wanted)
        person = _person(entry, address)
        fresh = entry.keep(FactKind.PROFILE, item, {"person": person.id, "text": text})
    return said_once(fresh, sentence("replies.item_kept", item=ITEM_WORDS[item], person=person.name, text=text))


def record_buy_in(context: RunContext, report: FactReport, wanted: str, email: str, stands: tuple[BuyIn, str]) -> str:
    """Record where a person stands, and by what that is known; the last report holds, ``unknown`` takes it back. The
    customer's people never read it. Safe to repeat. Raises Refused without a reason."""
    address, buy_in, why = need_address(email), stands[0], many_lines(stands[1])
    if not is_answer(why):
        raise Refused("say by what it is known: what they said or did")
    if len(why) > LONGEST_ITEM:
        raise Refused(f"the reason is longer than {LONGEST_ITEM} characters; shorten it")
    refuse_ahead(report)
    with context.database.writing() as conn:
        refuse_forgotten(conn, address)
        entry = open_entry(context, conn, report, wanted)
        person = _person(entry, address)
        fresh = entry.keep(FactKind.BUY_IN, buy_in, {"person": person.id, "why": why})
    return said_once(
        fresh, sentence("replies.buy_in_kept", person=person.name, state=sentence(f"said.state_{buy_in}"), why=why)
    )


def _person(entry: FactEntry, address: str) -> Person:
    state = fold_facts(entry.case, entry.playbook, entry.report.now)
    try:
        return person_at(entry.case, state, address)
    except ProfileRefused as why:
        raise Refused(str(why)) from why
