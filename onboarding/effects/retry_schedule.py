"""When a refused effect is retried, and when retries end. Pure."""

import hashlib
from datetime import datetime, timedelta

WAITS = (
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=2),
    timedelta(hours=4),
    timedelta(hours=6),
)
"""After these, every six hours. This project's choice."""

JITTER = 0.2
"""Each wait is up to a fifth longer or shorter. This project's choice."""

MOST_ATTEMPTS = 25
LONGEST = timedelta(hours=72)
"""After so many tries, or so long, an effect is dead and reported. This project's choice."""

DECISION = timedelta(hours=1)
"""How often an effect that waits for a person's decision is tried. This project's choice."""

KEY_LIFE_USED = 5 / 6
"""The share of an idempotency key's lifetime after which a doubtful effect is not sent again (R10). This project's
choice."""


def next_try(
    attempts: int, first_try_at: datetime, now: datetime, retry_after: float | None, key: str
) -> datetime | None:
    """Return the moment of the next try after ``attempts`` refused ones; None if retries end.

    ``retry_after`` is the far side's request in seconds: it lengthens the wait but never shortens it. The jitter
    comes from the key and the number of tries, so that a repeat gives the same moment.
    """
    if attempts >= MOST_ATTEMPTS:
        return None
    wait = WAITS[min(max(attempts, 1), len(WAITS)) - 1] * (1 + JITTER * _spread(f"{key}:{attempts}"))
    if retry_after is not None:
        # Capped, because a far side may ask for any number; beyond the longest wait the retries end anyway.
        wait = max(wait, timedelta(seconds=min(retry_after, 2 * LONGEST.total_seconds())))
    at = now + wait
    return None if at - first_try_at > LONGEST else at


def next_decision_check(now: datetime, key: str) -> datetime:
    """Return the next try of an effect that waits for a person's decision; there is no end, as no such try counts."""
    return now + DECISION * (1 + JITTER * _spread(key))


def _spread(text: str) -> float:
    """Return a pseudo-random number between -1 and 1, the same for the same text."""
    number = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
    return number / 2**63 - 1
