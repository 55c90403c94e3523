"""An office whose people are on Slack, and a customer whose kickoff is not booked, of which the CSM was told."""

import os
import shutil
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from tasks.slack.filling import open_waiting
from tasks.slack.home import handle_event
from tasks.slack.presses import handle_press
from tasks.slack.submissions import handle_submission, reply_to
from tests.integrations.slack.far_slack import APP_TOKEN, BOT_TOKEN, MANAGERS, FarSlack, Message, View, far_slack
from tests.tasks.conftest import Office, furnish, moment

CLEO, MAX, DANA = "csm@vendor.example", "manager@vendor.example", "director@vendor.example"
STALLED, PRESSED = "2026-03-05T10:00", "2026-03-05T11:00"
DIALECTS = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


class Floor:
    """An office whose people are on Slack."""

    def __init__(self, office: Office, slack: FarSlack) -> None:
        self.office, self.slack = office, slack
        self.people = {mail: slack.person(mail.partition("@")[0], mail) for mail in (CLEO, MAX, DANA)}

    @property
    def stall(self) -> Message:
        """Return the message on the stall that Cleo got."""
        return next(one for one in self.slack.inbox(CLEO) if ":stall:" in one.key and one.thread_ts is None)

    def press(self, action: str, chosen: str = "", by: str = CLEO, on: str = PRESSED, **more: Any) -> str:
        """Press a button of the stall's message; return the answers to the person."""
        return self.hear(self.pressed(action, chosen, by, **more), on)

    def pressed(self, action: str, chosen: str = "", by: str = CLEO, **more: Any) -> dict[str, Any]:
        """Return the payload of a press; messages of earlier versions, still in Slack, have more menus."""
        place = more.pop("of", None) or self.stall
        if action in ("snooze", "reassign"):
            place = with_old_menus(place)
        return self.slack.press(place, self.people.get(by, by), action, chosen, **more)

    def ask(self, action: str, chosen: str = "", by: str = CLEO, on: str = PRESSED, **more: Any) -> View:
        """Press a button that opens a form; return the modal."""
        before = len(self.slack.views)
        self.receive(self.pressed(action, chosen, by, **more), on)
        assert len(self.slack.views) == before + 1
        return self.slack.modal

    def ask_for(self, kind: str, by: str = CLEO, on: str = PRESSED) -> View:
        """Open a form by its button, or by the menu with the rest."""
        button = f'"first90.form.{kind}"' in self.stall.text
        return self.ask(f"form.{kind}", by=by, on=on) if button else self.ask("more", f":{kind}", by=by, on=on)

    def send(self, view: View, by: str | None = None, on: str = PRESSED, **answers: str) -> dict[str, str]:
        """Submit a modal; return the errors at its fields. What came of it is in the modal."""
        return self.receive(self.slack.submit(view, by and self.people[by], **answers), on)

    def receive(self, payload: dict[str, Any], on: str = PRESSED) -> dict[str, str]:
        """Take a payload as over HTTP or Socket Mode, at a moment of our own; return the errors at a form's fields."""
        with self.office.context() as context:
            told = reply_to(context, payload, moment(on))
            view_id = open_waiting(context, payload)
            found: dict[str, str] = {}
            if payload["type"] == "view_submission":
                found = self.slack.replied(self.slack.views[payload["view"]["id"]], told)
            if not found:
                handle_press(context, payload, moment(on), view_id)
                handle_submission(context, payload, moment(on))
        return found

    def hear(self, payload: dict[str, Any], on: str = PRESSED) -> str:
        before = len(self.slack.said)
        with self.office.context() as context:
            handle_press(context, payload, moment(on))
        assert len(self.slack.said) == before + 1
        return self.slack.said[-1]

    def journal(self, *kinds: str) -> list[dict[str, Any]]:
        """Return what people did, in order."""
        from database.onboardings.overview import journal_lines

        with self.office.context() as context, context.database.reading() as conn:
            found = [dict(line) for line in journal_lines(conn, "006-0001")]
        return [line for line in found if line["kind"] in kinds]


def opened(floor: Floor, who: str = CLEO, on: str = PRESSED) -> View:
    """Open a person's App Home; return what it shows."""
    with floor.office.context() as context:
        handle_event(context, floor.slack.home_opened(floor.people[who]), moment(on))
    return floor.slack.homes[floor.people[who]]


@dataclass(frozen=True)
class Stalled:
    """The state that follows from a customer whose kickoff is not booked, made once and copied for each test."""

    home: Path
    crm: Path
    slack: FarSlack


def with_old_menus(message: Message) -> Message:
    """Return the message as an earlier version posted it: a day and a person are chosen in the message itself."""
    block = next(block for block in message.body["blocks"] if block["type"] == "actions")
    old = {
        "type": "actions",
        "block_id": block["block_id"].rpartition("|")[0] + "|0123456789ab",
        "elements": [
            {"type": "datepicker", "action_id": "first90.snooze"},
            {"type": "users_select", "action_id": "first90.reassign"},
        ],
    }
    return replace(message, body={**message.body, "blocks": [*message.body["blocks"], old]})


def on_slack(office: Office, slack: FarSlack) -> None:
    given = {"CHAT": "slack", "SLACK_TOKEN": BOT_TOKEN, "SLACK_CHANNEL": MANAGERS, "SLACK_APP_TOKEN": APP_TOKEN}
    for name, value in {**given, "SLACK_API_URL": slack.api_url}.items():
        office.setenv(f"FIRST90_{name}", value)


def stall(office: Office, slack: FarSlack) -> Floor:
    """Run until Cleo is told that her customer's kickoff is not booked."""
    on_slack(office, slack)
    found = Floor(office, slack)
    office.customer()
    office.run()
    office.run(STALLED)
    return found


@pytest.fixture(scope="module")
def stalled(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Stalled]:
    folder = tmp_path_factory.mktemp("stalled")
    with pytest.MonkeyPatch.context() as env, far_slack() as slack:
        for name in [name for name in os.environ if name.startswith("FIRST90_") or name.lower().endswith("_proxy")]:
            env.delenv(name)
        made = furnish(Office(folder / "crm", folder / "home", env.setenv), sqlite_template)
        stall(made, slack)
        made.shut()
        yield Stalled(made.home, made.folder, slack)


@pytest.fixture
def floor(office: Office, stalled: Stalled, monkeypatch: pytest.MonkeyPatch) -> Iterator[Floor]:
    """Return a customer whose kickoff is not booked, of which Cleo was told."""
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    shutil.copytree(stalled.home, office.home, dirs_exist_ok=True)
    shutil.copytree(stalled.crm, office.folder)
    office.customer()
    with far_slack() as slack:
        on_slack(office, slack)
        found = Floor(office, slack)
        slack.messages = deepcopy(stalled.slack.messages)
        yield found
        office.shut()


@pytest.fixture(params=DIALECTS)
def whole_floor(
    request: pytest.FixtureRequest,
    office: Office,
    new_database_url: Callable[[str], str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Floor]:
    """Return the same, run from the beginning on both databases."""
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    if request.param == "postgres":
        office.setenv("FIRST90_DATABASE_URL", new_database_url("postgres"))
    with far_slack() as slack:
        yield stall(office, slack)
        office.shut()
