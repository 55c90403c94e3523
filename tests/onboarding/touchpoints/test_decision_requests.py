"""One decision mail for each conflict of priorities, a task where it cannot be asked, a stall where it stays open."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from config.playbook_library.library import load_library
from onboarding.explain.touchpoint_fate import explain_touchpoint
from onboarding.model.case import Case
from onboarding.model.parties import Person, Stakeholder
from onboarding.model.playbook import Playbook
from onboarding.model.vocabulary import CustomerRole, EffectState, Stage, Status, Tier
from onboarding.review_case import review
from tests.builders.case import CASE
from tests.builders.facts import build_fact
from tests.builders.tiers import BUNDLED_TIERS, MID
from tests.onboarding.clashes.test_clash import AUDIT, ID, MIGRATION, decided, raised
from tests.onboarding.touchpoints.reviews import MONDAY, delivered, held, lived, of, planned_at, saved

STEP, SPONSOR = "decision_request", "erik@kunde.test"
TUESDAY = MONDAY + timedelta(days=1)
OTHER = raised(1.01, "Go-live in June", "The office move")


def book(tier: Tier = MID) -> Playbook:
    return load_library().playbook_versions[tier].playbook


def with_facts(*facts: object, case: Case = CASE) -> Case:
    return replace(case, facts=(*case.facts, *facts))  # type: ignore[arg-type]


def without_sponsor(case: Case = CASE) -> Case:
    return replace(
        case, stakeholders=tuple(one for one in case.stakeholders if one.role is not CustomerRole.EXECUTIVE_SPONSOR)
    )


def mails(case: Case) -> list[tuple[str, EffectState]]:
    return sorted((line.occurrence, line.state) for line in case.effects if line.kind == STEP)


def tasks(case: Case, now: datetime) -> list[str]:
    return [one.text for one in review(case, book(), now).review.tasks if "clashes with" in one.text]


@pytest.mark.slow
def test_the_sponsor_gets_one_mail_and_no_second_one_while_it_is_open() -> None:
    case = lived(with_facts(raised()), book(), TUESDAY, TUESDAY + timedelta(days=20))
    (line,) = [line for line in case.effects if line.kind == STEP]
    assert (line.recipient, line.role, line.state) == (SPONSOR, "executive_sponsor", EffectState.SENT)
    assert line.occurrence == ID
    assert MIGRATION not in line.because + "".join(one.because for one in case.touchpoints), "the journal quotes nobody"


def with_second_sponsor(case: Case = CASE, person_id: str = "003A", *, in_deal: bool = True) -> Case:
    """Return the case with another sponsor, whose id comes before that of the first."""
    second = Person(id=person_id, name="Ada Anders", email="ada@kunde.test", zone="Europe/Berlin", country="DE")
    part = Stakeholder(person_id=person_id, role=CustomerRole.EXECUTIVE_SPONSOR)
    case = replace(case, people=(*case.people, second))
    if in_deal:
        return replace(case, stakeholders=(*case.stakeholders, part))
    named = build_fact("stakeholder", "executive_sponsor", value={"person_id": person_id, "role": part.role})
    return with_facts(named, case=case)


def ranked(case: Case, **ada: object) -> Case:
    """Return the case with Erik in the deal since Tuesday, no primary contact, and these values of Ada's part."""
    erik = {"since": TUESDAY} if ada else {}
    return replace(
        case,
        stakeholders=tuple(
            replace(one, **(ada if one.person_id == "003A" else erik))  # type: ignore[arg-type]
            if one.role is CustomerRole.EXECUTIVE_SPONSOR
            else one
            for one in case.stakeholders
        ),
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("in_deal", "ada", "asked", "by"),
    [
        (False, {}, "Erik Brandt", "one whom a deal names before one who was reported"),
        (
            True,
            {"primary": True, "since": TUESDAY + timedelta(hours=1)},
            "Ada Anders",
            "a deal's primary contact first",
        ),
        (True, {"since": TUESDAY + timedelta(hours=1)}, "Erik Brandt", "whom a deal named earlier first"),
        (True, {"since": MONDAY}, "Ada Anders", "whom a deal named earlier first"),
        (True, {"since": TUESDAY}, "Ada Anders", "the lower contact id first"),
    ],
)
def test_of_two_sponsors_the_primary_contact_is_asked_or_who_came_first_and_explain_says_by_what(
    in_deal: bool, ada: dict[str, object], asked: str, by: str
) -> None:
    case = ranked(with_second_sponsor(with_facts(raised()), in_deal=in_deal), **ada)
    now = TUESDAY + timedelta(hours=1)
    explained = explain_touchpoint(case, review(case, book(), now).review, book(), STEP, now)
    found = lived(case, book(), now, TUESDAY + timedelta(days=20))
    assert mails(found) == [(ID, EffectState.SENT)]
    (line,) = [line for line in found.effects if line.kind == STEP]
    other = "Ada Anders" if asked == "Erik Brandt" else "Erik Brandt"
    assert line.recipient == (SPONSOR if asked == "Erik Brandt" else "ada@kunde.test")
    (point,) = [one for one in found.touchpoints if one.step == STEP]
    assert f"{other}, who is not asked beside {asked}: one person decides, {by}" in point.because
    alone = f"as executive sponsor, not {other} too: one decides, {by}"
    assert any(alone in text for text in explained.lines)


