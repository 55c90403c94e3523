"""A role that open work needs and that nobody holds is reported, once, to the accountable owner (RO-8)."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from onboarding.escalations.digest import lines_for
from onboarding.explain.cover_words import unheld_sentences
from onboarding.health.summary import summarise
from onboarding.model.case import Case
from onboarding.model.parties import Unheld
from onboarding.model.review import Review, Task
from onboarding.model.vocabulary import CustomerRole, Side, Stage, Status, VendorRole
from onboarding.people.unheld import TOLD_FOR
from onboarding.review_case import review
from tests.builders.case import CASE, OWNERS, SIGNED
from tests.builders.playbook import build_playbook

PLAYBOOK = build_playbook()
GIVEN = replace(CASE, progress=replace(CASE.progress, assignments={VendorRole.IMPLEMENTATION_ENGINEER: "005EXEC"}))
ENGINEER = f"{Side.VENDOR}:{VendorRole.IMPLEMENTATION_ENGINEER}"
ADMIN = f"{Side.CUSTOMER}:{CustomerRole.TECHNICAL_ADMIN}"


def at(case: Case, days: float = 0.1) -> Review:
    return review(case, PLAYBOOK, SIGNED + timedelta(days=days)).review


def named(found: Review) -> dict[str, Unheld]:
    return {f"{one.side}:{one.role}": one for one in found.unheld}


def without(role: CustomerRole, case: Case = GIVEN) -> Case:
    return replace(case, stakeholders=tuple(part for part in case.stakeholders if part.role is not role))


def in_setup(case: Case, since: datetime) -> Case:
    return replace(case, progress=replace(case.progress, stage=Stage.SETUP, stage_times={Stage.SETUP: since}))


def told(found: Review) -> list[Task]:
    return [task for task in found.tasks if "the plan has work for one" in task.text]


def test_a_role_of_ours_that_nobody_was_given_is_named_with_its_work_and_who_does_it() -> None:
    found = named(at(CASE))[ENGINEER]
    assert (found.stands_in, found.since) == ("Cleo Santos", None)
    assert found.work
    assert ENGINEER not in named(at(GIVEN))
    (said,) = [one for one in unheld_sentences(at(CASE)) if "implementation engineer" in one]
    assert said.startswith(f"Nobody of ours is implementation engineer, whose work is “{found.work[0]}” (Setup)")
    assert said.endswith("; Cleo Santos does that work.")


@pytest.mark.parametrize("days", [1, 30])
def test_where_there_is_no_specialist_the_csm_leads_and_nothing_is_missing(days: float) -> None:
    assert not [one for one in at(CASE, days).unheld if one.role is VendorRole.ONBOARDING_SPECIALIST]


def test_a_role_of_the_customer_is_needed_once_the_stage_of_its_work_is_entered() -> None:
    assert named(at(without(CustomerRole.TECHNICAL_ADMIN)))[ADMIN].since is None
    assert ADMIN not in named(at(GIVEN))
    entered = SIGNED + timedelta(days=5)
    found = at(in_setup(without(CustomerRole.TECHNICAL_ADMIN), entered), 6)
    assert (found.progress.stage, named(found)[ADMIN].since) == (Stage.SETUP, entered)


def test_the_owner_is_asked_for_a_week_once_the_work_has_come_and_the_digest_says_it_once() -> None:
    assert not told(at(CASE)), "while its work is ahead nobody is bothered"
    entered = SIGNED + timedelta(days=5)
    case = in_setup(CASE, entered)
    (task,) = told(at(case, 6))
    assert (task.role, task.until) == (VendorRole.CSM, entered + TOLD_FOR)
    assert told(at(case, 9)) == [task], "the same words each day, so that a digest tells it as new but once"
    assert not told(at(case, 12.1))
    lines = lines_for(case, at(case, 6), PLAYBOOK, SIGNED + timedelta(days=6))
    assert {line.owner_id for line in lines if line.text == task.text} == {"005CSM"}


def test_a_champion_who_is_missing_is_told_as_a_stall_and_not_again() -> None:
    found = at(without(CustomerRole.CHAMPION))
    assert f"{Side.CUSTOMER}:{CustomerRole.CHAMPION}" in named(found)
    assert not told(found)
    entered = in_setup(without(CustomerRole.CHAMPION), SIGNED + timedelta(days=1))
    assert not told(at(entered, 2))
    silent = replace(
        PLAYBOOK, stalls={kind: rule for kind, rule in PLAYBOOK.stalls.items() if kind != "champion_missing"}
    )
    kickoff = replace(entered.progress, stage=Stage.KICKOFF, stage_times={Stage.KICKOFF: SIGNED})
    found = review(replace(entered, progress=kickoff), silent, SIGNED + timedelta(days=2)).review
    assert [task.text for task in told(found) if "is champion" in task.text]


def test_status_has_what_must_be_named_now() -> None:
    case = without(CustomerRole.TECHNICAL_ADMIN, CASE)
    assert summarise(case, at(case), SIGNED + timedelta(days=0.1)).unheld_roles == (ENGINEER,)


@pytest.mark.parametrize("status", [Status.CHURNED, Status.COMPLETED])
def test_what_is_over_lacks_nobody(status: Status) -> None:
    over = replace(CASE.account, churned_on=SIGNED.date())
    case = replace(CASE, account=over) if status is Status.CHURNED else CASE
    if status is Status.COMPLETED:
        case = replace(
            CASE, progress=replace(CASE.progress, status=status, stage=Stage.DONE, stage_times={Stage.DONE: SIGNED})
        )
    assert not at(case, 1).unheld


def test_who_is_named_by_the_crm_holds_the_role() -> None:
    case = replace(CASE, account=replace(CASE.account, specialist_id="005EXEC"))
    assert at(case).state.team[VendorRole.ONBOARDING_SPECIALIST] == OWNERS["005EXEC"]
