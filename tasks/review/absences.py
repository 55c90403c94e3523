"""Plans the notes to one of the vendor's people who goes away or comes back, and to who covers."""

from datetime import datetime

from database.onboardings import cases, openings, overview
from database.outbox import planned
from onboarding.dates.working_time import is_open
from onboarding.effects.absence_notes import absence_effects, due_news, first_day
from onboarding.review_case import Reviewed, review_without_writes
from tasks.review.batches import BATCH, review_cases
from tasks.runtime.context import RunContext


def tell_of_absences(context: RunContext, as_of: datetime) -> None:
    """Plan each note that is due, in its reader's working hours. Safe to repeat and beside other runs: a note is
    planned once under its key. An onboarding that cannot be reviewed is left out of the note; the reviews report it."""
    calendars, hours = context.calendars(as_of), context.office_hours
    with context.database.reading() as conn:
        owners = overview.owners(conn)
        first = first_day(owners.values(), as_of)
        if first is None:
            return
        written = planned.absence_notes(conn, first)
        news = due_news(owners, written, lambda one: is_open(as_of, one.zone, calendars(one.country), hours), as_of)
        if not news:
            return
        keys = sorted(openings.onboardings_of(conn, owners={one.absent.id for one in news}))
    seen: list[Reviewed] = []
    for part in (keys[start : start + BATCH] for start in range(0, len(keys), BATCH)):
        with context.database.reading() as conn:
            found = cases.load(conn, part, as_of, calendars, context.settings.only_accounts)
        answers = review_cases(context, list(found.values()), as_of, frozenset(), review_without_writes)
        seen += [one for one in answers if isinstance(one, Reviewed)]
    with context.database.writing() as conn:
        planned.plan(conn, [(None, effect) for effect in absence_effects(news, seen, as_of)], as_of)
