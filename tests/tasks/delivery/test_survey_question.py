"""A mail asks its question with a link for its reader, nobody is asked twice, and nothing where no page is served."""

import pytest

from tasks.commands import value_facts

BEFORE = (
    *("kickoff_held", "cadence_agreed", "plan_agreed", "requirements_documented", "security_review"),
    *("integrations_connected", "access_configured", "validation_passed", "tasks_done_end_users", "tasks_done_admins"),
)
SERVED = {"PUBLIC_URL": "https://first90.example", "LINK_SECRET": "a-secret-of-forty-characters-for-the-links"}


@pytest.mark.slow
@pytest.mark.parametrize("settings", [SERVED, {}])
def test_a_mail_asks_one_question_where_a_page_is_served(office, settings):
    office.customer()
    office.run("2026-03-02T10:00", **settings)
    for name in BEFORE:
        office.done(name, on="2026-03-10T10:00")
    office.run("2026-03-10T11:00")
    waived = ("activation", "goals_checked", "next_plan_agreed", "account_plan_recorded", "both_sides_told")
    for name in waived:
        office.done(name, on="2026-03-11T10:00")
    office.report(value_facts.record_goal_value, "quote turnaround", 12.0, on="2026-03-11T10:00")
    office.run("2026-03-11T11:00")
    office.run("2026-03-12T11:00")
    mails = [mail for mail in office.mails if "/s/" in mail.get_body(("plain",)).get_content()]
    assert bool(mails) == bool(settings)
    asked = [mail["X-First90-Effect"].split(":")[1] for mail in mails]
    assert asked in ([], ["activation"]), "the first of them asks, and its reader then rests"
    for mail in mails:
        text = mail.get_body(("plain",)).get_content()
        assert "How satisfied are you with the training?" in text
        assert "https://first90.example/s/" in text
