"""Drafts: a mail that waits for its owner, until somebody decides or its last useful time has passed."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

import pytest

from onboarding.drafts.decisions import DRAFT_POST, FIRST_CUSTOMER, decided_on, shown_by
from onboarding.model.case import Case, Fact
from onboarding.model.parties import Person, Stakeholder
from onboarding.model.playbook import Playbook
from onboarding.model.schedule import Draft, FirstDrafts
from onboarding.model.vocabulary import Channel, Concern, CustomerRole, EffectState
from onboarding.playbook_changes.renames import Renames, renamed
from onboarding.touchpoints.draft_verdicts import ELSEWHERE, LAPSED
from tests.builders.changed import with_step, without_step
from tests.builders.facts import build_fact
from tests.onboarding.touchpoints.reviews import MONDAY, bent, delivered, held, late, lived, of, only, planned_at, saved

HOUR = timedelta(hours=1)
KEY = "006000000000001AAA:welcome:1:mail:003CHAMPION"
NEWCOMER = "006000000000001AAA:welcome:1:mail:003NEW"
Then = Literal["send", "drop", "task"]


def drafting(book: Playbook, then: Then | None = None, hours: int | None = 24) -> Playbook:
    """The playbook with a welcome alone, which is a draft."""
    rule = Draft(wait_hours=hours, then=then, source="ours") if then else None
    return bent(only(book, "welcome"), "welcome", mode="draft", draft=rule)


def begun(case: Case, playbook: Playbook, now: datetime = MONDAY + HOUR) -> Case:
    return saved(case, playbook, now, planned_at(case, playbook, now))


def decided(at: datetime, decision: str, **more: object) -> Fact:
    return build_fact("draft", KEY, at, value={"decision": decision, **more}, by="jo@vendor.test")


def state(case: Case, key: str = KEY) -> EffectState:
    return next(line.state for line in case.effects if line.key == key)


def test_a_draft_is_withheld_from_its_beginning_and_says_until_when_and_what_then(case: Case, book: Playbook) -> None:
    now = MONDAY + HOUR
    answer = planned_at(case, drafting(book, "drop"), now)
    assert {effect.state for effect in of(answer.effects, "welcome")} == {EffectState.WITHHELD}
    because = answer.effects[0].because
    assert "a draft that waits for its owner until 3 March 2026, 10:00 UTC; then it is given up" in because
    assert answer.next_at[Concern.STAGES] == now + timedelta(days=1, seconds=1)
    assert "as a draft" in answer.touchpoints[0].because
    after = begun(case, drafting(book, "drop"))
    again = planned_at(after, drafting(book, "drop"), now + HOUR)
    assert (again.changes, again.effects, again.decisions) == ((), (), ())
    assert again.next_at[Concern.STAGES] == now + timedelta(days=1, seconds=1)


def test_an_approved_draft_leaves_once_and_the_others_still_wait(case: Case, book: Playbook) -> None:
    playbook = drafting(book, "drop")
    waiting = begun(case, playbook)
    told = replace(waiting, facts=(decided(MONDAY + 2 * HOUR, "approved"),))
    after = lived(told, playbook, MONDAY + 2 * HOUR, MONDAY + 6 * HOUR)
    mails = [line for line in after.effects if line.channel is Channel.MAIL]
    assert [line.key for line in mails if line.state is EffectState.SENT] == [KEY]
    assert len(after.effects) == len(waiting.effects)


def test_a_discarded_draft_is_cancelled_with_who_and_why(case: Case, book: Playbook) -> None:
    told = replace(begun(case, drafting(book)), facts=(decided(MONDAY + 2 * HOUR, "discarded", reason="we spoke"),))
    (change,) = [one for one in planned_at(told, drafting(book), MONDAY + 3 * HOUR).changes if one.key == KEY]
    assert change.state is EffectState.CANCELLED
    assert change.because == "the draft was discarded by jo@vendor.test: we spoke"


@pytest.mark.parametrize(
    ("then", "expected", "task"),
    [("send", EffectState.SENT, False), ("drop", EffectState.CANCELLED, False), ("task", EffectState.CANCELLED, True)],
)
def test_a_draft_that_nobody_decides_ends_as_the_playbook_says(
    case: Case, book: Playbook, then: Then, expected: EffectState, task: bool
) -> None:
    playbook = drafting(book, then)
    after = lived(case, playbook, MONDAY + HOUR, MONDAY + timedelta(days=2))
    assert state(after) is expected
    told = [one.text for one in planned_at(after, playbook, MONDAY + timedelta(days=2)).tasks if LAPSED in one.text]
    assert bool(told) is task
    before = lived(case, playbook, MONDAY + HOUR, MONDAY + timedelta(hours=24))
    assert state(before) is EffectState.WITHHELD


@pytest.mark.parametrize("later", [timedelta(hours=25), timedelta(days=2), timedelta(days=6)])
def test_a_draft_that_became_a_task_is_due_a_day_after_it_stopped_waiting(
    case: Case, book: Playbook, later: timedelta
) -> None:
    """Not when the mail would have been too late, which may be days ahead; and the same at every look."""
    after = lived(case, drafting(book, "task"), MONDAY + HOUR, MONDAY + timedelta(hours=25))
    (mail,) = [one for one in after.effects if one.kind == "welcome" and one.person_id == "003CHAMPION"]
    assert mail.expires_at is not None
    assert mail.expires_at > MONDAY + timedelta(days=2)
    tasks = planned_at(after, drafting(book, "task"), MONDAY + later).tasks
    (task, *_) = [one for one in tasks if LAPSED in one.text]
    lapsed = MONDAY + timedelta(hours=25)
    assert task.due_at is not None
    assert lapsed < task.due_at <= lapsed + timedelta(days=1)
    assert task.until is not None
    assert task.until <= lapsed + timedelta(days=7)


def test_without_a_rule_of_its_own_it_waits_as_long_as_a_late_mail_is_sent_and_is_then_a_task(
    case: Case, book: Playbook
) -> None:
    playbook = drafting(book)
    assert state(lived(case, playbook, MONDAY + HOUR, MONDAY + timedelta(days=2))) is EffectState.WITHHELD
    after = lived(case, playbook, MONDAY + HOUR, MONDAY + timedelta(days=5))
    assert state(after) is EffectState.CANCELLED
    assert any(LAPSED in one.text for one in planned_at(after, playbook, MONDAY + timedelta(days=5)).tasks)


def test_a_hold_keeps_an_approved_draft_and_its_end_lets_it_go(case: Case, book: Playbook) -> None:
    playbook = drafting(book, "drop")
    told = replace(begun(case, playbook), facts=(decided(MONDAY + 2 * HOUR, "approved"),))
    on_hold = held(told, MONDAY + HOUR)
    still = lived(on_hold, playbook, MONDAY + 2 * HOUR, MONDAY + timedelta(days=3))
    assert state(still) is EffectState.WITHHELD
    over = held(still, MONDAY + HOUR, ended_at=MONDAY + timedelta(days=3))
    assert state(lived(over, playbook, MONDAY + timedelta(days=3), MONDAY + timedelta(days=4))) is EffectState.SENT


def test_the_last_words_count_and_the_first_decision(case: Case) -> None:
    facts = (
        decided(MONDAY, "edited", subject="One", text="a"),
        decided(MONDAY + HOUR, "edited", subject="Two", text="b"),
        decided(MONDAY + 2 * HOUR, "approved"),
        decided(MONDAY + 3 * HOUR, "discarded"),
    )
    found = decided_on(facts[::-1], KEY)
    assert (found.subject, found.text, found.decision, found.by) == ("Two", "b", "approved", "jo@vendor.test")
    assert decided_on(facts, "another").decision is None


def test_an_edited_draft_still_waits(case: Case, book: Playbook) -> None:
    told = replace(begun(case, drafting(book)), facts=(decided(MONDAY, "edited", subject="One", text="a"),))
    assert state(lived(told, drafting(book), MONDAY + 2 * HOUR, MONDAY + 9 * HOUR)) is EffectState.WITHHELD


def test_the_first_customers_of_a_tier_get_drafts_where_the_playbook_says_so(case: Case, book: Playbook) -> None:
    rule = FirstDrafts(
        customers=3, steps=("welcome",), draft=Draft(wait_hours=24, then="send", source="ours"), source="ours"
    )
    playbook = replace(only(book, "welcome", "kickoff_invitation"), first_drafts=rule)
    first = replace(case, facts=(build_fact("draft", FIRST_CUSTOMER, MONDAY, value={"number": 1, "of": 3}),))
    states = {effect.kind: effect.state for effect in planned_at(first, playbook, MONDAY + 2 * HOUR).effects}
    assert states == {
        "welcome": EffectState.WITHHELD,
        "draft": EffectState.PLANNED,
        "kickoff_invitation": EffectState.PLANNED,
    }
    later = {effect.state for effect in planned_at(case, playbook, MONDAY + 2 * HOUR).effects}
    assert later == {EffectState.PLANNED}


def test_the_posts_of_a_draft_step_wait_for_nobody(case: Case, book: Playbook) -> None:
    steps = [step for step in book.steps if step.mail and step.slack and step.due.anchor != "meeting"]
    for step in steps:
        playbook = bent(only(book, step.name), step.name, mode="draft")
        for day in range(60):
            for effect in planned_at(case, playbook, MONDAY + timedelta(days=day)).effects:
                assert effect.channel is Channel.MAIL or effect.state is EffectState.PLANNED


def test_a_draft_is_a_mail_and_its_rule_needs_the_mode(book: Playbook) -> None:
    step = next(step for step in book.steps if step.mail and not step.slack)
    with pytest.raises(ValueError, match="draft: goes with mode: draft"):
        replace(step, draft=Draft(source="ours"))
    post = next(step for step in book.steps if step.slack and not step.mail)
    with pytest.raises(ValueError, match="needs a mail part"):
        replace(post, mode="draft")


def test_what_was_planned_to_leave_waits_once_its_step_is_a_draft(case: Case, book: Playbook) -> None:
    usual = only(book, "welcome")
    planned = saved(case, usual, MONDAY + HOUR, planned_at(case, usual, MONDAY + HOUR))
    assert state(planned) is EffectState.PLANNED
    playbook = drafting(book, "drop")
    now = MONDAY + 2 * HOUR
    after = delivered(saved(planned, playbook, now, planned_at(planned, playbook, now)), now)
    assert state(after) is EffectState.WITHHELD


@pytest.mark.slow
@pytest.mark.parametrize(
    ("then", "expected", "task"),
    [("send", EffectState.SENT, False), ("drop", EffectState.CANCELLED, False), ("task", EffectState.CANCELLED, True)],
)
@pytest.mark.parametrize("minutes", [0, 17])
@pytest.mark.parametrize("send_for", [24, 48, 120])
def test_a_draft_that_may_wait_as_long_as_its_mail_ends_as_the_playbook_says_at_any_moment_of_a_review(
    case: Case, book: Playbook, then: Then, expected: EffectState, task: bool, minutes: int, send_for: int
) -> None:
    playbook = late(drafting(book, then, hours=None), "welcome", send_for, "skip")
    begin = MONDAY + timedelta(minutes=minutes)
    end = begin + timedelta(hours=send_for, days=3)
    after = lived(case, playbook, begin, end, step=timedelta(minutes=37))
    assert state(after) is expected
    (expires_at,) = {line.expires_at for line in after.effects if line.key == KEY}
    assert expires_at is not None
    tasks = planned_at(after, playbook, expires_at + HOUR).tasks
    assert any(LAPSED in one.text for one in tasks) is task


def test_what_was_discarded_is_not_sent_where_its_step_is_no_draft_any_more(case: Case, book: Playbook) -> None:
    told = replace(begun(case, drafting(book)), facts=(decided(MONDAY + 2 * HOUR, "discarded"),))
    after = lived(told, only(book, "welcome"), MONDAY + 3 * HOUR, MONDAY + timedelta(days=2))
    assert state(after) is EffectState.CANCELLED


def test_the_draft_for_somebody_who_came_later_waits_from_then(case: Case, book: Playbook) -> None:
    playbook = bent(drafting(book, "send"), "welcome", again_for_new_holder=True)
    first = lived(case, playbook, MONDAY + HOUR, MONDAY + timedelta(days=2))
    assert state(first) is EffectState.SENT
    later = MONDAY + timedelta(days=14)
    new = Person(id="003NEW", name="Nora Neu", email="nora@kunde.test", zone="Europe/Berlin", country="DE")
    holder = Stakeholder(person_id=new.id, role=CustomerRole.CHAMPION)
    changed = replace(first, people=(*first.people, new), stakeholders=(*first.stakeholders, holder))
    soon = lived(changed, playbook, later, later + 5 * HOUR)
    assert state(soon, NEWCOMER) is EffectState.WITHHELD, "nobody has decided yet"
    assert state(lived(soon, playbook, later + 6 * HOUR, later + 30 * HOUR), NEWCOMER) is EffectState.SENT


def test_the_owner_is_shown_each_draft_once_in_their_hours_and_not_once_it_is_decided(
    case: Case, book: Playbook
) -> None:
    playbook = drafting(book, "drop")
    waiting = begun(case, playbook)
    posts = [line for line in waiting.effects if line.kind == DRAFT_POST]
    mails = [line for line in waiting.effects if line.channel is Channel.MAIL]
    assert {line.person_id for line in posts} == {"005CSM"}
    assert len(posts) == len(mails) > 1
    assert {shown_by(waiting, post) for post in posts} == set(mails)
    told = replace(waiting, facts=(decided(MONDAY + 2 * HOUR, "approved"),))
    changes = {one.key: one for one in planned_at(told, playbook, MONDAY + 2 * HOUR).changes}
    mine = next(post for post in posts if KEY.split(":")[-1] in post.occurrence)
    assert changes[mine.key].state is EffectState.CANCELLED
    assert changes[mine.key].because == "its draft was approved by jo@vendor.test"
    assert [key for key in changes if key in {post.key for post in posts}] == [mine.key]


def handed_to(case: Case, person: str) -> Case:
    return replace(case, account=replace(case.account, csm_id=person))


def without_owner(case: Case) -> Case:
    """The case whose people have all left."""
    gone = {key: replace(owner, active=False) for key, owner in case.owners.items()}
    return replace(case, owners=gone)


def reviewed(case: Case, playbook: Playbook, now: datetime) -> Case:
    """The case after a review, which a second review at the same moment does not change."""
    after = saved(case, playbook, now, planned_at(case, playbook, now))
    again = planned_at(after, playbook, now)
    assert (again.changes, again.effects) == ((), ())
    return after


def shown_to(case: Case, *states: EffectState) -> list[str]:
    """Who the message about the champion's welcome is planned for."""
    mine = [one for one in case.effects if one.kind == DRAFT_POST and one.occurrence == "welcome.1.003CHAMPION"]
    return [one.person_id for one in mine if one.state in (states or {EffectState.PLANNED})]


