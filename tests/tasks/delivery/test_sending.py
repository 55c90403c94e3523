"""Calls in threads: a call that was queued before a rate-limit answer does not leave after it."""

import threading
from datetime import UTC, datetime
from typing import Any

from integrations.recording import Recording
from onboarding.effects.send_result import ResultState, SendResult
from onboarding.model.effect import Leased
from onboarding.model.vocabulary import Channel
from tasks.delivery.recheck import Ready
from tasks.delivery.send_pool import HELD, Sending

NOW = datetime(2026, 3, 2, tzinfo=UTC)


class Refusing(Recording):
    """A sender that asks for a pause at the first message."""

    def __init__(self) -> None:
        super().__init__()
        self.left: list[str] = []
        self.answered = threading.Event()

    def send(self, messages: Any) -> Any:
        (outgoing,) = messages
        self.left.append(outgoing.key)
        return [
            SendResult(state=ResultState.TRANSIENT, retry_after=60, rest=True)
            if outgoing.key == "a"
            else SendResult(state=ResultState.SENT)
        ]


def ready(key: str) -> Ready:
    given: dict[str, Any] = dict.fromkeys(Leased.__dataclass_fields__, "")
    given |= {"key": key, "channel": Channel.SLACK, "due_at": NOW, "lease_until": NOW}
    return Ready(effect=Leased(**given), payload={}, recipient="")


def test_what_was_begun_before_the_lane_heard_of_a_rest_does_not_leave() -> None:
    sender = Refusing()
    sending = Sending(sender, 1, threads=2)
    sending.begin([ready("a")])
    while sending._answered.empty():
        pass
    sending.begin([ready("b")])
    found = []
    while sending.under_way:
        found += sending.answered(10)
    assert sender.left == ["a"]
    assert {one.effect.key: outcome for one, outcome in found}["b"] == HELD
    sending.begin([ready("c")])
    assert [outcome.state for _, outcome in sending.answered(10)] == ["sent"]
    sending.close()
