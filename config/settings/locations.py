"""Where first90's own files are: those it brings along, and the folder for what it writes and for ``.env``.

They lie elsewhere in the source tree and in an installed package, and only this module knows how. What a single room
reads (pages, migrations) lies beside that room's code and is the same in both.
"""

import os
from pathlib import Path

TIMETABLE = "prefect.yaml"
_ROOT = Path(__file__).resolve().parents[2]
"""The source tree, or the folder of packages that first90 was installed into."""
BUNDLED = _ROOT / "config"
"""Playbooks, templates, mappings, the sample: what an operator may copy and change."""


def in_source_tree(root: Path = _ROOT) -> bool:
    """Return whether this is a source tree, whose files beside the rooms are used where they are."""
    return all((root / name).is_file() for name in ("pyproject.toml", TIMETABLE))


def own_folder(root: Path = _ROOT) -> Path:
    """Return the folder of ``.env`` and of the default home, whatever the working directory.

    The source tree; for an installed package a folder of the user (``$XDG_DATA_HOME/first90``, usually
    ``~/.local/share/first90``), because what is written must outlive the next installation. ``/var/lib/first90`` for a
    user without a home.
    """
    if in_source_tree(root):
        return root
    data = os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share")
    return (Path(data) if os.path.isabs(data) else Path("/var/lib")) / "first90"


def brought_along(name: str, root: Path = _ROOT) -> Path:
    """Return the path of a file or folder that stands beside the rooms in the source tree: the timetable, the
    Salesforce package, the files for deploying.
    """
    return (root if in_source_tree(root) else root / "config" / "bundled") / name


PROJECT = own_folder()
