"""The company's colour: text in it and on it can be read, in the light and in the dark."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onboarding.brand.colours import CARD, CARD_IN_THE_DARK, contrast, palette
from onboarding.brand.company import NO_BRAND, Brand
from tests.examples import examples

AA = 4.5
COLOURS = st.integers(0, 0xFFFFFF).map(lambda value: f"#{value:06x}")


def acme(**more: str) -> Brand:
    return Brand(name="Acme", postal="1 Main Street", **more)


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48), ("#ffcc00", "#ffffff", 1.51)],
)
def test_contrast_is_that_of_the_standard(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == contrast(other, one) == pytest.approx(ratio, abs=0.005)


@settings(max_examples=examples(300))
@given(COLOURS)
def test_whatever_the_colour_text_in_it_and_on_it_can_be_read(colour: str) -> None:
    found = palette(colour)
    for text, ground in (
        (found.deed, CARD),
        (found.on_deed, found.deed),
        (found.deed_in_the_dark, CARD_IN_THE_DARK),
        (found.on_deed_in_the_dark, found.deed_in_the_dark),
    ):
        assert contrast(text, ground) >= AA


def test_a_colour_that_can_be_read_is_used_as_it_is_and_another_one_is_told() -> None:
    assert acme(colour="#123abc").palette.deed == "#123abc"
    assert acme(colour="#123abc").colour_note == acme().colour_note == NO_BRAND.colour_note == ""
    note = acme(colour="#ffcc00").colour_note
    assert "#ffcc00 is too light" in note
    assert "(1.5 to 1, 4.5 is needed)" in note
    assert acme(colour="#ffcc00").palette.deed in note


@pytest.mark.parametrize(
    ("given_", "opens"),
    [
        ("https://acme.example/privacy", "https://acme.example/privacy"),
        ("privacy@acme.example", "mailto:privacy@acme.example"),
        ("", ""),
    ],
)
def test_questions_about_privacy_go_to_a_page_or_an_address(given_: str, opens: str) -> None:
    assert acme(privacy=given_).privacy_url == opens
