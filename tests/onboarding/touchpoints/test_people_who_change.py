from dataclasses import replace
from datetime import date, timedelta

import pytest

from onboarding.model.case import Case
from onboarding.model.effect import EffectLine
from onboarding.model.parties import Person, Stakeholder
from onboarding.model.playbook import Playbook
from onboarding.model.suppressions import Suppression, SuppressionScope
from onboarding.model.vocabulary import Channel, CustomerRole, EffectState
from tests.onboarding.touchpoints.reviews import MONDAY, bent, delivered, held, only, planned_at, saved


def with_champion(case: Case, person: Person, *, former_left: bool) -> Case:
    parts = tuple(
        replace(part, left=True) if former_left and part.role is CustomerRole.CHAMPION else part
        for part in case.stakeholders
    )
    return replace(
        case,
        people=(*case.people, person),
        stakeholders=(*parts, Stakeholder(person_id=person.id, role=CustomerRole.CHAMPION)),
    )


NEW = Person(id="003NEW", name="Nora Neu", email="nora@kunde.test", zone="Europe/Berlin", country="DE")


def test_a_planned_mail_follows_the_holder_of_the_role_until_it_is_leased(case: Case, book: Playbook) -> None:
    invitation = only(book, "kickoff_invitation")
    now = MONDAY + timedelta(hours=1)
    planned = saved(case, invitation, now, planned_at(case, invitation, now))
    changed = with_champion(planned, NEW, former_left=True)
    answer = planned_at(changed, invitation, now)
    assert [(c.key.rpartition(":")[2], c.state) for c in answer.changes] == [("003CHAMPION", "cancelled")]
    assert "has left" in answer.changes[0].because
    assert [e.person_id for e in answer.effects] == ["003NEW"]
    again = planned_at(saved(changed, invitation, now, answer), invitation, now)
    assert (again.effects, again.changes) == ((), ())


@pytest.mark.parametrize("again", [False, True])
def test_who_takes_over_a_role_after_a_step_was_sent_gets_it_only_where_the_step_says_so(
    case: Case, book: Playbook, again: bool
) -> None:
    step = bent(only(book, "welcome"), "welcome", again_for_new_holder=again)
    now = MONDAY + timedelta(hours=1)
    sent = delivered(saved(case, step, now, planned_at(case, step, now)), now)
    month_later = now + timedelta(days=30)
    answer = planned_at(with_champion(sent, NEW, former_left=True), step, month_later)
    assert [e.person_id for e in answer.effects] == (["003NEW"] if again else [])
    assert answer.changes == ()


def test_one_address_gets_a_step_once_though_it_comes_back_under_another_name(case: Case, book: Playbook) -> None:
    step = bent(only(book, "welcome"), "welcome", again_for_new_holder=True)
    now = MONDAY + timedelta(hours=1)
    sent = delivered(saved(case, step, now, planned_at(case, step, now)), now)
    twin = replace(NEW, email="HANNA@kunde.test")
    answer = planned_at(with_champion(sent, twin, former_left=True), step, now + timedelta(days=1))
    assert answer.effects == ()


def test_who_opts_out_or_bounces_before_the_mail_left_does_not_get_it(case: Case, book: Playbook) -> None:
    step = only(book, "welcome")
    planned = saved(case, step, MONDAY, planned_at(case, step, MONDAY))
    people = tuple(replace(p, opted_out=p.id == "003CHAMPION") for p in case.people)
    suppressions = (Suppression(subject="erik@kunde.test", scope=SuppressionScope.ALL, reason="bounced"),)
    changed = replace(planned, people=people, suppressions=suppressions)
    answer = planned_at(changed, step, MONDAY)
    assert {c.key.rpartition(":")[2]: c.because for c in answer.changes} == {
        "003CHAMPION": "Hanna Weber wants no automated mail; one of our people writes instead",
        "003EXECUTIVE_SPONSOR": "Erik Brandt has an address that bounced",
    }


def test_a_corrected_address_is_taken_over_without_a_second_mail(case: Case, book: Playbook) -> None:
    step = only(book, "kickoff_invitation")
    now = MONDAY + timedelta(hours=1)
    planned = saved(case, step, now, planned_at(case, step, now))
    people = tuple(replace(p, email="hanna.weber@kunde.test") if p.id == "003CHAMPION" else p for p in case.people)
    changed = replace(planned, people=people)
    answer = planned_at(changed, step, now)
    assert [c.recipient for c in answer.changes] == ["hanna.weber@kunde.test"]
    assert answer.effects == ()
    assert planned_at(saved(changed, step, now, answer), step, now).changes == ()


def test_a_post_on_an_escalation_is_kept_back_on_hold_and_dropped_when_the_customer_is_gone(
    case: Case, book: Playbook
) -> None:
    post = EffectLine(
        key="006000000000001AAA:stall:1.1:slack:005CSM",
        kind="stall",
        occurrence="1.1",
        channel=Channel.SLACK,
        person_id="005CSM",
        recipient="cleo@vendor.test",
        role="csm",
        state=EffectState.PLANNED,
        due_at=MONDAY,
        expires_at=None,
        sent_at=None,
    )
    none = only(book)
    posted = replace(case, effects=(post,))
    assert planned_at(posted, none, MONDAY).changes == ()
    (kept,) = planned_at(held(posted, MONDAY), none, MONDAY).changes
    assert kept.state is EffectState.WITHHELD
    edited = replace(posted, effects=(replace(post, edits=True),))
    assert planned_at(held(edited, MONDAY), none, MONDAY).changes == (), "it pings nobody"
    blocked = replace(edited, progress=replace(edited.progress, blocked="unknown Onboarding__c"))
    for silent in (blocked, replace(edited, only_accounts=frozenset({"001X"}))):
        assert [change.state for change in planned_at(silent, none, MONDAY).changes] == [EffectState.WITHHELD]
    gone = replace(posted, account=replace(case.account, churned_on=date(2026, 3, 2)))
    (dropped,) = planned_at(gone, none, MONDAY).changes
    assert dropped.state is EffectState.CANCELLED