def test_the_second_sponsor_is_asked_where_the_first_cannot_be() -> None:
    case = with_second_sponsor(with_facts(raised()))
    gone = tuple(replace(one, email=None) if one.email == SPONSOR else one for one in case.people)
    found = lived(replace(case, people=gone), book(), TUESDAY, TUESDAY + timedelta(days=5))
    assert [line.recipient for line in found.effects if line.kind == STEP] == ["ada@kunde.test"]


def test_every_tier_asks() -> None:
    for tier in BUNDLED_TIERS:
        assert len(of(planned_at(with_facts(raised()), book(tier), TUESDAY).effects, STEP)) == 1, tier


@pytest.mark.slow
def test_two_at_once_are_two_mails_planned_in_one_review_and_sent_on_two_days() -> None:
    case = with_facts(raised(), OTHER)
    now = TUESDAY + timedelta(hours=1)
    planned = of(planned_at(case, book(), now).effects, STEP)
    assert len({one.occurrence for one in planned}) == 2
    case = lived(case, book(), now, now + timedelta(days=20))
    assert [state for _, state in mails(case)] == [EffectState.SENT] * 2


@pytest.mark.slow
def test_one_that_was_decided_before_the_mail_leaves_is_not_sent_and_the_other_is() -> None:
    now = TUESDAY + timedelta(hours=1)
    case = with_facts(raised(), OTHER)
    case = saved(case, book(), now, planned_at(case, book(), now))
    case = with_facts(decided(1.05), case=case)
    case = lived(case, book(), now + timedelta(hours=1), now + timedelta(days=10))
    states = dict(mails(case))
    assert states.pop(ID) is EffectState.CANCELLED
    assert list(states.values()) == [EffectState.SENT]
    (gone,) = [line for line in case.effects if line.occurrence == ID]
    assert gone.because == "it was decided meanwhile"


def test_the_mail_of_one_whose_words_were_erased_does_not_say_that_it_was_decided() -> None:
    now = TUESDAY + timedelta(hours=1)
    case = with_facts(raised())
    case = saved(case, book(), now, planned_at(case, book(), now))
    case = with_facts(replace(raised(), value={}), case=replace(case, facts=CASE.facts))
    case = saved(case, book(), now, planned_at(case, book(), now))
    (gone,) = [line for line in case.effects if line.kind == STEP]
    assert (gone.state, gone.because) == (EffectState.CANCELLED, "the words of this conflict were erased")


def test_one_that_was_decided_before_any_review_plans_nothing() -> None:
    assert of(planned_at(with_facts(raised(), decided(1.01)), book(), MONDAY + timedelta(days=2)).effects, STEP) == []


def test_raised_anew_after_a_decision_it_is_asked_anew() -> None:
    case = lived(with_facts(raised()), book(), TUESDAY, TUESDAY + timedelta(days=1))
    case = lived(
        with_facts(decided(3), raised(4), case=case), book(), TUESDAY + timedelta(days=3), TUESDAY + timedelta(days=9)
    )
    assert mails(case) == [(ID, EffectState.SENT), (f"{ID}.2", EffectState.SENT)]


def test_without_a_sponsor_it_is_a_task_of_the_owner_and_the_mail_follows_once_there_is_one() -> None:
    case = with_facts(raised(), case=without_sponsor())
    assert tasks(with_facts(raised()), TUESDAY) == [], "the mail asks"
    (text,) = tasks(case, TUESDAY)
    assert text.startswith(
        f"“{MIGRATION}” clashes with “{AUDIT}”, and no mail asks for a decision: find out who decides"
    )
    case = lived(case, book(), TUESDAY, TUESDAY + timedelta(days=2))
    assert mails(case) == []
    named = replace(case, stakeholders=CASE.stakeholders)
    named = lived(named, book(), TUESDAY + timedelta(days=3), TUESDAY + timedelta(days=6))
    assert mails(named) == [(ID, EffectState.SENT)]
    assert tasks(named, TUESDAY + timedelta(days=6)) == []