def test_the_message_about_a_draft_follows_its_owner_and_comes_back_with_them(case: Case, book: Playbook) -> None:
    playbook = drafting(book, "drop")
    now = MONDAY + HOUR
    first = reviewed(case, playbook, now)
    assert shown_to(first) == ["005CSM"]
    handed = reviewed(handed_to(first, "005MANAGER"), playbook, now + HOUR)
    assert shown_to(handed) == ["005MANAGER"]
    assert {one.because for one in handed.effects if one.state is EffectState.CANCELLED} == {ELSEWHERE}
    back = reviewed(handed_to(handed, "005CSM"), playbook, now + 2 * HOUR)
    assert shown_to(back) == ["005CSM"]
    left = delivered(back, now + 3 * HOUR)
    assert shown_to(left, EffectState.SENT) == ["005CSM"]
    elsewhere = delivered(reviewed(handed_to(left, "005MANAGER"), playbook, now + 3 * HOUR), now + 4 * HOUR)
    assert shown_to(elsewhere, EffectState.SENT) == ["005CSM", "005MANAGER"], "each got it once"
    assert shown_to(reviewed(handed_to(elsewhere, "005CSM"), playbook, now + 4 * HOUR)) == []


def test_the_message_about_a_draft_waits_while_nobody_is_accountable(case: Case, book: Playbook) -> None:
    playbook, now = drafting(book, "drop"), MONDAY + HOUR
    waiting = reviewed(case, playbook, now)
    alone = reviewed(without_owner(waiting), playbook, now + HOUR)
    assert shown_to(alone, EffectState.WITHHELD) == ["005CSM"]
    assert shown_to(reviewed(replace(alone, owners=case.owners), playbook, now + 2 * HOUR)) == ["005CSM"]
    other = handed_to(replace(alone, owners=case.owners), "005MANAGER")
    assert shown_to(reviewed(other, playbook, now + 2 * HOUR)) == ["005MANAGER"]


