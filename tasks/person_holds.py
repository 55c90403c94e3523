"""A hold for one person: nothing goes to them until somebody lifts it; the onboarding itself goes on."""

from datetime import datetime

from sqlalchemy import Connection

from database import cases, openings, rights
from database.lookup import find_onboarding
from onboarding.facts import sum_up
from onboarding.identity import one_spelling
from onboarding.parties import Person
from onboarding.rights import Silenced
from tasks.refusals import Refused
from tasks.reviews import review_named
from tasks.workplace import Workplace


def hold_person(place: Workplace, wanted: str, address: str, *, reason: str, by: str, now: datetime) -> str:
    """Let nothing go to this person of the account; what is planned for them is withheld. Safe to repeat."""
    if not reason.strip():
        raise Refused("--reason is empty; say why, it stands in the journal")
    with place.database.writing() as conn:
        key, person = _person(conn, place, wanted, address, now)
        if not rights.silence(conn, [person.id], Silenced.HELD, by=by, at=now, note=reason.strip()):
            raise Refused("this person is on hold already; `first90 resume KEY --person EMAIL` ends that")
        _note(conn, key, person, "hold_person", reason, by, now)
    review_named(place, [key], now, by)
    return f"{person.name} is on hold: {reason}"


def resume_person(place: Workplace, wanted: str, address: str, *, by: str, now: datetime) -> str:
    """Write to this person again; what is still in time goes out, one mail a day."""
    with place.database.writing() as conn:
        key, person = _person(conn, place, wanted, address, now)
        if not rights.lift(conn, [person.id], Silenced.HELD, by=by, at=now):
            raise Refused("this person is not on hold")
        _note(conn, key, person, "resume_person", "the hold is over", by, now)
    review_named(place, [key], now, by)
    return f"{person.name} is written to again."


def _person(conn: Connection, place: Workplace, wanted: str, address: str, now: datetime) -> tuple[str, Person]:
    """Who is meant, also somebody whom only a report named. Raises NotFound and Refused."""
    key = find_onboarding(conn, wanted)
    case = cases.load(conn, [key], now, place.calendars(now), place.settings.only_accounts)[key]
    holders = sum_up(case, place.edition(case.progress.playbook), now).holders
    known = {person.id: person for person in (*case.people, *(one for held in holders.values() for one in held))}
    spelt = one_spelling(address)
    found = [person for person in known.values() if one_spelling(person.email or "") == spelt]
    if not found:
        raise Refused("nobody of this account has that address; `first90 show KEY` lists its people")
    return key, min(found, key=lambda person: person.id)


def _note(conn: Connection, key: str, person: Person, kind: str, because: str, by: str, now: datetime) -> None:
    openings.note(conn, [(key, kind, person.id, because)], at=now, by=by)
    openings.touch(conn, [key, *openings.onboardings_of(conn, people=[person.id])], now)
