"""An escalation goes to whoever has the move: the colleague who owes a cause is told of it, and of nothing else, on
the first rung; where the customer owes, the message names their role and person, and our next step (RO-9)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from onboarding.escalations.causes import YOURS, known_to, owed_by
from onboarding.escalations.listeners import Waits, told_sentences
from onboarding.escalations.readers import owed_roles, readers
from onboarding.model.vocabulary import CustomerRole, NewsKind, VendorRole
from onboarding.people.owners import owing_words
from onboarding.review_context import ReviewContext
from tests.builders.case import CASE
from tests.builders.ladder import MONDAY, STUCK, WORSE, LadderCase, build_ladder_case

ENGINEER = VendorRole.IMPLEMENTATION_ENGINEER
STAFFED = replace(CASE.progress, assignments={ENGINEER: "005SELLER"})
OURS = replace(STUCK, waiting_on="vendor", owner_role=ENGINEER.value, cause="The test is not passed.")


def staffed(*stalls: object) -> LadderCase:
    made = build_ladder_case(progress=STAFFED)
    made.stalls = tuple(stalls)
    return made


def told(one: LadderCase) -> list[str]:
    return sorted({effect.person_id for effect in one.sent})


def test_the_colleague_who_owes_it_is_told_on_the_first_rung_with_the_accountable_owner() -> None:
    one = staffed(OURS)
    one.review(MONDAY)
    assert told(one) == ["005CSM", "005SELLER"]
    (effect,) = [effect for effect in one.sent if effect.person_id == "005SELLER"]
    assert (effect.role, effect.data["method"]) == (ENGINEER, "post")
    again = one.review(MONDAY + timedelta(minutes=1))
    assert not again.effects, "told once"


@pytest.mark.parametrize(
    "stall",
    [
        replace(OURS, waiting_on="customer", owner_role=CustomerRole.EXECUTIVE_SPONSOR.value),
        replace(OURS, owner_role=VendorRole.CSM.value),
        replace(OURS, owner_role=VendorRole.CS_MANAGER.value),
        replace(OURS, owner_role=""),
    ],
    ids=["the customer's sponsor is not ours", "the CSM has it already", "the manager has a rung", "not known"],
)
def test_nobody_else_is_told(stall: object) -> None:
    one = staffed(stall)
    one.review(MONDAY)
    assert told(one) == ["005CSM"]


def test_a_colleague_hears_of_what_they_owe_and_of_nothing_else() -> None:
    one = staffed(OURS)
    one.review(MONDAY)
    one.stalls = (OURS, WORSE)
    one.review(MONDAY + timedelta(hours=1))
    new = [effect for effect in one.sent if effect.due_at > MONDAY and effect.data["method"] == "post"]
    assert {effect.person_id for effect in new} == {"005CSM"}, "another cause is not the engineer's"
    mine = owed_by(one.episode, frozenset({ENGINEER.value}))
    assert [cause.kind for cause in known_to(mine, 1)] == ["stage_overdue"]
    assert {cause.next_step for cause in mine.causes} == {YOURS}
    assert all(mine.causes[news.cause].kind == "stage_overdue" for news in mine.news)
    one.stalls = (WORSE,)
    one.review(MONDAY + timedelta(hours=2))
    last = [effect for effect in one.sent if effect.person_id == "005SELLER"][-1]
    assert last.data["thread"]
    assert last.because == "gone: The test is not passed."
    assert mine.news[-1].what is not NewsKind.GONE


THEIRS = replace(OURS, waiting_on="customer", owner_role="champion", cause="The users have not tried it.")


def to_the_colleague(one: LadderCase) -> list[tuple[str, str]]:
    """Return the messages to the engineer as sent: kind of message, and reason."""
    sent = [effect for effect in one.sent if effect.person_id == "005SELLER"]
    return [("reply" if effect.data["thread"] else effect.data["method"], effect.because) for effect in sent]


def moved() -> LadderCase:
    """Return a case whose engineer did their part of the stage: the customer has the move."""
    one = staffed(OURS)
    one.review(MONDAY)
    one.stalls = (THEIRS,)
    for hour in range(1, 58):
        one.review(MONDAY + timedelta(hours=hour))
    return one


def test_a_move_that_goes_from_the_colleague_is_told_them_once_and_the_cause_keeps_its_ladder() -> None:
    one = moved()
    told = to_the_colleague(one)
    assert [kind for kind, _ in told].count("reply") == 1
    assert told[:3] == [
        ("post", told[0][1]),
        ("update", "the move went to another role: The users have not tried it."),
        ("reply", "no longer yours: The users have not tried it."),
    ]
    ours = [effect.because for effect in one.sent if effect.person_id == "005CSM" and effect.data["thread"]]
    assert not any("yours" in because or "move" in because for because in ours), "it was the CSM's all the time"
    assert len(one.episode.causes) == 1
    assert one.episode.level > 1, "it climbed on"


def test_the_end_of_what_went_from_the_colleague_is_an_edit_alone() -> None:
    one = moved()
    before = len(to_the_colleague(one))
    one.stalls = ()
    one.review(MONDAY + timedelta(days=3))
    one.deliver(MONDAY + timedelta(days=4))
    assert [kind for kind, _ in to_the_colleague(one)[before:]] == ["update"]


def test_a_move_that_comes_back_is_a_reply_as_of_a_cause_that_climbed_to_them() -> None:
    one = moved()
    one.stalls = (OURS,)
    one.review(MONDAY + timedelta(days=3))
    one.deliver(MONDAY + timedelta(days=4))
    assert to_the_colleague(one)[-1] == ("reply", "climbed: The test is not passed.")
    mine = owed_by(one.episode, frozenset({ENGINEER.value}))
    assert [cause.next_step for cause in known_to(mine, 1)] == [YOURS]
    assert (mine.news[-1].what, mine.news[-1].level) == (NewsKind.CLIMBED, 1)


def test_a_move_between_two_roles_of_one_colleague_is_no_news() -> None:
    one = staffed(OURS)
    one.review(MONDAY)
    one.stalls = (replace(OURS, owner_role=VendorRole.ACCOUNT_EXECUTIVE.value),)
    one.review(MONDAY + timedelta(hours=1))
    assert [kind for kind, _ in to_the_colleague(one)] == ["post", "update"]


def test_a_colleague_whose_part_is_done_before_they_were_told_is_told_nothing() -> None:
    one = staffed(OURS)
    one.review(MONDAY, send=False)
    one.stalls = (THEIRS,)
    one.review(MONDAY + timedelta(hours=1))
    one.deliver(MONDAY + timedelta(days=1))
    assert to_the_colleague(one) == []


def test_a_colleague_who_owes_nothing_knows_of_nothing() -> None:
    """Also in an episode that was stored before moves were kept."""
    mine = owed_by(replace(moved().episode, news=()), frozenset({ENGINEER.value}))
    assert (known_to(mine, 1), mine.level) == ((), 0)


def test_who_owes_a_cause_that_came_later_is_told_then() -> None:
    one = staffed(WORSE)
    one.review(MONDAY)
    assert told(one) == ["005CSM"]
    one.stalls = (WORSE, OURS)
    one.review(MONDAY + timedelta(hours=1))
    assert told(one) == ["005CSM", "005SELLER"]


def test_the_colleague_who_took_the_role_over_is_told_and_the_former_one_no_more() -> None:
    one = staffed(OURS)
    one.review(MONDAY)
    one.state = replace(one.state, team={**one.state.team, ENGINEER: one.case.owners["005EXEC"]})
    one.review(MONDAY + timedelta(hours=6))
    one.stalls = ()
    one.review(MONDAY + timedelta(hours=7))
    assert "005EXEC" in told(one)


def test_a_rung_of_the_ladder_hears_of_everything_also_one_of_another_playbook() -> None:
    one = staffed(OURS)
    for role in (VendorRole.CSM, VendorRole.CS_MANAGER, VendorRole.EXECUTIVE_SPONSOR):
        assert owed_roles(one.state, one.playbook, "005EXEC", role.value) is None
    assert owed_roles(one.state, one.playbook, "005SELLER", ENGINEER.value) == {ENGINEER, "account_executive"}


def test_on_a_higher_rung_a_colleague_hears_of_all() -> None:
    one = build_ladder_case(progress=replace(CASE.progress, assignments={ENGINEER: "005MANAGER"}))
    one.stalls = (OURS, WORSE)
    one.review(MONDAY)
    context = ReviewContext(
        case=one.case, state=one.state, progress=one.case.progress, playbook=one.playbook, now=MONDAY
    )
    assert readers(context, one.episode)["005MANAGER"].owes == {ENGINEER}
    assert readers(context, replace(one.episode, level=2))["005MANAGER"].owes is None


def test_explain_names_the_colleague_among_those_who_were_told() -> None:
    one = staffed(OURS)
    one.review(MONDAY)
    said = told_sentences(one.case, one.episode, one.state, one.playbook, Waits(now=MONDAY))
    assert said == ("Told on Slack: Cleo Santos, Sam Seller.",)


def test_the_side_is_told_with_role_and_person() -> None:
    state = staffed().state
    assert owing_words(state, "customer", "technical_admin") == "the customer: Tom Adler (technical admin)"
    assert owing_words(state, "vendor", ENGINEER) == "us: Sam Seller (implementation engineer)"
    assert owing_words(state, "third_party", ENGINEER) == (
        "a third party; Sam Seller (implementation engineer) follows it up"
    )
    nobody = replace(state, holders={}, stood_in=frozenset({ENGINEER}))
    assert owing_words(nobody, "customer", "champion") == "the customer: champion, whom nobody is yet"
    assert owing_words(nobody, "vendor", ENGINEER) == "us: Sam Seller"
    assert owing_words(state, "customer", "") == "the customer"
