"""What a German reader is shown in Slack besides messages: every form, its refusals, the Home tab, and each answer."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from integrations.slack.views.modals import ModalSubject, form_view
from onboarding.forms.answers import problems
from onboarding.forms.asking import form_for, nothing_to_ask
from onboarding.forms.form import FormKind
from onboarding.model.parties import BuyIn, ItemSaid, Position, ProfileItem
from onboarding.orders import FactReport
from onboarding.sentences.sentence import Sentence, sentence
from tasks.clashes import record_conflict
from tasks.slack.readers import Reader
from tasks.slack.requests import read_asked
from tasks.slack.slash import handle_command
from tasks.views.languages import slack_language
from tests.integrations.slack.block_rules import view_faults
from tests.tasks.conftest import moment
from tests.tasks.simulation.test_german_slack import WORDS, english, texts
from tests.tasks.slack.conftest import CLEO, MAX, PRESSED, Floor, opened

STOP_WORDS = re.compile(
    r"\b(the|and|of|to|not|with|this|is|are|it|what|for|from|your|you|has|have|until|who|write|choose|say)\b", re.I
)
PHRASES = [one for one in dict.fromkeys(english()) if len(one) > 9 and WORDS.texts.get(one) != one]
COMMANDS = re.compile(r"`[^`]*`|/first90 \w+( \w+)?|away until|“[^”]*”|„[^“]*“")
"""Words of commands, which are English in every language, and what a person wrote."""


@pytest.fixture
def german(floor: Floor, tmp_path: Path) -> Floor:
    """Return the office with a team whose language is German."""
    path = tmp_path / "team.yaml"
    path.write_text("language: de\n", "utf-8")
    floor.office.setenv("FIRST90_TEAM", str(path))
    floor.office.shut()
    return floor


def in_english(text: str) -> list[str]:
    """Return the English words and phrases in a text."""
    said = COMMANDS.sub("", text)
    return [word[0] for word in STOP_WORDS.finditer(said) if not word[0].isupper()] + [
        one for one in PHRASES if one in said
    ]


def shown(value: Any) -> Iterator[str]:
    yield from (text for text in texts(value) if text not in ("first90", "-"))


def all_forms(german: Floor) -> Iterator[tuple[FormKind, dict[str, Any]]]:
    """Yield each kind of form with its modal, of an account with a conflict and a goal."""
    with german.office.context() as context:
        record_conflict(context, FactReport(by=CLEO, now=moment(PRESSED)), "001-0001", "CRM", "Umzug")
    with german.office.context() as context:
        with context.database.reading() as conn:
            asked = read_asked(context, conn, "001-0001", moment(PRESSED), "Europe/Berlin")
        person = next(person for people in asked.state.holders.values() for person in people)
        position = Position(buy_in=BuyIn.OPPOSED, at=moment(PRESSED), by=CLEO, why="zu teuer")
        said = {
            ProfileItem.CONCERNS: ItemSaid(text="Umzug", by=CLEO, source="person", at=moment(PRESSED), elsewhere=True)
        }
        state = replace(asked.state, positions={person.id: position}, profiles={person.id: said})
        asked = replace(asked, state=state, subject="Betreff", text="Guten Tag")
        reader = Reader(slack_language(context), "Europe/Berlin")
        for kind in FormKind:
            form = form_for(kind, asked)
            subject = ModalSubject(form=kind, onboarding=asked.case.key, episode=None)
            if form is None:
                yield kind, {"type": "plain_text", "text": reader.told(nothing_to_ask(kind))}
            else:
                yield kind, form_view(reader.form(form), subject, reader.labels)


def test_every_form_is_in_german_and_within_the_limits_of_slack(german: Floor) -> None:
    drawn = 0
    for kind, view in all_forms(german):
        found = {text: bad for text in shown(view) if (bad := in_english(text))}
        assert found == {}, kind
        if "blocks" in view:
            drawn += 1
            assert view_faults(view) == [], kind
            assert "…" not in view["title"]["text"] + view["submit"]["text"], f"{kind}: cut"
    assert drawn >= len(FormKind) - 1


ANSWERS: dict[FormKind, list[dict[str, str]]] = {
    FormKind.CALL: [{"day": "2026-03-08"}, {"day": "2026-03-04", "time": "10:00"}, {"day": "9999-01-01"}],
    FormKind.HANDOFF: [{"goals": "tbd"}],
    FormKind.TASK: [
        {"title": "Plan"},
        {"title": "Plan", "owner": "vendor:csm", "due": "2026-01-01"},
    ],
    FormKind.PROFILE: [{"item": "concerns"}],
    FormKind.GOAL: [
        {},
        {"metric": "Onboarding"},
        {"metric": "Success"},
        {"metric": "Tickets"},
        {"metric": "Tickets", "baseline": "x"},
        {"metric": "Tickets", "baseline": "4"},
        {"metric": "Tickets", "baseline": "4", "target": "4"},
        {"metric": "Tickets", "baseline": "4", "target": "2"},
        {"metric": "Tickets", "baseline": "4", "target": "2", "unit": "h"},
        {"metric": "Tickets", "baseline": "4", "target": "2", "unit": "h", "due": "?"},
        {"metric": "Tickets", "baseline": "4", "target": "2", "unit": "h", "due": "9999-01-01"},
        {"metric": "Tickets", "baseline": "4", "target": "2", "unit": "h", "due": "2026-03-05"},
    ],
}
"""Answers that a form refuses, besides none at all."""


def test_what_is_wrong_with_an_answer_is_said_in_german(german: Floor) -> None:
    told = []
    with german.office.context() as context:
        reader = Reader(slack_language(context), "America/New_York")
        for kind in FormKind:
            for given in ({}, *ANSWERS.get(kind, ())):
                told += reader.errors(problems(kind, given, reader.zone, moment(PRESSED))).values()
    assert len(set(told)) > 25
    assert {text: bad for text in told if (bad := in_english(text))} == {}


def test_a_form_is_asked_refused_and_carried_out_in_german(german: Floor) -> None:
    view = german.ask_for("hold")
    assert (view.title, view.body["close"]["text"]) == ("Pausieren", "Abbrechen")
    assert german.send(view, until="2026-03-01", reason="tbd") == {
        "reason": "Sag, warum: Es steht im Journal.",
        "until": "Wähle einen Tag nach heute.",
    }
    german.send(view, until="2026-03-20", reason="Umbau")
    assert "Pausiert bis Fr., 20. März: Umbau" in view.text
    assert view.title == "Erledigt"
    assert view.body["close"]["text"] == "Schließen"
    again = german.ask_for("resume")
    assert "Pausiert seit Do., 5. März, 11:00 Uhr: Umbau" in again.text
    german.send(again)
    assert "Es läuft wieder." in again.text


def test_presses_are_answered_in_german(german: Floor) -> None:
    answers = [german.press("ack"), german.press("ack"), german.press("ack", by="U0NOBODY")]
    german.slack.users[german.people[MAX]]["is_restricted"] = True
    answers += [german.press("ack", by=MAX)]
    answers += [german.press("done", "stakeholders_identified"), german.press("done", "stakeholders_identified")]
    answers += [german.press("snooze", "2026-03-01"), german.press("snooze", "2026-03-09")]
    answers += [german.press("reassign", german.people[CLEO])]
    assert answers[0] == "Übernommen: Es ruht, bevor es weiter gemeldet wird."
    assert {text: bad for text in answers if "Slack refused" not in text and (bad := in_english(text))} == {}


def test_the_home_tab_is_in_german(german: Floor) -> None:
    for who in (CLEO, MAX):
        home = opened(german, who)
        assert {text: bad for text in shown(home.body) if (bad := in_english(text))} == {}
    assert "Nächster Schritt" in opened(german).text
    assert "Stand Do., 5. März, 11:00 Uhr" in opened(german).text


def test_a_role_that_may_not_is_told_so_in_german(german: Floor, tmp_path: Path) -> None:
    access = "access: {viewer: [csm@vendor.example], manager: [manager@vendor.example]}"
    (tmp_path / "team.yaml").write_text(f"language: de\n{access}\n", "utf-8")
    german.office.shut()
    said = german.press("ack")
    assert said.startswith("Nichts wurde geändert: csm@vendor.example ist viewer und darf nicht: pausieren")
    assert said.endswith("; frag csm oder manager: manager@vendor.example.")
    assert in_english(german.ask_for("hold").text) == []


ASKED = ("", "status", "status customer", "status nix", "find customer", "find", "approvals", "confirm", "confirm x")
AWAY = ("back", "away", "away until x", "away until 2026-03-01", "away until 2026-03-09 manager@vendor.example", "back")


@pytest.mark.parametrize("asked", [*ASKED, *AWAY, "hello", "explain", "explain nix"])
def test_the_command_is_answered_in_german(german: Floor, asked: str) -> None:
    with german.office.context() as context:
        handle_command(context, german.slack.command(german.people[CLEO], asked), moment(PRESSED))
    assert in_english(german.slack.said[-1].replace("Cleo CSM", "")) == [], german.slack.said[-1]


def test_the_test_itself_sees_english() -> None:
    assert in_english(str(sentence("replies.acknowledged"))) != []
    assert isinstance(sentence("forms.nothing_call"), Sentence)
    assert in_english("Nichts wurde geändert: was called") == []
