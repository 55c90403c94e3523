"""What was said on the plan page reaches the owner: one Slack message for all of it, tasks until it is settled."""

import re
from datetime import date
from itertools import pairwise
from typing import Any

import pytest

from onboarding.orders import FactReport
from onboarding.plan_page.form import AnswerKind
from onboarding.plan_page.forms import form_for
from tasks.commands import facts as commands
from tasks.plan_page.answers import Outcome, form_token, keep_answer
from tasks.plan_page.links import make_link
from tasks.plan_page.opening import open_page
from tasks.runtime.clock import present
from tasks.views.picture import picture_of
from tests.tasks.delivery.test_plan_links import CHAMPION, LINK, MONDAY, SERVED, mail_to, text_of

WORK = "security_review"
TITLE = "Complete the security and compliance review"


def opened(office: Any) -> str:
    """Return the champion's token of a customer whose welcome has left."""
    for name, value in SERVED.items():
        office.setenv(f"FIRST90_{name}", value)
    office.customer()
    office.run(MONDAY)
    found: str = LINK.findall(text_of(mail_to(office, CHAMPION)))[0]
    return found


def say(office: Any, token: str, kind: AnswerKind, about: str = "", **given: str) -> None:
    with office.context() as context:
        with context.database.reading() as conn:
            page = open_page(context, conn, token)
        form = form_for(kind, about, page.page)
        said = keep_answer(context, token, (kind, about), {"form": form_token(context, page, form), **given})
    assert said.outcome is Outcome.KEPT


def told(office: Any) -> list[str]:
    """Return the Slack messages about the plan page, each as its text."""
    posts = [str(post) for post in office.posts]
    return [post for post in posts if "on the plan page" in post]


def tasks(office: Any) -> str:
    """Return the tasks of the owner, each with its command."""
    with office.context() as context, context.database.reading() as conn:
        seen = picture_of(conn, "Customer 1", context.wall_clock())
    assert "first90" not in "".join(task.text for task in seen.review.tasks), "the digest names no command"
    return "\n".join(f"{task.text} ({task.command})" for task in seen.review.tasks)


@pytest.mark.slow
def test_all_that_was_said_is_one_message(office: Any) -> None:
    token = opened(office)
    say(office, token, AnswerKind.DONE, WORK)
    office.run("2026-03-02T10:05")
    assert told(office) == [], "it waits for more"
    say(office, token, AnswerKind.BLOCKED, "integrations_connected", cause="access", comment="no admin rights")
    say(office, token, AnswerKind.MOOD, score="2")
    say(office, token, AnswerKind.TASK, title="Order the laptops", day="2026-03-20")
    office.run("2026-03-02T10:30")
    [message] = told(office)
    assert "Customer 1: 4 answers on the plan page" in message
    assert "adds work of their side, “Order the laptops”, due on 20 March 2026" in message
    assert f"marked “{TITLE}” as done." in message
    assert "access or a permission is missing: “no admin rights”" in message
    assert "it goes so-so" in message
    for at in ("2026-03-02T11:00", "2026-03-03T10:00"):
        office.run(at)
    assert len(told(office)) == 1
    say(office, token, AnswerKind.PACE, days="28")
    office.run("2026-03-04T10:00")
    assert "1 answer on the plan page" in told(office)[-1]
    assert "marked" not in told(office)[-1]
    assert len(told(office)) == 2


@pytest.mark.slow
def test_a_run_that_is_repeated_tells_nothing_twice(office: Any) -> None:
    token = opened(office)
    say(office, token, AnswerKind.MOOD, score="3")
    for _ in range(3):
        office.run("2026-03-02T10:30")
    assert len(told(office)) == 1
    assert office.states("plan_answers", channel="slack") == ["sent"]


@pytest.mark.slow
def test_what_waits_for_the_owner_is_a_task_until_it_is_settled(office: Any) -> None:
    token = opened(office)
    say(office, token, AnswerKind.DATE, WORK, day="2026-04-10", comment="Ina is away")
    say(office, token, AnswerKind.COLLEAGUE, name="Nora Neu", email="nora@customer1.example", role="end_user")
    say(office, token, AnswerKind.BLOCKED, "integrations_connected", cause="decision")
    waiting = tasks(office)
    key = re.search(r"first90 record (\S+) due security_review 2026-04-10", waiting)
    assert key, waiting
    assert f"proposes 10 April 2026 for “{TITLE}”" in waiting
    assert f"names Nora Neu (nora@customer1.example) as end user: confirm them (first90 plan-link {key[1]}" in waiting
    assert "a decision is missing" in waiting

    day = date(2026, 4, 10)
    office.report(commands.record_due, WORK, day, on="2026-03-02T12:00")
    with office.context() as context:
        report = FactReport(by="cleo@vendor.example", now=present(context))
        assert make_link(context, report, "Customer 1", "nora@customer1.example").confirmed
    say(office, token, AnswerKind.BLOCKED, "integrations_connected", cause="none")
    office.run("2026-03-02T13:00")
    assert [line for line in tasks(office).splitlines() if "Nora" in line or TITLE in line or "decision" in line] == []
    assert office.milestones()[WORK]["due_at"].date() == day


@pytest.mark.slow
def test_a_reader_gets_status_mails_as_seldom_as_they_chose(office: Any) -> None:
    token = opened(office)
    office.done("kickoff_held", on="2026-03-03T10:00")
    for name in ("goals_confirmed", "stakeholders_identified", "cadence_agreed", "plan_agreed", "contacts_introduced"):
        office.done(name, on="2026-03-03T10:00")
    say(office, token, AnswerKind.PACE, days="28")
    days = [f"2026-{month:02}-{day:02}T10:00" for month in (3, 4) for day in range(4, 31)]
    for at in days:
        office.run(at)
    sent = [mail["Date"].datetime.date() for mail in office.mails if "status_update" in mail["X-First90-Effect"]]
    assert len(sent) >= 2
    assert all((later - earlier).days >= 21 for earlier, later in pairwise(sent)), sent
    assert any("wants status mails every 28 days only" in line for line in office.journal())
