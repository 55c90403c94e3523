"""What a customer answers on the plan page: each a fact of its own, once, and nothing that is not up to them."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from database.onboardings import facts as stored
from database.tables import FactRow, OnboardingRow
from onboarding.model.case import Fact
from onboarding.model.vocabulary import FactKind
from onboarding.orders import FactReport
from tasks.commands import facts as commands
from tasks.runtime.links import Link, plan_address

WORK = "security_review"
TITLE = "Complete the security and compliance review"
NEXT_WEEK = (datetime.now(UTC) + timedelta(days=7)).date().isoformat()


def page(face: Any, person: int = 1) -> str:
    url = plan_address(face.context.settings, Link(f"003{person}", "006A"), 0, datetime.now(UTC))
    return "/p/" + url.rpartition("/p/")[2]


def form_of(text: str) -> str:
    found = re.search(r'name="form" value="([^"]+)"', text)
    assert found, text
    return found[1]


def answer(face: Any, what: str, person: int = 1, **given: str) -> Any:
    """Open a form by its link and send it, as a person does."""
    path = f"{page(face, person)}/{what}"
    shown = face.get(path)
    assert shown.status_code == 200
    return face.post(path, data={"form": form_of(shown.text), **given})


def kept(face: Any) -> list[tuple[str, str, dict[str, Any]]]:
    with face.context.database.reading() as conn:
        rows = conn.execute(select(FactRow).where(FactRow.source == "page").order_by(FactRow.at, FactRow.key)).all()
    assert {row.by for row in rows} <= {"Person 1 on their plan page", "Person 2 on their plan page"}
    return [(row.kind, row.name, {key: value for key, value in row.value.items() if key != "person"}) for row in rows]


def record(face: Any, command: Any, *args: Any) -> None:
    command(face.context, FactReport(by="cleo@vendor.example", now=datetime.now(UTC)), "006A", *args)


def goal(face: Any) -> None:
    value = {"metric": "Quote turnaround", "baseline": 48, "target": 4, "unit": "hours", "due": "2099-04-30"}
    at = datetime.now(UTC) - timedelta(days=1)
    fact = Fact(
        key="g", kind=FactKind.GOAL, name="Quote turnaround", at=at, learned_at=at, source="person", by="c", value=value
    )
    with face.context.database.writing() as conn:
        stored.add(conn, "006A", [fact], at)


def test_own_work_is_ticked_and_the_plan_shows_it_at_once(face: Any) -> None:
    said = answer(face, f"done/{WORK}", comment="signed by Ina")
    assert (said.status_code, "marked as done" in said.text) == (200, True)
    assert kept(face) == [("milestone", WORK, {"comment": "signed by Ina"})]
    assert "milestone: done on" in " ".join(face.journal())
    shown = face.get(page(face)).text
    assert re.search(rf"{TITLE}</th>\s*<td>.*</td>\s*<td><span class=\"tag done\">done on", shown)
    assert "is done on" in face.get(f"{page(face)}/done/{WORK}").text, "nothing is left to answer"


@pytest.mark.parametrize("work", ["kickoff_held", "materials_prepared", "no_such_work", "kickoff_booked", "x" * 300])
def test_work_of_ours_or_that_records_prove_cannot_be_ticked(face: Any, work: str) -> None:
    shown = face.get(f"{page(face)}/done/{work}")
    assert shown.status_code == 200
    assert 'name="form"' not in shown.text
    other = form_of(face.get(f"{page(face)}/done/{WORK}").text)
    assert face.post(f"{page(face)}/done/{work}", data={"form": other}).status_code == 403
    assert kept(face) == []


def test_work_of_another_person_is_not_the_readers_to_tick(face: Any) -> None:
    record(face, commands.record_stakeholder, "person2@acme.example", "technical_admin")
    assert "is up to" in face.get(f"{page(face, 2)}/done/{WORK}").text
    assert answer(face, "done/integrations_connected", person=2).status_code == 200
    assert [name for _, name, _ in kept(face)] == ["integrations_connected"]


def test_a_tick_that_needs_evidence_says_so_and_is_a_report(face: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("onboarding.plan_page.work_forms.evidence_needed", lambda plan, page: "This counts once seen.")
    assert "This counts once seen." in face.get(f"{page(face)}/done/{WORK}").text
    assert "it counts once we see it" in answer(face, f"done/{WORK}").text
    assert kept(face) == [("milestone_claimed", WORK, {})]
    shown = face.get(page(face)).text
    assert "Your side told us that it is done; we look at it." in shown
    assert "0 of 5 done" in shown


def test_another_date_is_a_proposal_until_one_of_us_agrees_it(face: Any) -> None:
    said = answer(face, f"date/{WORK}", day=NEXT_WEEK, comment="Ina is away")
    assert said.status_code == 200
    assert kept(face) == [("date_proposed", WORK, {"due_on": NEXT_WEEK, "comment": "Ina is away"})]
    assert "Your side proposed" in face.get(page(face)).text
    record(face, commands.record_due, WORK, datetime.fromisoformat(NEXT_WEEK).date())
    shown = face.get(page(face)).text
    assert "Your side proposed" not in shown


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"day": "2020-01-01", "comment": "why"}, "This day has passed"),
        ({"day": "2999-01-01", "comment": "why"}, "more than two years ahead"),
        ({"day": "soon", "comment": "why"}, "Choose a day."),
        ({"day": NEXT_WEEK}, "Please answer this."),
        ({"day": NEXT_WEEK, "comment": "tbd"}, "Say why"),
        ({"day": NEXT_WEEK, "comment": "x" * 501}, "at most 500 characters"),
    ],
)
def test_a_date_needs_a_day_ahead_and_a_reason(face: Any, given: dict[str, str], problem: str) -> None:
    said = answer(face, f"date/{WORK}", **given)
    assert (said.status_code, problem in said.text) == (400, True)
    assert kept(face) == []


def test_what_blocks_work_is_told_and_taken_back(face: Any) -> None:
    assert answer(face, f"blocked/{WORK}", cause="vendor", comment="your answers").status_code == 200
    assert "what blocks it: it waits for us." in face.get(page(face)).text
    assert answer(face, f"blocked/{WORK}", cause="none").status_code == 200
    assert "what blocks it" not in face.get(page(face)).text
    assert [value.get("cause") for _, _, value in kept(face)] == ["vendor", ""]
    assert answer(face, f"blocked/{WORK}", cause="weather").status_code == 400


def test_the_right_person_and_a_colleague_wait_to_be_confirmed(face: Any) -> None:
    ina = {"name": "Ina Sommer", "email": "Ina@acme.example", "role": "it_security"}
    assert answer(face, f"person/{WORK}", **ina).status_code == 200
    assert answer(face, "colleague", name="Ulla", email="ulla@acme.example", role="end_user").status_code == 200
    assert [(kind, name) for kind, name, _ in kept(face)] == [("person_named", WORK), ("person_named", "")]
    assert "Ina Sommer" not in face.get(page(face)).text


def test_work_of_theirs_that_they_add_is_in_the_plan_and_can_be_ticked(face: Any) -> None:
    assert "Add work of yours" in face.get(page(face)).text
    day = (datetime.now(UTC) + timedelta(days=9)).date().isoformat()
    assert answer(face, "task", title="Order the <laptops>", day="2020-01-01").status_code == 400
    assert answer(face, "task", title="Order the <laptops>", day=day).status_code == 200
    [(kind, name, value)] = kept(face)
    assert (kind, value["title"], value["due_on"], value["needed"]) == ("task", "Order the <laptops>", day, False)
    shown = face.get(page(face)).text
    assert "Order the &lt;laptops&gt;" in shown
    assert answer(face, "task", title="order the laptops", day=day).status_code == 400
    assert answer(face, f"done/{name}").status_code == 200
    assert [kind for kind, _, _ in kept(face)] == ["task", "milestone"]


@pytest.mark.slow
def test_goals_are_confirmed_and_corrected(face: Any) -> None:
    goal(face)
    assert "nobody on your side has confirmed it yet" in face.get(page(face)).text
    assert answer(face, "goal/0").status_code == 200
    assert "Your side confirmed these figures." in face.get(page(face)).text
    assert "confirmed these figures already" in face.get(f"{page(face)}/goal/0").text
    assert answer(face, "correct/0", baseline="48", target="six", unit="hours", due="2099-05-31").status_code == 400
    assert answer(face, "correct/0", baseline="48", target="48", unit="hours", due="2099-05-31").status_code == 400
    assert answer(face, "correct/0", baseline="48", target="6", unit="hours", due="2020-05-31").status_code == 400
    assert answer(face, "correct/0", baseline="50", target="6", unit="hours", due="2099-05-31").status_code == 200
    assert "from 50 to 6 hours by 31 May 2099" in face.get(page(face)).text
    assert [kind for kind, _, _ in kept(face)] == ["goal_confirmed", "goal", "goal_confirmed"]
    for wrong in ("goal/1", "correct/-1", "correct/99999", "goal/x"):
        assert 'name="form"' not in face.get(f"{page(face)}/{wrong}").text


@pytest.mark.slow
def test_a_goal_is_stated_and_its_value_is_told(face: Any) -> None:
    assert "No goal with figures is written down yet." in face.get(page(face)).text
    given = {"metric": "Quotes a day", "baseline": "20", "target": "80", "unit": "quotes", "due": "2099-05-31"}
    for wrong in ({"target": "many"}, {"target": "20"}, {"metric": "Setup completed"}, {"due": "soon"}):
        assert answer(face, "new_goal", **{**given, **wrong}).status_code == 400
    late = answer(face, "new_goal", **{**given, "due": "2020-05-31"})
    assert (late.status_code, "This day has passed. Choose a later one." in late.text) == (400, True)
    assert answer(face, "new_goal", **given).status_code == 200
    assert "Your side confirmed these figures." in face.get(page(face)).text
    assert answer(face, "new_goal", **given).status_code == 400, "it is there already"
    assert answer(face, "value/0", value="a lot").status_code == 400
    assert answer(face, "value/0", value="50").status_code == 200
    assert "50 % of the way" in face.get(page(face)).text
    assert [kind for kind, _, _ in kept(face)] == ["goal", "goal_confirmed", "goal_value"]
    assert 'name="form"' not in face.get(f"{page(face)}/value/1").text


def test_three_faces_and_how_often_status_mails_come(face: Any) -> None:
    assert 'value="3" checked' in face.get(f"{page(face)}/mood/3").text
    assert answer(face, "mood/3", score="1", comment="too slow").status_code == 200
    assert answer(face, "mood", score="9").status_code == 400
    assert answer(face, "pace", days="28").status_code == 200
    assert answer(face, "pace", days="1").status_code == 400
    assert kept(face) == [
        ("survey", "pulse", {"score": 1, "low": 1, "high": 3, "comment": "too slow"}),
        ("mail_pace", "0031", {"days": 28}),
    ]
    assert 'value="28" checked' in face.get(f"{page(face)}/pace").text


def test_a_form_that_another_hand_overtook_changes_nothing(face: Any) -> None:
    path = f"{page(face)}/done/{WORK}"
    form = form_of(face.get(path).text)
    answer(face, f"blocked/{WORK}", cause="time")
    late = face.post(path, data={"form": form})
    assert (late.status_code, "changed since you opened it" in late.text) == (409, True)
    assert [kind for kind, _, _ in kept(face)] == ["blocked"]


def test_sent_twice_it_counts_once_also_at_the_same_moment(face: Any) -> None:
    from concurrent.futures import ThreadPoolExecutor

    path = f"{page(face)}/done/{WORK}"
    form = form_of(face.get(path).text)
    with ThreadPoolExecutor(4) as several:
        statuses = list(several.map(lambda _: face.post(path, data={"form": form}).status_code, range(6)))
    assert set(statuses) == {200}
    assert len(kept(face)) == 1
    assert len([line for line in face.journal() if line.startswith("milestone:")]) == 1


def test_nothing_is_answered_once_the_onboarding_is_completed(face: Any) -> None:
    form = form_of(face.get(f"{page(face)}/done/{WORK}").text)
    with face.context.database.writing() as conn:
        now = datetime.now(UTC).isoformat()
        conn.execute(
            update(OnboardingRow).values(status="completed", stage="done", stage_times={"handoff": now, "done": now})
        )
    shown = face.get(page(face)).text
    assert "It is done" not in shown
    assert "Name a colleague" not in shown
    assert face.post(f"{page(face)}/done/{WORK}", data={"form": form}).status_code == 409
    assert kept(face) == []
