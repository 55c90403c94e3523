"""A person presses Cancel while a run is sending (R21): a real Prefect server, a real worker, and a mail provider that
hangs. The provider's own records are checked."""

import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

import pytest
from prefect.client.schemas.objects import State, StateType

from config.settings.load import load_settings
from database.onboardings import overview
from database.outbox.ledger import GRACE_SECONDS, LEASE_SECONDS
from flows.cycle import Cycle, run_cycle
from onboarding.model.vocabulary import Channel
from tasks.runtime.context import open_run_context
from tests.flows.ops import Deployed, working
from tests.integrations.mail.http_providers import TOKEN, HttpProvider, http_provider
from tests.integrations.mail.smtp_server import MailServer, mail_server
from tests.reliability.house import plan
from tests.reliability.small_portfolio import AS_OF, write_portfolio

pytestmark = [pytest.mark.prefect, pytest.mark.slow, pytest.mark.xdist_group("prefect")]

Proof = Callable[[str], None]
Way = Literal["smtp", "postmark", "resend"]
OVER = timedelta(seconds=LEASE_SECONDS + GRACE_SECONDS + 1)
ENDED_BY_ITSELF = "Execution of flow run '{run}' was terminated"
"""The last that a run logs after Prefect's SIGTERM. One that is killed, 30 seconds later, cannot."""
ANSWERED = 2
"""How many mails the provider takes before it hangs."""


@dataclass
class Sweep:
    """The home of a run, and the states of its mails."""

    env: dict[str, str]
    owing: list[str]

    @property
    def states(self) -> Counter[str]:
        return Counter(mail_states().values())


@pytest.fixture
def far_side(way: Way, trouble: str) -> Iterator[MailServer | HttpProvider]:
    """Return the provider, which hangs from the third mail on."""
    with mail_server() if way == "smtp" else http_provider(way) as there:
        there.trouble, there.calm = trouble, ANSWERED
        yield there


@pytest.fixture
def sweep(
    home: Path, monkeypatch: pytest.MonkeyPatch, way: Way, connections: int, far_side: MailServer | HttpProvider
) -> Sweep:
    """Return a home with due mails for this provider."""
    write_portfolio(home / "crm")
    env = {"FIRST90_HOME": str(home), "FIRST90_CRM": f"csv:{home / 'crm'}", "FIRST90_MAIL_RATE": "100"}
    env |= {"FIRST90_MAIL_CONNECTIONS": str(connections)}
    if isinstance(far_side, MailServer):
        env |= {"FIRST90_MAIL": f"smtp://127.0.0.1:{far_side.port}?starttls=never"}
    else:
        env |= {"FIRST90_MAIL": way, "FIRST90_MAIL_TOKEN": TOKEN, "FIRST90_MAIL_API_URL": far_side.url}
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    with open_run_context(load_settings()) as context:
        plan(context, AS_OF)
    return Sweep(env, sorted(mail_states()))


def mail_states() -> dict[str, str]:
    with open_run_context(load_settings()) as context, context.database.reading() as conn:
        return {line["key"]: line["state"] for line in overview.effect_lines(conn) if line["channel"] == Channel.MAIL}


def begun(client: Any, sweep: Sweep, queue: str) -> UUID:
    """Start the deployed ``deliver`` by hand, on a worker of this queue; return its run."""
    found = client.read_deployment_by_name("deliver/every-5-minutes")
    run = client.create_flow_run_from_deployment(
        found.id,
        parameters={"options": {"as_of": AS_OF.isoformat(), "channels": ["mail"]}},
        work_queue_name=queue,
        job_variables={"env": sweep.env},
    )
    return run.id  # type: ignore[no-any-return]


def press_cancel(client: Any, run: UUID) -> float:
    """Cancel the run as the button in Prefect's pages does; return when."""
    client.set_flow_run_state(run, State(type=StateType.CANCELLING, name="Cancelling"))
    return time.monotonic()


def reached(what: Callable[[], bool], within: float = 90) -> bool:
    until = time.monotonic() + within
    while not (there := what()) and time.monotonic() < until:
        time.sleep(0.02)
    return there


