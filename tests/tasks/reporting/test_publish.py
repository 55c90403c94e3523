"""The weekly and the monthly report: kept, mailed once to the leaders, and what got worse told once to managers."""

import json
from dataclasses import replace
from functools import cache

import pytest

from database import key_values
from database.privacy import suppressions
from onboarding.messages.report_messages import ReportMail
from onboarding.metrics.figures import Share
from onboarding.metrics.movement import Turn
from onboarding.metrics.period import Period
from onboarding.model.suppressions import Suppressed
from onboarding.model.vocabulary import Channel
from onboarding.orders import Order
from tasks.delivery.deliver_all import deliver
from tasks.reporting import publish as publishing
from tasks.reporting.publish import publish
from tasks.runtime.scope import ALL_ACCOUNTS, Scope
from tests.tasks.conftest import MONDAY, moment

pytestmark = pytest.mark.slow
LEADERS = ("vp@vendor.example", "Chief@vendor.example")


def made(office, at=MONDAY, period=Period.WEEKLY, leaders=LEADERS, scope=ALL_ACCOUNTS):
    """A report is made and everything that is owed leaves."""
    at = moment(at)
    with office.context() as context:
        named = replace(context, team=replace(context.team, leaders=leaders))
        found = publish(named, at, scope, period)
        for channel in (Channel.MAIL, Channel.SLACK):
            deliver(named, at, channel, ALL_ACCOUNTS)
        return found


def reports(office):
    return [
        mail
        for mail in office.mails
        if mail["To"].addresses[0].addr_spec.lower() in ("vp@vendor.example", "chief@vendor.example")
    ]


@pytest.fixture
def two_weeks(office):
    """Three customers, of whom one activates in the second week."""
    for number in (1, 2, 3):
        office.customer(number, First90_Signed_At__c="2026-03-02T09:00:00Z")
    office.run()
    office.event("content_shared", "2026-03-11T15:00:00Z", user="person1@customer1.example")
    office.run("2026-03-12T10:00")
    return office


def test_each_leader_gets_one_short_mail_with_the_figures_that_moved(two_weeks):
    found = made(two_weeks, "2026-03-12T10:00")
    assert (found.name, found.mails) == ("weekly-2026-W11", 2)
    mails = reports(two_weeks)
    assert len(mails) == 2
    text = mails[0].get_body(("plain",)).get_content()
    assert "Activation rate: 33 %, before 0 % (better), few accounts" in " ".join(text.split())
    assert "Ask whoever runs first90 for you for the report as of 12 March 2026, 10:00 UTC." in " ".join(text.split())
    assert "first90 report" not in text, "a leader has no command line"
    assert "Users a day" not in text, "0.0 and 0.04 are both told as 0"
    assert "Customer 1" not in text, "a mail names no customer"
    assert mails[0]["Subject"] == "Onboarding report, weekly 2026-W11"
    assert mails[0]["List-Unsubscribe"] is None or "mailto:" in mails[0]["List-Unsubscribe"]


def test_in_a_rehearsal_no_leader_gets_it(two_weeks):
    two_weeks.setenv("FIRST90_MAIL_REDIRECT", "rehearsal@vendor.example")
    assert made(two_weeks, "2026-03-12T10:00").mails == 2
    assert reports(two_weeks) == []
    assert {mail["To"].addresses[0].addr_spec for mail in two_weeks.mails[-2:]} == {"rehearsal@vendor.example"}
    assert sorted(mail["Subject"] for mail in two_weeks.mails if "Onboarding report" in mail["Subject"]) == [
        "[for Chief@vendor.example] Onboarding report, weekly 2026-W11",
        "[for vp@vendor.example] Onboarding report, weekly 2026-W11",
    ]


def test_a_report_with_nothing_to_compare_claims_no_movement() -> None:
    mail = ReportMail(subject="Onboarding report", lines=(), where="first90 report")
    assert "No figure moved, or none can be compared" in mail.body
    assert "Moved most" not in mail.body
    assert "**Moved most since the last report:**\n- Activation rate" in replace(mail, lines=("Activation rate",)).body


def test_made_again_it_leaves_no_second_mail(two_weeks):
    made(two_weeks, "2026-03-12T10:00")
    again = made(two_weeks, "2026-03-12T16:00")
    assert again.mails == 0
    assert len(reports(two_weeks)) == 2
    assert made(two_weeks, "2026-03-16T10:00").mails == 2, "the next week has a report of its own"
    assert made(two_weeks, "2026-03-16T10:00", Period.MONTHLY).name == "monthly-2026-03"


