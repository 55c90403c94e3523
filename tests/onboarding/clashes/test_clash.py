"""A conflict of priorities is a fold of its facts: one for two sides, open until decided, whatever the order (SH-7)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onboarding.clashes.clash import clash_id, open_clashes, read_clashes
from onboarding.clashes.request import LONGEST_SIDE, ClashRefused, checked_sides
from onboarding.clashes.words import clash_sentences, why_not_asked
from onboarding.model.case import Fact
from tests.builders.case import SIGNED
from tests.builders.facts import build_fact

MIGRATION, AUDIT = "The CRM migration", "The audit in May"
ID = clash_id(MIGRATION, AUDIT)
LATER = SIGNED + timedelta(days=90)


def raised(day: float = 1, this: str = MIGRATION, other: str = AUDIT) -> Fact:
    at = SIGNED + timedelta(days=day)
    return build_fact("conflict", clash_id(this, other), at, value={"this": this, "with": other})


def decided(day: float = 2, **value: str) -> Fact:
    return build_fact("conflict_decided", ID, SIGNED + timedelta(days=day), value=value or {"comment": "Audit first"})


def test_it_is_open_until_it_is_decided() -> None:
    (clash,) = open_clashes([raised()], LATER)
    assert (clash.this, clash.other, clash.number) == (MIGRATION, AUDIT, ID)
    (clash,) = read_clashes([raised(), decided()], LATER)
    assert (clash.decided_at, clash.decision) == (SIGNED + timedelta(days=2), "Audit first")
    assert open_clashes([raised(), decided()], LATER) == ()
    assert open_clashes([raised(), decided()], SIGNED + timedelta(days=1.5)), "not decided by then"


def test_raised_again_it_stays_the_same_while_open_and_is_a_new_one_after_a_decision() -> None:
    twice = [raised(1), raised(1.5, AUDIT, MIGRATION)]
    (clash,) = open_clashes(twice, LATER)
    assert clash.raised_at == SIGNED + timedelta(days=1)
    (clash,) = open_clashes([*twice, decided(2), raised(3)], LATER)
    assert (clash.number, clash.raised_at) == (f"{ID}.2", SIGNED + timedelta(days=3))
    assert [one.number for one in read_clashes([*twice, decided(2), raised(3), decided(4)], LATER)] == [ID, f"{ID}.2"]


def test_a_decision_without_its_conflict_and_one_that_came_before_it_say_nothing() -> None:
    assert read_clashes([decided()], LATER) == ()
    assert open_clashes([decided(0.5), raised(1)], LATER)


def test_two_at_once_are_decided_apart() -> None:
    other = raised(1, "Go-live in June", "The office move")
    assert len(open_clashes([raised(), other], LATER)) == 2
    assert [one.this for one in open_clashes([raised(), other, decided()], LATER)] == ["Go-live in June"]


def test_one_whose_words_were_erased_is_none_any_more() -> None:
    assert read_clashes([build_fact("conflict", ID, value={"this": MIGRATION})], LATER) == ()


def test_one_that_two_people_raised_outlives_the_erasure_of_either() -> None:
    erased = replace(raised(1), value={}, key="erased")
    (clash,) = open_clashes([erased, raised(1.5)], LATER)
    assert (clash.number, clash.raised_at, clash.this) == (ID, SIGNED + timedelta(days=1.5), MIGRATION)
    assert open_clashes([raised(0.5), erased], LATER)[0].raised_at == SIGNED + timedelta(days=0.5)
    (second,) = open_clashes([erased, decided(2), raised(3)], LATER)
    assert second.number == f"{ID}.2", "a round whose words were erased keeps its number"
    other = raised(1.2, "Go-live in June", "The office move")
    assert [one.id for one in read_clashes([erased, other, raised(1.5)], LATER)] == [other.name, ID]


def test_why_no_mail_asks_any_more_is_told_as_it_is() -> None:
    assert why_not_asked([raised(), decided()], ID, LATER) == "it was decided meanwhile"
    assert why_not_asked([replace(raised(), value={})], ID, LATER) == "the words of this conflict were erased"


@given(st.permutations([raised(1), raised(1.2), decided(2), raised(3), decided(4, first="with")]), st.integers(0, 4))
def test_order_and_repeats_change_nothing(facts: list[Fact], again: int) -> None:
    wanted = read_clashes([raised(1), decided(2), raised(3), decided(4, first="with")], LATER)
    assert read_clashes([*facts, facts[again]], LATER) == wanted


@pytest.mark.parametrize(
    ("this", "other", "field"),
    [("", AUDIT, "this"), ("tbd", AUDIT, "this"), (MIGRATION, "-", "with"), (MIGRATION, "the crm MIGRATION.", "with")],
)
def test_sides_that_say_nothing_or_the_same_are_refused(this: str, other: str, field: str) -> None:
    with pytest.raises(ClashRefused) as why:
        checked_sides(this, other)
    assert why.value.field == field


def test_a_side_has_one_line_of_a_bounded_length() -> None:
    assert checked_sides(" The\nCRM  migration. ", AUDIT) == (MIGRATION, AUDIT)
    with pytest.raises(ClashRefused, match=f"longer than {LONGEST_SIDE}"):
        checked_sides("x" * (LONGEST_SIDE + 1), AUDIT)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"first": "this"}, f"“{MIGRATION}” goes first"),
        ({"first": "with", "comment": "before June"}, f"“{AUDIT}” goes first: “before June”"),
        ({"first": "other", "comment": "both in July"}, "“both in July”"),
        ({"first": "other"}, "in other words, which were erased"),
    ],
)
def test_what_was_decided_in_words(value: dict[str, str], said: str) -> None:
    (sentence,) = clash_sentences(read_clashes([raised(), decided(2, **value)], LATER))
    assert f"; decided on 4 March 2026, {said} (cleo@vendor.test) [{ID}]." in sentence
    assert sentence.startswith(f"“{MIGRATION}” clashes with “{AUDIT}”")


def test_the_id_has_no_word_of_its_sides() -> None:
    assert clash_id(MIGRATION, AUDIT) == clash_id(" the AUDIT in may", MIGRATION)
    assert len(ID) == 6
