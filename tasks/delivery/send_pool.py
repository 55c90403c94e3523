"""Calls to a sender: one after another in the calling thread, or several at once, each in a thread of its own.

Threads only send. The ledger is written by the thread that started them.
"""

import logging
import queue
import threading
import time
from collections.abc import Sequence

from integrations.ports import OutgoingMessage, Sender
from onboarding.effects.send_result import ResultState, SendResult
from tasks.delivery.recheck import Ready
from tasks.runtime.faults import kind_and_place

logger = logging.getLogger(__name__)

Sent = tuple[Ready, SendResult]

HELD = SendResult(state=ResultState.TRANSIENT, error="it did not leave: the far side had just asked for time")


class Sending:
    """The calls of one channel. Close it at the end: idle threads stop, and one that hangs is not waited for."""

    def __init__(self, sender: Sender, batch: int, *, threads: int) -> None:
        self._sender, self._batch, self._most = sender, batch, threads
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._asked: queue.SimpleQueue[tuple[Sequence[Ready], int] | None] = queue.SimpleQueue()
        self._answered: queue.SimpleQueue[Sequence[Sent]] = queue.SimpleQueue()
        self.under_way = 0
        # Pauses that the far side asked for, and how many of them the channel knows.
        self._asked_for, self._known = 0, 0

    @property
    def room(self) -> int:
        """Return how many messages could leave at once now."""
        return (max(1, self._most) - self.under_way) * self._batch

    def begin(self, ready: Sequence[Ready]) -> None:
        """Send these, at most ``room``, in calls of a batch each. Without threads, return when the calls are done."""
        for start in range(0, len(ready), self._batch):
            call = ready[start : start + self._batch]
            self.under_way += 1
            if not self._most:
                self._answered.put(_call(self._sender, call))
                continue
            if len(self._threads) < min(self.under_way, self._most):
                self._threads.append(threading.Thread(target=self._work, daemon=True, name="first90-send"))
                self._threads[-1].start()
            self._asked.put((call, self._known))

    def answered(self, timeout: float) -> list[Sent]:
        """Return the results that have arrived; while calls are in flight, wait ``timeout`` seconds for the first."""
        found: list[Sent] = []
        while self.under_way:
            try:
                fresh = self._answered.get(block=not found, timeout=max(timeout, 0))
            except queue.Empty:
                break
            found += fresh
            self._known += _rests(fresh)
            self.under_way -= 1
        return found

    def last_answers(self, seconds: float) -> list[Sent]:
        """Return what arrives within so many seconds, for all calls together; without threads no call is in flight."""
        found: list[Sent] = []
        if not self._most:
            return found
        until = time.monotonic() + seconds
        while self.under_way and time.monotonic() < until:
            found += self.answered(until - time.monotonic())
        return found

    def close(self) -> None:
        """Tell the threads to stop. They are not joined, because one may hang in a call."""
        for _ in self._threads:
            self._asked.put(None)

    def _work(self) -> None:
        while (asked := self._asked.get()) is not None:
            call, known = asked
            with self._lock:
                held = self._asked_for > known
            # Queued before the channel knew that the far side asks for a pause: it does not leave.
            found = [(one, HELD) for one in call] if held else _call(self._sender, call)
            with self._lock:
                self._asked_for += _rests(found)
            self._answered.put(found)


def _rests(found: Sequence[Sent]) -> bool:
    return any(result.rest for _, result in found)


def _call(sender: Sender, call: Sequence[Ready]) -> list[Sent]:
    """Make one call. A sender that raises, against its contract, leaves a doubt.

    One message that makes it raise does not block the rest of its batch: they are sent one by one, which is safe
    because only a channel that drops repeats sends batches.
    """
    try:
        results = sender.send([OutgoingMessage(key=one.effect.key, payload=one.payload) for one in call])
        return list(zip(call, results, strict=True))
    except Exception as error:
        if len(call) > 1:
            return [answered for one in call for answered in _call(sender, [one])]
        told = f"{kind_and_place(error)} while it was sent"
        logger.error("effect %s broke its sender: %s", call[0].effect.key, told)
        return [(call[0], SendResult(state=ResultState.UNKNOWN, error=told))]
