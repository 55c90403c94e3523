"""A flow run on a real Prefect server that is ended in the middle, and one whose server goes away: delivery keeps its
guarantees in both cases (R21). The mail provider's own records are checked."""

import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterName

from config.settings.load import load_settings
from database.onboardings import overview
from database.outbox.ledger import GRACE_SECONDS, LEASE_SECONDS
from flows.deliver import deliver
from flows.options import DeliveryOptions
from flows.run import sharing
from onboarding.model.vocabulary import Channel
from tasks.runtime.context import open_run_context
from tests.reliability.far_side import Provider, Wire, provider
from tests.reliability.house import plan
from tests.reliability.small_portfolio import AS_OF, write_portfolio

pytestmark = [pytest.mark.prefect, pytest.mark.slow, pytest.mark.xdist_group("prefect")]

Proof = Callable[[str], None]
OVER = timedelta(seconds=LEASE_SECONDS + GRACE_SECONDS + 1)

ONE_RUN = """
import sys
from dataclasses import replace
from datetime import datetime
from config.settings.load import load_settings
from flows.deliver import deliver
from flows.options import DeliveryOptions
from flows.run import sharing
from tasks.runtime.context import open_run_context
from tests.flows.test_ended_runs import AskingFirst
from tests.reliability.far_side import Wire

port, guarantee, moment, kind = sys.argv[1:]
mail = (AskingFirst if kind == "asking" else Wire)(int(port), guarantee)
with open_run_context(load_settings()) as place, sharing(replace(place, mail=mail)):
    deliver(DeliveryOptions(as_of=datetime.fromisoformat(moment), channels=("mail",)))
"""


class AskingFirst(Wire):
    """A broken variant: it calls the server before every mail, as a Prefect task for each mail would."""

    def _send(self, outgoing):  # type: ignore[no-untyped-def]
        with get_client(sync_client=True) as client:
            if (problem := client.api_healthcheck()) is not None:
                raise problem
        return super()._send(outgoing)


