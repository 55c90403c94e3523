"""Explanations in plain words: where an onboarding is, what it waits for, and what happened to a message."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from onboarding.dates.wording import Audience
from onboarding.escalations.listeners import Waits
from onboarding.explain.explanation import Explanation, explain, explain_to
from onboarding.explain.touchpoint_fate import TouchpointExplanation, explain_touchpoint
from onboarding.facts.tiers import TIER_OPEN
from onboarding.model.case import Case, Episode, Hold, Stall, Touchpoint
from onboarding.model.effect import EffectLine, PlannedEffect
from onboarding.model.parties import Cover
from onboarding.model.review import EffectChange, Review, Task, Upcoming
from onboarding.model.suppressions import Suppression, SuppressionScope
from onboarding.model.vocabulary import Channel, Concern, EffectState, Stage, Status, VendorRole
from onboarding.review_case import review_context
from tasks.intake.open_deals import blocked_because
from tests.builders.case import CASE
from tests.builders.facts import build_done, build_fact
from tests.builders.playbook import build_playbook

Make = Callable[..., Any]
SIGNED = datetime(2026, 3, 2, 9, tzinfo=UTC)
NOW = SIGNED + timedelta(days=7)
STALL = Stall(
    kind="stage_overdue",
    severity="warning",
    cause="Setup should have ended.",
    waiting_on="customer",
    since=SIGNED + timedelta(days=2),
    next_step="Call them.",
)
EPISODE = Episode(
    number=1,
    kind=STALL.kind,
    severity=STALL.severity,
    cause=STALL.cause,
    waiting_on=STALL.waiting_on,
    since=STALL.since,
    next_step=STALL.next_step,
    opened_at=NOW,
    level=2,
)
WELCOME = EffectLine(
    key="006000000000001AAA:welcome:1:mail:003CHAMPION",
    kind="welcome",
    occurrence="1",
    channel=Channel.MAIL,
    person_id="003CHAMPION",
    recipient="hanna@kunde.test",
    role="champion",
    state=EffectState.PLANNED,
    due_at=NOW + timedelta(hours=1),
    expires_at=None,
    sent_at=None,
    because="the deal was signed",
)


def _post(person: str, state: EffectState, **changes: Any) -> EffectLine:
    """The first message of ``EPISODE`` to one of the vendor's people."""
    key = f"006000000000001AAA:stall:1.1:slack:005{person}"
    line = replace(WELCOME, key=key, kind="stall", occurrence="1.1", channel=Channel.SLACK, role="", recipient="")
    return replace(line, person_id=f"005{person}", state=state, **changes)


def _review(case: Case, playbook: Any, now: datetime = NOW, **more: Any) -> Review:
    context = review_context(case, playbook, now)
    return Review(
        case_key=case.key,
        version=case.version,
        state=context.state,
        progress=context.progress,
        criteria=context.criteria,
        stage_due_at=context.stage_due_at,
        **more,
    )


def _explain(case: Case, playbook: Any, **more: Any) -> Explanation:
    return explain(case, _review(case, playbook, **more), playbook, NOW)


def _fate(case: Case, playbook: Any, step: str = "welcome", **more: Any) -> TouchpointExplanation:
    return explain_touchpoint(case, _review(case, playbook, **more), playbook, step, NOW)


def test_it_says_where_it_is_what_is_missing_and_whose_move_it_is() -> None:
    facts = build_done("kickoff_booked", "kickoff_held", "cadence_agreed")
    found = _explain(replace(CASE, facts=facts), build_playbook())
    assert found.lines == (
        "Kunde GmbH is in Kickoff on day 7 after its signature, since 2 March 2026 (7 days); "
        "it should end by 16 March 2026.",
        "To leave the stage it still needs:",
        "- Plan agreed: not done yet, the customer's champion owes it",
        "Whose move: the customer: Plan agreed.",
        "Goals:",
        "- Quote turnaround: from 48 to 4 hours by 30 April 2026; nobody has said where it stands",
        "Health is unknown, and unknown is not healthy: too little is known "
        "(use, breadth, effort, depth, goals, tickets, sponsor).",
        "The source of product usage was last read on 2 March 2026. Whether this customer was active since then is "
        "unknown, so no stall counts it as silent.",
    )
    assert [one.name for one in found.missing] == ["plan_agreed"]


