"""Reading of an operator's files within limits: a pipe cannot block a run, a huge file cannot fill the memory."""

import errno
import stat
from pathlib import Path

MOST_BYTES = 1_000_000
"""Far above any playbook, template or team file. This project's choice."""


def read_file(path: Path, encoding: str = "utf-8-sig") -> str:
    """Return the text of a regular file. Raise OSError (also for a pipe, a device, a folder, or above ``MOST_BYTES``)
    and UnicodeDecodeError."""
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "it is a folder, a pipe or a device, not a file", str(path))
    if found.st_size > MOST_BYTES:
        raise OSError(errno.EFBIG, f"it has {found.st_size:,} bytes, at most {MOST_BYTES:,} are read", str(path))
    return path.read_text(encoding)
