"""A version that gets the catch-up later writes to nobody who was reached by other mails meanwhile (SH-6)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from onboarding.model.case import Case
from onboarding.model.parties import Person
from onboarding.model.playbook import Playbook
from onboarding.model.vocabulary import CustomerRole, EffectState, TouchpointOutcome
from onboarding.playbook_changes.adoption import moved
from onboarding.playbook_changes.arrivals import known_already
from onboarding.playbook_changes.change import Change, Version, change_of
from onboarding.simulation.apply import decided
from tests.builders.case import CASE
from tests.onboarding.newcomers.arrivals import JOINED, NEW, NORA, STEP, book, in_crm, later, mails
from tests.onboarding.touchpoints.reviews import MONDAY, lived

OTTO = Person(id="003OTTO", name="Otto Neu", email="otto@kunde.test", zone="Europe/Berlin", country="DE")
DAY = timedelta(days=1)
ADOPTED = JOINED + 3 * DAY
OLD, NEWER = (
    Version(hash="old", playbook=replace(book(), steps=tuple(step for step in book().steps if step.name != STEP))),
    Version(hash="new", playbook=book()),
)


@pytest.fixture(scope="module")
def waiting() -> Case:
    """Nora joined and has had the kit since; Otto joined and has had nothing; the playbook has no catch-up."""
    welcomed = lived(CASE, OLD.playbook, MONDAY, MONDAY + 7 * DAY, timedelta(hours=4))
    case = later(in_crm(in_crm(welcomed), CustomerRole.END_USER, JOINED, OTTO), 2, OLD.playbook)
    case = replace(case, effects=tuple(one for one in case.effects if one.recipient not in (NORA, OTTO.email)))
    line = next(one for one in case.effects if one.kind == "welcome" and one.sent_at)
    kit = replace(line, key="kit", kind="champion_kit", person_id=NEW.id, recipient=NORA, sent_at=JOINED + DAY)
    return replace(case, effects=(*case.effects, kit))


def change(case: Case, old: Version = OLD) -> Change:
    return change_of(case, old, NEWER, ADOPTED)


def after(case: Case, playbook: Playbook = NEWER.playbook) -> Case:
    return lived(case, playbook, ADOPTED, ADOPTED + 9 * DAY, timedelta(hours=6))


def test_who_had_a_mail_since_they_joined_gets_none_and_who_had_none_does(waiting: Case) -> None:
    plan = change(waiting)
    assert [one.key.rsplit(":", 1)[1] for one in plan.send_now if one.name == STEP] == [OTTO.id]
    (gone,) = [one for one in plan.skipped if one.item.name == STEP]
    assert (gone.item.occurrence, gone.because) == (
        NEW.id,
        "Nora Neu joined on 10 March 2026, before this mail was in the playbook; another one (champion kit) has "
        "reached them on 11 March 2026",
    )
    found = moved(waiting, NEWER, plan, ADOPTED)
    assert [one.because for one in found.review.decisions if one.kind == "skipped"] == [gone.because]
    case = decided(found.case, found.review)
    assert [(one.occurrence, one.outcome) for one in case.touchpoints if one.step == STEP] == [
        (NEW.id, TouchpointOutcome.SKIPPED)
    ]
    assert mails(after(case)) == [(OTTO.email, EffectState.SENT)]


def test_who_joins_after_the_move_is_caught_up_whatever_else_they_get(waiting: Case) -> None:
    found = moved(waiting, NEWER, change(waiting), ADOPTED)
    late = Person(id="003LATE", name="Lia Spät", email="lia@kunde.test", zone="Europe/Berlin", country="DE")
    case = in_crm(decided(found.case, found.review), CustomerRole.CHAMPION, ADOPTED + DAY, late)
    assert (late.email, EffectState.SENT) in mails(after(case))


def test_a_version_that_had_the_mail_before_settles_nothing(waiting: Case) -> None:
    assert list(known_already(waiting, NEWER.playbook, NEWER.playbook, ADOPTED)) == []
    assert list(known_already(waiting, NEWER.playbook, OLD.playbook, ADOPTED)) == []
    assert change(waiting, replace(NEWER, hash="before")).skipped == ()


def test_what_is_under_way_or_was_sent_before_they_joined_tells_them_nothing(waiting: Case) -> None:
    for other in ({"state": EffectState.PLANNED, "sent_at": None}, {"recipient": "x@y.test", "person_id": "003X"}):
        effects = tuple(replace(one, **other) if one.key == "kit" else one for one in waiting.effects)
        assert change(replace(waiting, effects=effects)).arrivals == ()
