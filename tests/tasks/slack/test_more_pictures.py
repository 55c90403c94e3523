"""The pictures of docs/slack.md beside those of one customer's life: replies, answers, notes, and the other forms.

Drawn as ``test_pictures`` says: ``DRAW_PICTURES=1`` writes them anew.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.playbook_library.library import BUNDLED
from onboarding.plan_page.form import AnswerKind
from tasks.slack.slash import handle_command
from tests.integrations.slack.far_slack import FarSlack, Message, far_slack
from tests.integrations.slack.picture import draw, hold_to
from tests.tasks.conftest import Office, moment
from tests.tasks.delivery.test_plan_answers import WORK, opened, say
from tests.tasks.delivery.test_survey_question import activated
from tests.tasks.review.test_absences import BACKUP, LONDON, team
from tests.tasks.slack.conftest import CLEO, PRESSED, Floor, on_slack
from tests.tasks.slack.test_pictures import modal, of

FORMS = ("snooze", "resolve", "hand_over", "handoff", "goal_value", "task", "resume")
ASKED = ("status", "find customer", "explain customer", "away until 2026-03-09 manager@vendor.example", "help")


@pytest.fixture
def workspace(office: Office, monkeypatch: pytest.MonkeyPatch) -> Iterator[FarSlack]:
    """Return a workspace in which the vendor's people are."""
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    with far_slack() as slack:
        on_slack(office, slack)
        for mail in (CLEO, BACKUP, "manager@vendor.example", "director@vendor.example", "seller@vendor.example"):
            slack.person(mail.partition("@")[0], mail)
        yield slack
        office.shut()


def got(slack: FarSlack, said: str, reader: str = CLEO) -> Message:
    """Return a person's message whose headline contains this."""
    return next(one for one in slack.inbox(reader) if said in one.body["text"])


def answered(floor: Floor, text: str) -> str:
    """Return the picture of what was asked with ``/first90``, and of the answer."""
    with floor.office.context() as context:
        handle_command(context, floor.slack.command(floor.people[CLEO], text), moment(PRESSED))
    asked = {"type": "context", "elements": [{"type": "mrkdwn", "text": f"/first90 {text}"}]}
    answer = {"type": "section", "text": {"type": "mrkdwn", "text": floor.slack.said[-1]}}
    return draw([asked, answer])


@pytest.mark.slow
def test_the_other_forms(floor: Floor) -> None:
    for kind in FORMS:
        if kind == "resume":
            view = floor.ask_for("hold")
            floor.send(view, reason="A freeze", until="2026-03-20")
        hold_to(f"form-{kind.replace('_', '-')}", modal(floor.ask_for(kind)))


def test_the_answers_to_the_command(floor: Floor) -> None:
    for text in ASKED:
        hold_to(f"command-{text.split()[0]}", answered(floor, text))


def test_a_reply_with_news(floor: Floor) -> None:
    for at in ("2026-03-06T10:00", "2026-03-09T10:00"):
        floor.office.run(at)
    reply = next(one for one in floor.slack.inbox(CLEO) if one.thread_ts is not None)
    hold_to("reply", of(reply))


@pytest.mark.slow
def test_news_that_are_gathered(office: Office, workspace: FarSlack, tmp_path: Path) -> None:
    folder = tmp_path / "playbooks"
    folder.mkdir()
    for path in BUNDLED.glob("*.yaml"):
        text = path.read_text("utf-8").replace("messages_a_day: 12", "messages_a_day: 3")
        (folder / path.name).write_text(text, "utf-8")
    office.setenv("FIRST90_PLAYBOOKS", str(folder))
    for number in range(1, 6):
        office.customer(number)
    for at in ("2026-03-02T10:00", "2026-03-03T13:00", "2026-03-04T09:00"):
        office.run(at)
    hold_to("gathered", of(got(workspace, "more changes")))


@pytest.mark.slow
def test_activation_and_the_account_plan(office: Office, workspace: FarSlack) -> None:
    activated(office, {})
    office.run("2026-03-12T11:00")
    hold_to("activation", of(got(workspace, "First value reached")))
    hold_to("account-plan", of(got(workspace, "Account plan")))


@pytest.mark.slow
def test_the_answers_of_the_plan_page(office: Office, workspace: FarSlack) -> None:
    token = opened(office)
    given: list[tuple[AnswerKind, str, dict[str, Any]]] = [
        (AnswerKind.DONE, WORK, {}),
        (AnswerKind.BLOCKED, "integrations_connected", {"cause": "access", "comment": "no admin rights"}),
        (AnswerKind.MOOD, "", {"score": "2"}),
    ]
    for kind, about, more in given:
        say(office, token, kind, about, **more)
    office.run("2026-03-02T10:30")
    hold_to("plan-answers", of(got(workspace, "on the plan page")))


@pytest.mark.slow
def test_the_notes_on_an_absence(office: Office, workspace: FarSlack, tmp_path: Path) -> None:
    office.user(5, Name="Bea Backup", Email=BACKUP, ManagerId="005-0003", **LONDON)
    team(office, tmp_path, "away: [{from: 2026-03-02, until: 2026-03-06}]")
    office.customer()
    office.change("001-0001", First90_CSM__c="005-0002")
    for at in ("2026-03-02T10:00", "2026-03-03T12:01", "2026-03-06T09:30"):
        office.run(at)
    hold_to("away", of(got(workspace, "covers for you")))
    hold_to("cover", of(got(workspace, "You cover for", BACKUP)))
    hold_to("back", of(got(workspace, "Welcome back")))
