"""When the vendor's people are taken: by calls that are agreed, by times that are offered, by their own calendars."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta

SLOT = timedelta(hours=1)
"""What an offered time holds: enough for each call of the playbooks, with a pause after it. Our choice."""
_GRAIN = timedelta(minutes=15)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Diary:
    """Taken times of several people, by their id. It fills up while times are offered; a quarter of an hour is taken
    whole."""

    def __init__(self) -> None:
        self._taken: defaultdict[str, set[int]] = defaultdict(set)

    def take(self, person_id: str, start: datetime, end: datetime | None = None) -> None:
        """Take the time between two aware moments; without an end that of one call."""
        self._taken[person_id].update(_quarters(start, end or start + SLOT))

    def is_free(self, person_id: str, start: datetime) -> bool:
        """Return whether a call that starts then (aware) overlaps nothing that is taken."""
        return self.has_room(person_id, quarters_of_call(start))

    def has_room(self, person_id: str, quarters: range) -> bool:
        """Return whether none of these quarters of an hour is taken."""
        taken = self._taken.get(person_id)
        return not taken or taken.isdisjoint(quarters)


def quarters_of_call(start: datetime) -> range:
    """Return the quarters of an hour, counted from 1970, that a call which starts then (aware) holds."""
    return _quarters(start, start + SLOT)


def _quarters(start: datetime, end: datetime) -> range:
    return range((start - _EPOCH) // _GRAIN, -((_EPOCH - end) // _GRAIN))
