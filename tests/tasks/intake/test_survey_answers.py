"""Answers of a survey tool beside the CRM's files: each once, on its scale, by a person, and a bad one is a call."""

import csv
import json
from datetime import UTC, datetime

import pytest

from tasks.commands.erasure import forget
from tests.tasks.commands.test_value_facts import state

TUESDAY, WEDNESDAY = "2026-03-03T10:00", "2026-03-04T10:00"
NOW = datetime(2026, 3, 20, tzinfo=UTC)
COLUMNS = ("account_id", "id", "survey", "score", "at", "user", "comment")
ANA = "Person1@Customer1.example"


def answers(office, *rows, columns=COLUMNS):
    with (office.folder / "surveys.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([columns, *rows])


@pytest.mark.slow
def test_an_answer_counts_once_under_its_id_whatever_comes_again(opened):
    row = ("001-0001", "R-1", "ces", "6", "2026-03-03T09:00Z", ANA, "easy\nenough")
    answers(opened, row)
    assert opened.run(TUESDAY).signals.answers == 1
    answers(opened, row, ("001-0001", "R-1", "ces", "1", "2026-03-03T09:30Z", ANA, ""))
    assert opened.run(WEDNESDAY).signals.answers == 0
    (found,) = state(opened, NOW).surveys
    assert (found.kind, found.score, found.low, found.high, found.comment) == ("ces", 6, 1, 7, "easy enough")
    assert found.person == "003-0001", "facts hold ids, and the contact has this address"


def test_a_bad_answer_is_a_call_within_a_day_in_the_owners_digest(opened):
    answers(opened, ("001-0001", "R-1", "nps", "3", "2026-03-03T09:00Z", ANA, "too slow"))
    opened.run(WEDNESDAY)
    told = json.dumps(opened.told("csm@vendor.example", "Onboarding on"), ensure_ascii=False)
    assert "Person 1 answered 3 of 10 (nps) on 3 March 2026, “too slow”: call within a day" in told


@pytest.mark.slow
def test_what_cannot_be_read_is_set_aside_with_its_place_and_the_rest_goes_on(opened):
    answers(
        opened,
        ("001-0001", "R-1", "ces", "8", "2026-03-03T09:00Z", "", ""),
        ("001-0001", "R-2", "csat", "0", "2026-03-03T09:00Z", "", ""),
        ("001-0001", "R-3", "nps", "7.5", "2026-03-03T09:00Z", "", ""),
        ("001-0001", "R-4", "mood", "5", "2026-03-03T09:00Z", "", ""),
        ("001-0001", "", "nps", "5", "2026-03-03T09:00Z", "", ""),
        ("001-0001", "R-6", "nps", "0", "2026-03-03T09:00Z", "", ""),
        ("001-0009", "R-7", "nps", "9", "2026-03-03T09:00Z", "", ""),
    )
    found = opened.run(TUESDAY).signals
    assert found.answers == 1
    fields = ["score", "score", "score", "survey", "id"]
    assert [(one.record, one.field) for one in found.set_aside] == [
        (f"line {number}", field) for number, field in enumerate(fields, start=2)
    ]
    assert [one.score for one in state(opened, NOW).surveys] == [0]
    answers(opened, ("001-0001", "R-1"), columns=("account_id", "id"))
    assert "survey" in opened.run(WEDNESDAY).signals.failures[0].error


@pytest.mark.slow
def test_a_person_who_was_erased_is_not_brought_back(opened):
    opened.order(forget, ANA, reason="asked", on=TUESDAY)
    answers(
        opened,
        ("001-0001", "R-1", "ces", "2", "2026-03-03T09:00Z", ANA, f"call me, {ANA}"),
        ("001-0001", "R-2", "ces", "2", "2026-03-03T09:00Z", "other@customer1.example", f"ask {ANA.lower()}"),
    )
    opened.run(WEDNESDAY)
    first, second = state(opened, NOW).surveys
    assert (first.person, first.comment) == ("", "")
    assert "ask forgotten-" in second.comment
    assert ANA.lower() not in json.dumps([second.comment, second.person]).lower()
