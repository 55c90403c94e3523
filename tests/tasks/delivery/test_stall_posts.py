"""The messages of an episode: each reader is told of the causes that had climbed to them, to the end."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from onboarding.escalations.causes import YOURS
from onboarding.model.case import Stall
from onboarding.model.effect import Leased
from onboarding.model.vocabulary import Channel, VendorRole
from onboarding.review_case import review
from tasks.delivery.stall_posts import stall_message
from tests.builders.ladder import MONDAY, STUCK, WORSE, LadderCase, build_ladder_case

ENGINEER = VendorRole.IMPLEMENTATION_ENGINEER
TUESDAY = datetime(2026, 3, 10, 17, tzinfo=UTC)


def known_to_the_manager() -> LadderCase:
    """Return a case whose manager knows of the late stage, and its CSM also of the champion who left."""
    one = build_ladder_case()
    one.review(MONDAY)
    one.stalls = (WORSE, STUCK)
    one.review(TUESDAY)
    one.review(TUESDAY + timedelta(hours=1))
    one.deliver(TUESDAY + timedelta(hours=18))
    assert [(cause.kind, cause.level) for cause in one.episode.causes] == [("stage_overdue", 2), ("champion_left", 1)]
    return one


def said(one: LadderCase, key: str, now: datetime, *, answers: bool = False) -> Any:
    """Return the message of this effect as it leaves at ``now``."""
    effect = one.planned[key]
    leased = Leased(
        **{name: getattr(effect, name) for name in ("key", "kind", "occurrence", "person_id", "recipient", "role")},
        channel=Channel.SLACK,
        due_at=effect.due_at,
        because=effect.because,
        data=effect.data,
        onboarding_key=one.case.key,
        lease_until=now,
    )
    found = review(one.case, one.playbook, now)
    found = replace(found, case=one.case, review=replace(found.review, episodes=()))
    post = stall_message(leased, found, now, None, answers=answers)
    assert post is not None
    return post


@pytest.mark.parametrize("resolved", [True, False])
def test_the_end_names_to_each_reader_the_worst_cause_that_they_had_heard_of(resolved: bool) -> None:
    one, now = known_to_the_manager(), TUESDAY + timedelta(days=1)
    if resolved:
        one.answer(resolved_reason="by phone", closed_at=now, answered_at=now)
    else:
        one.stalls = ()
    ends = {effect.person_id: effect.key for effect in one.review(now).effects if effect.data["thread"]}
    manager, csm = (said(one, ends[person], now) for person in ("005MANAGER", "005CSM"))
    assert manager.headline.endswith("over: stage overdue")
    assert manager.lines[0] == "It was: Setup should have ended."
    assert not any("champion" in line for line in manager.lines)
    assert csm.headline.endswith("over: champion left")


def test_the_end_says_why_it_is_over_not_why_its_message_waited() -> None:
    one, now = known_to_the_manager(), TUESDAY + timedelta(days=1)
    one.stalls = ()
    (end,) = [one for one in one.review(now).effects if one.data["thread"] and one.person_id == "005CSM"]
    one.planned[end.key] = replace(end, because="put off: its reader has had as many messages as one gets in a day")
    assert said(one, end.key, now + timedelta(days=1)).lines[-1].endswith(": the cause is gone.")


def test_what_went_last_is_named_not_what_was_worst_before() -> None:
    one = known_to_the_manager()
    one.stalls = (STUCK,)
    one.review(TUESDAY + timedelta(hours=19))
    one.stalls = ()
    now = TUESDAY + timedelta(days=1)
    (end,) = [one for one in one.review(now).effects if one.data["thread"] and one.person_id == "005CSM"]
    assert said(one, end.key, now).headline.endswith("over: stage overdue")


def test_the_colleague_who_owes_a_cause_reads_of_that_one_as_theirs_and_the_csm_of_all() -> None:
    role = VendorRole.IMPLEMENTATION_ENGINEER
    one = build_ladder_case()
    one = build_ladder_case(progress=replace(one.case.progress, assignments={role: "005SELLER"}))
    one.stalls = (WORSE, replace(STUCK, waiting_on="vendor", owner_role=role.value))
    one.review(MONDAY)
    keys = {effect.person_id: effect.key for effect in one.sent}
    colleague, csm = (said(one, keys[person], MONDAY) for person in ("005SELLER", "005CSM"))
    assert colleague.headline == "Kunde GmbH: stage overdue (warning)"
    assert colleague.lines == ("Setup should have ended.", "", f"Next step: {YOURS}")
    assert dict(colleague.facts)["Whose move"] == "us: Sam Seller (implementation engineer)"
    assert any("The champion left" in line for line in csm.lines)


def with_the_colleague(*stalls: Stall) -> LadderCase:
    """Return a case whose engineer was told of the late stage on Monday, an hour before the stalls became these."""
    one = build_ladder_case()
    one = build_ladder_case(progress=replace(one.case.progress, assignments={ENGINEER: "005SELLER"}))
    one.stalls = (replace(STUCK, waiting_on="vendor", owner_role=ENGINEER.value),)
    one.review(MONDAY)
    one.stalls = stalls
    return one


def test_once_the_customer_has_the_move_the_colleague_reads_that_it_is_not_theirs_and_has_no_buttons() -> None:
    one, now = with_the_colleague(WORSE, replace(STUCK, owner_role="champion")), MONDAY + timedelta(hours=1)
    effects = [effect for effect in one.review(now).effects if effect.person_id == "005SELLER"]
    edit, reply = (said(one, effect.key, now, answers=True) for effect in effects)
    assert reply.headline == edit.headline == "Kunde GmbH: no longer yours: stage overdue"
    assert reply.lines == ("No longer yours: Setup should have ended.",)
    assert edit.lines == (*reply.lines, "Still open, with the CSM: The champion left.")
    assert (reply.severity, edit.buttons) == ("over", None)
    one.stalls = (WORSE, replace(STUCK, waiting_on="vendor", owner_role=ENGINEER.value))
    back = [effect for effect in one.review(now + timedelta(hours=1)).effects if effect.person_id == "005SELLER"]
    edit, reply = (said(one, effect.key, now, answers=True) for effect in back)
    assert reply.headline == "Kunde GmbH: a date was not kept: stage overdue (warning)"
    assert reply.lines == ("Setup should have ended.", f"Next step: {YOURS}")
    assert edit.buttons is not None


def test_a_move_that_went_before_moves_were_kept_leaves_the_colleague_without_anothers_cause() -> None:
    one, now = with_the_colleague(replace(STUCK, owner_role="champion")), MONDAY + timedelta(hours=1)
    edit = next(effect.key for effect in one.review(now).effects if effect.person_id == "005SELLER")
    one.answer(news=())
    post = said(one, edit, now, answers=True)
    assert post.headline == "Kunde GmbH: no longer yours"
    assert post.lines == ("Still open, with the CSM: Setup should have ended.",)
    assert post.buttons is None


def test_where_the_customer_owes_the_message_names_role_person_and_our_next_step() -> None:
    one = build_ladder_case()
    one.stalls = (replace(STUCK, owner_role="technical_admin"),)
    one.review(MONDAY)
    post = said(one, one.sent[0].key, MONDAY)
    assert dict(post.facts)["Whose move"] == "the customer: Tom Adler (technical admin)"
    assert "Next step: Call them" in post.lines
