"""Who has another record is no newcomer; who only may be somebody known is left to the owner (SH-6)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from onboarding.model.case import Case
from onboarding.model.parties import Stakeholder
from onboarding.model.vocabulary import CustomerRole, TouchpointOutcome
from onboarding.review_case import review
from tests.onboarding.newcomers.arrivals import JOINED, SENT, STEP, book, in_crm, later, mails, reported

SPONSOR = "003EXECUTIVE_SPONSOR"


def recreated(case: Case, **other: str) -> Case:
    """Return the case with a new record of the sponsor, whose old one left the CRM in the same read."""
    old = next(one for one in case.people if one.id == SPONSOR)
    parts = tuple(one for one in case.stakeholders if one.person_id != SPONSOR)
    gone = replace(old, left_on=JOINED.date())
    people = tuple(gone if one is old else one for one in case.people)
    former = (Stakeholder(person_id=SPONSOR, role=CustomerRole.EXECUTIVE_SPONSOR),)
    case = replace(case, people=people, stakeholders=parts, former=former)
    return in_crm(case, CustomerRole.EXECUTIVE_SPONSOR, JOINED, replace(old, id="003ERIK2", **other))


def unwritten(case: Case) -> Case:
    """Return the case before the sponsor had any mail."""
    return replace(case, effects=tuple(one for one in case.effects if one.person_id != SPONSOR))


def test_a_second_record_with_the_address_of_one_who_was_there_is_no_arrival(welcomed: Case) -> None:
    case = unwritten(welcomed)
    erik = next(one for one in case.people if one.id == SPONSOR)
    second = in_crm(case, CustomerRole.CHAMPION, JOINED, replace(erik, id="003ERIK2", email="ERIK@Kunde.test"))
    assert mails(later(second)) == []


@pytest.mark.parametrize("email", ["erik@kunde.test", "Erik@Kunde.test "])
def test_a_contact_that_is_deleted_and_made_again_is_no_arrival(welcomed: Case, email: str) -> None:
    assert mails(later(recreated(unwritten(welcomed), email=email))) == []


def test_a_namesake_with_another_address_is_left_to_the_owner(welcomed: Case) -> None:
    found = later(recreated(unwritten(welcomed), email="e.brandt@kunde.test"), 2)
    assert mails(found) == []
    (point,) = [one for one in found.touchpoints if one.step == STEP]
    assert point.outcome is TouchpointOutcome.ASKED
    assert "Erik Brandt has the name of somebody who was here before with another address" in point.because
    texts = [one.text for one in review(found, book(), JOINED + timedelta(days=2)).review.tasks]
    assert [one for one in texts if one.startswith("Catch-up") and "the owner decides whether to write" in one]


def test_an_earlier_report_with_the_name_and_another_address_is_one_too(welcomed: Case) -> None:
    other = reported(email="private@kunde.test", at=JOINED - timedelta(days=9))
    case = in_crm(replace(welcomed, facts=(*welcomed.facts, other)))
    assert [one for one in mails(later(case)) if one in SENT] == []
