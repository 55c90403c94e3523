"""How often one link may be used within some minutes, counted in this process."""

import time
from collections import OrderedDict, deque
from threading import Lock

MOST_KEYS = 10_000
"""How many links are counted; the one used longest ago is forgotten first."""


class RateLimit:
    """Admits ``most`` uses of one key within ``seconds``."""

    def __init__(self, most: int, seconds: float) -> None:
        self._most, self._seconds = most, seconds
        self._used: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = Lock()

    def admits(self, key: str) -> bool:
        """Return whether one more use is admitted, and count it if so."""
        now = time.monotonic()
        with self._lock:
            used = self._used.setdefault(key, deque())
            self._used.move_to_end(key)
            while used and used[0] <= now - self._seconds:
                used.popleft()
            if len(used) >= self._most:
                return False
            used.append(now)
            if len(self._used) > MOST_KEYS:
                self._used.popitem(last=False)
            return True
