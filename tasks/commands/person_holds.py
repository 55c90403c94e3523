"""Holds for one person: nothing is sent to them until the hold is lifted; the onboarding itself goes on."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from database.onboardings import cases, openings
from database.onboardings.lookup import find_onboarding
from database.privacy import suppressions
from onboarding.facts.fold import fold_facts
from onboarding.model.identity import one_spelling
from onboarding.model.parties import Person
from onboarding.model.suppressions import Suppressed
from onboarding.orders import Order
from tasks.commands.deliveries import need_reason
from tasks.review.batches import review_named
from tasks.runtime.context import RunContext
from tasks.runtime.refusals import Refused


def hold_person(context: RunContext, order: Order, wanted: str, address: str) -> str:
    """Hold a person of the account: what is planned for them is withheld. Raises NotFound and Refused, also where the
    person is on hold already."""
    need_reason(order)
    with context.database.writing() as conn:
        key, person = _person(conn, context, wanted, address, order.now)
        if not suppressions.suppress(conn, [person.id], Suppressed.HELD, order, note=order.reason.strip()):
            raise Refused("this person is on hold already; `first90 resume KEY --person EMAIL` ends that")
        _note(conn, key, person, "hold_person", order)
    review_named(context, [key], order.now, order.by)
    return f"{person.name} is on hold: {order.reason}"


def resume_person(context: RunContext, order: Order, wanted: str, address: str) -> str:
    """Lift the hold of a person; messages still in time are sent, one mail a day. Raises NotFound and Refused."""
    with context.database.writing() as conn:
        key, person = _person(conn, context, wanted, address, order.now)
        if not suppressions.lift(conn, [person.id], Suppressed.HELD, order):
            raise Refused("this person is not on hold")
        _note(conn, key, person, "resume_person", replace(order, reason="the hold is over"))
    review_named(context, [key], order.now, order.by)
    return f"{person.name} is written to again."


def _person(conn: Connection, context: RunContext, wanted: str, address: str, now: datetime) -> tuple[str, Person]:
    """Return onboarding key and person, who may be known from a fact only. Raises NotFound and Refused."""
    key = find_onboarding(conn, wanted)
    case = cases.load(conn, [key], now, context.calendars(now), context.settings.only_accounts)[key]
    holders = fold_facts(case, context.playbook_version(case.progress.playbook), now).holders
    known = {person.id: person for person in (*case.people, *(one for held in holders.values() for one in held))}
    spelt = one_spelling(address)
    found = [person for person in known.values() if one_spelling(person.email or "") == spelt]
    if not found:
        raise Refused("nobody of this account has that address; `first90 show KEY` lists its people")
    return key, min(found, key=lambda person: person.id)


def _note(conn: Connection, key: str, person: Person, kind: str, order: Order) -> None:
    openings.note(conn, [(key, kind, person.id, order.reason)], at=order.now, by=order.by)
    openings.touch(conn, [key, *openings.onboardings_of(conn, people=[person.id])], order.now)