def test_a_planned_mail_that_becomes_a_draft_is_shown_to_its_owner(case: Case, book: Playbook) -> None:
    usual, playbook, now = only(book, "welcome"), drafting(book, "drop"), MONDAY + HOUR
    planned = reviewed(case, usual, now)
    assert shown_to(planned) == []
    draft = reviewed(planned, playbook, now + HOUR)
    assert shown_to(draft) == ["005CSM"]
    usual_again = reviewed(draft, usual, now + 2 * HOUR)
    assert shown_to(usual_again) == []
    assert shown_to(reviewed(usual_again, playbook, now + 3 * HOUR)) == ["005CSM"]


def test_a_message_about_a_draft_that_a_person_gave_up_does_not_come_back(case: Case, book: Playbook) -> None:
    playbook, now = drafting(book, "drop"), MONDAY + HOUR
    waiting = reviewed(case, playbook, now)
    lines = [
        replace(one, state=EffectState.CANCELLED, because="known") if one.kind == DRAFT_POST else one
        for one in waiting.effects
    ]
    assert shown_to(reviewed(replace(waiting, effects=tuple(lines)), playbook, now + HOUR)) == []


def test_a_draft_whose_step_is_called_something_else_is_not_shown_again(case: Case, book: Playbook) -> None:
    playbook = drafting(book, "task")
    first = delivered(reviewed(case, playbook, MONDAY + HOUR), MONDAY + 2 * HOUR)
    assert shown_to(first, EffectState.SENT) == ["005CSM"]
    (post,) = [one for one in first.effects if one.kind == DRAFT_POST and one.occurrence == "welcome.1.003CHAMPION"]
    step = next(one for one in playbook.steps if one.name == "welcome")
    new = with_step(without_step(playbook, "welcome"), replace(step, name="hello"))
    after = renamed(first, Renames(steps={"welcome": "hello"}))
    planned = planned_at(after, new, MONDAY + 3 * HOUR)
    assert [one for one in planned.effects if one.kind == DRAFT_POST] == []
    assert shown_by(after, post) is not None


