"""Tells a person how far long work has come: a line in the log every few seconds, none where it is short."""

import logging
import time
from collections.abc import Callable

logger = logging.getLogger(__name__)

EVERY = 10.0
"""Seconds between two lines. Our choice."""


class Progress:
    """Counts what is done of ``total`` and logs it: ``told`` is the line, with ``{done}`` and ``{total}``."""

    def __init__(self, told: str, total: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._told, self._total, self._clock = told, total, clock
        self._done, self._last, self._spoke = 0, clock(), False

    def advance(self, by: int) -> None:
        """Count so many as done. The end is told where a line was told before."""
        self._done += by
        ended = self._done >= self._total
        if self._clock() - self._last >= EVERY or (ended and self._spoke and by):
            self._last, self._spoke = self._clock(), True
            logger.info("%s", self._told.format(done=self._done, total=self._total))
