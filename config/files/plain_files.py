"""Files that a person keeps, read whole and within bounds: a pipe blocks no run, a giant fills no memory."""

import errno
import stat
from pathlib import Path

MOST_BYTES = 1_000_000
"""Far above any playbook, template or team file; ours."""


def read_file(path: Path, encoding: str = "utf-8-sig") -> str:
    """The text of an ordinary file. Raises OSError (also for a pipe, a device, a folder, or above ``MOST_BYTES``)
    and UnicodeDecodeError."""
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "it is a folder, a pipe or a device, not a file", str(path))
    if found.st_size > MOST_BYTES:
        raise OSError(errno.EFBIG, f"it has {found.st_size:,} bytes, at most {MOST_BYTES:,} are read", str(path))
    return path.read_text(encoding)
