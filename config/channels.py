"""What the settings choose for CRM, mail, chat and product signals: typed values from their short texts."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from pydantic import SecretStr

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvCrm:
    """A folder of CSV files as CRM. ``is_sample``: the bundled portfolio, made in it at first use."""

    folder: Path
    is_sample: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MaildirMail:
    """A Maildir as mail server."""

    folder: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChat:
    """A file of JSON lines as Slack."""

    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvSignals:
    """A CSV file of product usage."""

    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpSignals:
    """An address that returns JSON lines of product usage. Secret, because a token may stand in it."""

    url: SecretStr


def read_crm(text: str, base: Path) -> CsvCrm:
    """``csv:DIR``. Raises ValueError with the mend, as all readers here."""
    if text.casefold() == "salesforce":
        raise ValueError("Salesforce is not part of this version; export to CSV files and use csv:DIR")
    folder = _path(text, "csv", base)
    if folder is None:
        raise ValueError(f"{text!r} is no CRM; use csv:DIR, a folder with Opportunity.csv, Account.csv and so on")
    if not folder.is_dir():
        raise ValueError(f"there is no folder {folder}; create it or correct the path")
    return CsvCrm(folder=folder)


def read_mail(text: str, base: Path) -> MaildirMail:
    """``maildir:DIR``. The refused text is not repeated: a password may stand in it."""
    kind = re.split(r"[:/?]", text.casefold(), maxsplit=1)[0]
    if kind in ("smtp", "smtps", "postmark", "resend", "sendgrid"):
        raise ValueError(f"sending by {kind} is not part of this version; use maildir:DIR, a folder of mails")
    folder = _path(text, "maildir", base)
    if folder is None:
        raise ValueError("is no mail channel; use maildir:DIR, a folder that takes one file a mail")
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"{folder} is a file; name a folder, which is made if it is missing")
    return MaildirMail(folder=folder)


def read_chat(text: str, base: Path) -> FileChat:
    """``file:PATH``."""
    if text.casefold() == "slack":
        raise ValueError("Slack is not part of this version; use file:PATH, a file of JSON lines")
    path = _path(text, "file", base)
    if path is None:
        raise ValueError(f"{text!r} is no chat; use file:PATH, a file that takes one JSON object a line")
    if path.is_dir():
        raise ValueError(f"{path} is a folder; name a file, which is made if it is missing")
    return FileChat(path=path)


def read_signals(text: str, base: Path) -> CsvSignals | HttpSignals | None:
    """``none``, ``csv:PATH`` or an ``https://`` address; plain ``http://`` on this machine alone."""
    if text.casefold() == "none":
        return None
    if path := _path(text, "csv", base):
        if not path.is_file():
            raise ValueError(f"there is no file {path}; create it, correct the path, or use none")
        return CsvSignals(path=path)
    if not text.casefold().startswith(("https://", "http://")):
        raise ValueError("is no source of signals; use none, csv:PATH or an https:// address of JSON lines")
    read_web_address(text)
    return HttpSignals(url=SecretStr(text))


def read_web_address(text: str) -> str:
    """An ``https://`` address (``http://`` on this machine alone), without a slash at its end."""
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname, parts.port
    except ValueError:
        raise ValueError("is no web address; give one like https://onboarding.example.com") from None
    if not host or parts.scheme not in ("https", "http"):
        raise ValueError("is no web address; give one like https://onboarding.example.com")
    if parts.scheme == "http" and host not in LOOPBACK:
        raise ValueError("would travel unprotected; use https:// (http:// is for this machine only)")
    return text.rstrip("/")


Channel = TypeVar("Channel")
Reader = Callable[[str, Path], Channel]


def _path(text: str, scheme: str, base: Path) -> Path | None:
    given, colon, rest = text.partition(":")
    if not colon or given.casefold() != scheme or not rest.strip():
        return None
    return (base / Path(rest.strip()).expanduser()).resolve()
