"""The lifecycle of an effect: every state and event is in the table or refused, and the docs print the table."""

from itertools import product
from pathlib import Path

import pytest

from onboarding.effects.events import MOST_CRASHES, DoubtPolicy, Event, crash_event, result_event
from onboarding.effects.lifecycle import (
    OF_CHANGE,
    TABLE,
    WAITS_FOR_PERSON,
    Count,
    Doubt,
    DueChange,
    Lease,
    NotPossible,
    Transition,
    sources,
    transition,
)
from onboarding.effects.send_result import ResultState, SendResult
from onboarding.model.vocabulary import ON_ITS_WAY, UNSENT, Channel, EffectState

PAGE = (Path(__file__).parents[3] / "docs" / "delivery.md").read_text(encoding="utf-8")
BEGIN, END = "<!-- the table of states and events: begin -->", "<!-- end -->"
HEAD = "| state | event | next state | where it may have arrived | a person is told | also |\n|---|---|---|---|---|---|"


def is_told(state: EffectState) -> bool:
    return state in WAITS_FOR_PERSON


def also(one: Transition) -> str:
    """What follows besides the state, in words."""
    said = {
        f"tries {one.tries.value}": one.tries is not Count.KEPT,
        f"crashes {one.crashes.value}": one.crashes is not Count.KEPT,
        f"mark of doubt {one.doubt.value}": one.doubt is not Doubt.KEPT,
        f"due {one.due.value}": one.due is not DueChange.KEPT,
        f"lease {one.lease.value}": one.lease is not Lease.ENDS,
        "composed again": one.made_anew,
        "its address is free for another": one.frees_address,
    }
    return "; ".join(text for text, holds in said.items() if holds)


def printed() -> str:
    lines = [HEAD]
    for state, row in TABLE.items():
        lines += [f"| {state.value} | none: it is final | | | | |"] if not row else []
        for event, one in row.items():
            doubtful = one.in_doubt.value + (" (mails alone)" if one.mail_only else "") if one.in_doubt else ""
            told = "yes" if is_told(one.to) else "where it may have arrived" if one.in_doubt else ""
            cells = (state.value, event.value, one.to.value, doubtful, told, also(one))
            lines.append(f"| {' | '.join(cells)} |".replace("|  |", "| |").replace("|  |", "| |"))
    return "\n".join(lines)


def test_the_page_prints_the_table() -> None:
    found = PAGE.partition(BEGIN)[2].partition(END)[0].strip()
    assert found == printed(), f"put this between the two marks in docs/delivery.md:\n{printed()}"


@pytest.mark.parametrize(("state", "event"), list(product(EffectState, Event)))
def test_every_state_and_event_is_in_the_table_or_refused(state: EffectState, event: Event) -> None:
    if event in TABLE[state]:
        assert state in sources(event)
        assert transition(state, event) is TABLE[state][event]
    else:
        assert state not in sources(event)
        with pytest.raises(NotPossible, match=state.value):
            transition(state, event)


def ends() -> list[tuple[EffectState, Event, EffectState]]:
    """Every transition of the table, in doubt and not."""
    return [
        (state, event, one.after(in_doubt=in_doubt or one.doubt is Doubt.SET, channel=channel))
        for state, row in TABLE.items()
        for event, one in row.items()
        for in_doubt, channel in product((False, True), Channel)
    ]


def test_every_event_happens_somewhere_and_every_state_is_reached() -> None:
    assert {event for _, event, _ in ends()} == set(Event)
    assert {to for _, _, to in ends()} == set(EffectState)


def test_sent_is_final_and_what_is_cancelled_comes_back_only_with_the_playbook_that_owed_it() -> None:
    assert not TABLE[EffectState.SENT]
    assert set(TABLE[EffectState.CANCELLED]) == {Event.RESTORED}


def test_nothing_leaves_unannounced_and_nothing_is_sent_that_was_not_accepted() -> None:
    into_sending = {(state, event) for state, event, to in ends() if to is EffectState.SENDING and state is not to}
    assert into_sending == {(EffectState.LEASED, Event.ANNOUNCED)}
    assert {event for _, event, to in ends() if to is EffectState.SENT} == {Event.ACCEPTED, Event.CONFIRMED}


def test_what_was_being_sent_is_planned_again_only_where_it_certainly_did_not_arrive_or_may_arrive_twice() -> None:
    again = {event for state, event, to in ends() if state is EffectState.SENDING and to is EffectState.PLANNED}
    refused = {Event.REFUSED, Event.CHANNEL_DOWN, Event.DECISION_PENDING}
    assert again == refused | {Event.IN_DOUBT_REPEAT, Event.DIED_REPEAT}


def test_what_may_have_arrived_is_never_called_dead() -> None:
    for row in TABLE.values():
        for one in row.values():
            in_doubt = one.doubt is not Doubt.CLEARED
            assert not in_doubt or one.after(in_doubt=True) is not EffectState.DEAD


def test_a_mail_that_may_have_arrived_is_given_up_by_a_person_alone() -> None:
    for _, row in TABLE.items():
        for event, one in row.items():
            if one.after(in_doubt=True, channel=Channel.MAIL) is EffectState.CANCELLED:
                # A clash of addresses is only asked of what certainly did not arrive.
                assert event in (Event.CANCELLED, Event.ERASED, Event.ADDRESS_TAKEN)


def test_a_person_can_settle_all_that_waits_for_one_and_a_rule_can_decide_all_that_is_unsent() -> None:
    for state in WAITS_FOR_PERSON:
        assert {Event.RETRIED, Event.CANCELLED, Event.CONFIRMED} <= TABLE[state].keys()
    for state in UNSENT:
        assert set(OF_CHANGE.values()) <= TABLE[state].keys()
    assert {state for state in ON_ITS_WAY if Event.LEASED in TABLE[state]} == set()


@pytest.mark.parametrize("policy", DoubtPolicy)
@pytest.mark.parametrize("state", ResultState)
@pytest.mark.parametrize(("channel_down", "patient"), [(False, False), (True, False), (False, True)])
@pytest.mark.parametrize("tries_left", [True, False])
def test_every_answer_is_an_event_of_what_is_being_sent(state, policy, channel_down, patient, tries_left) -> None:
    result = SendResult(state=state, channel_down=channel_down, patient=patient)
    event = result_event(result, policy, tries_left=tries_left)
    assert event in TABLE[EffectState.SENDING]


@pytest.mark.parametrize("policy", [*DoubtPolicy, None])
@pytest.mark.parametrize("crashes", range(MOST_CRASHES + 1))
@pytest.mark.parametrize("state", [EffectState.LEASED, EffectState.SENDING])
def test_every_death_of_a_worker_is_an_event_of_what_it_held(state, crashes, policy) -> None:
    event = crash_event(state, crashes, policy)
    if event is None:
        assert (state, policy) == (EffectState.SENDING, None)
        return
    one = transition(state, event)
    if crashes + 1 >= MOST_CRASHES:
        assert one.to in WAITS_FOR_PERSON
    assert one.crashes is Count.ADDED
