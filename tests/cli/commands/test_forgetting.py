"""The commands on recipients' rights, as a person uses them."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest


def mailed_contact(home: Path) -> tuple[str, str, str, str]:
    """Return one of the sample's people who got a mail: id, name, address and account."""
    with sqlite3.connect(home / "first90.db") as conn:
        found = conn.execute(
            "SELECT person.id, person.name, person.email, account_id FROM person "
            "JOIN effect ON effect.person_id = person.id WHERE effect.channel = 'mail' AND effect.state = 'sent' "
            "ORDER BY person.id"
        ).fetchone()
    conn.close()
    return tuple(found)


def leave_in_a_free_page(home: Path, text: str) -> None:
    """Leave data of earlier changes in free pages of the file."""
    with sqlite3.connect(home / "first90.db") as conn:
        conn.execute("PRAGMA secure_delete = OFF")
        conn.execute("CREATE TABLE old (text)")
        conn.executemany("INSERT INTO old VALUES (?)", [(text * 300,)] * 5)
        conn.commit()
        conn.execute("DROP TABLE old")
    conn.close()
    assert text.encode() in b"".join(path.read_bytes() for path in home.glob("first90.db*"))


@pytest.mark.slow
def test_forget_shows_what_it_would_do_and_then_that_it_worked(first90: Any, home: Path) -> None:
    person, name, address, _ = mailed_contact(home)
    dry = first90("forget", address, "--reason", "asked", "--dry-run")
    assert dry.code == 0
    assert "person.email" in dry.out
    assert name not in dry.out
    assert address not in dry.out
    leave_in_a_free_page(home, address)
    done = first90("forget", person, "--reason", "asked", "--by", "jo@vendor.example", "--json")
    assert done.code == 0, done.err
    assert (done.json["after"], done.json["dry_run"]) == ({}, False)
    assert done.json["mails"] > 0
    again = first90("forget", address, "--reason", "asked")
    assert (again.code, "0 records erased" in again.out) == (0, True)
    left = b"".join(path.read_bytes() for path in home.glob("first90.db*"))
    assert address.encode() not in left, "not even in pages that nothing refers to"


def test_forget_refuses_in_one_sentence(first90: Any, home: Path) -> None:
    for arguments, said in (
        (("forget", "not an address@", "--reason", "x"), "is not one mail address"),
        (("forget", "two words", "--reason", "x"), "is not an id"),
        (("forget", "ana@acme.example", "--reason", ""), "--reason is empty"),
    ):
        done = first90(*arguments)
        assert (done.code, said in done.err) == (2, True), done.err


def test_one_reader_is_held_and_written_to_again(first90: Any, home: Path) -> None:
    _, name, address, account = mailed_contact(home)
    held = first90("hold", account, "--person", address, "--reason", "on leave")
    assert (held.code, held.out.strip()) == (0, f"{name} is on hold: on leave")
    assert first90("hold", account, "--person", address, "--reason", "x", "--until", "2026-04-01").code == 2
    assert first90("resume", account, "--person", address).out.strip() == f"{name} is written to again."


def test_web_says_what_it_lacks(first90: Any, home: Path) -> None:
    done = first90("web")
    assert (done.code, "FIRST90_PUBLIC_URL and FIRST90_LINK_SECRET are not set" in done.err) == (2, True)
