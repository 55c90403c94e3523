"""Who acts for whom while away: by the absent person's own days, and always one present person (ASK-13)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from onboarding.metrics.measure import Subject, measure
from onboarding.model.parties import Absence, AbsenceSource, Owner
from onboarding.model.vocabulary import VendorRole
from onboarding.people.absences import away, cover_of, renewed, spells, successor_of
from onboarding.review_case import review
from tests.builders.case import CASE, OWNERS, SIGNED
from tests.builders.playbook import build_playbook

PLAYBOOK = build_playbook()
CSM, SELLER, MANAGER = "005CSM", "005SELLER", "005MANAGER"
TUESDAY, MONDAY = date(2026, 3, 3), date(2026, 3, 9)


def absent(owner: Owner, since: date = TUESDAY, back: date = MONDAY, **more: object) -> Owner:
    source = more.pop("source", AbsenceSource.PERSON)
    one = Absence(since=since, back=back, source=source, **more)
    return replace(owner, absences=(*owner.absences, one))


def office(**changed: Owner) -> dict[str, Owner]:
    return OWNERS | {owner.id: owner for owner in changed.values()}


def at(day: int, hour: int = 12) -> datetime:
    return datetime(2026, 3, day, hour, tzinfo=UTC)


def test_an_absence_lasts_from_midnight_to_midnight_in_the_zone_of_the_person() -> None:
    here = absent(OWNERS[CSM])  # in Berlin, an hour ahead of UTC
    assert away(here, datetime(2026, 3, 2, 22, 59, tzinfo=UTC)) is None
    assert away(here, datetime(2026, 3, 2, 23, 0, tzinfo=UTC)).back == MONDAY
    assert away(here, datetime(2026, 3, 8, 22, 59, tzinfo=UTC)) is not None
    assert away(here, datetime(2026, 3, 8, 23, 0, tzinfo=UTC)) is None


def test_absences_that_adjoin_are_one_and_the_return_is_the_last() -> None:
    twice = absent(absent(OWNERS[CSM]), since=MONDAY, back=MONDAY + timedelta(days=3), source=AbsenceSource.CALENDAR)
    assert [(one.since, one.back) for one in spells(twice)] == [(TUESDAY, MONDAY + timedelta(days=3))]


def test_the_backup_covers_and_for_an_absent_backup_the_next_in_line() -> None:
    csm = absent(replace(OWNERS[CSM], backup_id=SELLER))
    assert cover_of(csm, office(csm=csm), at(4)).id == SELLER
    seller = absent(replace(OWNERS[SELLER], backup_id="005EXEC"))
    assert cover_of(csm, office(csm=csm, seller=seller), at(4)).id == "005EXEC"


def test_the_backup_named_for_the_absence_comes_before_the_usual_one() -> None:
    csm = absent(replace(OWNERS[CSM], backup_id=SELLER), backup_id="005EXEC")
    assert cover_of(csm, office(csm=csm), at(4)).id == "005EXEC"


def test_two_who_cover_for_each_other_and_are_both_away_are_covered_by_the_manager() -> None:
    csm = absent(replace(OWNERS[CSM], backup_id=SELLER))
    seller = absent(replace(OWNERS[SELLER], backup_id=CSM))
    assert cover_of(csm, office(csm=csm, seller=seller), at(4)).id == MANAGER
    gone = replace(OWNERS[MANAGER], active=False)
    assert cover_of(csm, office(csm=csm, seller=seller, manager=gone), at(4)) is None


def test_while_away_the_cover_acts_in_every_role_and_the_review_says_so_once() -> None:
    case = replace(CASE, owners=office(csm=absent(replace(OWNERS[CSM], backup_id="005EXEC"))))
    case = replace(case, progress=replace(case.progress, owner_id=CSM))
    before, during, after = (review(case, PLAYBOOK, now).review for now in (SIGNED, at(4), at(10)))
    assert before.state.owner.id == after.state.owner.id == CSM
    assert during.state.owner.id == "005EXEC"
    assert during.state.covers[VendorRole.CSM].absent.id == CSM
    told = [one for one in during.decisions if one.kind == "owner"]
    assert [one.because for one in told] == [
        "Eve Xu covers for Cleo Santos, who is away until 9 March 2026; what has not left goes out in that name"
    ]
    assert not [one for one in after.decisions if one.kind == "owner"]


def test_the_review_looks_again_when_somebody_goes_away_or_comes_back() -> None:
    case = replace(CASE, owners=office(csm=absent(replace(OWNERS[CSM], backup_id="005EXEC"))))
    goes = datetime(2026, 3, 2, 23, tzinfo=UTC)
    assert min(review(case, PLAYBOOK, SIGNED).review.next_at.values()) <= goes
    later = review(case, PLAYBOOK, goes).review
    assert later.next_at["stages"] <= datetime(2026, 3, 8, 23, tzinfo=UTC)


def test_nobody_who_can_cover_leaves_the_role_and_says_that() -> None:
    case = replace(CASE, owners={CSM: absent(replace(OWNERS[CSM], manager_id=None))})
    state = review(case, PLAYBOOK, at(4)).review.state
    assert state.owner.id == CSM
    assert state.covers[VendorRole.CSM].by is None


def test_a_cover_who_is_also_the_specialist_spares_no_handover_to_the_csm() -> None:
    """The milestones of a handover are left out only where the same person holds both roles for good."""
    progress = replace(CASE.progress, assignments={VendorRole.ONBOARDING_SPECIALIST: "005EXEC"})
    case = replace(CASE, progress=progress, owners=office(csm=absent(replace(OWNERS[CSM], backup_id="005EXEC"))))
    during, before = (
        {one.name for one in review(case, PLAYBOOK, now).review.milestones if one.status == "not_applicable"}
        for now in (at(4), SIGNED)
    )
    assert during == before


def test_the_figures_stay_with_the_person_who_is_away() -> None:
    case = replace(CASE, owners=office(csm=absent(replace(OWNERS[CSM], backup_id="005EXEC"))))
    assert measure(Subject(case=case, playbook=PLAYBOOK), at(4)).owner == OWNERS[CSM].email


def test_who_leaves_the_company_hands_over_to_the_backup_for_good() -> None:
    left = replace(OWNERS[CSM], active=False, backup_id="005EXEC")
    case = replace(CASE, account=replace(CASE.account, csm_id=CSM, owner_id=SELLER), owners=office(csm=left))
    assert review(case, PLAYBOOK, at(4)).review.state.owner.id == "005EXEC"
    without = replace(case, owners=office(csm=replace(left, backup_id=None)))
    assert review(without, PLAYBOOK, at(4)).review.state.owner.id == SELLER
    both = office(csm=replace(left, backup_id=SELLER), seller=replace(OWNERS[SELLER], active=False, backup_id=CSM))
    assert successor_of(both[CSM], both) is None


@pytest.mark.parametrize("source", [AbsenceSource.TEAM_FILE, AbsenceSource.CALENDAR])
def test_an_absence_that_is_told_no_more_ends_today_if_it_has_begun(source: AbsenceSource) -> None:
    csm = absent(OWNERS[CSM], source=source)
    assert renewed(csm, (), TUESDAY) == ()
    (ended,) = renewed(csm, (), TUESDAY + timedelta(days=2))
    assert (ended.since, ended.back) == (TUESDAY, TUESDAY + timedelta(days=2))
    again = renewed(replace(csm, absences=(ended,)), (), TUESDAY + timedelta(days=4))
    assert again == (ended,)
    assert renewed(replace(csm, absences=again), (), TUESDAY + timedelta(days=60)) == ()


def test_what_a_person_reported_stays_when_the_team_file_is_read() -> None:
    csm = absent(OWNERS[CSM])
    team_file = Absence(since=MONDAY, back=MONDAY + timedelta(days=1), source=AbsenceSource.TEAM_FILE)
    found = renewed(csm, (team_file,), TUESDAY)
    assert set(found) == {*csm.absences, team_file}
    assert renewed(replace(csm, absences=found), (team_file,), TUESDAY) == found
