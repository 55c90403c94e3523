"""The webhook of a survey tool, or of what relays it: answers as JSON, signed with a secret of the operator."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime

from integrations.mail.webhook import Forged, Unreadable, in_window, parse
from integrations.signals.records import SURVEYS, Sorting
from onboarding.model.usage import SignalBatch

SOURCE = "/hooks/surveys"
MOST_ANSWERS = 1000
"""In one request. This project's choice."""


def read_answers(secrets: str, headers: Mapping[str, str], body: bytes, now: datetime) -> SignalBatch:
    """Return the answers of a request: one object or a list, with the columns of the CSV file as keys.

    Its ``x-first90-signature`` is ``sha256=`` and the HMAC-SHA256 in hex, of the seconds since 1970 in
    ``x-first90-timestamp``, a dot and the raw body. Any of the ``secrets`` (separated by commas) fits. Raise Forged and
    Unreadable; an answer that cannot be read is a problem of the batch and keeps out no other.
    """
    moment = headers.get("x-first90-timestamp", "")
    _check(secrets, f"{moment}.".encode() + body, headers.get("x-first90-signature", ""))
    in_window(moment, now)
    given = parse(body)
    answers = given if isinstance(given, list) else [given]
    if len(answers) > MOST_ANSWERS:
        raise Unreadable(f"more than {MOST_ANSWERS} answers in one request")
    sorting = Sorting(SOURCE, SURVEYS)
    for number, one in enumerate(answers, start=1):
        if isinstance(one, dict):
            sorting.take(f"answer {number}", {str(name).lower(): value for name, value in one.items()})
        else:
            sorting.refuse(f"answer {number}", "", "is no JSON object")
    return SignalBatch(source=SOURCE, signals=tuple(sorting.signals), problems=tuple(sorting.problems))


def _check(secrets: str, content: bytes, given: str) -> None:
    found = False
    for secret in secrets.split(","):
        ours = hmac.new(secret.strip().encode(), content, hashlib.sha256).hexdigest()
        # Each is compared in full, so that the time taken reveals nothing.
        found |= hmac.compare_digest(given.strip().encode(), f"sha256={ours}".encode())
    if not found:
        raise Forged("its signature does not fit")
