import json
from datetime import UTC, date, datetime

import pytest
import typer

from cli.options import moment, system_user
from cli.printing import console, plain, print_json, print_lines, say, text
from cli.tables import print_table, table
from onboarding.model.vocabulary import Stage


def test_a_bare_date_means_its_start_in_utc() -> None:
    assert moment("2026-03-02") == datetime(2026, 3, 2, tzinfo=UTC)


def test_a_moment_in_another_zone_becomes_utc() -> None:
    assert moment("2026-03-02T09:00+05:30") == datetime(2026, 3, 2, 3, 30, tzinfo=UTC)
    assert moment("2026-03-02T09:00Z") == datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_nonsense_is_no_moment_and_the_message_shows_how_to_write_one() -> None:
    with pytest.raises(typer.BadParameter, match="2026-03-02T09:00Z"):
        moment("next tuesday")


def test_json_is_plain_text_with_utc_instants(capsys: pytest.CaptureFixture[str]) -> None:
    print_json(
        {
            "at": datetime(2026, 3, 2, 9, tzinfo=UTC),
            "on": date(2026, 3, 2),
            "stage": Stage.SETUP,
            "who": "Zoë",
        }
    )
    out = capsys.readouterr().out
    assert json.loads(out) == {
        "at": "2026-03-02T09:00:00Z",
        "on": "2026-03-02",
        "stage": "setup",
        "who": "Zoë",
    }
    assert "Zoë" in out


def test_what_has_no_plain_form_is_not_guessed_at() -> None:
    with pytest.raises(TypeError, match="object"):
        plain(object())


def test_a_person_is_always_named() -> None:
    assert system_user()


def test_text_from_outside_never_steers_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Control characters that set a title, clear the screen or set a colour are shown, and have no effect."""
    evil = "Acme\x1b]0;owned\x07 \x1b[2J\x9b31m\x7f\x08GmbH"
    console().print(text(evil))
    console().print(evil, markup=False, soft_wrap=True)
    print_table(table("Of " + evil, ("account",), [(evil,)]))
    print_lines([evil])
    print_json({"name": evil})
    say(evil)
    seen = capsys.readouterr()
    kept = {sign for sign in seen.out + seen.err if not sign.isprintable()}
    assert kept <= {"\n"}
    assert (seen.out + seen.err).count("GmbH") >= 6
    assert json.loads(seen.out[seen.out.index("{") :])["name"] == evil
