"""Numbers events that look alike within one read, in a few bytes an event."""

from array import array
from collections import Counter

FIRST_SIZE = 1 << 12
FULL = 0.6
"""The share of used places from which the table is doubled. This project's choice."""


class Repeats:
    """How often each digest was seen: a table of 64-bit numbers, and exact counts of those seen more than once.

    A million different events take some 16 MB, where a dictionary of their digests takes 150. Two different events
    with the same 64 bits (one in some million reads of millions) would be numbered together, and stay two.
    """

    def __init__(self) -> None:
        self._table = array("Q", bytes(8 * FIRST_SIZE))
        self._used = 0
        self._again: Counter[int] = Counter()

    def count(self, digest: bytes) -> int:
        """Return how many equal digests came before this one."""
        number = int.from_bytes(digest[:8], "big") or 1  # 0 is a free place
        if self._added(number):
            if self._used > FULL * len(self._table):
                self._grow()
            return 0
        self._again[number] += 1
        return self._again[number]

    def _added(self, number: int) -> bool:
        table = self._table
        last = len(table) - 1
        place = number & last
        while (found := table[place]) != number:
            if not found:
                table[place] = number
                self._used += 1
                return True
            place = (place + 1) & last
        return False

    def _grow(self) -> None:
        before = self._table
        self._table, self._used = array("Q", bytes(16 * len(before))), 0
        for number in before:
            if number:
                self._added(number)
