"""Erased names are recognised by their words, and nothing else is changed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onboarding.privacy.name_matching import account_subject, mentioned, subjects, without
from onboarding.privacy.personal_data import REPLACEMENT

ACCOUNT = "001000000000001AAA"
ANN = "Ann O'Hara-Müller"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Ask Ann O'Hara-Müller.", "Ask [forgotten]."),
        ("ANN  O’HARA\nMÜLLER, twice: ann o'hara-müller", "[forgotten], twice: [forgotten]"),
        ("Joann O'Hara-Müller and Ann O'Hara-Müllerson", "Joann O'Hara-Müller and Ann O'Hara-Müllerson"),
        ("Ann and her friend O'Hara-Müller", "Ann and her friend O'Hara-Müller"),
        ("", ""),
    ],
)
def test_a_name_is_known_in_any_case_and_however_its_words_are_joined(text: str, left: str) -> None:
    assert without(ACCOUNT, text, subjects(ACCOUNT, {ANN})) == left


def test_one_word_counts_only_as_it_is_written() -> None:
    assert without(ACCOUNT, "Mark will mark it", subjects(ACCOUNT, {"Mark"})) == "[forgotten] will mark it"


def test_the_longest_name_goes_first() -> None:
    gone = subjects(ACCOUNT, {"Ann", "Ann Lee"})
    assert without(ACCOUNT, "Ann Lee, Ann", gone) == "[forgotten], [forgotten]"


def test_at_another_account_it_is_another_person() -> None:
    assert without("001000000000002AAA", ANN, subjects(ACCOUNT, {ANN})) == ANN
    assert subjects(ACCOUNT, {ANN}).isdisjoint(subjects("001000000000002AAA", {ANN}))


def test_an_account_is_marked_only_where_there_is_a_name_to_look_for() -> None:
    assert account_subject(ACCOUNT) in subjects(ACCOUNT, {ANN})
    assert subjects(ACCOUNT, set()) == subjects(ACCOUNT, {"?!", ""}) == set()


WORDS = st.lists(st.text("abcÄßéñ王", min_size=1, max_size=5), min_size=1, max_size=6).map(" ".join)


@given(before=WORDS, name=WORDS, after=WORDS)
def test_a_name_of_up_to_six_words_is_found_anywhere(before: str, name: str, after: str) -> None:
    gone = subjects(ACCOUNT, {name})
    text = f"{before}. ({name}) {after}"
    assert gone - {account_subject(ACCOUNT)} <= mentioned(ACCOUNT, text)
    assert REPLACEMENT in without(ACCOUNT, text, gone)


@given(text=st.text())
def test_a_text_without_an_erased_name_stays_as_it_is(text: str) -> None:
    assert without(ACCOUNT, text, subjects(ACCOUNT, {"Zebedee Quux"})) == text