def edits_of(case: Case, playbook: Playbook, now: datetime) -> list[str]:
    """The edits of the message about the champion's welcome that a review plans: what each was planned for."""
    planned = planned_at(case, playbook, now).effects
    mine = [one for one in planned if one.kind == DRAFT_POST and one.data.get("mail") == KEY]
    return [one.key.split(":")[2].removeprefix("welcome.1.003CHAMPION.") for one in mine]


def test_a_message_that_left_just_after_a_decision_is_edited_all_the_same(case: Case, book: Playbook) -> None:
    """It was rendered before: only what an edit was planned for tells what is shown."""
    playbook = drafting(book, "task")
    posted = delivered(begun(case, playbook), MONDAY + 3 * HOUR)
    told = replace(posted, facts=(decided(MONDAY + 2 * HOUR, "edited", subject="One", text="a"),))
    assert edits_of(told, playbook, MONDAY + 3 * HOUR) == ["e1"]
    planned = reviewed(told, playbook, MONDAY + 3 * HOUR)
    again = replace(planned, facts=(*told.facts, decided(MONDAY + 4 * HOUR, "edited", subject="Two", text="b")))
    assert edits_of(again, playbook, MONDAY + 4 * HOUR) == [], "the one that waits will show it"
    shown = delivered(again, MONDAY + 5 * HOUR)
    assert edits_of(shown, playbook, MONDAY + 5 * HOUR) == ["e2"]


