"""Where there is an onboarding specialist, they are accountable until the transfer, then the CSM (RO-3)."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from pydantic import ValidationError

from config.files.documents import adapter
from onboarding.explain.cover_words import transfer_sentences
from onboarding.model.case import Case, Fact
from onboarding.model.playbook import Playbook, Step
from onboarding.model.schedule import Specialist
from onboarding.model.vocabulary import VendorRole
from onboarding.review_case import Reviewed, review
from tests.builders.case import CASE, SIGNED
from tests.builders.facts import build_done, build_fact
from tests.builders.playbook import build_playbook

CSM, SPECIALIST = "005CSM", "005EXEC"
STEP = adapter(Step).validate_python(
    {
        "name": "owner_change",
        "title": "Tell both colleagues of the transfer",
        "due": {"from": "milestone:owner_transferred", "source": "RO-3"},
        "handoff_first": False,
        "after_completion": True,
        "late": {"send_for_hours": 120, "then": "skip", "source": "ours"},
        "slack": {
            "to": ["onboarding_specialist", "csm"],
            "says": "{{ specialist.name }} hands {{ account.name }} over to {{ owner.name }}.",
        },
    }
)
PLAIN = build_playbook()
PLAYBOOK = replace(PLAIN, steps=(*PLAIN.steps, STEP), specialist=Specialist(source="TH-6"))
LED = replace(CASE, progress=replace(CASE.progress, assignments={VendorRole.ONBOARDING_SPECIALIST: SPECIALIST}))


def day(number: float) -> datetime:
    return SIGNED + timedelta(days=number)


def at(number: float, *facts: Fact, case: Case = LED, playbook: Playbook = PLAYBOOK) -> Reviewed:
    return review(replace(case, facts=(*case.facts, *facts)), playbook, day(number))


def leader(number: float, *facts: Fact) -> str:
    owner = at(number, *facts).review.state.owner
    return owner.id if owner else ""


def activated(number: float) -> tuple[Fact, ...]:
    return build_done("activation", at=day(number))


def test_the_specialist_leads_and_the_csm_takes_over_on_the_last_day() -> None:
    before, after = at(89.9).review, at(90).review
    assert before.state.owner.id == SPECIALIST
    assert before.state.team[VendorRole.CSM].id == SPECIALIST
    assert after.state.owner.id == after.state.team[VendorRole.CSM].id == CSM
    assert after.state.team[VendorRole.ONBOARDING_SPECIALIST].id == SPECIALIST
    done = after.state.milestones["owner_transferred"]
    assert (done.status, done.done_at, done.done_by) == ("done", day(90), "first90")
    assert before.state.milestones["owner_transferred"].due_at == day(90)


@pytest.mark.parametrize(("reached", "moment"), [(20, 60), (70, 70), (95, 90)])
def test_first_value_ends_it_between_the_two_days(reached: float, moment: float) -> None:
    assert leader(moment - 0.1, *activated(reached)) == SPECIALIST
    assert leader(moment + 10, *activated(reached)) == CSM
    assert at(moment + 10, *activated(reached)).review.state.transfer.at == day(moment)


def test_without_the_rule_or_without_a_specialist_the_csm_is_accountable_from_the_start() -> None:
    plain = at(1, playbook=PLAIN).review
    assert (plain.state.owner.id, plain.state.transfer) == (CSM, None)
    alone = at(1, case=CASE).review
    assert (alone.state.owner.id, alone.state.transfer) == (CSM, None)
    assert alone.state.milestones["owner_transferred"].status == "not_applicable"


def test_a_hand_over_by_hand_comes_first_and_stays() -> None:
    assert leader(10, *build_done("owner_transferred", at=day(9))) == CSM
    named = build_fact("reassign", "csm", day(9), value={"owner_id": "005MANAGER"})
    assert leader(8, named) == SPECIALIST
    assert leader(9, named) == "005MANAGER"
    back = build_fact("reassign", "onboarding_specialist", day(12), value={"owner_id": "005SELLER"})
    assert leader(13, named, back) == "005SELLER"


def test_people_move_the_day_take_the_transfer_back_or_say_that_nobody_hands_over() -> None:
    later = build_fact("milestone_due", "owner_transferred", day(5), value={"due_on": day(120).date().isoformat()})
    assert (leader(100, later), leader(122, later)) == (SPECIALIST, CSM)
    undone = build_fact("milestone_undone", "owner_transferred", day(92))
    assert (leader(91, undone), leader(93, undone)) == (CSM, SPECIALIST)
    waived = build_fact("milestone_waived", "owner_transferred", day(5), value={"reason": "Eve stays"})
    assert leader(200, waived) == SPECIALIST


def test_the_specialist_of_the_crm_comes_before_the_team_files_and_after_the_one_whom_people_name() -> None:
    in_crm = replace(LED, account=replace(LED.account, specialist_id="005MANAGER"))
    assert at(5, case=in_crm).review.state.owner.id == "005MANAGER"
    alone = replace(CASE, account=in_crm.account)
    assert at(5, case=alone).review.state.owner.id == "005MANAGER"
    named = build_fact("reassign", "onboarding_specialist", day(4), value={"owner_id": "005SELLER"})
    assert at(5, named, case=in_crm).review.state.owner.id == "005SELLER"


def test_nobody_to_take_over_leaves_the_specialist_accountable() -> None:
    gone = {key: one if key == SPECIALIST else replace(one, active=False) for key, one in LED.owners.items()}
    found = at(100, case=replace(LED, owners=gone)).review.state
    assert found.owner.id == SPECIALIST
    assert not found.transfer.over


def test_the_review_wakes_at_the_transfer_tells_both_colleagues_and_journals_it_once() -> None:
    assert min(at(89).review.next_at.values()) <= day(90)
    led = replace(LED, progress=replace(LED.progress, owner_id=SPECIALIST, opened_at=SIGNED))
    found = at(90, case=led).review
    (line,) = [one for one in found.decisions if one.kind == "owner"]
    assert "Cleo Santos is accountable from now on, after Eve Xu, the onboarding specialist: 90 days" in line.because
    saved = replace(led, progress=found.progress)
    planned = at(91, case=saved).review
    told = [one for one in planned.effects if one.kind == "owner_change"]
    assert {one.person_id for one in told} == {CSM, SPECIALIST}
    assert not [one for one in at(91, case=saved).review.effects if one.kind == "owner_change" and one not in told]
    assert not [one for one in at(91, case=saved).review.decisions if one.kind == "owner"]


def test_it_is_said_who_is_accountable_why_and_until_when() -> None:
    def said(number: float) -> str:
        return " ".join(transfer_sentences(at(number).review.state.transfer))

    last = f"{day(90).day} {day(90):%B %Y}"
    assert said(5).startswith(f"Eve Xu (onboarding specialist) is accountable until {last}, then Cleo Santos (CSM)")
    assert said(95).startswith(f"Cleo Santos (CSM) is accountable since {last}, after Eve Xu")


def test_a_playbook_that_would_tell_nobody_of_the_transfer_is_refused() -> None:
    with pytest.raises(ValueError, match="names onboarding_specialist and csm"):
        replace(PLAIN, specialist=Specialist(source="TH-6"))
    with pytest.raises(ValidationError, match="is before not_before_days"):
        adapter(Specialist).validate_python({"not_before_days": 60, "at_latest_days": 30, "source": "ours"})
