"""The cursor of a signal source, valid only for that source."""

import hashlib
import json
import logging
import re
from collections.abc import Mapping

logger = logging.getLogger(__name__)

_OLDER = re.compile("[0-9a-f]{64}")
"""The cursor of a file in earlier versions: its digest alone."""


def fit(kind: str, source: str) -> str:
    """Return what identifies the source of a cursor; hashed, because a URL may contain a token."""
    return f"{kind}:{hashlib.sha256(source.encode('utf-8', 'surrogateescape')).hexdigest()[:16]}"


def written(made_for: str, **kept: str) -> str:
    """Return the text to store, the same for the same position."""
    return json.dumps({"fit": made_for, **kept}, sort_keys=True)


def read(text: str | None, made_for: str) -> Mapping[str, str]:
    """Return the values stored in ``text``; empty if there are none, it is broken, or of another source.

    Then the source is read from its beginning, which is safe: an event counts once under its key. A broken text is
    logged; one of another source or an earlier version is no fault.
    """
    if not text or _OLDER.fullmatch(text):
        return {}
    try:
        kept = json.loads(text)
        if not isinstance(kept, dict) or not all(isinstance(value, str) for value in kept.values()):
            raise ValueError("cursor")
    except (ValueError, RecursionError):
        dropped()
        return {}
    return kept if kept.get("fit") == made_for else {}


def dropped() -> None:
    """Log that a cursor could not be used."""
    logger.warning(
        "how far the signals were read is kept in an unreadable form; it is dropped and all are read again "
        "(events that are known change nothing)"
    )