@pytest.fixture
def owing(home: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the keys of the due mails of a home."""
    write_portfolio(home / "crm")
    monkeypatch.setenv("FIRST90_CRM", f"csv:{home / 'crm'}")
    with open_run_context(load_settings()) as context:
        plan(context, AS_OF)
    return sorted(mail_states())


def mail_states() -> dict[str, str]:
    with open_run_context(load_settings()) as context, context.database.reading() as conn:
        return {line["key"]: line["state"] for line in overview.effect_lines(conn) if line["channel"] == Channel.MAIL}


@contextmanager
def one_run(there: Provider, guarantee: str, api: str, home: Path, kind: str = "wire") -> Iterator[subprocess.Popen]:  # type: ignore[type-arg]
    """Run the flow ``deliver`` in a process of its own."""
    more = {
        "PREFECT_API_URL": api,
        "PREFECT_HOME": str(home.parent / "prefect"),
        "PREFECT_CLIENT_MAX_RETRIES": "0",
        "PREFECT_LOGGING_LEVEL": "ERROR",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    with (home.parent / f"run-{time.monotonic_ns()}.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", ONE_RUN, str(there.port), guarantee, AS_OF.isoformat(), kind],
            env=os.environ | more,
            stdout=log,
            stderr=log,
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def next_run(there: Provider, guarantee: str, *, plain: bool) -> None:
    """Run the next sweep after the leases of a dead one have expired: on the server, or as a plain call."""
    later = {"wall_clock": lambda: datetime.now(UTC) + OVER}
    with open_run_context(load_settings()) as context:
        context = replace(context, mail=Wire(there.port, guarantee), **later)  # type: ignore[arg-type]
        options = DeliveryOptions(as_of=AS_OF + timedelta(minutes=5), channels=(Channel.MAIL,))
        with sharing(context):
            (deliver.fn if plain else deliver)(options)


def ended_by(number: int, owing: list[str], there: Provider, api: str, home: Path) -> tuple[float, Counter[str], int]:
    """End a run by this signal while its first mail is in flight; return the seconds until it ended, and the states."""
    there.mood = lambda key, offer: "hang-then-accept"
    with one_run(there, "lookup", api, home) as process:
        assert there.reached.wait(60)
        asked_at = time.monotonic()
        process.send_signal(number)
        found = Counter(mail_states().values())
        took = time.monotonic() - asked_at
        while number == signal.SIGTERM and found["leased"] and took < 10:
            time.sleep(0.01)
            found, took = Counter(mail_states().values()), time.monotonic() - asked_at
        code = process.wait(60)
    there.release.set()
    while not there.delivered:
        time.sleep(0.01)
    return took, Counter(mail_states().values()), code


def crashed_runs() -> int:
    with get_client(sync_client=True) as client:
        for _ in range(50):
            runs = client.read_flow_runs(
                flow_run_filter=FlowRunFilter(name=FlowRunFilterName(like_=f"deliver {AS_OF:%Y-%m-%d %H:%M}Z"))
            )
            if any(run.state and run.state.is_crashed() for run in runs):
                break
            time.sleep(0.1)
    return sum(bool(run.state and run.state.is_crashed()) for run in runs)


def test_a_flow_run_that_is_ended_gives_its_leases_back_and_the_next_delivers_the_rest_once(
    prefect_api: str, owing: list[str], home: Path, proof: Proof
) -> None:
    with provider() as there:
        took, found, code = ended_by(signal.SIGTERM, owing, there, prefect_api, home)
        assert found == Counter({"planned": len(owing) - 1, "sending": 1})
        crashed = crashed_runs()
        next_run(there, "lookup", plain=False)
        assert set(mail_states().values()) == {"sent"}
        assert [there.delivered[key] for key in owing] == [1] * len(owing)
        offered = sum(there.offers[key] > 1 for key in owing)
    proof(
        f"TERM flow run exit={code} crashed_on_server={crashed} giveback_ms={took * 1000:.0f} "
        f"given_back={len(owing) - 1} offered_again={offered} lost=0 dup=0"
    )
    assert crashed == 1
    assert offered <= 1
    assert took < 3


def test_control_a_killed_flow_run_gives_nothing_back(
    prefect_api: str, owing: list[str], home: Path, proof: Proof
) -> None:
    with provider() as there:
        _, found, code = ended_by(signal.SIGKILL, owing, there, prefect_api, home)
    proof(f"TERM flow run control: killed exit={code} given_back={found['planned']}")
    assert found["planned"] == 0
    assert found["leased"] == len(owing) - 1


@dataclass
class Road:
    """A proxy to the server, which can be cut."""

    port: int
    target: tuple[str, int]
    cut: threading.Event = field(default_factory=threading.Event)
    empty: threading.Event = field(default_factory=threading.Event)
    """Set once it is cut and all its connections are closed."""
    turned_away: int = 0


@contextmanager
def road_to(api: str) -> Iterator[Road]:
    """Open a port of this machine that leads to the server; once cut, it resets connections and refuses new ones."""
    host, _, port = api.removeprefix("http://").partition("/")[0].partition(":")
    with socket.create_server(("127.0.0.1", 0)) as door:
        road = Road(door.getsockname()[1], (host, int(port)))
        over = threading.Event()

        def keep_door() -> None:
            lines: dict[socket.socket, socket.socket] = {}
            while not over.is_set():
                if road.cut.is_set():
                    for line in lines:
                        line.close()
                    lines.clear()
                    road.empty.set()
                ready, _, _ = select.select([door, *lines], [], [], 0.02)
                for one in ready:
                    if one is door:
                        near, _ = door.accept()
                        if road.cut.is_set():
                            road.turned_away += 1
                            near.close()
                            continue
                        far = socket.create_connection(road.target)
                        lines[near], lines[far] = far, near
                    elif one in lines:
                        pass_on(one, lines)
            for line in lines:
                line.close()

        thread = threading.Thread(target=keep_door)
        thread.start()
        try:
            yield road
        finally:
            over.set()
            thread.join()


def pass_on(one: socket.socket, lines: dict[socket.socket, socket.socket]) -> None:
    other = lines[one]
    try:
        data = one.recv(65536)
        other.sendall(data)
    except OSError:
        data = b""
    if not data:
        for line in (one, other):
            lines.pop(line)
            line.close()


def without_the_server(there: Provider, api: str, home: Path, kind: str) -> tuple[Counter[str], int]:
    """Run with a server that goes away at the second mail; return the states left, and the number of refused calls."""
    with road_to(api) as road:

        def cuts(key: str, offer: int) -> str:
            if sum(there.offers.values()) == (2 if kind == "wire" else 1):
                road.cut.set()
                assert road.empty.wait(60)
            return "accept"

        there.mood = cuts
        with one_run(there, "plain", f"http://127.0.0.1:{road.port}/api", home, kind) as process:
            until = time.monotonic() + 60
            while process.poll() is None and time.monotonic() < until:
                time.sleep(0.1)
        assert road.cut.is_set()
        return Counter(mail_states().values()), road.turned_away


def test_a_run_whose_server_goes_away_in_the_middle_delivers_all_the_same(
    prefect_api: str, owing: list[str], home: Path, proof: Proof
) -> None:
    with provider() as there:
        found, turned_away = without_the_server(there, prefect_api, home, "wire")
        assert found == Counter({"sent": len(owing)})
        next_run(there, "plain", plain=True)
        assert [there.delivered[key] for key in owing] == [1] * len(owing)
    proof(f"NOSERVER mails={len(owing)} calls_turned_away={turned_away} sent={found['sent']} lost=0 dup=0")
    assert turned_away > 0, "the run did miss its server"


def test_control_a_delivery_that_asks_the_server_for_each_mail_stands_still_without_it(
    prefect_api: str, owing: list[str], home: Path, proof: Proof
) -> None:
    with provider() as there:
        found, turned_away = without_the_server(there, prefect_api, home, "asking")
        arrived = there.delivered.total()
    proof(f"NOSERVER control: calls_turned_away={turned_away} sent={found['sent']} arrived={arrived}")
    assert arrived < len(owing)
