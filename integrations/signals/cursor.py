"""How far a source of signals was read: a cursor of its own kind, of no use to any other source."""

import hashlib
import json
import logging
import re
from collections.abc import Mapping

logger = logging.getLogger(__name__)

_OLDER = re.compile("[0-9a-f]{64}")
"""What earlier versions kept of a file: its digest alone."""


def fit(kind: str, source: str) -> str:
    """What a cursor was made for, without showing it: an address may hold a token."""
    return f"{kind}:{hashlib.sha256(source.encode('utf-8', 'surrogateescape')).hexdigest()[:16]}"


def written(made_for: str, **kept: str) -> str:
    """The text to keep, the same for the same place."""
    return json.dumps({"fit": made_for, **kept}, sort_keys=True)


def read(text: str | None, made_for: str) -> Mapping[str, str]:
    """What ``text`` kept; empty where that is nothing, broken, or of another source.

    Then the source is read from its beginning, which is safe: an event counts once under its key. A broken text is
    told in the log; another source's, or an earlier version's, is no fault.
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
    """Tell that a cursor could not be used."""
    logger.warning(
        "how far the signals were read is kept in an unreadable form; it is dropped and all are read again "
        "(events that are known change nothing)"
    )
