"""File permissions: only the owner may read what first90 writes, because it contains mails, names and logins.

New files get them by the process's umask, which its children inherit (Prefect's server, a worker, its runs). Looser
permissions of earlier files in the home are removed when the home is opened.
"""

import os
import stat
from contextlib import suppress
from pathlib import Path

MASK = 0o077
OTHERS = 0o077
FIRST90_FILES = frozenset(
    {"mail", "chat.jsonl", ".chat.jsonl.lock", "prefect", "logs", "sandbox", "up.lock", "departures"}
)
DATABASE = "first90.db"
SAMPLE = "crm"


def keep_private() -> None:
    """Set the umask, so that new files of this process and its children are private. Safe to repeat."""
    os.umask(MASK)


def close_home(home: Path, *, sample: bool) -> None:
    """Remove other users' access to first90's files and folders in the home, and to the home if it has nothing else.

    ``sample``: its CRM folder is the bundled one. Links, files of another user and files that a person put there stay
    as they are. Safe to repeat; a file that disappears meanwhile is no error.
    """
    try:
        names = {entry.name for entry in os.scandir(home)}
    except (FileNotFoundError, PermissionError):
        return
    own = {name for name in names if name in FIRST90_FILES or name.startswith(DATABASE) or (sample and name == SAMPLE)}
    for name in sorted(own):
        _close(home / name, inside=True)
    if own and own == names:
        with suppress(PermissionError):
            home.chmod(stat.S_IMODE(home.stat().st_mode) & ~OTHERS)


def _close(place: Path, *, inside: bool) -> None:
    """Close a file or folder. A folder that is already private is checked one level deep only: a Maildir has many
    mails."""
    with suppress(FileNotFoundError, PermissionError):
        status = place.lstat()
        if stat.S_ISLNK(status.st_mode) or status.st_uid != os.geteuid():
            return
        if loose := status.st_mode & OTHERS:
            place.chmod(stat.S_IMODE(status.st_mode) & ~OTHERS)
        if stat.S_ISDIR(status.st_mode) and (inside or loose):
            for entry in os.scandir(place):
                _close(Path(entry.path), inside=False)
