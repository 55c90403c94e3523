"""Nobody is asked in a bad moment, and nobody too often."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from onboarding.facts.fold import fold_facts
from onboarding.messages.survey_ask import COOL_DOWN, may_ask
from onboarding.model.case import Case, Episode, Hold
from onboarding.model.effect import EffectLine
from onboarding.model.playbook import Playbook
from onboarding.model.vocabulary import Channel, EffectState, Status, SurveyKind
from tests.builders.case import CASE, SIGNED
from tests.builders.facts import build_fact
from tests.builders.playbook import build_playbook

NOW = SIGNED + timedelta(days=95)


ASKING = ("welcome", "check_in_90")


def asking() -> Playbook:
    playbook = build_playbook()
    steps = (
        replace(step, mail=replace(step.mail, survey=SurveyKind.NPS)) if step.mail and step.name in ASKING else step
        for step in playbook.steps
    )
    return replace(playbook, steps=tuple(steps))


def asked(case: Case, person: str = "003CHAMPION", now: datetime = NOW) -> bool:
    mail = replace(sent(0, "check_in_90", EffectState.LEASED), key="own", person_id=person)
    return may_ask(case, fold_facts(case, asking(), now), asking(), mail, now)


def sent(days_ago: float, kind: str = "welcome", state: EffectState = EffectState.SENT) -> EffectLine:
    at = NOW - timedelta(days=days_ago)
    return EffectLine(
        key=f"{kind}:{days_ago}",
        kind=kind,
        occurrence="1",
        channel=Channel.MAIL,
        person_id="003CHAMPION",
        recipient="hanna@kunde.test",
        role="champion",
        state=state,
        due_at=at,
        expires_at=None,
        sent_at=at if state is EffectState.SENT else None,
    )


def test_a_hold_and_an_open_escalation_ask_nothing() -> None:
    assert asked(CASE)
    hold = Hold(since=SIGNED, reason="merger", by="cleo", until=NOW + timedelta(days=1))
    assert not asked(replace(CASE, holds=(hold,)))
    assert asked(replace(CASE, holds=(replace(hold, until=NOW),)))
    assert not asked(replace(CASE, progress=replace(CASE.progress, status=Status.ON_HOLD)))
    episode = Episode(
        number=1,
        kind="no_activation",
        severity="critical",
        cause="No activation.",
        waiting_on="customer",
        since=SIGNED,
        next_step="Call",
        opened_at=SIGNED,
        level=1,
    )
    assert not asked(replace(CASE, episodes=(episode,)))
    assert asked(replace(CASE, episodes=(replace(episode, level=0),))), "the digest alone is no escalation"
    assert asked(replace(CASE, episodes=(replace(episode, closed_at=NOW),)))


@pytest.mark.parametrize(("days", "free"), [(COOL_DOWN.days - 0.1, False), (COOL_DOWN.days, True)])
def test_who_answered_or_was_asked_rests_for_the_cool_down(days: float, free: bool) -> None:
    value = {"score": 6, "low": 1, "high": 7, "person": "003CHAMPION"}
    answered = replace(CASE, facts=(build_fact("survey", "ces", NOW - timedelta(days=days), value=value),))
    assert asked(answered) is free
    assert asked(answered, "003MANAGER"), "it is the person's cool-down, not the account's"
    assert asked(replace(CASE, effects=(sent(days),))) is free


@pytest.mark.parametrize(("days", "free"), [(COOL_DOWN.days - 0.1, False), (COOL_DOWN.days, True)])
@pytest.mark.parametrize("state", [EffectState.SENDING, EffectState.UNKNOWN])
def test_a_mail_in_doubt_blocks_no_longer_than_one_that_was_sent(state: EffectState, days: float, free: bool) -> None:
    doubtful = sent(days, state=state)
    assert asked(replace(CASE, effects=(doubtful,))) is free
    later = replace(doubtful, due_at=NOW - timedelta(days=days + 7), expires_at=doubtful.due_at)
    assert asked(replace(CASE, effects=(later,))) is free, "it may have left until it expired"


def test_a_mail_that_asks_nothing_or_did_not_leave_takes_nobodys_turn() -> None:
    assert asked(replace(CASE, effects=(sent(1, "kickoff_recap"), sent(1, state=EffectState.CANCELLED))))


def test_of_two_mails_that_leave_together_the_more_important_one_asks_alone() -> None:
    due = replace(sent(0, state=EffectState.PLANNED), due_at=NOW)
    before, after = (replace(due, kind=kind) for kind in ("welcome", "check_in_90"))
    assert asking_first() == "welcome"
    for state in (EffectState.PLANNED, EffectState.LEASED):
        assert not asked(replace(CASE, effects=(replace(before, state=state),)))
        assert asked(replace(CASE, effects=(replace(after, key="own", state=state),))), "it does not wait for itself"
    assert asked(replace(CASE, effects=(replace(before, due_at=NOW + timedelta(minutes=1)),)))
    assert asked(replace(CASE, effects=(replace(before, person_id="003MANAGER"),)))
    assert asked(replace(CASE, effects=(replace(before, state=EffectState.CANCELLED),)))
    for state in (EffectState.SENDING, EffectState.UNKNOWN):
        assert not asked(replace(CASE, effects=(replace(after, state=state),))), "it may have been asked"


def asking_first() -> str:
    steps = {step.name: step.priority for step in asking().steps if step.name in ASKING}
    return max(steps, key=lambda name: steps[name])
