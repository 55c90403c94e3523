"""When the next channel starts beside one at work: at once where that hangs, not while it works on this machine."""

from concurrent.futures import Future
from types import SimpleNamespace
from typing import Any

import pytest

from tasks.delivery import deliver_all
from tasks.runtime.reports import DeliveryReport


class Working:
    """A channel's run that makes progress whenever it is looked at, and is done after so many looks."""

    def __init__(self, *, embedded: bool, looks: int | None) -> None:
        self.sender = SimpleNamespace(embedded=embedded)
        self.found = Future[DeliveryReport]()
        self._looks, self._left = 0, looks

    @property
    def progress(self) -> int:
        if self._left is None:
            return 0
        self._looks += 1
        if self._looks == self._left:
            self.found.set_result(DeliveryReport(channel="mail"))
        return self._looks


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliver_all, "HEAD_START", 0.01)
    monkeypatch.setattr(deliver_all, "STANDSTILL", 0.01)


@pytest.mark.parametrize(
    ("embedded", "looks", "done"),
    [(True, 7, True), (True, None, False), (False, 7, False)],
    ids=["stays on this machine", "hangs", "leaves this machine"],
)
def test_only_a_channel_that_works_on_this_machine_is_waited_for(embedded: bool, looks: int | None, done: bool) -> None:
    run: Any = Working(embedded=embedded, looks=looks)
    deliver_all._give_lead(run, run.found)
    assert run.found.done() is done
