"""Advocates and lessons as a person records them: kept once, proving their work, refused where they cannot be."""

from datetime import timedelta

import pytest

from database.onboardings.facts import lesson_lines
from onboarding.account_plan.plan import account_plan
from onboarding.explain.explanation import explain
from onboarding.facts.goal_words import Aim, aim_sentences
from onboarding.facts.renewal import renewal_sentences
from onboarding.model.vocabulary import Advocacy, RenewalOutlook, Stage
from onboarding.review_case import review
from tasks.commands import learning_facts
from tasks.runtime.refusals import Refused
from tasks.slack.requests import read_asked
from tests.tasks.conftest import MONDAY

DAY = timedelta(days=1)


def test_a_lesson_is_kept_once_and_listed_with_its_customer(opened):
    said = opened.report(learning_facts.record_lesson, "Ask for the questionnaire early", Stage.SETUP)
    assert said == "Lesson kept of setup."
    assert opened.report(learning_facts.record_lesson, "Ask for the questionnaire early", Stage.SETUP).startswith(
        "Known"
    )
    with opened.context() as context, context.database.reading() as conn:
        (line,) = lesson_lines(conn)
    assert (line.stage, line.text, line.by) == ("setup", "Ask for the questionnaire early", "jo@vendor.example")
    with pytest.raises(Refused, match="empty"):
        opened.report(learning_facts.record_lesson, " \n", None)


def test_an_advocate_is_a_contact_of_the_account(opened):
    said = opened.report(learning_facts.record_advocate, "Person1@customer1.example", Advocacy.CASE_STUDY, consent=True)
    assert "as case study, with their consent" in said
    with pytest.raises(Refused, match="no contact of"):
        opened.report(learning_facts.record_advocate, "eve@elsewhere.example", Advocacy.REFERENCE, consent=True)


def test_the_aims_of_a_customer_stand_above_its_goals_and_the_last_of_each_holds(opened):
    said = opened.report(learning_facts.record_aim, "Grow without more sellers", Aim.OBJECTIVE)
    assert said == "Kept. What it serves: Grow without more sellers."
    assert opened.report(learning_facts.record_aim, "Grow without more sellers", Aim.OBJECTIVE).startswith("Known")
    opened.report(learning_facts.record_aim, "Quotes in one click", Aim.CAPABILITY)
    opened.report(learning_facts.record_aim, "Quotes on the phone", Aim.CAPABILITY, on=MONDAY + DAY)
    with pytest.raises(Refused, match="empty"):
        opened.report(learning_facts.record_aim, " - ", Aim.CAPABILITY)
    with opened.context() as context, context.database.reading() as conn:
        asked = read_asked(context, conn, "001-0001", MONDAY + 2 * DAY, "UTC")
    aims = ("What it serves: Grow without more sellers", "Why they bought it: Quotes on the phone")
    assert aim_sentences(asked.case.facts) == aims
    reviewed = review(asked.case, asked.playbook, MONDAY + 2 * DAY)
    assert account_plan(asked.case, reviewed.review).aims == aims
    assert explain(asked.case, reviewed.review, reviewed.playbook, MONDAY + 2 * DAY).goals[:2] == aims


def test_the_outlook_on_the_renewal_needs_its_why_and_the_last_one_holds(opened):
    with pytest.raises(Refused, match="needs its why"):
        opened.report(learning_facts.record_renewal, RenewalOutlook.RENEW, " - ")
    assert opened.report(learning_facts.record_renewal, RenewalOutlook.RENEW, "They said so").startswith("Outlook kept")
    opened.report(learning_facts.record_renewal, RenewalOutlook.AT_RISK, "Their sponsor left", on=MONDAY + DAY)
    with opened.context() as context, context.database.reading() as conn:
        asked = read_asked(context, conn, "001-0001", MONDAY + 2 * DAY, "UTC")
    (said,) = renewal_sentences(asked.case, MONDAY + 2 * DAY)
    assert said == "At the renewal: at risk, because: Their sponsor left (jo@vendor.example, 3 March 2026)."
