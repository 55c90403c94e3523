"""A mail asks its question with a link for its reader, nobody is asked twice, and nothing where no page is served."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from database.tables import EffectRow
from onboarding.model.vocabulary import EffectState
from tasks.commands import onboardings, value_facts

BEFORE = (
    *("kickoff_held", "cadence_agreed", "plan_agreed", "requirements_documented", "security_review"),
    *("integrations_connected", "access_configured", "validation_passed", "tasks_done_end_users", "tasks_done_admins"),
)
SERVED = {"PUBLIC_URL": "https://first90.example", "LINK_SECRET": "a-secret-of-forty-characters-for-the-links"}
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def activated(office, settings, *, alone=False):
    """Live until first value is reached and the mail on it has left; ``alone``: the champion is the one user too."""
    office.customer()
    if alone:
        office.role(1, "End User")
    else:
        office.contact(2, role=None)
        office.role(2, "End User")
    office.run("2026-03-02T10:00", **settings)
    for name in BEFORE:
        office.done(name, on="2026-03-10T10:00")
    office.run("2026-03-10T11:00")
    office.done("role_training_delivered", on="2026-03-11T10:00")
    waived = ("activation", "goals_checked", "next_plan_agreed", "account_plan_recorded", "both_sides_told")
    for name in waived:
        office.done(name, on="2026-03-11T10:00")
    office.report(value_facts.record_goal_value, "quote turnaround", 12.0, on="2026-03-11T10:00")
    office.run("2026-03-11T11:00")


@pytest.mark.slow
def test_whose_training_was_skipped_is_not_told_that_it_is_done_until_it_is(office):
    office.customer()
    office.contact(2, role=None)
    office.role(2, "End User")
    office.run("2026-03-02T10:00")
    for name in BEFORE[:-2]:
        office.done(name, on="2026-03-10T10:00")
    office.run("2026-03-10T11:00")
    office.order(onboardings.skip_stage, "001-0001", on="2026-03-10T12:00", reason="they know it")
    assert office.status()["stage"] == "first_value"
    office.run("2026-03-12T11:00")
    assert "training_feedback" not in office.sent_kinds
    office.done("role_training_delivered", on="2026-03-12T11:30")
    office.run("2026-03-13T12:00")
    assert "training_feedback" in office.sent_kinds


def asking(office):
    """Return the mails with a question."""
    return [mail for mail in office.mails if "/s/" in mail.get_body(("plain",)).get_content()]


def kinds(mails):
    return [mail["X-First90-Effect"].split(":")[1] for mail in mails]


@pytest.mark.slow
@pytest.mark.parametrize("settings", [SERVED, {}])
def test_a_mail_asks_one_question_where_a_page_is_served(office, settings):
    activated(office, settings)
    office.run("2026-03-12T11:00")
    mails = asking(office)
    assert bool(mails) == bool(settings)
    asked = {kind: mail.get_body(("plain",)).get_content() for kind, mail in zip(kinds(mails), mails, strict=True)}
    assert asked.keys() == ({"training_feedback", "transition"} if settings else set())
    if settings:
        assert "Looking back at the training, how satisfied are you with it?" in asked["training_feedback"]
        assert "How easy was it to get started with us?" in asked["transition"], "who was trained takes not its turn"
        assert "https://first90.example/s/" in asked["transition"]


@pytest.mark.slow
def test_a_worker_that_dies_between_sending_and_recording_asks_nobody_twice(office):
    activated(office, SERVED, alone=True)
    office.run("2026-03-12T11:00")
    (before,) = asking(office)
    with office.context() as context, context.database.writing() as conn:
        left = {"state": EffectState.SENDING.value, "lease_token": "dead", "lease_until": LONG_AGO}
        row = update(EffectRow).where(EffectRow.key == before["X-First90-Effect"])
        assert conn.execute(row.values(**left, sent_at=None, provider_id=None)).rowcount == 1
    for at in ("2026-03-12T12:00", "2026-03-13T11:00"):
        office.run(at)
    (after,) = asking(office)
    assert after.as_bytes() == before.as_bytes()
    assert kinds([after]) == ["transition"]
    assert office.states("transition") == ["sent"]
    assert "training_feedback" in office.sent_kinds, "the next mail that may ask has left, without a question"
