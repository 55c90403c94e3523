"""In Slack a person does what their role allows: every button, form and command, every role."""

import itertools
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from database.channels.stops import stops
from integrations.slack import buttons
from integrations.slack.interactions import Press
from integrations.slack.people import WorkspaceUser
from integrations.slack.workspace import SlackWorkspace
from onboarding.acts import Act
from onboarding.forms.form import FormKind
from onboarding.orders import Order
from onboarding.people.team import Team
from onboarding.permissions.access import Access
from onboarding.permissions.table import MAY, AccessRole, Permission
from tasks.approvals.asking import second_person
from tasks.runtime.context import RunContext
from tasks.runtime.refusals import Refused
from tasks.slack import requests
from tasks.slack.permissions import BUTTONS, COMMANDS, FORMS, of_press, of_words
from tasks.slack.requests import SlackPerson, known_member
from tasks.slack.slash import handle_command
from tests.tasks.conftest import moment
from tests.tasks.slack.conftest import CLEO, MAX, PRESSED, Floor, opened

PEOPLE = {role: f"{role}@example.com" for role in AccessRole}
TEAM = Team(access=Access(**{role.value: (address,) for role, address in PEOPLE.items()}))
NEEDED = {
    **{f"button {action}": permission for action, permission in BUTTONS.items()},
    **{f"form {kind}": permission for kind, permission in FORMS.items()},
    **{f"/first90 {word}": of_words(f"{word} x") for word in (*COMMANDS, "status", "explain", "find", "help", "")},
}


def test_every_button_and_form_has_its_permission() -> None:
    actions = {
        getattr(buttons, name)
        for name in ("ACK", "SNOOZE", "REASSIGN", "DONE", "WHY", "APPROVE", "DISCARD", "CONFIRM", "REFUSE")
    }
    assert set(BUTTONS) == actions
    assert set(FORMS) == set(FormKind)


def ask(name: str, permission: Permission, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the refusal of a person in Slack; empty where they may."""
    monkeypatch.setattr(requests, "owner_of", lambda owners, email: None)
    monkeypatch.setattr(requests, "overview", SimpleNamespace(owners=lambda conn: ()))
    member = WorkspaceUser(id="U1", email=name, zone="UTC", refused=None)
    slack = SimpleNamespace(people=SimpleNamespace(team=lambda: "T1", member=lambda user: member))
    database = SimpleNamespace(reading=lambda: _Nothing())
    context = SimpleNamespace(team=TEAM, database=database)
    try:
        known_member(
            cast(RunContext, context), cast(SlackWorkspace, slack), SlackPerson(team="T1", user="U1"), permission
        )
    except Refused as refused:
        return str(refused)
    return ""


class _Nothing:
    def __enter__(self) -> None: ...

    def __exit__(self, *error: Any) -> None: ...


@pytest.mark.parametrize(("act", "role"), list(itertools.product(NEEDED, AccessRole)), ids=str)
def test_each_act_is_for_those_who_may(act: str, role: AccessRole, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = ask(PEOPLE[role], NEEDED[act], monkeypatch)
    assert bool(refused) == (role not in MAY[NEEDED[act]])
    assert not refused or "ask a" in refused


def test_who_has_no_role_does_not_even_look(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "no active user of the CRM" in ask("stranger@example.com", Permission.LOOK, monkeypatch)


def test_a_button_of_another_version_needs_the_most() -> None:
    press = Press(
        id="1",
        team="T1",
        user="U1",
        action="first90.unknown",
        onboarding="006",
        episode=None,
        value="",
        response_url="",
    )
    assert of_press(press) is Permission.OPERATE
    assert of_press(replace(press, form=FormKind.HOLD)) is Permission.STEER


def with_roles(floor: Floor, **roles: str) -> None:
    path = floor.office.home / "team.yaml"
    path.write_text("access:\n" + "".join(f"  {role}: [{holder}]\n" for role, holder in roles.items()))
    floor.office.shut()
    floor.office.setenv("FIRST90_TEAM", str(path))


@pytest.mark.slow
def test_a_viewer_is_told_why_and_whom_to_ask_and_a_csm_goes_on(floor: Floor) -> None:
    with_roles(floor, viewer=CLEO, csm=MAX)
    told = floor.press("ack")
    assert told.startswith(f"Nothing was changed: {CLEO} is viewer and may not hold, resume, reassign")
    assert f"ask a csm or a manager: {MAX}" in told
    assert "may not" in floor.ask_for("hold").text
    assert floor.journal("ack", "hold") == []
    assert "may not" not in floor.press("why")
    assert floor.press("ack", by=MAX) == "Acknowledged: it rests before it climbs."
    assert [line["by"] for line in floor.journal("ack")] == [MAX]


def test_a_form_is_asked_again_when_it_is_sent(floor: Floor) -> None:
    view = floor.ask_for("hold")
    with_roles(floor, viewer=CLEO)
    floor.send(view, reason="merger")
    assert floor.journal("hold") == []
    assert "may not" in floor.slack.modal.text


def test_who_lost_every_role_is_refused_also_at_home(floor: Floor) -> None:
    with_roles(floor, csm=MAX)
    assert "has no role in the team file" in opened(floor).text


def test_the_journal_says_how_a_person_in_slack_is_known(floor: Floor) -> None:
    floor.press("ack")
    assert [line["known"] for line in floor.journal("ack")] == [f"Slack {floor.people[CLEO]}"]


def test_a_second_person_confirms_in_slack(floor: Floor) -> None:
    with floor.office.context() as context:
        order = Order(by="jo@vendor.example", now=moment(PRESSED), reason="wrong template")
        gated = {
            tier: replace(one, playbook=replace(one.playbook, four_eyes=(Act.STOP,)))
            for tier, one in context.library.playbook_versions.items()
        }
        context = replace(context, library=replace(context.library, playbook_versions=gated))
        told = second_person(context, order, Act.STOP, {"channel": "mail"})
        assert told is not None
        assert "/first90 confirm" in told

        def write(text: str) -> str:
            handle_command(context, floor.slack.command(floor.people[MAX], text), moment(PRESSED))
            return str(floor.slack.said[-1])

        listed = write("approvals")
        assert "stop mail, asked by jo@vendor.example: wrong template" in listed
        assert write("confirm") == "Sorry: write the id after it, as /first90 approvals lists it."
        request = listed.removeprefix("• ")[:8]
        assert write(f"confirm {request}").startswith("Stopped: nothing leaves on mail")
        assert "was done already" in write(f"confirm {request}")
        with context.database.reading() as conn:
            assert [one.by for one in stops(conn)] == ["jo@vendor.example"]
        assert write("approvals") == "Nothing waits for a second person."
