"""What is written is for its owner alone: mails, names and logins stand in it.

New files come so by the process's mask, which its children inherit (Prefect's server, a worker, its runs). What an
earlier version or a looser mask left in the home is closed when the home is opened.
"""

import os
import stat
from contextlib import suppress
from pathlib import Path

MASK = 0o077
OTHERS = 0o077
OURS = frozenset({"mail", "chat.jsonl", ".chat.jsonl.lock", "prefect", "logs", "sandbox", "up.lock"})
DATABASE = "first90.db"
SAMPLE = "crm"


def keep_private() -> None:
    """From now on what this process and its children make is for its owner alone. Safe to repeat."""
    os.umask(MASK)


def close_home(home: Path, *, sample: bool) -> None:
    """Take the home's files and folders away from others; the folder itself too, where nothing else is in it.

    ``sample``: its CRM folder is the bundled one. Links, what another user owns and what a person put there stay as
    they are. Safe to repeat; what goes meanwhile is no error.
    """
    try:
        names = {entry.name for entry in os.scandir(home)}
    except (FileNotFoundError, PermissionError):
        return
    ours = {name for name in names if name in OURS or name.startswith(DATABASE) or (sample and name == SAMPLE)}
    for name in sorted(ours):
        _close(home / name, inside=True)
    if ours and ours == names:
        with suppress(PermissionError):
            home.chmod(stat.S_IMODE(home.stat().st_mode) & ~OTHERS)


def _close(place: Path, *, inside: bool) -> None:
    """A folder that was closed already is looked at no deeper than one level: a Maildir holds many mails."""
    with suppress(FileNotFoundError, PermissionError):
        status = place.lstat()
        if stat.S_ISLNK(status.st_mode) or status.st_uid != os.geteuid():
            return
        if loose := status.st_mode & OTHERS:
            place.chmod(stat.S_IMODE(status.st_mode) & ~OTHERS)
        if stat.S_ISDIR(status.st_mode) and (inside or loose):
            for entry in os.scandir(place):
                _close(Path(entry.path), inside=False)
