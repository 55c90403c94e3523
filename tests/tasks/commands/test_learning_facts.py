"""Advocates and lessons as a person records them: kept once, proving their work, refused where they cannot be."""

from datetime import timedelta

import pytest

from database.onboardings.facts import lesson_lines
from onboarding.facts.renewal import renewal_sentences
from onboarding.model.vocabulary import Advocacy, RenewalOutlook, Stage
from tasks.commands import learning_facts
from tasks.runtime.refusals import Refused
from tasks.slack.requests import read_asked
from tests.tasks.conftest import MONDAY

DAY = timedelta(days=1)


@pytest.fixture
def opened(office):
    office.customer()
    office.run()
    return office


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


def test_the_outlook_on_the_renewal_needs_its_why_and_the_last_one_holds(opened):
    with pytest.raises(Refused, match="needs its why"):
        opened.report(learning_facts.record_renewal, RenewalOutlook.RENEW, " - ")
    assert opened.report(learning_facts.record_renewal, RenewalOutlook.RENEW, "They said so").startswith("Outlook kept")
    opened.report(learning_facts.record_renewal, RenewalOutlook.AT_RISK, "Their sponsor left", on=MONDAY + DAY)
    with opened.context() as context, context.database.reading() as conn:
        asked = read_asked(context, conn, "001-0001", MONDAY + 2 * DAY, "UTC")
    (said,) = renewal_sentences(asked.case, MONDAY + 2 * DAY)
    assert said == "At the renewal: at risk, because: Their sponsor left (jo@vendor.example, 3 March 2026)."
