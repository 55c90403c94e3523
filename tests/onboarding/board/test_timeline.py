"""The history shows every fact, every sent message and every decision, once and the newest first."""

from datetime import timedelta

from onboarding.board.timeline import EntryKind, timeline
from tests.builders.case import SIGNED
from tests.builders.facts import build_fact

DAY = timedelta(days=1)
TITLES = {"kickoff_held": "Hold the kickoff", "welcome": "Welcome mail"}
MAIL = {"channel": "mail", "kind": "welcome", "recipient": "mia@acme.test", "key": "k1", "because": "at signature"}


def _journal(kind: str, about: str) -> dict[str, object]:
    return {"kind": kind, "about": about, "because": "the plan says so", "by": "first90", "at": SIGNED}


def test_facts_messages_and_decisions_come_the_newest_first() -> None:
    fact = build_fact("milestone", "kickoff_held", SIGNED + 3 * DAY)
    sent = {**MAIL, "state": "sent", "sent_at": SIGNED + DAY}

    history = timeline([fact], [sent], [_journal("planned", "welcome")], TITLES)

    assert [(entry.kind, entry.title) for entry in history] == [
        (EntryKind.FACT, "milestone: Hold the kickoff"),
        (EntryKind.MESSAGE, "Mail: Welcome mail to mia@acme.test"),
        (EntryKind.DECISION, "planned: Welcome mail"),
    ]
    assert [entry.message for entry in history] == ["", "k1", ""]


def test_a_message_that_has_not_left_and_a_crm_row_are_no_history() -> None:
    waits = {**MAIL, "state": "planned", "sent_at": None}
    row = {**MAIL, "channel": "crm", "state": "sent", "sent_at": SIGNED}
    assert timeline([], [waits, row], [], TITLES) == ()


def test_a_fact_that_the_journal_tells_too_is_told_once_at_the_moment_it_happened() -> None:
    fact = build_fact("milestone", "kickoff_held", SIGNED - DAY, learned_at=SIGNED)

    (entry,) = timeline([fact], [], [_journal("milestone", "kickoff_held")], TITLES)

    assert entry.at == SIGNED - DAY
    assert "learned on" in entry.details


def test_another_date_from_the_crm_is_told_as_one_and_not_as_work_taken_back() -> None:
    undone = build_fact("milestone_undone", "kickoff_held", SIGNED + 3 * DAY)
    ticked = build_fact("milestone", "kickoff_held", SIGNED + DAY, learned_at=SIGNED + 3 * DAY)

    first, second = timeline([undone, ticked], [], [], TITLES)

    assert (first.title, second.title) == ("milestone dated anew: Hold the kickoff", "milestone: Hold the kickoff")
    assert first.details.startswith("done on ")
    (alone,) = timeline([undone], [], [], TITLES)
    assert alone.title == "milestone undone: Hold the kickoff"