def next_cycle(minutes: int) -> None:
    """Run a plain cycle after the leases of a dead run have expired."""
    with open_run_context(load_settings()) as context:
        context = replace(context, wall_clock=lambda: datetime.now(UTC) + OVER)
        run_cycle(context, Cycle(as_of=AS_OF + timedelta(minutes=minutes), plain=True), lambda said: None)


@pytest.mark.parametrize(
    ("way", "connections", "trouble", "doubtful_end"),
    [
        ("smtp", 2, "delivered hang", "unknown"),
        pytest.param("postmark", 1, "body hang", "sent", marks=pytest.mark.long),
        pytest.param("resend", 2, "delivered hang", "sent", marks=pytest.mark.long),
    ],
)
def test_a_cancelled_run_gives_back_what_it_held_and_the_rest_leaves_once(
    way: Way,
    connections: int,
    trouble: str,
    doubtful_end: str,
    far_side: MailServer | HttpProvider,
    sweep: Sweep,
    deployed: Deployed,
    client: Any,
    tmp_path: Path,
    proof: Proof,
) -> None:
    queue = f"cancel-{way}"
    with working(deployed, queue, tmp_path):
        run = begun(client, sweep, queue)
        assert reached(lambda: far_side.hanging == connections), (tmp_path / "worker.log").read_text()
        assert sweep.states["leased"] > 0
        pressed = press_cancel(client, run)
        assert reached(lambda: not sweep.states["leased"])
        given_back_at = time.monotonic()
        assert reached(lambda: client.read_flow_run(run).state.name == "Cancelled")
        ended_at = time.monotonic()
    assert sweep.states == Counter(
        {
            "sent": ANSWERED,
            "sending": connections,
            "planned": len(sweep.owing) - ANSWERED - connections,
        }
    )
    in_doubt = {key for key, state in mail_states().items() if state == "sending"}
    far_side.trouble = None
    for minutes in (5, 10):
        next_cycle(minutes)
    states = mail_states()
    assert {states[key] for key in in_doubt} == {doubtful_end}
    assert {states[key] for key in set(states) - in_doubt} == {"sent"}
    assert {key: far_side.delivered[key] for key in states} == dict.fromkeys(states, 1)
    assert set(sweep.owing) <= set(states)
    assert set(far_side.delivered) <= set(states)
    given_back, ended = given_back_at - pressed, ended_at - pressed
    proof(
        f"CANCEL {way} connections={connections} giveback_ms={given_back * 1000:.0f} cancelled_after_s={ended:.1f} "
        f"answered={ANSWERED} in_doubt={connections} then={doubtful_end} lost=0 dup=0"
    )
    assert ENDED_BY_ITSELF.format(run=run) in (tmp_path / "worker.log").read_text()


@pytest.mark.long
@pytest.mark.parametrize(("way", "connections", "trouble"), [("smtp", 1, "body hang")])
def test_control_while_no_worker_hears_it_nothing_is_given_back(
    far_side: MailServer | HttpProvider, sweep: Sweep, deployed: Deployed, client: Any, tmp_path: Path, proof: Proof
) -> None:
    with working(deployed, "cancel-unheard", tmp_path) as worker:
        run = begun(client, sweep, "cancel-unheard")
        assert reached(lambda: far_side.hanging == 1), (tmp_path / "worker.log").read_text()
        held = sweep.states
        worker.send_signal(signal.SIGSTOP)
        try:
            press_cancel(client, run)
            assert not reached(lambda: sweep.states != held, within=5)
            state = client.read_flow_run(run).state
        finally:
            worker.send_signal(signal.SIGCONT)
        assert reached(lambda: not sweep.states["leased"])
        assert reached(lambda: client.read_flow_run(run).state.name == "Cancelled")
    proof(f"CANCEL control: nobody hears it, state={state.name} leased={held['leased']} given_back=0")
    assert held["leased"] > 0
    assert state.name == "Cancelling"
