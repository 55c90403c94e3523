"""Who gets a digest: no one for whom there is nothing new, but what changed without a word is remembered."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from onboarding.escalations.digest import NOTHING_NEW, DigestLine
from onboarding.escalations.digest_changes import LastDigest
from onboarding.messages.digest_effects import DigestDay, digest_day, digest_effects, last_digest
from onboarding.model.case import Calendar
from onboarding.model.effect import PlannedEffect
from onboarding.model.parties import Absence, AbsenceSource, Owner
from onboarding.model.schedule import Hours
from onboarding.model.vocabulary import EffectState
from tests.builders.case import CASE

MONDAY = datetime(2026, 3, 9, 9, tzinfo=UTC)
OWNER = CASE.owners["005CSM"]
WORK = DigestLine(owner_id=OWNER.id, onboarding="1", account="Acme", text="T", severity="overdue", id="1:plan")


def written(lines: tuple[DigestLine, ...], last: LastDigest | None, days: int) -> PlannedEffect | None:
    """Return the owner's digest so many days after the Monday."""
    known: Mapping[str, LastDigest] = {OWNER.id: last} if last else {}
    day = DigestDay(now=MONDAY + timedelta(days=days), written=frozenset(), ready={OWNER.id: OWNER}, last=known)
    found = digest_effects(lines, {OWNER.id: OWNER}, day, answers=True)
    return found[0] if found else None


def read(effect: PlannedEffect | None) -> LastDigest:
    assert effect is not None
    return last_digest(effect.occurrence, effect.data)


def test_a_day_without_news_has_no_digest_and_the_week_begins_with_what_stands() -> None:
    first = written((WORK,), None, 0)
    assert first is not None
    assert first.state is EffectState.PLANNED
    last = read(first)
    for days in (1, 2, 3, 4):
        quiet = written((WORK,), last, days)
        assert quiet is not None
        assert (quiet.state, quiet.because) == (EffectState.CANCELLED, NOTHING_NEW)
        last = read(quiet)
        assert last.day == MONDAY.date(), "the last one that was sent"
    weekly = written((WORK,), last, 7)
    assert weekly is not None
    assert weekly.state is EffectState.PLANNED
    assert weekly.data["post"]["lines"] == ("", "1 thing stands as on 9 March 2026.")


def test_work_that_went_away_and_comes_back_is_told_again() -> None:
    last = read(written((WORK,), None, 0))
    gone = read(written((), last, 1))
    assert gone == LastDigest(day=MONDAY.date())
    assert written((), gone, 2) is None, "nothing is left to remember"
    back = written((WORK,), gone, 3)
    assert back is not None
    assert back.state is EffectState.PLANNED


def at_work(*owners: Owner) -> set[str]:
    """Return who gets a digest on the Monday."""
    hours = (Hours(start=time(8), end=time(18)),)
    return set(digest_day(owners, (), MONDAY, lambda _: Calendar(), hours).ready)


def test_who_is_away_gets_no_digest_that_would_forget_what_was_told_unless_nobody_covers() -> None:
    back = MONDAY.date() + timedelta(days=2)
    absent = replace(
        OWNER,
        manager_id=None,
        absences=(Absence(since=MONDAY.date(), back=back, source=AbsenceSource.PERSON, backup_id="005B"),),
    )
    backup = replace(OWNER, id="005B", absences=())
    assert at_work(OWNER) == {OWNER.id}
    assert at_work(absent, backup) == {"005B"}
    assert at_work(absent, replace(backup, active=False)) == {OWNER.id}, "the work stays theirs"


def test_what_rests_is_remembered_without_a_digest() -> None:
    last = read(written((WORK,), None, 0))
    assert written((replace(WORK, rests=True),), last, 1) is None


def test_who_never_got_one_has_no_day_of_a_last_one() -> None:
    done = replace(WORK, severity="done")
    quiet = written((done,), None, 0)
    assert read(quiet).day == date.min
    later = written((done, replace(WORK, id="1:other")), read(quiet), 1)
    assert later is not None
    assert later.state is EffectState.PLANNED