def test_a_sponsor_who_cannot_be_written_to_leaves_it_to_the_owner_by_name() -> None:
    people = tuple(replace(one, email=None) if one.email == SPONSOR else one for one in CASE.people)
    (text,) = tasks(with_facts(raised(), case=replace(CASE, people=people)), TUESDAY)
    assert "put it to Erik Brandt" in text
    assert "record what was decided" in text


def test_on_hold_nothing_leaves_and_it_does_after_the_hold() -> None:
    case = held(with_facts(raised()), MONDAY + timedelta(hours=2))
    case = lived(case, book(), TUESDAY, TUESDAY + timedelta(days=3))
    assert mails(case) == []
    over = replace(case, holds=(replace(case.holds[0], ended_at=TUESDAY + timedelta(days=3)),))
    over = lived(over, book(), TUESDAY + timedelta(days=3, hours=1), TUESDAY + timedelta(days=6))
    assert mails(over) == [(ID, EffectState.SENT)]


@pytest.mark.slow
def test_decided_while_on_hold_nothing_is_sent_after_it() -> None:
    now = TUESDAY + timedelta(hours=1)
    case = with_facts(raised())
    case = saved(case, book(), now, planned_at(case, book(), now))
    case = lived(held(with_facts(decided(2), case=case), now), book(), now, now + timedelta(days=4))
    assert mails(case) == [(ID, EffectState.WITHHELD)]
    case = replace(case, holds=(replace(case.holds[0], ended_at=now + timedelta(days=4)),))
    case = lived(case, book(), now + timedelta(days=4, hours=1), now + timedelta(days=9))
    assert mails(case) == [(ID, EffectState.CANCELLED)]


def test_once_completed_no_mail_leaves_and_what_is_open_is_told_for_a_week() -> None:
    done_at = TUESDAY + timedelta(hours=1)
    progress = replace(
        CASE.progress, stage=Stage.DONE, status=Status.COMPLETED, stage_times=dict.fromkeys(Stage, done_at)
    )
    case = with_facts(raised(), case=replace(CASE, progress=progress))
    assert of(planned_at(case, book(), done_at).effects, STEP) == []
    assert len(tasks(case, done_at + timedelta(days=6))) == 1
    assert tasks(case, done_at + timedelta(days=7)) == []


def test_it_stalls_after_the_playbooks_time_as_a_cause_of_its_own_and_ends_with_the_decision() -> None:
    case = with_facts(raised(), OTHER)

    def stalls(now: datetime, one: Case = case) -> list[tuple[str, str, str]]:
        found = review(one, book(), now).review.stalls
        return [(each.about, each.waiting_on, each.severity) for each in found if each.kind == "conflict_undecided"]

    assert stalls(TUESDAY + timedelta(days=2)) == []
    assert len(stalls(TUESDAY + timedelta(days=4))) == 2
    assert (ID, "customer", "warning") in stalls(TUESDAY + timedelta(days=4))
    assert (ID, "customer", "critical") in stalls(TUESDAY + timedelta(days=15))
    assert (ID, "vendor", "warning") in stalls(TUESDAY + timedelta(days=4), without_sponsor(case))
    decided_one = stalls(TUESDAY + timedelta(days=4), with_facts(decided(2), case=case))
    assert [about for about, _, _ in decided_one] == [OTHER.name]


def test_it_climbs_to_the_manager_and_to_our_sponsor() -> None:
    assert all("conflict_undecided" in book(tier).ladder.to_sponsor for tier in BUNDLED_TIERS)


def test_a_mail_that_waits_follows_a_new_sponsor() -> None:
    now = TUESDAY + timedelta(hours=1)
    case = with_facts(raised())
    case = saved(case, book(), now, planned_at(case, book(), now))
    new = Person(id="003NEW", name="Nora Neu", email="nora@kunde.test", zone="Europe/Berlin", country="DE")
    swapped = tuple(
        replace(one, person_id="003NEW") if one.role is CustomerRole.EXECUTIVE_SPONSOR else one
        for one in case.stakeholders
    )
    case = replace(case, people=(*case.people, new), stakeholders=swapped)
    later = now + timedelta(hours=1)
    case = delivered(saved(case, book(), later, planned_at(case, book(), later)), later + timedelta(days=3))
    assert [(line.recipient, line.state) for line in case.effects if line.kind == STEP] == [
        (SPONSOR, EffectState.CANCELLED),
        ("nora@kunde.test", EffectState.SENT),
    ]
