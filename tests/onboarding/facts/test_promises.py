"""The ledger of promises: each commitment of the handoff, additions by people, and the outcomes."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from onboarding.facts.promises import promise_id, read_promises
from onboarding.model.case import Case, Fact
from onboarding.model.reports import known
from onboarding.model.state import Promise
from onboarding.model.vocabulary import HandoffItem, PromiseState
from tests.builders.case import CASE, SIGNED
from tests.builders.facts import build_fact

LATER = SIGNED + timedelta(days=60)


def sold(text: str) -> Case:
    handoff = {**CASE.deals[0].handoff, HandoffItem.COMMITMENTS: text}
    return replace(CASE, deals=(replace(CASE.deals[0], handoff=handoff),))


def ledger(case: Case, *facts: Fact) -> tuple[Promise, ...]:
    return read_promises(case, known(facts, LATER))


def test_each_commitment_of_the_handoff_is_a_promise_of_sales() -> None:
    text = "Two sessions in German; price fixed for 24 months.\n- Data stays in the EU by 2026-05-31\n"
    found = ledger(sold(text))
    assert {one.text for one in found} == {
        "Two sessions in German",
        "price fixed for 24 months",
        "Data stays in the EU by 2026-05-31",
    }
    assert {(one.source, one.by, one.state) for one in found} == {("sales", "sam@vendor.test", PromiseState.OPEN)}
    assert [one.due for one in found] == [date(2026, 5, 31), None, None]


@pytest.mark.parametrize(
    "text", ["None.", "nothing", "tbd", "", "None beyond the standard contract.", "No special promises were made"]
)
def test_a_text_that_promises_nothing_is_no_promise(text: str) -> None:
    assert ledger(sold(text)) == ()


def test_a_promise_may_begin_with_no() -> None:
    assert [one.text for one in ledger(sold("No downtime during the migration"))] == [
        "No downtime during the migration"
    ]


def test_what_a_person_reports_of_the_handoff_stands_above_the_deal() -> None:
    told = build_fact("handoff", "commitments", value={"text": "Support in Japanese"}, by="jo@vendor.test")
    assert [(one.text, one.by) for one in ledger(sold("SSO"), told)] == [("Support in Japanese", "jo@vendor.test")]


def test_a_promise_is_open_until_a_person_settles_it_and_the_last_report_holds() -> None:
    name = promise_id("sso  BEFORE go-live")
    assert name == promise_id("SSO before go-live")
    broken = build_fact("promise_settled", name, SIGNED + timedelta(days=9), value={"state": "broken"})
    kept = build_fact("promise_settled", name, SIGNED + timedelta(days=12), value={"state": "kept"}, by="ana@x.test")
    (one,) = ledger(sold("SSO before go-live"), kept, broken)
    assert (one.state, one.settled_at, one.settled_by) == (PromiseState.KEPT, kept.at, "ana@x.test")
    (one,) = ledger(sold("SSO before go-live"), replace(kept, value={"state": "perhaps"}), broken)
    assert one.state is PromiseState.BROKEN


def test_a_settled_commitment_stays_when_its_text_is_changed_in_the_crm() -> None:
    settled = build_fact(
        "promise_settled",
        promise_id("SSO"),
        value={"state": "kept", "text": "SSO", "source": "sales"},
    )
    assert {(one.text, one.state.value) for one in ledger(sold("Portal in Dutch"), settled)} == {
        ("Portal in Dutch", "open"),
        ("SSO", "kept"),
    }


def test_the_same_promise_recorded_with_a_day_gets_that_day_and_stays_a_promise_of_sales() -> None:
    again = build_fact("promise", promise_id("SSO"), value={"text": "SSO", "due": "2026-04-30", "source": "team"})
    assert [(one.due, one.source) for one in ledger(sold("SSO"), again)] == [(date(2026, 4, 30), "sales")]
    (own,) = ledger(sold("None"), again)
    assert (own.source, own.text) == ("team", "SSO")
