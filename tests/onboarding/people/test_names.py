"""The name in a salutation: the CRM's first name, else the full name, else none; never something that is no name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onboarding.model.parties import Salutation
from onboarding.people.names import Names, read_family_name, read_names, read_salutation
from onboarding.people.placeholders import is_placeholder

PLACEHOLDERS = (
    "[not provided]", "[Not Provided]", "null", "NULL", "Null", "n/a", "N/A",
    "NA", "#N/A", "none", "(none)", "--None--", "-",
    "--", ".", "?", "unknown", "Unknown", "<unknown>", "TBD", "tba", "test", "Test User", "xxx", "Unbekannt", "k.A.",
    "keine Angabe", "N.N.", "inconnu", "Non renseigné", "sin nombre",
    "Desconocido", "não informado", "nvt", "onbekend",
    "brak", "неизвестно", "не указано", "不明", "なし", "テスト", "없음",
    "{{FirstName}}", "${first}", "*|FNAME|*", "#REF!",
    "First Last", "no name given", " ", "\u200b", "undefined undefined",
)  # fmt: skip
MAILBOXES = (
    "Accounts Payable", "accounts payable", "ACCOUNTS PAYABLE", "Accounts", "Info", "info", "Sales", "Buchhaltung",
    "Kreditorenbuchhaltung", "IT Support", "IT", "HR", "Human Resources",
    "Personalabteilung", "Einkauf", "Comptabilité",
    "Contabilidad", "Recursos Humanos", "Ufficio Acquisti", "Boekhouding",
    "Księgowość", "経理部", "Customer Success Team",
    "Acme Support", "Helpdesk", "Reception", "Legal Department", "Rechnungseingang", "Service Desk", "Müller GmbH",
)  # fmt: skip


@pytest.mark.parametrize(
    ("first", "last", "called"),
    [
        ("Petra", "van Dyk", "Petra"),
        ("", "van Dyk", "van Dyk"),
        ("", "de la Cruz", "de la Cruz"),
        ("", "Petra Kern", "Petra Kern"),
        ("Mary Ann", "Smith", "Mary Ann"),
        ("Mary Ann", "[not provided]", "Mary Ann"),
        ("Jean-Marc", "Dupont", "Jean-Marc"),
        ("Sara María", "López García", "Sara María"),
        ("太郎", "山田", "太郎"),
        ("", "山田 太郎", "山田 太郎"),
        ("Dr. Petra", "Kern", "Petra"),
        ("Dr.", "Kern", "Dr. Kern"),
        ("Frau", "Kern", "Frau Kern"),
        ("Petra, MBA", "Kern", "Petra"),
        ("PETRA", "Kern", "Petra"),
        ("EVA", "CHEF", "Eva"),
        ("MARY-JANE", "O'NEIL", "Mary-Jane"),
        ("petra", "kern", "Petra"),
        ("JP", "Morgan", "JP"),
        ("DeShawn", "McKay", "DeShawn"),
        ("P.", "Kern", "P. Kern"),
        ("", "X", ""),
        ("Petra Kern", "Kern", "Petra"),
        ("Kern, Petra", "Kern", "Petra"),
        ("  Petra \u200b\x07\n", "Kern", "Petra"),
        ("Petra (Pia)", "Kern", "Petra"),
        ("Petra 🚀", "Kern", "Petra"),
        ("petra@acme.example", "Kern", "Kern"),
        ("", "petra@acme.example", ""),
        ("Na", "Li", "Na"),
        ("Nil", "Yıldız", "Nil"),
        ("Al", "Gore", "Al"),
        ("Dev", "Patel", "Dev"),
    ],
)  # fmt: skip
def test_a_letter_greets_by_the_crms_first_name_and_never_by_a_piece_of_a_family_name(
    first: str, last: str, called: str
) -> None:
    assert read_names(first, last).called == called
    assert read_names(first, last, f"{first} {last}".strip()).called == called


@pytest.mark.parametrize("nothing", PLACEHOLDERS)
def test_a_placeholder_is_no_name_wherever_it_stands(nothing: str) -> None:
    assert is_placeholder(nothing)
    for name in ("", f"{nothing}", f"{nothing} {nothing}"):
        assert read_names(nothing, nothing, name) == Names(full="", called="")
    assert read_names("", nothing) == read_names("", "", nothing) == Names(full="", called="")
    assert read_names(nothing, "Kern", f"{nothing} Kern") == Names(full="Kern", called="Kern")
    assert read_names("Petra", nothing, f"Petra {nothing}") == Names(full="Petra", called="Petra")


@pytest.mark.parametrize("mailbox", MAILBOXES)
def test_a_department_or_a_role_is_shown_and_not_greeted(mailbox: str) -> None:
    assert read_names("", mailbox) == Names(full=mailbox, called="")
    assert read_names("", "", mailbox) == Names(full=mailbox, called="")
    first, _, last = mailbox.partition(" ")
    assert read_names(first, last).called == ""


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("Hanna Weber", "Hanna Weber"),
        ("Weber, Hanna", "Hanna Weber"),
        ("Sean O'Brien, Jr.", "Sean O'Brien, Jr."),
        ("Cher", "Cher"),
        ("Нина Иванова", "Нина Иванова"),
        ("Hanna [not provided]", "Hanna"),
        ("Weber,", "Weber"),
    ],
)
def test_a_name_that_comes_in_one_piece_is_not_taken_apart(name: str, called: str) -> None:
    assert read_names("", "", name).called == called


FAMILY = st.lists(
    st.sampled_from(("van", "der", "de", "la", "Dyk", "Kern", "O'Neil", "Lopez", "Smith-Jones", "Ünlü", "van't")),
    min_size=1,
    max_size=4,
).map(" ".join)
GIVEN = st.sampled_from(("", "Petra", "Mary Ann", "José", "Jean-Marc", *PLACEHOLDERS, "Accounts", "P.", "Prof. Dr."))


@given(GIVEN, FAMILY, st.booleans())
def test_a_greeting_never_holds_a_piece_of_a_family_name(first: str, last: str, whole: bool) -> None:
    names = read_names(first, last, f"{first} {last}".strip() if whole else "")
    assert names.called in {first, names.full, ""}
    assert names.full.endswith(last)


@pytest.mark.parametrize("name", ["1&1", "3M", "X", "Nothing", "Leer Maritim GmbH", "Test Rite Ltd", "360"])
def test_companies_with_odd_names_are_no_placeholders(name: str) -> None:
    assert not is_placeholder(name)


@pytest.mark.parametrize(
    ("first", "last", "family"),
    [
        ("Petra", "Kern", "Kern"),
        ("Petra", "van Dyk", "van Dyk"),
        ("Petra", "Dr. Kern", "Kern"),
        ("PETRA", "KERN", "Kern"),
        ("Petra", "Kern, MBA", "Kern"),
        ("Petra", "Kern (on leave)", "Kern"),
        ("太郎", "山田", "山田"),
        ("", "Kern", ""),
        ("Dr.", "Kern", ""),
        ("Petra", "[not provided]", ""),
        ("Petra", "", ""),
        ("n/a", "Kern", ""),
    ],
)
def test_a_family_name_is_known_only_apart_from_a_first_name(first: str, last: str, family: str) -> None:
    assert read_family_name(first, last) == family


@pytest.mark.parametrize(
    ("text", "salutation"),
    [
        ("Mr.", Salutation.MR),
        ("Ms.", Salutation.MS),
        ("Mrs.", Salutation.MS),
        ("Herr", Salutation.MR),
        ("Frau Dr.", Salutation.MS),
        ("Herr Prof. Dr.", Salutation.MR),
        ("Mme", Salutation.MS),
        ("Dr.", None),
        ("Prof.", None),
        ("Mx.", None),
        ("Herr/Frau", None),
        ("", None),
    ],
)
def test_a_salutation_is_taken_only_where_it_says_one_thing(text: str, salutation: Salutation | None) -> None:
    assert read_salutation(text) is salutation
