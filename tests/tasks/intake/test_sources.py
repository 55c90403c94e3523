"""What a sweep does when its source of usage changes, or the cursor of the source is invalid."""

import pytest

from database import key_values
from database.crm import problems

AWAY = "https://127.0.0.1:1/events"
"""An address without a server: a connection is refused at once."""


def kept(office):
    with office.context() as context, context.database.reading() as conn:
        return key_values.read(conn, key_values.SIGNALS).value


@pytest.mark.slow
def test_from_a_file_to_an_address_and_back(office, monkeypatch):
    office.customer()
    office.event("login", "2026-03-02T08:00Z")
    assert office.run().signals.new == 1
    monkeypatch.setenv("FIRST90_SIGNALS", AWAY)
    (failure,) = office.run("2026-03-02T10:00").signals.failures
    assert "ConnectError" in failure.error
    monkeypatch.delenv("FIRST90_SIGNALS")
    office.event("login", "2026-03-02T10:30Z")
    again = office.run("2026-03-02T11:00").signals
    assert (again.new, again.failures) == (1, ())


@pytest.mark.slow
@pytest.mark.parametrize("broken", ["{", "[" * 100_000, '{"fit": 1}', "0" * 64, '{"since": "soon", "fit": "https:x"}'])
def test_a_cursor_of_no_use_costs_one_whole_read(broken, office):
    office.customer()
    office.event("login", "2026-03-02T08:00Z")
    office.run()
    sound = kept(office)
    with office.context() as context, context.database.writing() as conn:
        key_values.write(conn, key_values.SIGNALS, broken, context.wall_clock())
    office.event("login", "2026-03-02T10:30Z")
    found = office.run("2026-03-02T11:00").signals
    assert (found.new, found.failures) == (1, ())
    assert kept(office) != broken
    assert kept(office).startswith(sound[:10])


@pytest.mark.slow
@pytest.mark.parametrize("then", ["other.csv", ""], ids=["another file", "none"])
def test_what_was_set_aside_of_a_source_goes_with_it(then, office, tmp_path, monkeypatch):
    office.customer()
    office.event("login", "yesterday")
    first = office.run()
    assert [problem.field for problem in first.signals.set_aside] == ["at"]
    monkeypatch.setenv("FIRST90_SIGNALS", f"csv:{tmp_path / then}" if then else "none")
    (tmp_path / "other.csv").write_text("account_id,signal,at\n001-0001,login,2026-03-02T08:00Z\n", "utf-8")
    office.run("2026-03-02T11:00")
    with office.context() as context, context.database.reading() as conn:
        assert problems.open_problems(conn) == ()