def test_a_leader_named_twice_gets_one_and_a_closed_address_none(two_weeks):
    leaders = ("vp@vendor.example", "VP@vendor.example", "gone@vendor.example")
    order = Order(by="the provider", now=moment("2026-03-12T09:00"))
    with two_weeks.context() as context, context.database.writing() as conn:
        suppressions.suppress(conn, ["gone@vendor.example"], Suppressed.BOUNCED, order)
    assert made(two_weeks, "2026-03-12T10:00", leaders=leaders).mails == 1


def test_a_mail_that_waits_does_not_reach_an_address_that_is_no_leaders_any_more(two_weeks):
    """Its link opens the board: somebody left, an address was mistyped, another one is closed."""
    two_weeks.setenv("FIRST90_MAIL", "smtp://127.0.0.1:1?starttls=never")
    assert made(two_weeks, "2026-03-12T10:00", leaders=(*LEADERS, "gone@vendor.example")).mails == 3
    order = Order(by="the provider", now=moment("2026-03-12T11:00"))
    with two_weeks.context() as context, context.database.writing() as conn:
        suppressions.suppress(conn, ["gone@vendor.example"], Suppressed.BOUNCED, order)
    two_weeks.setenv("FIRST90_MAIL", f"maildir:{two_weeks.home / 'mail'}")

    made(two_weeks, "2026-03-13T10:00", leaders=("vp@vendor.example", "gone@vendor.example"))

    assert [str(mail["To"]) for mail in reports(two_weeks)] == ["vp@vendor.example"]
    cancelled = {line["because"] for line in two_weeks.effects(kind="report", state="cancelled")}
    assert len(cancelled) == 2
    assert "the team file no longer names this address under leaders" in cancelled


def test_the_page_is_kept_for_the_board(two_weeks):
    made(two_weeks, "2026-03-12T10:00")
    with two_weeks.context() as context, context.database.reading() as conn:
        page = key_values.read(conn, "report:weekly-2026-W11")
    assert page is not None
    assert "Moved most since 5 March 2026" in page.value
    made(two_weeks, "2027-06-01T10:00", leaders=())
    with two_weeks.context() as context, context.database.reading() as conn:
        assert key_values.read(conn, "report:weekly-2026-W11") is None, "not for ever"


def test_a_report_of_some_accounts_is_shown_and_neither_kept_nor_sent(two_weeks):
    found = made(two_weeks, "2026-03-12T10:00", scope=Scope(accounts=frozenset({"001-0001"})))
    assert (found.onboardings, found.mails) == (1, 0)
    assert reports(two_weeks) == []
    with two_weeks.context() as context, context.database.reading() as conn:
        assert key_values.read(conn, "report:weekly-2026-W11") is None


def worse(read):
    """The same portfolio, in which a month went badly."""

    def portfolios(database, question, *earlier):
        now, *before = read(database, question, *earlier)
        movement = replace(slower(), month="2026-02")
        rate = now.metric("completion_rate")
        low = replace(rate, estimate=replace(rate.estimate, value=0.1, n=3, of=30, low=0.03, high=0.26, small=False))
        metrics = tuple(low if one is rate else one for one in now.metrics)
        return replace(now, movements=(movement,), metrics=metrics), *before

    return portfolios


@cache
def slower():
    from onboarding.metrics import estimates
    from onboarding.metrics.movement import Movement

    before, after = (estimates.proportion([Share(met, 20)]) for met in (16, 8))
    return Movement(
        by="tier",
        segment="mid",
        metric="activation_rate",
        month="",
        before=before,
        after=after,
        turn=Turn.WORSE,
        chance=0.02,
    )


def test_what_got_worse_is_told_to_managers_once_and_to_leaders_first(two_weeks, monkeypatch):
    monkeypatch.setattr(publishing, "read_portfolios", worse(publishing.read_portfolios))
    found = made(two_weeks, "2026-03-12T10:00")
    assert len(found.alarms) == 2
    told = [post for post in two_weeks.posts if "Onboarding needs a look" in json.dumps(post)]
    assert len(told) == 1
    said = json.dumps(told[0], ensure_ascii=False)
    assert "40 %" in said
    assert "80 %" in said
    assert "TH-14" in said
    text = " ".join(reports(two_weeks)[0].get_body(("plain",)).get_content().split())
    assert text.index("Look at this first") < text.index("Moved most")
    made(two_weeks, "2026-03-16T10:00", Period.MONTHLY)
    made(two_weeks, "2026-03-23T10:00")
    assert len([post for post in two_weeks.posts if "Onboarding needs a look" in json.dumps(post)]) == 1
