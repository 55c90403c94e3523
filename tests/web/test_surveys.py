"""The page of a survey: a GET keeps nothing, one link gives one answer, no link is forged or used elsewhere."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from database.tables import FactRow, PersonRow
from onboarding.model.vocabulary import SurveyKind
from onboarding.orders import Order
from tasks.commands.erasure import forget
from tasks.runtime.links import Link, plan_address, survey_url


def page(face: Any, kind: SurveyKind = SurveyKind.NPS, person: int = 1, **more: Any) -> str:
    made = survey_url(face.context.settings, kind, Link(f"003{person}", "006A"), more.get("at", datetime.now(UTC)))
    return "/s/" + made.rpartition("/s/")[2]


def answers(face: Any) -> list[tuple[str, Any]]:
    with face.context.database.reading() as conn:
        rows = conn.execute(select(FactRow.name, FactRow.value).where(FactRow.kind == "survey")).all()
    return [(name, value) for name, value in rows]


def test_the_page_states_its_question_and_scale_and_a_get_keeps_nothing(face: Any) -> None:
    shown = face.get(page(face))
    assert shown.status_code == 200
    assert "How likely are you to recommend us to a colleague?" in shown.text
    assert "0 (not at all likely) to 10 (extremely likely)" in shown.text
    assert shown.text.count('type="radio"') == 11
    assert face.get(page(face, SurveyKind.CES)).text.count('type="radio"') == 7
    assert answers(face) == []


def test_one_link_gives_one_answer_and_the_first_counts(face: Any) -> None:
    address = page(face)
    said = face.post(address, data={"score": "3", "comment": " too slow\nfor us "})
    assert (said.status_code, "a person reads it" in said.text) == (200, True)
    assert "answered before" in face.post(address, data={"score": "9"}).text
    assert answers(face) == [
        ("nps", {"score": 3, "low": 0, "high": 10, "person": "0031", "comment": "too slow for us"})
    ]
    assert face.journal() == ["survey: answered 3"]


@pytest.mark.parametrize("form", [{}, {"score": "11"}, {"score": "-1"}, {"score": "ten"}, {"comment": "hm"}])
def test_an_answer_off_the_scale_is_refused(face: Any, form: dict[str, str]) -> None:
    shown = face.post(page(face), data=form)
    assert shown.status_code == 400
    assert "Choose one of the numbers, then send." in shown.text
    assert shown.text.count('type="radio"') == 11, "it is asked once more"
    assert f'value="{form.get("comment", "")}"' in shown.text
    assert answers(face) == []


def test_no_link_is_forged_old_or_of_another_purpose(face: Any) -> None:
    old = page(face, at=datetime.now(UTC) - timedelta(days=61))
    for address in (page(face)[:-2] + "xx", f"/s/{face.token()}", old, "/s/nothing"):
        assert face.get(address).status_code == 404
        assert face.post(address, data={"score": "9"}).status_code == 404
    assert answers(face) == []
    assert face.post(f"/u/{page(face).removeprefix('/s/')}").status_code == 404


@pytest.mark.parametrize("kind", [SurveyKind.CES, SurveyKind.CSAT, SurveyKind.NPS])
def test_an_old_link_of_each_survey_says_that_it_is_old(face: Any, kind: SurveyKind) -> None:
    old = page(face, kind, at=datetime.now(UTC) - timedelta(days=61))
    assert "too old" in face.get(old).text
    assert "too old" in face.post(old, data={"score": "3"}).text


@pytest.mark.parametrize("take", ["get", "post"])
def test_an_old_link_is_told_in_the_language_of_its_reader(face: Any, take: str) -> None:
    with face.context.database.writing() as conn:
        conn.execute(update(PersonRow).values(language="de"))
    long_ago, in_english = datetime.now(UTC) - timedelta(days=1000), {"Accept-Language": "en"}
    plan = plan_address(face.context.settings, Link("0031", "006A"), 0, long_ago)
    old = {
        page(face, at=long_ago): "Dieser Link ist zu alt",
        f"/u/{face.token(as_of=long_ago)}": "Dieser Link ist zu alt",
        "/p/" + plan.rpartition("/p/")[2]: "Er ist zu alt",
    }
    for path, said in old.items():
        if path.startswith("/p/"):
            shown = face.get(path, headers=in_english)
        else:
            shown = getattr(face, take)(path, headers=in_english)
        assert (shown.status_code, said in shown.text) == (404, True), path
        assert '<html lang="de" dir="ltr">' in shown.text


@pytest.mark.slow
def test_an_erased_person_is_not_told_that_an_answer_counts(face: Any) -> None:
    order = Order(by="jo@vendor.example", now=datetime.now(UTC), reason="asked")
    forget(face.context, order, "Person1@acme.example")
    told = face.post(page(face), data={"score": "3", "comment": "again"})
    assert (told.status_code, "This link is not in use any more." in told.text) == (404, True)
    assert answers(face) == []
