"""The ladder: one thread for each person and episode, however often it is reviewed and whatever happens meanwhile."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onboarding.escalations import ladder
from onboarding.model.case import Hold
from onboarding.model.vocabulary import Concern, EffectState, Status, VendorRole
from tests.builders.ladder import MONDAY, STUCK, THIN, WORSE, LadderCase, build_ladder_case
from tests.examples import examples

Make = Callable[..., Any]


@pytest.fixture
def ladder_case() -> Callable[..., LadderCase]:
    """A fresh case with one stall, ready for review."""
    return lambda **changes: build_ladder_case(**changes)


def test_a_fresh_stall_is_told_to_the_csm_at_once_and_only_to_the_csm(ladder_case: Make) -> None:
    one = ladder_case()
    effect = one.review(MONDAY).effects[0]
    assert effect.key == f"{one.case.key}:stall:1.1:slack:005CSM"
    assert (effect.recipient, effect.role, effect.due_at) == ("cleo@vendor.test", "csm", MONDAY)
    assert effect.data == {"method": "post", "parent": effect.key, "episode": 1, "level": 1, "thread": False}
    assert one.kinds == ["escalated"]
    assert one.episode.level == 1


def test_what_happens_at_night_waits_for_the_morning_of_the_recipient(ladder_case: Make) -> None:
    friday_night = datetime(2026, 3, 6, 22, tzinfo=UTC)
    effect = ladder_case().review(friday_night).effects[0]
    assert effect.due_at == datetime(2026, 3, 9, 8, tzinfo=UTC)  # Monday, 9:00 in Berlin


def test_it_climbs_to_the_manager_and_the_sponsor_in_their_working_hours(ladder_case: Make) -> None:
    one = ladder_case()
    one.review(MONDAY)
    first = one.review(MONDAY + timedelta(hours=1))
    # Sixteen working hours in London from Monday 9:00 are over on Tuesday at 17:00.
    assert first.next_at == datetime(2026, 3, 10, 17, tzinfo=UTC)
    raised = one.review(first.next_at)
    to = [(effect.person_id, effect.data["method"], effect.data["thread"]) for effect in raised.effects]
    assert to == [("005CSM", "update", False), ("005CSM", "post", True), ("005MANAGER", "post", False)]
    assert one.episode.level == 2
    # Forty working hours in New York from then, where it is 13:00.
    assert one.review(first.next_at).next_at == datetime(2026, 3, 12, 17, tzinfo=UTC), "the reminder comes first"
    for hours in range(24 * 7):
        one.review(first.next_at + timedelta(hours=hours))
    assert one.episode.level == 2
    one.review(datetime(2026, 3, 17, 17, tzinfo=UTC))
    assert one.episode.level == 3
    for hours in range(24 * 7, 24 * 14):
        one.review(first.next_at + timedelta(hours=hours))
    assert one.episode.level == 3
    assert Counter(one.parents()) == {(1, "005CSM"): 1, (1, "005MANAGER"): 1, (1, "005EXEC"): 1}


def test_forty_reviews_of_one_stall_are_one_thread(ladder_case: Make) -> None:
    one = ladder_case()
    for hour in range(40):
        one.stalls = (replace(STUCK, cause=f"Setup should have ended, seen {hour} times."),)
        one.review(MONDAY + timedelta(minutes=hour))
    assert one.parents() == [(1, "005CSM")]
    assert all(effect.data["method"] == "update" for effect in one.sent[1:])


def test_looking_twice_at_the_same_moment_decides_nothing_more(ladder_case: Make) -> None:
    one = ladder_case()
    one.review(MONDAY, send=False)
    again = one.review(MONDAY, send=False)
    assert (again.episodes, again.effects, again.changes, again.decisions) == ((), (), (), ())


def test_it_closes_by_itself_with_a_word_in_every_open_thread(ladder_case: Make) -> None:
    one = ladder_case()
    one.review(MONDAY)
    one.stalls = ()
    found = one.review(MONDAY + timedelta(hours=2))
    assert found.episodes[0].closed_at == MONDAY + timedelta(hours=2)
    assert [(e.data["method"], e.data["thread"]) for e in found.effects] == [
        ("update", False),
        ("post", True),
    ]
    assert found.decisions[0].because == "the cause is gone"
    assert one.review(MONDAY + timedelta(hours=3)) == ladder.Climb()


def test_who_was_not_told_yet_never_hears_of_what_is_already_over(ladder_case: Make) -> None:
    one = ladder_case()
    night = datetime(2026, 3, 6, 22, tzinfo=UTC)
    one.review(night)
    one.stalls = ()
    found = one.review(night + timedelta(hours=1))
    assert found.effects == ()
    assert [change.state for change in found.changes] == [EffectState.CANCELLED]


def test_a_first_message_that_waits_gives_way_to_one_that_tells_the_news_too(ladder_case: Make) -> None:
    one = ladder_case()
    waiting = one.review(MONDAY, send=False).effects[0]
    raised = one.review(MONDAY + timedelta(days=3), send=False)
    posts = [(effect.person_id, effect.data["method"], effect.data["thread"]) for effect in raised.effects]
    assert posts == [("005CSM", "post", False), ("005MANAGER", "post", False)]
    assert [(change.key, change.state) for change in raised.changes] == [(waiting.key, EffectState.CANCELLED)]
    doubtful = tuple(replace(line, in_doubt=True) for line in one.case.effects)
    one.case = replace(one.case, effects=doubtful)
    later = one.review(MONDAY + timedelta(days=16), send=False)
    assert {effect.person_id for effect in later.effects} == {"005EXEC"}, "what may have arrived is not told again"


def test_low_severity_stays_in_the_digest_until_it_gets_worse(ladder_case: Make) -> None:
    one = ladder_case()
    one.stalls = (THIN,)
    for day in range(20):
        assert one.review(MONDAY + timedelta(days=day)).effects == ()
    assert one.episode.level == 0
    one.stalls = (STUCK, THIN)
    assert len(one.review(MONDAY + timedelta(days=21)).effects) == 1
    assert (one.episode.number, one.episode.level) == (1, 1)


def test_what_is_left_when_the_pressing_cause_is_gone_goes_back_to_the_digest_as_a_new_episode(
    ladder_case: Make,
) -> None:
    one = ladder_case()
    one.stalls = (STUCK, THIN)
    one.review(MONDAY)
    one.stalls = (THIN,)
    one.review(MONDAY + timedelta(hours=1))
    assert [(episode.level, episode.closed_at is None) for episode in one.case.episodes] == [
        (1, False),
        (0, True),
    ]


def test_an_adopted_account_begins_in_the_digest_and_climbs_from_there(ladder_case: Make) -> None:
    one = ladder_case()
    progress = replace(one.case.progress, adopted_at=MONDAY - timedelta(days=1))
    one.case = replace(one.case, progress=progress)
    first = one.review(MONDAY)
    assert (first.effects, one.episode.level) == ((), 0)
    assert first.next_at == datetime(2026, 3, 11, 9, tzinfo=UTC)  # two working days later
    assert one.review(first.next_at).effects[0].person_id == "005CSM"


def test_an_acknowledgement_rests_the_climb_and_a_snooze_stops_it(ladder_case: Make) -> None:
    one = ladder_case()
    one.review(MONDAY)
    one.answer(acked_at=MONDAY + timedelta(hours=1), acked_by="cleo@vendor.test")
    rested = one.review(MONDAY + timedelta(days=1)).next_at
    assert rested is not None
    assert rested > datetime(2026, 3, 12, tzinfo=UTC)
    until = datetime(2026, 4, 20, 7, tzinfo=UTC)
    one.answer(snoozed_until=until)
    for day in range(1, 41):
        one.review(MONDAY + timedelta(days=day))
    assert one.episode.level == 1
    assert one.review(MONDAY + timedelta(days=41)).next_at > until


def test_resolved_is_closed_and_stays_away_until_it_begins_anew_or_turns_critical(ladder_case: Make) -> None:
    one = ladder_case()
    one.review(MONDAY)
    one.answer(resolved_reason="they moved the date")
    assert one.review(MONDAY + timedelta(hours=1)).decisions[0].because == "resolved: they moved the date"
    assert one.review(MONDAY + timedelta(days=9)) == ladder.Climb()
    one.stalls = (replace(STUCK, severity="critical"),)
    assert len(one.review(MONDAY + timedelta(days=10)).episodes) == 1
    one.answer(resolved_reason="yes, we know")
    one.review(MONDAY + timedelta(days=10, hours=1))
    assert one.review(MONDAY + timedelta(days=11)) == ladder.Climb()
    one.stalls = (replace(STUCK, since=MONDAY + timedelta(days=11)),)
    one.review(MONDAY + timedelta(days=12))
    assert len(one.case.episodes) == 3


@pytest.mark.parametrize("applied", [True, False], ids=["by the next review", "at once"])
def test_what_is_resolved_is_each_cause_that_its_reader_was_told_of(ladder_case: Make, applied: bool) -> None:
    one = ladder_case()
    late = replace(STUCK, kind="milestone_overdue", about="data_import", cause="The import is late.")
    one.stalls = (STUCK, late, THIN)
    one.review(MONDAY)
    closed = None if applied else MONDAY + timedelta(hours=1)
    one.answer(resolved_reason="they moved all of it", closed_at=closed)
    one.review(MONDAY + timedelta(hours=1))
    one.review(MONDAY + timedelta(hours=2))
    assert len(one.case.episodes) == 1, "also the causes beside the headline rest"
    one.stalls = (STUCK, late, THIN, replace(late, about="security_review"))
    one.review(MONDAY + timedelta(hours=3))
    assert [cause.about for cause in one.episode.causes] == ["security_review"], "another milestone is another cause"


def test_what_nobody_was_told_of_yet_is_not_resolved_with_the_rest(ladder_case: Make) -> None:
    one = ladder_case()
    one.review(MONDAY)
    one.answer(snoozed_until=MONDAY + timedelta(days=9))
    unheard = replace(STUCK, kind="milestone_overdue", about="data_import")
    one.stalls = (STUCK, unheard)
    one.review(MONDAY + timedelta(hours=1))
    one.answer(resolved_reason="they moved the date")
    one.review(MONDAY + timedelta(hours=2))
    assert (len(one.case.episodes), one.episode.kind, one.episode.level) == (2, "milestone_overdue", 1)


def test_what_was_resolved_before_causes_were_kept_stays_away(ladder_case: Make) -> None:
    one = ladder_case()
    one.stalls = (replace(STUCK, about="setup"),)
    one.review(MONDAY)
    one.answer(resolved_reason="known", closed_at=MONDAY, causes=(), news=())
    assert one.review(MONDAY + timedelta(days=9)) == ladder.Climb()


def test_nothing_moves_on_hold_while_blocked_or_outside_the_pilot(ladder_case: Make) -> None:
    one = ladder_case()
    one.review(MONDAY)
    before = one.case
    later = MONDAY + timedelta(days=30)
    one.stalls = ()
    until = later + timedelta(days=1)
    hold = Hold(since=MONDAY, reason="Freeze", by="cleo@vendor.test", until=until)
    one.case = replace(before, holds=(hold,), progress=replace(before.progress, status=Status.ON_HOLD))
    assert one.review(later) == ladder.Climb(next_at=until)
    one.case = replace(before, progress=replace(before.progress, blocked="another installation"))
    assert one.review(later) == ladder.Climb()
    one.case = replace(before, only_accounts=frozenset({"001X"}))
    assert one.review(later) == ladder.Climb()


def test_the_time_on_hold_is_no_time_to_climb(ladder_case: Make) -> None:
    one = ladder_case()
    one.review(MONDAY)
    resumed = MONDAY + timedelta(days=14)
    hold = Hold(since=MONDAY, reason="Freeze", by="cleo@vendor.test", ended_at=resumed)
    one.case = replace(one.case, holds=(hold,))
    one.review(resumed)
    assert one.episode.level == 1


def test_a_churned_account_ends_its_episode(ladder_case: Make) -> None:
    one = ladder_case()
    one.review(MONDAY)
    one.case = replace(one.case, progress=replace(one.case.progress, status=Status.CHURNED))
    one.stalls = ()
    assert one.review(MONDAY + timedelta(days=1)).decisions[0].because == "the onboarding is churned"


def test_without_escalations_nothing_is_decided_but_the_moment_is_told(ladder_case: Make) -> None:
    one = ladder_case()
    assert one.review(MONDAY, concerns=frozenset({Concern.STAGES})) == ladder.Climb(next_at=MONDAY)
    one.review(MONDAY)
    later = one.review(MONDAY + timedelta(hours=1), concerns=frozenset({Concern.STAGES}))
    assert later.next_at is not None
    assert later.next_at > MONDAY + timedelta(hours=1)


NIGHT = datetime(2026, 3, 6, 22, tzinfo=UTC)


@pytest.mark.parametrize("concerns", [frozenset(), frozenset({Concern.STAGES})])
def test_what_waits_for_somebody_who_does_not_read_it_any_more_leaves_with_no_flow(
    ladder_case: Make, concerns: frozenset[Concern]
) -> None:
    """Also with one that is not concerned with escalations, such as the recheck before it leaves."""
    one = ladder_case()
    one.review(NIGHT)
    one.state = replace(one.state, owner=one.case.owners["005MANAGER"])
    found = one.review(NIGHT + timedelta(hours=1), concerns=concerns)
    assert [(change.key.rpartition(":")[2], change.state) for change in found.changes] == [("005CSM", "cancelled")]
    assert found.effects == ()
    after = one.review(NIGHT + timedelta(hours=2))
    assert [effect.person_id for effect in after.effects] == ["005MANAGER"]


def test_what_is_over_before_its_reader_was_told_leaves_with_no_flow(ladder_case: Make) -> None:
    one = ladder_case()
    one.review(NIGHT)
    one.stalls = ()
    found = one.review(NIGHT + timedelta(hours=1), concerns=frozenset())
    assert [change.state for change in found.changes] == ["cancelled"]
    one.review(NIGHT + timedelta(hours=2))
    one.deliver(NIGHT + timedelta(days=4))
    assert one.sent == []


def test_a_first_message_that_a_later_one_replaces_stays_until_that_one_is_planned(ladder_case: Make) -> None:
    one = ladder_case()
    one.review(NIGHT)
    one.stalls = (STUCK, WORSE)
    assert one.review(NIGHT + timedelta(hours=1), concerns=frozenset()).changes == ()


def test_a_rung_without_a_person_means_the_managers_channel(ladder_case: Make) -> None:
    one = ladder_case()
    one.state = replace(one.state, team={}, owner=None)
    effect = one.review(MONDAY).effects[0]
    assert (effect.person_id, effect.recipient) == ("channel", "#managers")


def test_one_person_on_two_rungs_has_one_thread(ladder_case: Make) -> None:
    one = ladder_case()
    cleo = one.state.owner
    one.state = replace(one.state, team={VendorRole.CSM: cleo, VendorRole.CS_MANAGER: cleo})
    for hours in range(24 * 20):
        one.review(MONDAY + timedelta(hours=hours))
    assert Counter(one.parents()) == {(1, "005CSM"): 1, (1, "channel"): 1}


def test_who_takes_over_gets_a_thread_and_who_was_not_told_yet_is_spared(ladder_case: Make) -> None:
    one = ladder_case()
    night = datetime(2026, 3, 6, 22, tzinfo=UTC)
    one.review(night)
    mona = one.case.owners["005MANAGER"]
    one.state = replace(one.state, owner=mona)
    found = one.review(night + timedelta(hours=1))
    assert [effect.person_id for effect in found.effects] == ["005MANAGER"]
    assert [change.key.rpartition(":")[2] for change in found.changes] == ["005CSM"]


STALLS = st.lists(st.sampled_from((STUCK, WORSE, THIN)), unique=True, max_size=3).map(
    lambda found: tuple(sorted(found, key=lambda stall: ("critical", "warning", "low").index(stall.severity)))
)
EVENTS = st.lists(
    st.tuples(
        st.integers(0, 60),
        st.one_of(
            STALLS.map(lambda found: ("stalls", found)),
            st.sampled_from(
                (("look",), ("look",), ("ack",), ("snooze",), ("resolve",), ("owner",), ("night",), ("hold",))
            ),
        ),
    ),
    max_size=40,
)


@settings(max_examples=examples(150))
@given(events=EVENTS)
def test_whatever_happens_there_is_one_thread_a_person_and_the_level_never_falls(
    events: list[tuple[int, tuple[Any, ...]]],
) -> None:
    one = build_ladder_case()
    now = MONDAY
    owners = [one.case.owners[key] for key in ("005CSM", "005MANAGER", "005SELLER")]
    for hours, (event, *what) in events:
        now += timedelta(hours=hours)
        before = {episode.number: episode for episode in one.case.episodes}
        is_open = bool(before) and one.episode.closed_at is None
        if event == "stalls":
            one.stalls = what[0]
        elif event == "owner":
            owners.append(owners.pop(0))
            one.state = replace(one.state, owner=owners[0])
        elif event == "hold":
            one.hold(Status.ACTIVE if one.case.progress.status is Status.ON_HOLD else Status.ON_HOLD)
        elif is_open and event in ("ack", "snooze", "resolve"):
            one.answer(
                **{
                    "ack": {"acked_at": now, "acked_by": "cleo@vendor.test"},
                    "snooze": {"snoozed_until": now + timedelta(days=2)},
                    "resolve": {"resolved_reason": "done"},
                }[event]
            )
        found = one.review(now, send=event != "night")
        assert max(Counter(one.parents()).values(), default=0) <= 1
        assert sum(episode.closed_at is None for episode in one.case.episodes) <= 1
        for episode in found.episodes:
            assert episode.level >= before.get(episode.number, episode).level
        if one.case.progress.status is Status.ON_HOLD:
            assert {effect.data["method"] for effect in found.effects} <= {"update"}, "on hold nobody is pinged"
            assert all(episode.level == before[episode.number].level for episode in found.episodes)
        if one.case.progress.status is Status.ACTIVE:
            assert found.next_at is None or found.next_at > now
            again = one.review(now, send=False)
            assert (again.episodes, again.effects, again.changes) == ((), (), ())
            if not one.stalls and one.case.episodes:
                assert one.episode.closed_at is not None
        closed = {episode.number for episode in one.case.episodes if episode.closed_at and episode.closed_at < now}
        assert not any(effect.data["episode"] in closed for effect in found.effects), "what is over is not told again"


def test_what_a_person_did_is_told_in_every_message_that_is_out_and_once(ladder_case: Make) -> None:
    one = ladder_case()
    one.review(MONDAY)
    later = MONDAY + timedelta(hours=1)
    one.answer(acked_at=later, acked_by="cleo@vendor.test", answered_at=later)
    (edit,) = one.review(MONDAY + timedelta(hours=1), send=False).effects
    assert (edit.data["method"], edit.due_at) == ("update", MONDAY + timedelta(hours=1))
    assert one.review(MONDAY + timedelta(hours=1, minutes=5), send=False).effects == (), "one is owed already"
    one.deliver(MONDAY + timedelta(hours=1, minutes=5))
    assert one.review(MONDAY + timedelta(hours=2)).effects == ()


def test_who_handed_it_over_sees_that_in_their_own_message(ladder_case: Make) -> None:
    one = ladder_case()
    one.review(MONDAY)
    one.answer(answered_at=MONDAY + timedelta(hours=1))
    one.state = replace(one.state, owner=one.case.owners["005MANAGER"])
    found = one.review(MONDAY + timedelta(hours=1))
    assert {(effect.person_id, effect.data["method"]) for effect in found.effects} == {
        ("005MANAGER", "post"),
        ("005CSM", "update"),
    }


@pytest.mark.parametrize("held", [False, True], ids=["under way", "on hold"])
def test_who_is_accountable_now_shows_in_every_message_that_is_out(ladder_case: Make, held: bool) -> None:
    one = ladder_case()
    for hours in range(50):
        one.review(MONDAY + timedelta(hours=hours))
    assert one.parents() == [(1, "005CSM"), (1, "005MANAGER")]
    if held:
        one.hold()
    one.hand_over("005SELLER")
    later = MONDAY + timedelta(hours=50)
    found = one.review(later)
    posts = [effect.person_id for effect in found.effects if effect.data["method"] == "post"]
    assert posts == ([] if held else ["005SELLER"])
    edited = {effect.person_id: effect for effect in found.effects if effect.data["method"] == "update"}
    assert sorted(edited) == ["005CSM", "005MANAGER"]
    assert all(effect.due_at == later for effect in edited.values())
    assert one.review(later + timedelta(minutes=5)).effects == ()


def test_a_hand_over_found_by_a_review_that_plans_nothing_is_told_by_the_next(ladder_case: Make) -> None:
    one = ladder_case()
    one.review(MONDAY)
    one.hold()
    one.hand_over("005SELLER")
    later = MONDAY + timedelta(hours=1)
    found = one.review(later, concerns=frozenset({Concern.STAGES}))
    assert (found.effects, found.next_at) == ((), later)
    assert [effect.person_id for effect in one.review(later).effects] == ["005CSM"]


@pytest.mark.parametrize("how", ["blocked", "not in the pilot"])
def test_what_is_blocked_shows_its_new_owner_once_it_is_free(ladder_case: Make, how: str) -> None:
    one = ladder_case()
    one.review(MONDAY)
    free = one.case
    if how == "blocked":
        one.case = replace(free, progress=replace(free.progress, blocked="unknown Onboarding__c"))
    else:
        one.case = replace(free, only_accounts=frozenset({"001X"}))
    one.hand_over("005SELLER")
    later = MONDAY + timedelta(hours=1)
    assert one.review(later).effects == ()
    one.case = replace(one.case, only_accounts=None, progress=replace(one.case.progress, blocked=None))
    edits = [effect.person_id for effect in one.review(later).effects if effect.data["method"] == "update"]
    assert edits == ["005CSM"]


def test_a_reply_that_a_hold_keeps_back_keeps_no_edit_back(ladder_case: Make) -> None:
    one = ladder_case()
    one.review(MONDAY)
    one.review(datetime(2026, 3, 10, 17, tzinfo=UTC))
    reply = next(line for line in one.case.effects if one.planned[line.key].data["thread"])
    kept = replace(reply, state=EffectState.WITHHELD, sent_at=None)
    lines = tuple(kept if line.key == reply.key else line for line in one.case.effects)
    one.case = replace(one.case, effects=lines)
    one.hold()
    one.hand_over("005SELLER")
    assert "005CSM" in {effect.person_id for effect in one.review(datetime(2026, 3, 10, 18, tzinfo=UTC)).effects}


def test_what_a_person_called_resolved_is_told_where_it_was_told_before(ladder_case: Make) -> None:
    one = ladder_case()
    one.review(MONDAY)
    later = MONDAY + timedelta(hours=1)
    one.answer(resolved_reason="by phone", closed_at=later, answered_at=later)
    found = one.review(later)
    assert [(effect.data["method"], effect.data["thread"]) for effect in found.effects] == [
        ("update", False),
        ("post", True),
    ]
    assert one.review(later + timedelta(hours=1)).effects == ()
    unheard = ladder_case()
    unheard.review(MONDAY, send=False)
    unheard.answer(resolved_reason="by phone", closed_at=later, answered_at=later)
    assert unheard.review(later).effects == (), "nobody was told of it"
