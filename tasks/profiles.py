"""What matters to each of the customer's people, as our people record it (SH-1, SX-5).

Each function returns a sentence for the person, and raises Refused or NotFound where nothing was changed.
"""

from onboarding.facts.fold import fold_facts
from onboarding.model.parties import ProfileItem
from onboarding.model.vocabulary import FactKind
from onboarding.orders import FactReport
from onboarding.profiles.request import ProfileRefused, checked_item, person_at
from onboarding.profiles.words import ITEM_WORDS
from tasks.commands.erasure import refuse_forgotten
from tasks.commands.fact_entry import need_address, open_entry, refuse_ahead, said_once
from tasks.runtime.context import RunContext
from tasks.runtime.refusals import Refused


def record_profile(
    context: RunContext, report: FactReport, wanted: str, email: str, said: tuple[ProfileItem, str]
) -> str:
    """Record one item of a person's profile; the last report of it holds. Who reads it: the vendor's people, and that
    person on their plan page. Safe to repeat."""
    address, item = need_address(email), said[0]
    refuse_ahead(report)
    with context.database.writing() as conn:
        refuse_forgotten(conn, address)
        entry = open_entry(context, conn, report, wanted)
        try:
            text = checked_item(*said)
            person = person_at(entry.case, fold_facts(entry.case, entry.playbook, report.now), address)
        except ProfileRefused as why:
            raise Refused(str(why)) from why
        fresh = entry.keep(FactKind.PROFILE, item, {"person": person.id, "text": text})
    return said_once(fresh, f"Kept, {ITEM_WORDS[item]} of {person.name}: {text}")
