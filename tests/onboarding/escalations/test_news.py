"""News: each cause climbs its own ladder, and everyone hears what happened to the causes that climbed to them, once."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onboarding.escalations.causes import YOURS, known_to, news_for
from onboarding.escalations.readers import rung_of
from onboarding.escalations.stored import FIELDS, read_episode, stored_episode
from onboarding.escalations.thread_lines import lines_of, number_of, told_up_to
from onboarding.messages.news_posts import as_known, news_post, with_history
from onboarding.messages.posts import Post
from onboarding.model.case import Episode
from onboarding.model.vocabulary import EffectState, NewsKind, Status, VendorRole
from tests.builders.ladder import MONDAY, STUCK, THIN, WORSE, LadderCase, build_ladder_case
from tests.examples import examples

LATE = replace(STUCK, kind="milestone_overdue", about="introduction", cause="“Introductions” was due.")
LONG = MONDAY + timedelta(days=30)


def posted(one: LadderCase, since: int = 0) -> list[tuple[str, bool]]:
    """Return who got each message that notifies, and whether it is a reply."""
    return [(e.person_id, e.data["thread"]) for e in one.sent[since:] if e.data["method"] == "post"]


def climbed(one: LadderCase, until: datetime = LONG) -> datetime:
    now = MONDAY
    while now < until:
        one.review(now)
        now += timedelta(hours=1)
    return now


def test_a_cause_that_turns_critical_is_a_reply_to_everyone_it_had_climbed_to_beside_the_edit() -> None:
    one = build_ladder_case()
    now = climbed(one)
    assert one.episode.level == 3
    before = len(one.sent)
    one.stalls = (replace(STUCK, severity="critical"),)
    one.review(now)
    one.deliver(now + timedelta(days=1))
    assert sorted(posted(one, before)) == [("005CSM", True), ("005EXEC", True), ("005MANAGER", True)]
    edits = [e.person_id for e in one.sent[before:] if e.data["method"] == "update"]
    assert sorted(edits) == ["005CSM", "005EXEC", "005MANAGER"]
    later = one.review(now + timedelta(days=1, hours=1)).effects
    assert {effect.data["method"] for effect in later} <= {"update"}, "told once"


def test_another_sentence_or_a_reminder_is_an_edit_alone() -> None:
    one = build_ladder_case()
    one.review(MONDAY)
    one.stalls = (replace(STUCK, cause="Setup should have ended, and two items are open."),)
    one.review(MONDAY + timedelta(hours=1))
    one.review(MONDAY + timedelta(days=2))
    assert {e.data["method"] for e in one.sent[1:] if e.person_id == "005CSM" and not e.data["thread"]} == {"update"}
    assert [news.what for news in one.episode.news if news.what is not NewsKind.CLIMBED] == [NewsKind.FOUND]


def test_a_new_cause_starts_on_its_own_first_rung_whatever_an_older_one_reached() -> None:
    one = build_ladder_case()
    now = climbed(one)
    before = len(one.sent)
    one.stalls = (WORSE, STUCK)
    one.review(now)
    one.deliver(now + timedelta(hours=12))
    assert posted(one, before) == [("005CSM", True)]
    assert {cause.kind: cause.level for cause in one.episode.causes} == {"stage_overdue": 3, "champion_left": 1}
    while one.episode.causes[1].level < 3:
        now += timedelta(hours=1)
        one.review(now)
        assert now < LONG + timedelta(days=30)
    one.deliver(now + timedelta(days=3))
    told = Counter(person for person, _ in posted(one, before))
    assert told == {"005CSM": 3, "005MANAGER": 2, "005EXEC": 1}, "each climb is news for all whom the cause had reached"


def test_a_cause_that_is_gone_is_told_to_whoever_knew_it_and_comes_back_as_a_new_one() -> None:
    one = build_ladder_case()
    now = climbed(one)
    one.stalls = (WORSE, STUCK)
    one.review(now)
    before = len(one.sent)
    one.stalls = (WORSE,)
    one.review(now + timedelta(hours=1))
    one.deliver(now + timedelta(days=1))
    assert sorted(posted(one, before)) == [("005CSM", True), ("005EXEC", True), ("005MANAGER", True)]
    assert known_to(one.episode, 3) == ()
    one.stalls = (WORSE, STUCK)
    one.review(now + timedelta(hours=2))
    assert [(c.kind, c.level, c.gone_at is None) for c in one.episode.causes] == [
        ("stage_overdue", 3, False),
        ("champion_left", 1, True),
        ("stage_overdue", 1, True),
    ]


def test_a_reply_that_waits_when_the_onboarding_ends_gives_way_to_one_that_tells_the_end() -> None:
    """It would be cancelled with the onboarding, and its reader would hear of nothing."""
    one = build_ladder_case()
    night = (climbed(one) + timedelta(days=1)).replace(hour=23)
    one.stalls = (WORSE, STUCK)
    one.review(night - timedelta(hours=12))
    one.deliver(night)
    one.stalls = (WORSE,)
    one.review(night)
    before = len(one.sent)
    one.hold(Status.COMPLETED)
    one.review(night + timedelta(hours=1))
    one.deliver(night + timedelta(days=4))
    told = [(e.person_id, e.because) for e in one.sent[before:] if e.data["method"] == "post"]
    assert sorted(told) == [(f"005{who}", "the onboarding is completed") for who in ("CSM", "EXEC", "MANAGER")]


def test_an_overdue_introduction_never_comes_to_a_sponsor() -> None:
    one = build_ladder_case()
    one.stalls = (LATE,)
    climbed(one, MONDAY + timedelta(days=60))
    assert one.episode.level == 2
    assert {person for person, _ in posted(one)} == {"005CSM", "005MANAGER"}


def test_a_manager_hears_first_by_the_cause_that_climbed_and_of_the_rest_in_one_line() -> None:
    one = build_ladder_case()
    climbed(one, MONDAY + timedelta(hours=20))
    one.stalls = (WORSE, STUCK)
    one.review(MONDAY + timedelta(hours=21))
    one.review(datetime(2026, 3, 10, 17, tzinfo=UTC))
    shown = as_known(one.episode, 2, "Mona Manager")
    assert (one.episode.kind, shown.kind, shown.level) == ("champion_left", "stage_overdue", 2)
    (line,) = with_history(Post(headline="x"), one.episode, 2).lines
    assert line == "Before and besides: champion left, 10 March 2026, with the CSM."


def test_another_milestone_is_another_cause_and_the_same_one_with_another_date_is_not() -> None:
    one = build_ladder_case()
    one.stalls = (LATE,)
    one.review(MONDAY)
    one.stalls = (replace(LATE, since=LATE.since + timedelta(days=1)),)
    one.review(MONDAY + timedelta(hours=1))
    assert len(one.episode.causes) == 1
    one.stalls = (replace(LATE, about="security_review"),)
    one.review(MONDAY + timedelta(hours=2))
    assert [cause.gone_at is None for cause in one.episode.causes] == [False, True]


def test_an_acknowledgement_and_a_snooze_rest_what_was_known_and_not_a_new_critical_cause() -> None:
    one = build_ladder_case()
    one.review(MONDAY)
    one.answer(snoozed_until=LONG, acked_at=MONDAY, acked_by="cleo@vendor.test")
    before = len(one.sent)
    one.stalls = (replace(STUCK, kind="no_activity"), STUCK)
    one.review(MONDAY + timedelta(hours=1))
    assert posted(one, before) == [], "a warning waits for the end of the rest"
    one.stalls = (WORSE, *one.stalls)
    one.review(MONDAY + timedelta(hours=2))
    assert posted(one, before) == [("005CSM", True)]


def test_news_of_what_rests_wait_for_the_end_of_the_rest_and_are_one_message() -> None:
    one = build_ladder_case()
    one.stalls = (STUCK, replace(STUCK, kind="no_activity"))
    one.review(MONDAY)
    until = datetime(2026, 3, 16, 10, tzinfo=UTC)
    one.answer(snoozed_until=until)
    before = len(one.sent)
    one.stalls = (STUCK,)
    found = one.review(MONDAY + timedelta(hours=1))
    (reply,) = (effect for effect in found.effects if effect.data["thread"])
    assert reply.due_at == until
    assert posted(one, before) == []
    one.deliver(until)
    assert posted(one, before) == [("005CSM", True)]


@pytest.mark.parametrize("critical", [False, True])
def test_a_reply_that_waits_when_the_rest_begins_rests_too_unless_it_is_critical(critical: bool) -> None:
    one = build_ladder_case()
    one.review(MONDAY)
    night, until = MONDAY + timedelta(hours=11), datetime(2026, 3, 16, 10, tzinfo=UTC)
    one.stalls = (WORSE, STUCK) if critical else (replace(STUCK, kind="no_activity"), STUCK)
    one.review(night)
    one.answer(snoozed_until=until)
    before = len(one.sent)
    one.review(night + timedelta(hours=1))
    again = one.review(night + timedelta(hours=1))
    assert (again.effects, again.changes) == ((), ()), "put off once"
    one.deliver(until - timedelta(hours=1))
    assert posted(one, before) == ([("005CSM", True)] if critical else [])
    one.deliver(until)
    assert posted(one, before) == [("005CSM", True)]


def test_the_end_is_told_at_once_also_during_a_rest() -> None:
    one = build_ladder_case()
    one.review(MONDAY)
    one.answer(snoozed_until=LONG)
    before = len(one.sent)
    one.stalls = ()
    one.review(MONDAY + timedelta(hours=1))
    assert posted(one, before) == [("005CSM", True)]


def test_what_is_critical_wakes_only_where_the_playbook_says_so() -> None:
    night = datetime(2026, 3, 7, 23, tzinfo=UTC)
    for may_wake in (False, True):
        one = build_ladder_case()
        one.playbook = replace(one.playbook, ladder=replace(one.playbook.ladder, critical_may_wake=may_wake))
        one.stalls = (WORSE,)
        (first,) = one.review(night).effects
        assert (first.due_at == night) is may_wake
        assert bool(first.data.get("wakes")) is may_wake
        one.stalls = (STUCK,)
    calm = build_ladder_case()
    calm.playbook = one.playbook
    (first,) = calm.review(night).effects
    assert first.due_at > night, "a warning wakes nobody"


def test_nobody_is_sent_to_themselves() -> None:
    one = build_ladder_case()
    one.stalls = (replace(STUCK, next_step="Ask Cleo Csm for the missing items today."),)
    one.review(MONDAY)
    assert as_known(one.episode, 1, "Cleo Csm").next_step == YOURS
    assert as_known(one.episode, 1, "Mona Manager").next_step.startswith("Ask Cleo Csm")
    (reply,) = {news_post(one.case, one.episode, one.episode.news[1:], 1, "Cleo Csm").lines[-1]}
    assert reply == f"Next step: {YOURS}"


def test_an_episode_is_stored_and_read_back_as_it_was() -> None:
    one = build_ladder_case()
    climbed(one, MONDAY + timedelta(days=9))
    stored = stored_episode(one.episode)
    assert read_episode(*(stored[name] for name in FIELDS)) == one.episode


def test_an_episode_from_before_causes_were_kept_goes_on_where_it_was() -> None:
    one = build_ladder_case()
    now = climbed(one, MONDAY + timedelta(days=3))
    one.answer(causes=(), news=())
    before = len(one.sent)
    one.stalls = (replace(STUCK, about="setup"),)
    one.review(now)
    assert posted(one, before) == []
    (cause,) = one.episode.causes
    assert (cause.kind, cause.about, cause.level) == ("stage_overdue", "setup", 2)


STALLS = st.lists(st.sampled_from((STUCK, replace(STUCK, severity="critical"), WORSE, THIN, LATE)), max_size=4).map(
    lambda found: tuple(
        sorted(
            {stall.kind: stall for stall in found}.values(),
            key=lambda stall: (("critical", "warning", "low").index(stall.severity), stall.kind),
        )
    )
)
EVENTS = st.lists(
    st.tuples(
        st.integers(0, 40),
        STALLS,
        st.sampled_from(("look", "look", "night", "ack", "snooze", "owner", "refused", "doubt", "hold")),
    ),
    max_size=30,
)


@settings(max_examples=examples(150))
@given(events=EVENTS)
def test_whatever_happens_each_reader_is_told_each_piece_of_news_once_and_of_none_that_is_not_theirs(
    events: list[tuple[int, tuple[Any, ...], str]],
) -> None:
    one = build_ladder_case()
    now = MONDAY
    owners = [one.case.owners[key] for key in ("005CSM", "005SELLER")]
    for hours, stalls, event in events:
        now += timedelta(hours=hours)
        one.stalls = stalls
        if event == "owner":
            owners.append(owners.pop(0))
            one.state = replace(one.state, owner=owners[0])
        elif event == "hold":
            one.hold(Status.ACTIVE if one.case.progress.status is Status.ON_HOLD else Status.ON_HOLD)
        elif one.case.episodes and one.episode.closed_at is None and event in ("ack", "snooze"):
            at = {"acked_at": now} if event == "ack" else {"snoozed_until": now + timedelta(days=2)}
            one.answer(**at)
        one.review(now, send=event not in ("night", "refused", "doubt"))
        if event in ("refused", "doubt"):
            _fail(one, now, doubt=event == "doubt")
    one.hold(Status.ACTIVE)
    for days in range(1, 6):  # everything that waits leaves
        one.review(now + timedelta(days=days))
        one.deliver(now + timedelta(days=days + 3))
    for episode in one.case.episodes:
        for person in {line.person_id for line in one.case.effects}:
            _assert_told_once(one, episode, person)


def _fail(one: LadderCase, now: datetime, *, doubt: bool) -> None:
    """Let what is due be refused for good, or be in doubt and tried again later."""
    lines = []
    for line in one.case.effects:
        if line.state is EffectState.PLANNED and line.due_at <= now:
            if doubt:
                line = replace(line, in_doubt=True)
            elif one.planned[line.key].data["thread"]:
                line = replace(line, state=EffectState.DEAD)
        lines.append(line)
    one.case = replace(one.case, effects=tuple(lines))


def _assert_told_once(one: LadderCase, episode: Episode, person: str) -> None:
    lines = lines_of(one.case, episode, person)
    sent = [line for line in lines if line.state is EffectState.SENT and not line.edits]
    if not sent:
        return
    rung = rung_of(one.playbook, sent[0].role)
    told = []
    for line in sent:
        told += news_for(episode, rung, told_up_to(lines, number_of(line)), number_of(line))
    known = [news for news in news_for(episode, rung, 0) if news.after < number_of(sent[-1])]
    assert sorted(map(repr, told)) == sorted(map(repr, known)), "nothing is left out between two messages"
    last = [line for line in lines if not line.edits and line.state is EffectState.PLANNED]
    reads = one.state.owner is not None and (person == one.state.owner.id or rung > 1)
    if reads and not last and episode.closed_at is None:
        assert news_for(episode, rung, told_up_to(lines)) == (), "what they must know has been told"


@pytest.mark.parametrize("role", [VendorRole.CSM, VendorRole.CS_MANAGER, VendorRole.EXECUTIVE_SPONSOR])
def test_a_role_has_the_rung_of_the_playbook(role: VendorRole) -> None:
    playbook = build_ladder_case().playbook
    assert playbook.ladder.rungs[rung_of(playbook, role.value) - 1].to is role


def test_the_next_step_of_a_reply_is_that_of_the_cause_it_tells_and_of_what_stands_where_all_is_over() -> None:
    one = build_ladder_case()
    one.stalls = (replace(WORSE, next_step="Find a new champion"),)
    one.review(MONDAY)
    one.stalls = (*one.stalls, STUCK)
    one.review(MONDAY + timedelta(hours=1))
    told = news_post(one.case, one.episode, news_for(one.episode, 1, 1), 1, "Cleo")
    assert told.headline.endswith("a date was not kept: stage overdue (warning)")
    assert told.lines == (STUCK.cause, "Next step: Call them")
    one.stalls = one.stalls[:1]
    one.review(MONDAY + timedelta(hours=2))
    over = news_post(one.case, one.episode, news_for(one.episode, 1, 1)[-1:], 1, "Cleo")
    assert over.lines == (f"Over: {STUCK.cause}", "Next step: Find a new champion")