def test_a_goal_says_how_far_it_has_come_what_that_is_worth_and_whether_it_is_assumed() -> None:
    value = build_fact("goal_value", "quote turnaround", SIGNED + timedelta(days=3), value={"value": 26})
    figures = {"baseline": 48, "target": 4, "unit": "hours", "due": "2026-04-30", "money": 100, "currency": "EUR"}
    goal = build_fact("goal", "Quote turnaround", value=figures)
    assumed = "from 48 to 4 hours by 30 April 2026; 26 hours on 5 March 2026, 50 % of the way"
    found = _explain(replace(CASE, facts=(goal, value)), build_playbook())
    assert found.goals == (f"Quote turnaround: {assumed} (assumed: the customer's side has not confirmed it)",)
    facts = (goal, value, build_fact("goal_confirmed", "", SIGNED + timedelta(days=1)))
    found = _explain(replace(CASE, facts=facts), build_playbook())
    assert found.goals == (f"Quote turnaround: {assumed}, worth 2,200 EUR to them",)


def test_a_stall_says_who_was_told_and_what_to_do() -> None:
    episode = replace(EPISODE, acked_at=NOW, acked_by="cleo", snoozed_until=NOW + timedelta(days=1))
    case = replace(CASE, effects=(_post("CSM", EffectState.SENT), _post("MANAGER", EffectState.SENT)))
    found = _explain(case, build_playbook(), stalls=(STALL,), episodes=(episode,))
    assert found.whose_move == "the customer: Call them"
    assert found.stalls == (
        "Setup should have ended. (warning, since 4 March 2026)",
        "Told on Slack: Cleo Santos, Mona Grant.",
        "Taken up by cleo on 9 March 2026, 09:00 UTC.",
        "Rests until 10 March 2026, 09:00 UTC.",
    )
    resolved = replace(EPISODE, resolved_reason="known", closed_at=NOW)
    assert _explain(CASE, build_playbook(), stalls=(STALL,), episodes=(resolved,)).stalls == (
        "Setup should have ended. (called resolved)",
    )
    level_0 = _explain(CASE, build_playbook(), stalls=(STALL,), episodes=(replace(EPISODE, level=0),))
    assert level_0.stalls[-1] == "So far it is for the daily digest; no message of its own has been sent."


@pytest.mark.parametrize(
    ("state", "due", "halted", "said"),
    [
        (EffectState.PLANNED, 2, {}, "will be told on Slack on 9 March 2026, 11:00 UTC."),
        (EffectState.PLANNED, 2, {Channel.SLACK: "stopped"}, "on 9 March 2026, 11:00 UTC; it waits: stopped."),
        (EffectState.PLANNED, 0, {}, "will be told on Slack; it waits: it leaves with the next delivery."),
        (EffectState.PLANNED, -3, {Channel.SLACK: "Slack is down"}, "will be told on Slack; it waits: Slack is down."),
        (EffectState.WITHHELD, -3, {}, "will be told on Slack; it waits: on hold."),
        (EffectState.LEASED, 0, {}, "will be told on Slack; it waits: it is being sent now."),
        (EffectState.SENDING, 0, {}, "will be told on Slack; it waits: it is being sent now."),
        (
            EffectState.UNKNOWN,
            0,
            {},
            "may have been told on Slack or not; settle it with first90 effects sent or retry.",
        ),
        (EffectState.DEAD, 0, {}, "could not be told on Slack: it was refused for good, first90 effects says why."),
        (EffectState.CANCELLED, 0, {}, "has not been told."),
    ],
)
def test_a_person_counts_as_told_only_once_the_message_was_sent(
    state: EffectState, due: int, halted: Any, said: str
) -> None:
    waiting = _post("MANAGER", state, due_at=NOW + timedelta(hours=due), because="on hold")
    case = replace(CASE, effects=(_post("CSM", EffectState.SENT), waiting))
    playbook = build_playbook()
    reviewed = _review(case, playbook, stalls=(STALL,), episodes=(EPISODE,))
    told = explain(case, reviewed, playbook, NOW, halted).stalls[1:]
    assert told[0] == "Told on Slack: Cleo Santos."
    assert told[1].startswith("Mona Grant ")
    assert told[1].endswith(said)


