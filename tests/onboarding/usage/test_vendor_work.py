"""Titles and signals of an activation that measure the vendor's work (GO-2)."""

import pytest

from onboarding.usage.vendor_work import is_vendor_work


@pytest.mark.parametrize(
    "text",
    [
        "Completed setup",
        "setup_completed",
        "Setup wizard complete",
        "kickoff held",
        "Hold the kick-off call",
        "Onboarding completed",
        "onboarding.completed",
        "Users trained",
        "Training sessions delivered",
        "Account configured",
        "Workspace set up",
        "Data migration completed",
        "Get everyone onboarded",
        "Customers have completed the setup of the product",
        "Go-live",
        "went live",
        "Welcome e-mail sent",
        "Handoff done",
    ],
)
def test_work_of_ours_is_seen_as_such(text: str) -> None:
    assert is_vendor_work(text)


@pytest.mark.parametrize(
    "text",
    [
        "Share the first content with a prospect from inside Salesforce",
        "First project created and completed",
        "Complete the first account plan",
        "First actionable insight generated",
        "First quote configured by a sales rep",
        "content_shared",
        "task_completed",
        "report viewed",
        "Setup time per quote halved",
        "First campaign went live",
    ],
)
def test_what_customers_do_is_not(text: str) -> None:
    assert not is_vendor_work(text)
