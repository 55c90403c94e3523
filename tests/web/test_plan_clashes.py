"""Conflicts of priorities on the plan page: raised by any reader, decided by the sponsor alone, once."""

import re
from typing import Any

import pytest

from onboarding.clashes.clash import clash_id
from tasks.clashes import decide_conflict, record_conflict
from tasks.commands import facts as commands
from tests.web.test_plan_answers import TITLE, WORK, answer, form_of, kept, page, record

MIGRATION, AUDIT = "The CRM migration", "The audit in May"
ID = clash_id(MIGRATION, AUDIT)


def sponsor(face: Any, person: int = 2) -> None:
    record(face, commands.record_stakeholder, f"person{person}@acme.example", "executive_sponsor")


def test_what_clashes_with_work_is_told_and_shown_without_who_said_it(face: Any) -> None:
    sponsor(face)
    said = answer(face, f"clash/{WORK}", **{"with": AUDIT, "comment": "both need Ina"})
    assert (said.status_code, "Your executive sponsor is asked" in said.text) == (200, True)
    (entry,) = kept(face)
    value = {"this": TITLE, "with": AUDIT, "about": WORK, "comment": "both need Ina"}
    assert entry == ("conflict", clash_id(TITLE, AUDIT), value)
    shown = face.get(page(face, 2)).text
    assert f"“{TITLE}” clashes with “{AUDIT}”" in shown
    assert "not decided yet, open since" in shown
    assert "both need Ina" not in shown, "the line is for us"
    assert "Person 1 on their" not in shown


def test_two_priorities_without_work_and_what_says_nothing(face: Any) -> None:
    assert answer(face, "clash", **{"this": MIGRATION, "with": MIGRATION}).status_code == 400
    wrong = answer(face, "clash", **{"this": "tbd", "with": AUDIT})
    assert (wrong.status_code, "at most 160 characters" in wrong.text) == (400, True)
    assert answer(face, f"clash/{WORK}", **{"with": TITLE.upper()}).status_code == 400
    assert answer(face, "clash", **{"this": MIGRATION, "with": AUDIT}).status_code == 200
    assert [(kind, name) for kind, name, _ in kept(face)] == [("conflict", ID)]
    assert 'name="form"' not in face.get(f"{page(face)}/clash/no_such_work").text


@pytest.mark.slow
def test_the_sponsor_decides_once_and_nobody_else_can(face: Any) -> None:
    sponsor(face)
    answer(face, "clash", **{"this": MIGRATION, "with": AUDIT})
    shown = face.get(page(face, 2)).text
    assert re.search(rf'<a class="button" href="[^"]*/decide/{ID}">Decide', shown)
    champion = face.get(f"{page(face)}/decide/{ID}")
    assert (champion.status_code, 'name="form"' in champion.text) == (200, False)
    assert f"/decide/{ID}" not in face.get(page(face)).text
    stolen = form_of(face.get(f"{page(face, 2)}/decide/{ID}").text)
    assert face.post(f"{page(face)}/decide/{ID}", data={"form": stolen, "first": "this"}).status_code == 403
    assert answer(face, f"decide/{ID}", person=2, first="other").status_code == 400, "another decision needs words"
    assert answer(face, f"decide/{ID}", person=2, first="with", comment="June is late enough").status_code == 200
    assert kept(face)[-1] == ("conflict_decided", ID, {"first": "with", "comment": "June is late enough"})
    again = face.post(f"{page(face, 2)}/decide/{ID}", data={"form": stolen, "first": "this"})
    assert (again.status_code, "decided already" in again.text) == (409, True)
    for person in (1, 2):
        shown = face.get(page(face, person)).text
        assert re.search(f"decided on [^:]+: “{AUDIT}” goes first: “June is late enough”", shown)
        assert ">Decide<" not in shown
    assert len([one for one in kept(face) if one[0] == "conflict_decided"]) == 1


def test_opening_the_form_as_a_scanner_does_decides_nothing(face: Any) -> None:
    sponsor(face)
    record(face, record_conflict, MIGRATION, AUDIT)
    for _ in range(3):
        assert face.get(f"{page(face, 2)}/decide/{ID}").status_code == 200
        assert face.get(f"{page(face, 2)}/clash").status_code == 200
    assert kept(face) == []


def test_what_one_of_us_records_meanwhile_holds(face: Any) -> None:
    sponsor(face)
    record(face, record_conflict, MIGRATION, AUDIT)
    form = form_of(face.get(f"{page(face, 2)}/decide/{ID}").text)
    record(face, decide_conflict, ID, "by phone: the audit")
    said = face.post(f"{page(face, 2)}/decide/{ID}", data={"form": form, "first": "this"})
    assert (said.status_code, kept(face)) == (409, [])
    assert "by phone: the audit" in face.get(page(face, 2)).text


def test_an_end_user_may_raise_one_and_sees_none(face: Any) -> None:
    record(face, commands.record_stakeholder, "person2@acme.example", "end_user")
    assert answer(face, "clash", person=2, **{"this": MIGRATION, "with": AUDIT}).status_code == 200
    assert MIGRATION not in face.get(page(face, 2)).text
    assert MIGRATION in face.get(page(face)).text
