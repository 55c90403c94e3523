"""A clock far ahead of all services that are heard: no mail leaves by it, and it is told; once it is set, mail does."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from database.channels.breakers import troubles
from integrations import far_clocks
from integrations.far_clocks import Reading
from integrations.ports import OutgoingMessage
from integrations.recording import Recording
from onboarding.effects.clock_fault import CLOCK_FAULT
from onboarding.effects.send_result import SendResult
from onboarding.model.vocabulary import Channel
from tasks.commands import deliveries
from tasks.delivery.deliver_all import deliver
from tasks.monitoring.exposition import as_metrics
from tasks.monitoring.figures import figures_of
from tasks.monitoring.tally import MAIN_SWEEP, SweepEnd, count_run
from tasks.review.clock_fault import tell_of_clock
from tasks.runtime.context import RunContext
from tasks.runtime.scope import Scope
from tests.tasks.conftest import MONDAY, Office

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
Says = Callable[..., None]


class Wire(Recording):
    """A sender whose messages leave the machine; the first answer says, where given, how far ahead the clock is."""

    embedded = False

    def __init__(self, says: Says | None = None, **services: timedelta) -> None:
        super().__init__()
        self.batch, self._says, self._services = 1, says, services

    def send(self, messages: Sequence[OutgoingMessage]) -> Sequence[SendResult]:
        if self._says:
            self._says(**self._services)
        return super().send(messages)


@pytest.fixture
def says(monkeypatch: pytest.MonkeyPatch) -> Says:
    """Return a function that lets services have said how far this machine is ahead of them."""

    def told(**services: timedelta) -> None:
        now = far_clocks.machine_now()
        found = {service: Reading(one, far_clocks.started_at(), now) for service, one in services.items()}
        monkeypatch.setattr(far_clocks, "_readings", found)

    told()
    return told


@contextmanager
def owing(office: Office, wire: Wire) -> Iterator[RunContext]:
    """Yield a context with two mails that are due, sent through the wire."""
    office.customer()
    office.contact(2, role="Executive Sponsor")
    office.write()
    office.order(deliveries.stop, Channel.MAIL, reason="not yet")
    office.run()
    office.order(deliveries.start, Channel.MAIL)
    with office.context() as context:
        yield replace(context, mail=wire)


def delivered(context: RunContext, at: datetime = MONDAY) -> int:
    return deliver(context, at, Channel.MAIL, Scope()).sent


def why_down(context: RunContext) -> list[str]:
    with context.database.reading() as conn:
        return [one.error for one in troubles(conn)]


@pytest.mark.parametrize(
    ("said", "leaves"),
    [
        ({}, True),
        ({"Slack": 9 * MINUTE}, True),
        ({"Slack": 3 * HOUR}, False),
        ({"Slack": 3 * HOUR, "Salesforce": 4 * HOUR}, False),
        ({"Slack": 3 * HOUR, "Salesforce": MINUTE}, True),
        ({"Slack": -3 * HOUR}, True),
    ],
)
def test_mail_is_held_where_all_that_are_heard_agree(
    office: Office, says: Says, said: dict[str, timedelta], leaves: bool
) -> None:
    with owing(office, Wire()) as context:
        says(**said)
        assert (delivered(context) > 0) is leaves
        assert ["3 h ahead of Slack's" in why for why in why_down(context)] == ([] if leaves else [True])


def test_what_the_first_answer_tells_holds_the_rest_also_for_the_next_process(office: Office, says: Says) -> None:
    with owing(office, Wire(says, Postmark=3 * HOUR)) as context:
        assert delivered(context) == 1, "who sends by no clock but this one learns of it by the first answer"
        says()
        assert delivered(context, MONDAY + HOUR) == 0, "the next process has heard nothing, and knows it"


def test_once_the_clock_is_set_mail_goes_on_by_itself(
    office: Office, says: Says, monkeypatch: pytest.MonkeyPatch
) -> None:
    with owing(office, Wire()) as context:
        says(Slack=3 * HOUR)
        assert delivered(context) == 0
        now = datetime.now(UTC)
        monkeypatch.setattr(far_clocks, "machine_now", lambda: now - 3 * HOUR)
        set_right = replace(context, wall_clock=lambda: now - 3 * HOUR)
        assert delivered(set_right) == 2, "also though the pause was counted by the clock that was ahead"
        assert why_down(context) == []


def test_what_nobody_has_said_again_for_a_day_shuts_mail_no_longer(
    office: Office, says: Says, monkeypatch: pytest.MonkeyPatch
) -> None:
    with owing(office, Wire(says, Postmark=3 * HOUR)) as context:
        assert delivered(context) == 1
        assert delivered(context, MONDAY + HOUR) == 0
        now, started = far_clocks.machine_now() + timedelta(days=1), far_clocks.started_at()
        monkeypatch.setattr(far_clocks, "machine_now", lambda: now)
        monkeypatch.setattr(far_clocks, "started_at", lambda: started)
        later = replace(context, mail=Wire(), wall_clock=lambda: now)
        assert delivered(later, MONDAY + HOUR) == 1, "nobody else could have said that the answer was wrong"
        assert why_down(later) == []


def test_a_rehearsal_and_mail_that_stays_on_the_machine_are_not_held(office: Office, says: Says) -> None:
    with owing(office, Wire()) as context:
        says(Slack=3 * HOUR)
        assert delivered(replace(context, mail=Recording())) == 2


def test_it_is_told_to_operators_and_to_their_monitoring(office: Office, says: Says) -> None:
    with owing(office, Wire()) as context:
        says(Slack=-5 * MINUTE)
        count_run(context, SweepEnd(flow=MAIN_SWEEP, seconds=1, succeeded=True), ())
        for _ in range(2):
            tell_of_clock(context, MONDAY, None)
        said = as_metrics(figures_of(context.database, context.wall_clock())).decode()
    (line,) = [one for one in said.splitlines() if one.startswith("first90_clock_offset") and "Slack" in one]
    assert float(line.split()[-1]) == -300
    assert [one["because"] for one in office.effects(kind=CLOCK_FAULT, channel="slack")] == [
        "first90's clock is 5 min behind Slack's"
    ]