def test_what_is_due_and_not_done_does_not_stand_under_what_happens_next() -> None:
    early, late = (replace(WELCOME, due_at=NOW + timedelta(hours=hours)) for hours in (-20, 1))
    ahead = Upcoming(step="x", occurrence="1", title="Held", due_at=NOW - timedelta(days=1), to=(), because="on hold")
    task = Task(role="csm", about="call", text="Call them", due_at=NOW - timedelta(days=2))
    for line, due in ((early, True), (late, False)):
        case, playbook = replace(CASE, effects=(line,)), build_playbook()
        reviewed = _review(case, playbook, upcoming=(ahead,), tasks=(task,))
        found = explain(case, reviewed, playbook, NOW, {Channel.MAIL: "stopped by cleo: wrong template"})
        assert [one.what for one in found.waiting] == ["Call them", "Held", *(["Welcome"] if due else [])]
        assert [one.what for one in found.next] == ([] if due else ["Welcome"])
        assert all(one.at is None or one.at > NOW for one in found.next)
        assert "Nothing leaves on mail: stopped by cleo: wrong template." in found.lines
        if due:
            because = "stopped by cleo: wrong template"
            assert f"- Welcome, since 8 March 2026, 13:00 UTC ({because})" in found.lines


@pytest.mark.parametrize(
    ("person", "suppressions", "said"),
    [
        ({"opted_out": True}, (), "wants no automated mail; one of our people writes instead"),
        ({"email": None}, (), "has no mail address in the CRM"),
        (
            {},
            (Suppression(subject="hanna@kunde.test", scope=SuppressionScope.ALL, reason="bounced"),),
            "has an address that bounced",
        ),
        (
            {},
            (Suppression(subject="hanna@kunde.test", scope=SuppressionScope.ALL, reason="complained"),),
            "reported one of our mails as spam",
        ),
        (
            {},
            (Suppression(subject="003CHAMPION", scope=SuppressionScope.ALL, reason="held", note="on leave"),),
            "is on hold: on leave",
        ),
        (
            {},
            (Suppression(subject="hanna@kunde.test", scope=SuppressionScope.PROMOTIONAL, reason="unsubscribed"),),
            "has unsubscribed from what is not service mail",
        ),
    ],
)
def test_contacts_who_may_not_be_written_to_are_named_with_the_reason(
    person: Any, suppressions: Any, said: str
) -> None:
    case = replace(CASE, suppressions=suppressions)
    people = tuple(replace(one, **person) if one.id == "003CHAMPION" else one for one in case.people)
    assert _explain(CASE, build_playbook()).unwritten == ()
    found = _explain(replace(case, people=people), build_playbook())
    assert len(found.unwritten) == 1
    assert found.unwritten[0].startswith("Hanna Weber (champion) ")
    assert found.unwritten[0].endswith(said)
    assert f"- {found.unwritten[0]}" in found.lines


def test_what_stops_it_is_said_with_by_whom_and_until_when() -> None:
    until = NOW + timedelta(days=3)
    hold = Hold(since=NOW - timedelta(days=1), reason="Freeze", by="cleo", until=until)
    case = replace(CASE, holds=(hold,), only_accounts=frozenset())
    case = replace(case, progress=replace(case.progress, blocked="the CRM knows another onboarding"))
    assert _explain(case, build_playbook()).stopped == (
        "Nothing is sent: the CRM knows another onboarding.",
        "Nothing is sent: the account is not among the pilot's (FIRST90_ACCOUNTS).",
        "On hold since 8 March 2026 until 12 March 2026, 09:00 UTC, by cleo: Freeze.",
    )


