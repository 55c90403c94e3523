"""The folders and files that a run writes on this machine, and what prevents that. Nothing is made by the check."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from errno import EISDIR, EOPNOTSUPP
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from config.settings.load import Settings

AWAY, ALLOW = "take it away", "give this user the right to write there"
WRITTEN = ("Onboarding__c.csv", "Onboarding_Milestone__c.csv")


@dataclass(frozen=True, slots=True)
class RunPath:
    """A folder or file that a run makes or changes, with the line of ``check`` that reports it."""

    what: str
    name: str
    path: Path
    folder: bool = True


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why a place cannot be written: what is wrong with which path, and the mend."""

    at: Path
    why: str
    mend: str


def places(settings: "Settings") -> Iterator[RunPath]:
    """Yield the home first, then the places in it or elsewhere."""
    from config.settings.channels import CsvCrm, FileChat
    from config.settings.mail_senders import MaildirMail
    from database.engine import connect, sqlite_file
    from supervisor.api import configured_api

    yield RunPath("home", "the home", settings.home)
    asked = connect(settings.database_url)
    asked.close()
    if file := sqlite_file(asked.engine.url):
        yield RunPath("database", "the database", file, folder=False)
    if isinstance(settings.crm, CsvCrm):
        yield RunPath("CRM", "the CRM folder", settings.crm.folder)
        for name in WRITTEN:
            yield RunPath("CRM", "what first90 writes into the CRM folder", settings.crm.folder / name, folder=False)
    if isinstance(settings.mail, MaildirMail):
        for part in ("", "tmp", "new"):
            yield RunPath("mail", "the Maildir", settings.mail.folder / part)
    if isinstance(settings.chat, FileChat):
        yield RunPath("Slack", "the chat file", settings.chat.path, folder=False)
    if not configured_api():
        yield RunPath("Prefect", "the folder of Prefect's records", settings.home / "prefect")


def obstacle(place: RunPath) -> Obstacle | None:
    """Return what prevents this user from writing there, or None."""
    there = next(path for path in (place.path, *place.path.parents) if os.path.lexists(path))
    if there == place.path and not place.folder:
        if not there.is_file():
            return Obstacle(there, "is no file", AWAY)
        if not os.access(there, os.W_OK):
            return Obstacle(there, "may not be changed by this user, or is read-only", ALLOW)
        there = there.parent  # journals and locks are made beside the file, and so is the file that replaces it
    if not there.is_dir():
        return Obstacle(there, "is no folder", AWAY)
    refused = _takes_no_file(there)
    return Obstacle(there, f"takes no new file ({refused})", ALLOW) if refused else None


def told(place: RunPath, found: Obstacle) -> str:
    """Return the fault with its mend."""
    where = "it" if found.at == place.path else str(found.at)
    return f"{place.name} {place.path} cannot be written: {where} {found.why}; {found.mend}, or name another place"


def _takes_no_file(folder: Path) -> str:
    """Return why no file can be made in a folder, or an empty text. An unnamed file is tried, which also finds what
    permissions do not show: a read-only disk, a locked folder, a full disk."""
    if not os.access(folder, os.W_OK | os.X_OK):
        return "no permission, or read-only"
    try:
        os.close(os.open(folder, os.O_WRONLY | getattr(os, "O_TMPFILE", os.O_DIRECTORY), 0o600))
    except OSError as error:
        # Not every system and disk has unnamed files; then only permissions are checked.
        return "" if error.errno in (EISDIR, EOPNOTSUPP) else (error.strerror or type(error).__name__)
    return ""
