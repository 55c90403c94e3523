from datetime import UTC, datetime

import pytest

from cli.tables import BOLD, print_table, table
from onboarding.model.vocabulary import Stage

LONG = "what the customer still has to do before the kickoff can be held"


def test_columns_stand_below_each_other_and_only_a_shared_one_is_wrapped() -> None:
    made = table("Open", ("who", "why"), [("Anna Lee", LONG), ("Bo", "waits")], why=1)
    assert list(made.lines(41)) == [
        "Open",
        "who       why",
        "Anna Lee  what the customer still has to",
        "          do before the kickoff can be",
        "          held",
        "Bo        waits",
    ]


def test_two_shared_columns_divide_what_the_others_leave() -> None:
    made = table("", ("no", "who", "why"), [(1, "a" * 90, "b" * 90)], who=1, why=2)
    head, first, *_ = made.lines(35)
    assert head == "no  who         why"
    assert first == "1   " + "a" * 10 + "  " + "b" * 19


def test_a_table_for_one_line_each_cuts_what_is_too_long() -> None:
    made = table("", ("who", "why"), [("Anna", LONG)], one_line=True, why=1)
    assert list(made.lines(20)) == ["who   why", "Anna  what the cust…"]


def test_wide_signs_take_two_columns_and_accents_none() -> None:
    made = table("", ("who", "due"), [("株式会社", "now"), ("Zoe\u0301", "later"), ("Zoë", "never")])
    assert list(made.lines(80)) == ["who       due", "株式会社  now", "Zoe\u0301       later", "Zoë       never"]


def test_a_wide_name_never_makes_a_line_too_wide() -> None:
    made = table("", ("who", "why"), [("x", "情" * 30)], why=1)
    first, *others = list(made.lines(21))[1:]
    assert [first, *others] == ["x    " + "情" * 8, *["     " + "情" * 8] * 2, "     " + "情" * 6]


def test_a_table_without_a_shared_column_shrinks_the_widest_and_loses_no_text() -> None:
    made = table("", ("who", "address"), [("Anna", "anna@" + "long" * 20 + ".example")])
    lines = list(made.lines(40))
    assert max(map(len, lines)) <= 40
    assert "anna@" + "long" * 20 + ".example" in "".join(line[6:] for line in lines[1:]).replace(" ", "")


def test_cells_are_plain_text(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Markup in a customer's name is text, and no style is written where the output is no terminal."""
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    rows = [("[red]Evil[/red] [/nope]", None, Stage.SETUP, datetime(2026, 3, 2, 9, tzinfo=UTC))]
    print_table(table("Names", ("name", "", "stage", "at"), rows))
    assert capsys.readouterr().out == (
        "Names\nname                        stage  at\n[red]Evil[/red] [/nope]     setup  2026-03-02 09:00Z\n"
    )


def test_a_title_is_bold_on_a_terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    print_table(table("Names", ("",), [("Anna",)]))
    assert capsys.readouterr().out == f"{BOLD}Names\x1b[0m\nAnna\n"
