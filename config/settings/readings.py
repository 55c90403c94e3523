"""Readers of single settings; each raises ValueError with the remedy."""

import re
from datetime import date
from enum import StrEnum
from pathlib import Path

from pydantic import SecretStr

from config.settings.addresses import absolute
from onboarding.dates.limits import OUT_OF_YEARS, in_years
from onboarding.model.identity import salesforce_id

_POSTGRESQL = re.compile(
    r"(?:[^:/@?#\s]*(?::[^@?#\s]*)?(?:(?<!:)@|@(?=/)))?"
    r"(?:[A-Za-z0-9._,-]+|\[[0-9A-Fa-f:.]+\])?(?::[0-9]{1,5})?(?:/[^@?#\s]*)?(?:\?[^@#\s]*)?"
)
"""The text after ``postgresql://``. With an unescaped ``@`` in the password, the driver would take its end for the
host."""
_FILE = re.compile(r"[\w./ -]*(\?.*)?")
"""A relative file after ``sqlite://`` with the third slash missing, and not a host."""


def read_new_folder(text: str, base: Path) -> Path:
    """Return a folder that is created when needed."""
    folder = absolute(text, base)
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"{folder} is a file; name a folder, which is made if it is missing")
    if "?" in str(folder):
        raise ValueError(f"{folder} has a question mark, which a database URL cannot hold; choose another folder")
    return folder


def read_folder(text: str, base: Path) -> Path:
    """Return an existing folder."""
    folder = absolute(text, base)
    if not folder.is_dir():
        raise ValueError(f"there is no folder {folder}; create it or correct the path")
    return folder


def read_file(text: str, base: Path) -> Path:
    """Return an existing file."""
    path = absolute(text, base)
    if not path.is_file():
        raise ValueError(f"there is no file {path}; create it or correct the path")
    return path


def read_database(text: str, base: Path) -> str:
    """Return a SQLAlchemy URL for SQLite (with an absolute path) or PostgreSQL (with the psycopg 3 driver)."""
    scheme, mark, rest = text.partition("://")
    if mark and scheme in ("postgresql", "postgres", "postgresql+psycopg") and rest:
        if not _POSTGRESQL.fullmatch(rest):
            raise ValueError(
                "is no URL of a PostgreSQL database; use postgresql://user:password@host:5432/name, and write special "
                "characters of a password as %40 for @, %2F for /, %3F for ?, %23 for #"
            )
        return f"postgresql+psycopg://{rest}"
    if mark and scheme in ("sqlite", "sqlite+pysqlite") and (rest.startswith("/") or _FILE.fullmatch(rest)):
        path, question, query = rest.removeprefix("/").partition("?")
        if not path or path == ":memory:":
            raise ValueError("a database in memory forgets everything after each command; use sqlite:////full/path.db")
        return f"sqlite:///{(base / path).resolve()}{question}{query}"
    raise ValueError(
        "is no database URL that first90 knows; use sqlite:////full/path.db or postgresql://user@host/name"
    )


def read_day(text: str) -> date:
    """Return a date."""
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        raise ValueError(f"{text!r} is no date; write it like 2026-03-02")
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is no day of the calendar; write it like 2026-03-02") from None
    if not in_years(day):
        raise ValueError(f"{text!r} is {OUT_OF_YEARS}; correct the year")
    return day


def read_days(text: str) -> int:
    """Return a number of days."""
    if not re.fullmatch(r"[0-9]{1,3}", text):
        raise ValueError(f"{text!r} is no number of days; give a whole number from 0 to 999")
    return int(text)


def read_rate(text: str) -> float:
    """Return a rate a second."""
    if not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,3})?", text) or not float(text):
        raise ValueError(f"{text!r} is no rate; give mails a second from 0.001 to 9999, like 5 or 0.5")
    return float(text)


def read_accounts(text: str) -> frozenset[str]:
    """Return account ids with 18 characters."""
    found = set()
    for part in re.split(r"[\s,;]+", text.strip(" ,;")):
        try:
            found.add(salesforce_id(part))
        except ValueError as error:
            raise ValueError(f"{part!r} {error}; write account ids with commas between") from None
    return frozenset(found)


class MailInDoubt(StrEnum):
    """What to do with a mail of which it is not known whether it arrived."""

    PARK = "park"
    """Show it to a person."""
    RESEND = "resend"


class LogFormat(StrEnum):
    """How logs are written to standard error."""

    TEXT = "text"
    JSON = "json"
    """A JSON object a line."""


def read_in_doubt(text: str) -> MailInDoubt:
    """Return what to do with a mail in doubt. Raise ValueError for anything else."""
    try:
        return MailInDoubt(text)
    except ValueError:
        raise ValueError(f"{text!r} is neither park (show it to a person) nor resend; choose one") from None


def read_link_secret(text: str) -> SecretStr:
    """Return one or several secrets for signing links, separated by commas, each of at least 32 characters (as
    HMAC-SHA256 needs)."""
    if any(len(secret.strip()) < 32 for secret in text.split(",")):
        raise ValueError("is too short to sign links with; give at least 32 random characters, without a comma")
    return SecretStr(text)


def read_header_name(text: str) -> str:
    """Return the name of an HTTP header that a proxy sets."""
    if not re.fullmatch(r"[A-Za-z0-9-]+", text):
        raise ValueError(f"{text!r} is no name of an HTTP header; give one such as X-Forwarded-Email")
    return text


def read_token(text: str) -> SecretStr:
    """Return a token that opens the server for assistants, or the metrics."""
    if len(text) < 32 or not text.isascii() or any(letter.isspace() for letter in text):
        raise ValueError("is no token; give 32 or more random characters without a space")
    return SecretStr(text)


def read_log_format(text: str) -> LogFormat:
    """Return how logs are written."""
    try:
        return LogFormat(text.casefold())
    except ValueError:
        raise ValueError(f"{text!r} is neither text nor json") from None


def read_switch(text: str) -> bool:
    """Return whether ``on`` or ``off`` was given."""
    if text.casefold() not in ("on", "off"):
        raise ValueError(f"{text!r} is neither on nor off")
    return text.casefold() == "on"
