"""When a refused effect is tried again, and when it is given up. Pure."""

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
"""Then every six hours. Ours."""

JITTER = 0.2
"""Each wait is up to a fifth longer or shorter. Ours."""

MOST_ATTEMPTS = 25
LONGEST = timedelta(hours=72)
"""After so many tries, or so long, an effect is dead and shown. Ours."""

DECISION = timedelta(hours=1)
"""How often it is looked whether a person has decided what an effect waits for. Ours."""

KEY_LIFE_USED = 5 / 6
"""The part of a key's life after which a doubtful effect is not sent again (R10). Ours."""


def next_try(
    attempts: int, first_try_at: datetime, now: datetime, retry_after: float | None, key: str
) -> datetime | None:
    """The moment of the next try after ``attempts`` refused ones; None where it is given up.

    ``retry_after`` is what the far side asked for, in seconds: it lengthens the wait, never shortens it. The
    jitter comes from the key and the number of tries, so that a repeat gives the same moment.
    """
    if attempts >= MOST_ATTEMPTS:
        return None
    wait = WAITS[min(max(attempts, 1), len(WAITS)) - 1] * (1 + JITTER * _spread(f"{key}:{attempts}"))
    if retry_after is not None:
        # Cut, because a far side may ask for any number; beyond the longest it is given up anyway.
        wait = max(wait, timedelta(seconds=min(retry_after, 2 * LONGEST.total_seconds())))
    at = now + wait
    return None if at - first_try_at > LONGEST else at


def next_look(now: datetime, key: str) -> datetime:
    """When an effect that waits for a person's decision is tried again: for ever, because no try of it counts."""
    return now + DECISION * (1 + JITTER * _spread(key))


def _spread(text: str) -> float:
    """A number between -1 and 1 that looks random and is always the same for the same text."""
    number = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
    return number / 2**63 - 1
