"""Whether product usage still arrives: a source that is dead, a cursor that is stuck or a file that nobody renews looks
like all accounts being silent at once, and no account is blamed for that."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from onboarding.model.phrases import day_words

SEVERAL = 3
"""So many accounts that all fall silent are a fault of the source rather than of theirs. This project's choice."""
IN_USE = timedelta(days=14)
"""An account that sent nothing for so long before the last event of all is not one of them. This project's choice."""
QUIET = timedelta(days=4)
"""Without any event of any account for so long, a person is told: longer than a weekend with a holiday. This project's
choice."""
UNREAD = timedelta(days=1)
"""The same where the source cannot be read. This project's choice."""


def heard_at(last: Iterable[datetime]) -> datetime | None:
    """Return the last event of any account, from the last events of the accounts that were heard of last (UTC); None
    where too few accounts are in use to tell."""
    newest = sorted(last, reverse=True)[:SEVERAL]
    if len(newest) < SEVERAL or newest[-1] <= newest[0] - IN_USE:
        return None
    return newest[0]


def with_event(last: Mapping[str, datetime], account: str, at: datetime) -> Mapping[str, datetime]:
    """Return the accounts that were heard of last, at most ``SEVERAL``, each with its last event, after one more."""
    both = {**last, account: max(at, last.get(account, at))}
    return dict(sorted(both.items(), key=lambda one: (one[1], one[0]))[-SEVERAL:])


def stopped(read_at: datetime | None, heard_at: datetime | None, now: datetime) -> str | None:
    """Return in words that usage has stopped to arrive, the same for as long as that lasts; None while it arrives."""
    if read_at is not None and now - read_at > UNREAD:
        return f"The source of product usage was last read on {day_words(read_at)}."
    if heard_at is not None and now - heard_at > QUIET:
        return f"No product usage of any account has arrived since {day_words(heard_at)}."
    return None
