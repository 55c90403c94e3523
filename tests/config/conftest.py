"""Letters for template tests: one with everything known, one with almost nothing, both adjustable."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from onboarding.messages.letter_parts import (
    AccountPart,
    CallPart,
    ColleaguePart,
    DaysPart,
    GoalPart,
    HandoffPart,
    KickoffPart,
    LetterContext,
    OfferPart,
    ReaderPart,
    StagePart,
    UsagePart,
    ValuePart,
)
from onboarding.messages.letter_work import EventPart, TaskPart, WorkPart, WorkParts

NOBODY = ColleaguePart(name="", first_name="", title="", email="", booking_url="")
CLEO = ColleaguePart(
    name="Cleo Santos",
    first_name="Cleo",
    title="Customer success manager",
    email="cleo@vendor.test",
    booking_url="https://book.vendor.test/cleo",
)
TOM = ColleaguePart(name="Tom Hale", first_name="Tom", title="Engineer", email="tom@vendor.test", booking_url="")

RICH = LetterContext(
    account=AccountPart(name="Kunde GmbH", tier="mid"),
    person=ReaderPart(
        name="Hanna Weber",
        first_name="Hanna",
        full_name="Hanna Weber",
        role="champion",
        part="the project champion",
        buyer=False,
    ),
    owner=CLEO,
    engineer=TOM,
    seller=ColleaguePart(name="Sam Seller", first_name="Sam", title="Seller", email="s@v.test", booking_url=""),
    stage=StagePart(name="setup", title="Setup", number=3),
    value=ValuePart(product="Acme", line="you see results early", for_reader="you can show them"),
    handoff=HandoffPart(
        goals="Answer quotes faster",
        success_metrics="fewer calls",
        technical_requirements="SAP connection",
        timeline="before the spring fair",
    ),
    goals=(
        GoalPart(
            text="quote turnaround from 48 to 4 hours by 30 April 2026",
            metric="quote turnaround",
            baseline="48",
            target="4",
            unit="hours",
            due_on="30 April 2026",
            past=False,
            stands="",
            confirmed=True,
            gain="",
        ),
    ),
    work=WorkParts(
        done=(WorkPart(title="Hold the kickoff call", on="6 March 2026", late=False, due=""),),
        theirs=(WorkPart(title="Connect the data", on="15 March 2026", late=True, due="was due on 15 March 2026"),),
        ours=(WorkPart(title="Pass the test", on="19 March 2026", late=False, due="by 19 March 2026"),),
    ),
    kickoff=KickoffPart(
        booked=True, held=True, passed=False, when="Friday 6 March 2026 at 10:00 (Berlin time)", on="6 March 2026"
    ),
    call=CallPart(
        when="Thursday 5 March 2026 at 10:00 (Berlin time)",
        minutes=45,
        before="Wednesday 4 March 2026 at 14:00 (Berlin time)",
        off=False,
    ),
    go_live=EventPart(reached=False, on="1 April 2026", title="go live", late=False, due="by 1 April 2026"),
    activation=EventPart(reached=True, on="27 March 2026", title="share the first content", late=False, due=""),
    task=TaskPart(title="Read a report", on="20 March 2026", done=False, late=False, due="by 20 March 2026"),
    usage=UsagePart(known=True, active_users=6, tasks_done=9, last_seen_on="12 March 2026"),
    days=DaysPart(since_signature=25, to_target=20, to_result=0, to_activation=25),
    offer=OfferPart(
        first="Tuesday 31 March 2026 at 10:00 (Berlin time)",
        second="Wednesday 1 April 2026 at 14:00 (Berlin time)",
        zone="Berlin time",
        reply_by="Monday 30 March 2026",
    ),
    target_on="16 April 2026",
    next_90_days_until="25 June 2026",
    unsubscribe_url="https://mail.vendor.test/u/abc",
)

SPARSE = replace(
    RICH,
    person=ReaderPart(name="Bo", first_name="Bo", full_name="Bo", role="", part="", buyer=True),
    owner=replace(CLEO, booking_url=""),
    engineer=NOBODY,
    seller=NOBODY,
    stage=StagePart(name="handoff", title="Handoff", number=1),
    value=ValuePart(product="", line="", for_reader=""),
    handoff=HandoffPart(goals="", success_metrics="", technical_requirements="", timeline=""),
    goals=(),
    work=WorkParts(done=(), theirs=(), ours=()),
    kickoff=KickoffPart(booked=False, held=False, passed=False, when="", on=""),
    call=CallPart(when="a time to be agreed", minutes=30, before="", off=False),
    go_live=EventPart(reached=False, on="", title="", late=False, due=""),
    activation=EventPart(reached=False, on="", title="", late=False, due=""),
    task=TaskPart(title="", on="", done=False, late=False, due=""),
    usage=UsagePart(known=False, active_users=0, tasks_done=0, last_seen_on=""),
    days=DaysPart(since_signature=0, to_target=-3, to_result=-3, to_activation=0),
    unsubscribe_url="",
)


@pytest.fixture(scope="session")
def rich_letter() -> Callable[..., LetterContext]:
    """``rich_letter(**parts)``: everything is known, unless a part is replaced."""

    def build(**parts: Any) -> LetterContext:
        return replace(RICH, **parts)

    return build


@pytest.fixture(scope="session")
def sparse_letter() -> Callable[..., LetterContext]:
    """``sparse_letter(**parts)``: only an owner and a recipient are known."""

    def build(**parts: Any) -> LetterContext:
        return replace(SPARSE, **parts)

    return build
