"""Ids, addresses and names from outside get one normal form or are refused."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onboarding.model.identity import (
    header_text,
    mail_address,
    many_lines,
    one_line,
    one_spelling,
    salesforce_id,
    web_domain,
    without_capitals,
)
from tests.examples import examples


@pytest.mark.parametrize(
    ("short", "long"),
    [
        # One character for each block of five: its capitals as bits, the first the lowest, in A-Z0-5.
        ("001A000001Gc7nM", "001A000001Gc7nMIAR"),
        ("003000000000000", "003000000000000AAA"),
        ("00DABCDEFGHIJKL", "00DABCDEFGHIJKL255"),
    ],
)
def test_a_short_id_gets_its_checksum(short: str, long: str) -> None:
    assert salesforce_id(f" {short} ") == long
    assert salesforce_id(long) == long


@given(
    st.text("0123456789ABCDEFGHabcdefgh", min_size=14, max_size=14), st.lists(st.booleans(), min_size=18, max_size=18)
)
def test_a_long_id_means_its_record_in_any_case_of_letters(rest: str, raised: list[bool]) -> None:
    known = salesforce_id(f"0{rest}")
    spelt = "".join(char.upper() if up else char.lower() for char, up in zip(known, raised, strict=True))
    assert salesforce_id(spelt) == known
    assert without_capitals(known) == without_capitals(salesforce_id(spelt[:15]))


@pytest.mark.parametrize(
    "text", ["0015g0000000001AAB", "0015g0000000001AA9", "0015g0000000001aaz", "0015g0000000001BAA"]
)
def test_a_checksum_that_does_not_fit_is_refused_with_the_likely_cause(text: str) -> None:
    with pytest.raises(ValueError, match=r"last three characters do not fit the others. A spreadsheet .*copy it again"):
        salesforce_id(text)


@pytest.mark.parametrize("text", ["1.23E+15", "1,5E+14", "1.5e+14", "6E+14", " 1.50015E+17 "])
def test_what_a_spreadsheet_made_of_an_id_is_refused_and_says_so(text: str) -> None:
    with pytest.raises(ValueError, match=r"spreadsheet made of an id; .* as text"):
        salesforce_id(text)


@pytest.mark.parametrize("text", ["0015E0000012345", "2024e-12", "000000000000000042", "customer0000000001"])
def test_what_only_looks_like_it_stays(text: str) -> None:
    assert salesforce_id(text)[: len(text)] == text


def test_ids_of_another_shape_stay_as_they_are() -> None:
    assert salesforce_id("006-1") == "006-1"
    assert salesforce_id("acme-deal-00001") == "acme-deal-00001"


@pytest.mark.parametrize("text", ["", "  ", "two words", "a:b", "a,b", "x" * 65, "naïve", "a\nb", "<b>"])
def test_what_cannot_be_an_id_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is "):
        salesforce_id(text)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (" Ann.Lee+x@Example.COM ", "Ann.Lee+x@example.com"),
        ("o'hara@example.ie", "o'hara@example.ie"),
        ("info@bücher.example", "info@xn--bcher-kva.example"),
        ("first90@localhost", "first90@localhost"),
    ],
)
def test_one_bare_address_is_taken(text: str, address: str) -> None:
    assert mail_address(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "", "ann", "ann@", "@example.com", "a@b@c.example", "a@b.example, c@d.example", "Ann <a@b.example>",
        "a b@c.example", ".a@b.example", "a..b@c.example", "a@-b.example", "a@b..example",
        "a@b.example\nBcc: c@d.example",
        "müller@example.com", "x" * 65 + "@b.example", "a@" + "b" * 64 + ".example", "a@b.example\x00",
    ],
)  # fmt: skip
def test_anything_else_is_no_address_and_is_not_repeated_in_the_message(text: str) -> None:
    with pytest.raises(ValueError, match="is ") as caught:
        mail_address(text)
    assert not text.strip() or text not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "person"),
    [
        (" Petra.Kern@ACME.Example\u200b ", "petra.kern@acme.example"),
        ("\ufeffPETRA.KERN@acme.example\t", "petra.kern@acme.example"),
        ("Ann+Lab@Bücher.example", "ann+lab@xn--bcher-kva.example"),
        ("ann@xn--BCHER-kva.example", "ann@xn--bcher-kva.example"),
        ("a@" + "b" * 64, "a@" + "b" * 64),
        (" U-17a ", "U-17a"),
        ("", ""),
    ],
)
def test_a_person_has_one_spelling(text: str, person: str) -> None:
    assert one_spelling(text) == person
    assert one_spelling(person) == person


@given(st.emails(), st.sampled_from(["", " ", "\t", "\u00a0"]))
def test_case_and_blanks_make_no_other_person_and_a_tag_does(address: str, blank: str) -> None:
    assert one_spelling(blank + address.upper() + blank) == one_spelling(address.lower())
    local, _, domain = address.partition("@")
    assert one_spelling(f"{local}+tag@{domain}") != one_spelling(address)


def test_names_become_one_line() -> None:
    assert one_line("  Ann\r\n\tLee\u202e\ud800 ") == "Ann Lee"
    assert one_line("مى\u200cخواهم") == "مى\u200cخواهم"
    assert many_lines(" a\r\nb\x07\rc ") == "a\nb \nc"


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("https://www.Example.com/path?x", "example.com"),
        ("example.com", "example.com"),
        ("http://bücher.example:8080", "xn--bcher-kva.example"),
        ("none", None),
        ("", None),
        ("exa mple.com", None),
    ],
)
def test_domains_are_told_from_web_addresses(text: str, domain: str | None) -> None:
    assert web_domain(text) == domain


@settings(max_examples=examples(300))
@given(st.text(st.characters(), max_size=300))
def test_header_text_is_always_fit_for_a_header(text: str) -> None:
    clean = header_text(text)
    assert len(clean) <= 120
    assert "=?" not in clean
    assert not {unicodedata.category(char) for char in clean} & {"Cc", "Cf", "Cs", "Zl", "Zp"}


@pytest.mark.parametrize("text", ["=?utf-8?q?a?=", "==??", "=\u202e?utf-8", "x=?=?"])
def test_header_text_holds_nothing_that_looks_encoded(text: str) -> None:
    assert "=?" not in header_text(text)