@pytest.mark.parametrize(("days", "edits"), [(0, ["e0.left"]), (1, ["e0.left"]), (2, [])])
def test_the_message_of_a_draft_that_left_undecided_is_edited_for_two_days(
    case: Case, book: Playbook, days: int, edits: list[str]
) -> None:
    playbook = drafting(book, "send")
    waiting = delivered(begun(case, playbook), MONDAY + 2 * HOUR)
    left = MONDAY + timedelta(days=1, hours=2)
    after = delivered(saved(waiting, playbook, left, planned_at(waiting, playbook, left)), left)
    assert state(after) is EffectState.SENT
    unsaid = tuple(one for one in after.effects if not one.edits)
    assert edits_of(replace(after, effects=unsaid), playbook, left + timedelta(days=days)) == edits


def test_another_decision_or_the_same_one_again_gives_another_mark(case: Case) -> None:
    words = {"subject": "One", "text": "a"}
    first, second = decided(MONDAY, "edited", **words), decided(MONDAY + HOUR, "edited", **words)
    marks = [decided_on(facts, KEY).mark for facts in ((), (first,), (first, second))]
    assert len(set(marks)) == 3
    later = replace(first, at=MONDAY + 5 * HOUR)
    assert decided_on((later,), KEY).mark == marks[1], "its time is no part of it"