@pytest.mark.parametrize("state", EffectState)
@pytest.mark.parametrize(
    "blocked",
    [
        blocked_because("a01"),
        f"{TIER_OPEN}: no amount; choose it with `first90 retier 006 --to TIER --reason WHY`",
        "signed long ago; a person decides: `first90 adopt 006` takes it over",
    ],
)
def test_who_does_not_work_at_the_command_line_hears_of_no_command_and_their_own_time(
    state: EffectState, blocked: str
) -> None:
    until = NOW + timedelta(days=3)
    hold = Hold(since=NOW - timedelta(days=1), reason="Freeze", by="cleo", until=until)
    later = replace(WELCOME, state=state, due_at=NOW + timedelta(hours=3), because=f"blocked: {blocked}")
    case = replace(CASE, holds=(hold,), only_accounts=frozenset(), effects=(later, _post("MANAGER", state)))
    case = replace(case, usage=replace(case.usage, unread_at=NOW, ahead_at=until))
    case = replace(case, progress=replace(case.progress, blocked=blocked))
    csm = case.owners["005CSM"]
    covers = {VendorRole.CSM: Cover(absent=csm, by=None, back=until.date())}
    playbook = build_playbook()
    episode = replace(EPISODE, acked_at=NOW, acked_by="cleo", snoozed_until=until)
    reviewed = _review(case, playbook, stalls=(STALL,), episodes=(episode,))
    reviewed = replace(reviewed, state=replace(reviewed.state, covers=covers))
    slack = Audience(zone="Asia/Kolkata", commands=False)
    waits = Waits(now=NOW, audience=slack)
    said = "\n".join(explain_to(case, reviewed, playbook, waits).lines_for(slack))
    assert [word for word in ("first90 ", "FIRST90", "`", "UTC") if word in said] == []
    assert f"Nothing is sent: {blocked.partition(';')[0]}." in said
    assert "nobody covers; name a backup in the team file." in said
    assert "On hold since 8 March 2026 until Thu 12 Mar, 14:30, by cleo: Freeze." in said
    assert "Rests until Thu 12 Mar, 14:30." in said
    at_the_terminal = "\n".join(explain(case, reviewed, playbook, NOW).lines)
    assert "`first90 check`" in at_the_terminal
    assert blocked in at_the_terminal


def test_a_closed_onboarding_says_so_and_asks_for_nothing() -> None:
    case = CASE
    closed = replace(case.progress, status=Status.CANCELLED, closed_reason="bought by another customer")
    found = _explain(replace(case, progress=closed), build_playbook())
    assert found.where.endswith("since 2 March 2026 (7 days).")
    assert found.missing == ()
    assert found.stopped == (
        "It was cancelled; nothing is planned or sent any more.",
        "Why: bought by another customer.",
    )
    assert found.whose_move is None


def test_what_comes_next_is_told_in_order_with_its_reason() -> None:
    ahead = Upcoming(
        step="check_in_30",
        occurrence="1",
        title="Check in 30",
        due_at=NOW + timedelta(days=2),
        to=("Hanna Weber",),
        because="30 days after signature",
    )
    found = _explain(
        replace(CASE, effects=(WELCOME,)),
        build_playbook(),
        upcoming=(ahead,),
        tasks=(Task(role="csm", about="call", text="Call them"),),
        next_at={Concern.STAGES: NOW + timedelta(hours=5)},
    )
    assert [(one.what, one.because) for one in found.next] == [
        ("Welcome", "planned"),
        ("it is looked at again", "time alone may change something then"),
        ("Check in 30", "30 days after signature"),
        ("Call them", "work for our CSM"),
    ]
    plain = found.as_json()
    assert plain["next"][0]["at"] == "2026-03-09T10:00:00Z"
    assert plain["onboarding"] == CASE.key


def test_a_finished_onboarding_has_no_stage_to_leave() -> None:
    case = CASE
    times = dict.fromkeys(Stage, SIGNED)
    done = replace(case.progress, stage=Stage.DONE, stage_times=times, status=Status.COMPLETED)
    found = _explain(replace(case, progress=done), build_playbook())
    assert found.where == "Kunde GmbH has been through all five stages, on day 7 after its signature."
    assert found.missing == ()


