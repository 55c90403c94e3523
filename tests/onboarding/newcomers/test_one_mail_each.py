"""An address gets one catch-up, and nobody a catch-up besides the welcome (SH-6)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from onboarding.effects.recheck import as_planned, may_leave
from onboarding.explain.touchpoint_fate import explain_touchpoint
from onboarding.model.case import Case, Touchpoint
from onboarding.model.effect import Leased
from onboarding.model.review import EffectChange
from onboarding.model.vocabulary import CustomerRole, EffectState, TouchpointOutcome
from onboarding.newcomers.welcome import welcomed_at
from onboarding.people.stakeholders import person_named
from onboarding.review_case import review, review_without_writes
from tests.builders.case import CASE
from tests.builders.facts import build_fact
from tests.onboarding.newcomers.arrivals import JOINED, NEW, NORA, SENT, STEP, book, in_crm, later, mails, reported
from tests.onboarding.touchpoints.reviews import MONDAY, bent, lived, of, planned_at, saved

AGAIN = replace(NEW, id="003AGAIN", name="N. Neu", email="Nora@Kunde.test")
HOUR = timedelta(hours=1)


def kinds(case: Case) -> set[str]:
    return {line.kind for line in case.effects if line.recipient == NORA and line.sent_at}


@pytest.mark.slow
def test_two_contacts_with_one_address_get_one_mail_and_explain_names_the_other(welcomed: Case) -> None:
    case = in_crm(in_crm(welcomed), CustomerRole.EXECUTIVE_SPONSOR, JOINED + HOUR, AGAIN)
    assert [one.person_id for one in of(planned_at(case, book(), JOINED + HOUR).effects, STEP)] == [NEW.id]
    assert mails(later(case)) == SENT
    found = explain_touchpoint(case, review(case, book(), JOINED + HOUR).review, book(), STEP, JOINED + HOUR)
    assert "N. Neu has the same address as Nora Neu, and gets none of their own." in found.lines


@pytest.mark.parametrize("second_in", [timedelta(), HOUR, timedelta(days=1)])
def test_a_second_contact_with_the_address_in_a_later_review_gets_none(welcomed: Case, second_in: timedelta) -> None:
    case = in_crm(welcomed)
    case = saved(case, book(), JOINED, planned_at(case, book(), JOINED))
    case = in_crm(case, CustomerRole.CHAMPION, JOINED + second_in, AGAIN)
    start = JOINED + second_in
    found = lived(case, book(), start, start + timedelta(days=3))
    assert [state for _, state in mails(found)].count(EffectState.SENT) == 1
    assert {state for _, state in mails(found)} <= {EffectState.SENT, EffectState.CANCELLED}


def test_who_is_next_at_the_address_of_one_who_had_it_or_whose_mail_failed_gets_none(welcomed: Case) -> None:
    had = later(in_crm(welcomed), 3)
    for state in (EffectState.SENT, EffectState.UNKNOWN, EffectState.DEAD):
        lines = tuple(replace(line, state=state, sent_at=None) if line.kind == STEP else line for line in had.effects)
        without = replace(had, effects=lines, people=welcomed.people, stakeholders=welcomed.stakeholders)
        case = in_crm(without, at=JOINED + timedelta(days=4), person=AGAIN)
        start = JOINED + timedelta(days=4)
        assert mails(lived(case, book(), start, start + timedelta(days=3), timedelta(hours=6))) == [(NORA, state)]


def test_no_second_one_leaves_to_an_address_that_moved_to_another_newcomer(welcomed: Case) -> None:
    other = replace(AGAIN, email="other@kunde.test")
    case = in_crm(in_crm(welcomed), CustomerRole.MANAGER, JOINED, other)
    case = saved(case, book(), JOINED, planned_at(case, book(), JOINED))
    mine, theirs = sorted((line for line in case.effects if line.kind == STEP), key=lambda line: line.recipient)
    assert (mine.recipient, theirs.recipient) == (NORA, other.email)
    gone = replace(mine, state=EffectState.SENT, sent_at=JOINED)
    moved = {NEW.id: replace(NEW, email="third@kunde.test"), other.id: replace(other, email=NORA)}
    effects = tuple(gone if line == mine else line for line in case.effects)
    case = replace(case, effects=effects, people=tuple(moved.get(one.id, one) for one in case.people))
    found = review_without_writes(as_planned(case, [theirs.key]), book(), JOINED + HOUR, frozenset())
    fields = set(Leased.__dataclass_fields__) & set(theirs.__dataclass_fields__)
    values = {name: getattr(theirs, name) for name in fields}
    leased = Leased(onboarding_key=case.key, lease_until=JOINED + 2 * HOUR, **values)
    answer = may_leave(leased, found, JOINED + HOUR)
    assert isinstance(answer, EffectChange)
    assert answer.state is EffectState.CANCELLED
    assert answer.because == "another mail of this step goes to the same address"


def failed(case: Case) -> Case:
    """Return the case with a welcome that could not be sent."""
    lines = (
        replace(line, state=EffectState.DEAD, sent_at=None) if line.kind == "welcome" and line.sent_at else line
        for line in case.effects
    )
    return replace(case, effects=tuple(lines))


@pytest.mark.parametrize("role", [CustomerRole.CHAMPION, CustomerRole.MANAGER])
def test_while_the_only_welcome_failed_nobody_is_new(role: CustomerRole) -> None:
    at = MONDAY + timedelta(days=1)
    case = failed(lived(CASE, book(), MONDAY, MONDAY + timedelta(hours=20), timedelta(hours=4)))
    assert [one.outcome for one in case.touchpoints if one.step == "welcome"] == [TouchpointOutcome.PLANNED]
    assert welcomed_at(case) is None
    found = lived(in_crm(case, role, at), book(), at, at + timedelta(days=5), timedelta(hours=4))
    assert mails(found) == []
    assert ("welcome" in kinds(found)) == (role is CustomerRole.CHAMPION)


def adopted(case: Case) -> Case:
    """Return the case of an account that is taken over and whose people are welcomed after all."""
    welcome = build_fact("adopt", "adopt", MONDAY + timedelta(days=1), value={"welcome": True})
    return replace(
        case, facts=(*case.facts, welcome), progress=replace(case.progress, adopted_at=MONDAY + timedelta(hours=2))
    )


@pytest.mark.parametrize("reviewed_before", [True, False])
def test_who_is_still_to_be_welcomed_gets_the_welcome_alone(reviewed_before: bool) -> None:
    at = MONDAY + timedelta(days=1)
    case = adopted(CASE)
    if reviewed_before:
        case = saved(case, book(), at - HOUR, planned_at(case, book(), at - HOUR))
    case = in_crm(case, CustomerRole.CHAMPION, at - HOUR)
    found = lived(case, book(), at, at + timedelta(days=5), timedelta(hours=4))
    assert mails(found) == []
    assert "welcome" in kinds(found)


def test_where_the_welcome_follows_new_holders_they_get_it_alone(welcomed: Case) -> None:
    again = bent(book(), "welcome", again_for_new_holder=True)
    found = later(in_crm(welcomed, CustomerRole.CHAMPION), 5, again)
    assert mails(found) == []
    assert "welcome" in kinds(found)


def test_a_welcome_that_is_kept_back_for_them_is_theirs(welcomed: Case) -> None:
    line = next(line for line in welcomed.effects if line.kind == "welcome" and line.sent_at)
    kept = replace(
        line, key="kept", person_id=NEW.id, recipient=NORA, state=EffectState.WITHHELD, sent_at=None, due_at=JOINED
    )
    case = replace(in_crm(welcomed), effects=(*welcomed.effects, kept))
    assert of(planned_at(case, book(), JOINED).effects, STEP) == []
    over = replace(kept, state=EffectState.CANCELLED)
    case = replace(in_crm(welcomed), effects=(*welcomed.effects, over))
    assert len(of(planned_at(case, book(), JOINED).effects, STEP)) == 1


def became_a_contact(case: Case) -> Case:
    """Return the case in which the person known from a report is a contact of the CRM, who could be written to."""
    return in_crm(case, at=JOINED + timedelta(days=3))


@pytest.mark.parametrize("outcome", [TouchpointOutcome.SKIPPED, TouchpointOutcome.ASKED])
def test_what_was_decided_of_a_report_holds_for_its_contact(welcomed: Case, outcome: TouchpointOutcome) -> None:
    case = replace(welcomed, facts=(*welcomed.facts, reported()))
    point = Touchpoint(step=STEP, occurrence=person_named(NORA), outcome=outcome, at=JOINED, because="decided")
    case = became_a_contact(replace(case, touchpoints=(*case.touchpoints, point)))
    start = JOINED + timedelta(days=3)
    found = lived(case, book(), start, start + timedelta(days=4), timedelta(hours=6))
    assert mails(found) == []
    assert [one.occurrence for one in found.touchpoints if one.step == STEP] == [point.occurrence]


def test_what_was_decided_of_somebody_else_holds_for_nobody(welcomed: Case) -> None:
    other = Touchpoint(
        step=STEP, occurrence=person_named("x@kunde.test"), outcome=TouchpointOutcome.ASKED, at=JOINED, because="other"
    )
    case = in_crm(replace(welcomed, touchpoints=(*welcomed.touchpoints, other)))
    assert mails(later(case)) == SENT


def test_a_namesake_known_from_a_report_stays_with_the_owner_once_it_is_a_contact(welcomed: Case) -> None:
    case = replace(welcomed, facts=(*welcomed.facts, reported(name="Erik Brandt")))
    asked = later(case, 2)
    assert [one.outcome for one in asked.touchpoints if one.step == STEP] == [TouchpointOutcome.ASKED], "a namesake"
    start = JOINED + timedelta(days=3)
    found = lived(became_a_contact(asked), book(), start, start + timedelta(days=4), timedelta(hours=6))
    assert mails(found) == []