@pytest.mark.parametrize(
    ("state", "text"),
    [
        (EffectState.PLANNED, "goes out on 9 March 2026, 10:00 UTC: the deal was signed."),
        (EffectState.SENT, "was sent on 9 March 2026, 08:00 UTC: the deal was signed."),
        (EffectState.WITHHELD, "is kept back: the deal was signed."),
        (EffectState.CANCELLED, "was not sent: the deal was signed."),
        (EffectState.UNKNOWN, "may have been sent or not; settle it with first90 effects sent or retry."),
        (EffectState.DEAD, "could not be sent: the deal was signed."),
    ],
)
def test_every_recipient_is_told_with_name_and_fate(state: EffectState, text: str) -> None:
    sent_at = NOW - timedelta(hours=1) if state is EffectState.SENT else None
    case = replace(CASE, effects=(replace(WELCOME, state=state, sent_at=sent_at),))
    found = _fate(case, build_playbook())
    assert found.lines == ("Welcome (welcome)", f"Hanna Weber (champion), mail: {text}")
    assert found.as_json()["fates"][0]["state"] == state.value


def test_what_this_very_review_decides_is_part_of_the_answer() -> None:
    planned = PlannedEffect(
        key="x",
        kind="welcome",
        occurrence="1",
        channel=Channel.MAIL,
        person_id="003EXECUTIVE_SPONSOR",
        recipient="erik@kunde.test",
        role="executive_sponsor",
        due_at=NOW + timedelta(days=1),
        because="the deal was signed",
    )
    change = EffectChange(key=WELCOME.key, state=EffectState.CANCELLED, because="Hanna Weber has left")
    found = _fate(replace(CASE, effects=(WELCOME,)), build_playbook(), effects=(planned,), changes=(change,))
    assert [one.text for one in found.fates] == [
        "Hanna Weber (champion), mail: was not sent: Hanna Weber has left.",
        "Erik Brandt (executive sponsor), mail: goes out on 10 March 2026, 09:00 UTC: the deal was signed.",
    ]


def test_a_touchpoint_that_was_skipped_says_why() -> None:
    skipped = Touchpoint(step="check_in_7", occurrence="1", outcome="skipped", at=NOW, because="too late by 3 days")
    found = _fate(replace(CASE, touchpoints=(skipped,)), build_playbook(), "check_in_7")
    assert found.said == ("It was skipped on 9 March 2026: too late by 3 days.",)


def test_one_that_lies_ahead_says_when_and_for_whom() -> None:
    due = NOW + timedelta(days=23)
    ahead = Upcoming(
        step="check_in_30",
        occurrence="1",
        title="",
        due_at=due,
        to=("Hanna Weber", "Erik Brandt"),
        because="day 30",
    )
    found = _fate(CASE, build_playbook(), "check_in_30", upcoming=(ahead,))
    assert found.said == ("It is due on 1 April 2026, 09:00 UTC for Hanna Weber and Erik Brandt: day 30.",)
    assert found.next_at == due


def test_one_whose_date_is_not_known_says_what_it_counts_from() -> None:
    assert _fate(CASE, build_playbook(), "technical_pack").said == (
        "Nothing is planned: its date counts from the start of setup, which is not known yet.",
    )
    assert _fate(CASE, build_playbook(), "kickoff_recap").said == (
        "Nothing is planned: its date counts from kickoff held, which is not known yet.",
    )


def test_one_that_has_lost_its_point_says_so() -> None:
    found = _fate(replace(CASE, facts=build_done("kickoff_booked")), build_playbook(), "kickoff_invitation")
    assert found.said == ("Nothing is planned: no longer needed: kickoff booked is done.",)


def test_a_name_that_is_no_touchpoint_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError, match="no touchpoint 'welcom'; it has activation, check_in_30"):
        _fate(CASE, build_playbook(), "welcom")


def test_stalls_can_be_asked_for_too() -> None:
    post = replace(WELCOME, key="s", kind="stall", channel=Channel.SLACK, person_id="005CSM", role="csm")
    assert _fate(replace(CASE, effects=(post,)), build_playbook(), "stall").fates[0].name == "Cleo Santos"
    assert _fate(CASE, build_playbook(), "stall").said == ("Nothing of this kind was ever owed.",)
