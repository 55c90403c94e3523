"""Three effects among a thousand that can never be sent: the others leave all the same (R17)."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from sqlalchemy import update

from database.engine import connect
from database.onboardings import overview
from database.tables import EffectRow
from integrations.ports import Guarantee, OutgoingMessage
from onboarding.effects.send_result import SendResult
from onboarding.model.vocabulary import Channel
from tasks.delivery.deliver_all import deliver
from tasks.runtime.context import RunContext
from tasks.runtime.scope import Scope
from tests.reliability.far_side import Provider, Wire, provider
from tests.reliability.killing import start, wait
from tests.reliability.post import MINUTE, Clock
from tests.reliability.simulation import START, owe

pytestmark = pytest.mark.slow

EFFECTS = 1_000
REFUSED, UNMAKEABLE, DEADLY = "effect-100", "effect-500", "effect-700"
POISON = {REFUSED, UNMAKEABLE, DEADLY}
TICKS = 4
"""Three workers may die of it; the fourth run reports it."""


class Deadly(Wire):
    """A sender whose library kills the process at one of the messages."""

    def send(self, messages: Sequence[OutgoingMessage]) -> Sequence[SendResult]:
        for outgoing in messages:
            if outgoing.key == DEADLY:
                os._exit(9)
        return super().send(messages)


@dataclass
class Course:
    """The result of a few deliveries."""

    delivered: list[int] = field(default_factory=list)
    """Mails delivered by the provider's records, after each delivery."""
    kills: list[int] = field(default_factory=list)
    """The deliveries whose worker died."""
    shown: set[str] = field(default_factory=set)
    """Effects that wait for a person in the end."""


@pytest.mark.parametrize("dialect", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
@pytest.mark.parametrize("guarantee", ["keyed", "plain"])
def test_a_thousand_effects_leave_in_spite_of_three_that_never_can(
    light_context: RunContext,
    new_database_url: Callable[[str], str],
    dialect: str,
    guarantee: Guarantee,
    tmp_path: Path,
    proof: Callable[[str], None],
) -> None:
    database = connect(new_database_url(dialect), durable=False)
    with provider(keyed=guarantee == "keyed") as there:
        found = course(replace(light_context, database=database), there, guarantee, tmp_path)
        arrived = dict(there.delivered)
    database.close()
    proof(
        f"POISON {dialect} {guarantee} delivered={len(arrived)} of {EFFECTS - len(POISON)} by_tick={found.delivered} "
        f"shown={len(found.shown)} kills={len(found.kills)}"
    )
    assert set(arrived) == {f"effect-{number}" for number in range(EFFECTS)} - POISON
    assert set(arrived.values()) == {1}
    # A worker dies in the middle of a batch, and any effect of it may be the cause; after the next death only one can.
    told = 2 if guarantee == "keyed" else 1
    assert found.delivered[told] == EFFECTS - len(POISON), "all of them, as soon as it is known what kills"
    assert found.delivered[1] >= 0.95 * EFFECTS
    assert found.shown == POISON
    assert len(found.kills) <= 3
    assert there.offers[REFUSED] == 1
    assert found.kills == list(range(len(found.kills))), "and once it is shown, nobody dies of it any more"


@pytest.mark.parametrize("dialect", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_of_a_thousand_in_flight_at_a_death_the_one_is_found_that_kills(
    light_context: RunContext, new_database_url: Callable[[str], str], dialect: str, tmp_path: Path
) -> None:
    """Tried in parts, whatever part it is in: only the poison ever waits for a person."""
    database = connect(new_database_url(dialect), durable=False)
    with provider(keyed=True) as there:
        found = course(replace(light_context, database=database), there, "keyed", tmp_path, batch=EFFECTS)
        arrived = dict(there.delivered)
    database.close()
    assert found.kills == [0, 1, 2], "the batch, a part of it, and it alone"
    assert set(arrived) == {f"effect-{number}" for number in range(EFFECTS)} - POISON
    assert set(arrived.values()) == {1}
    assert found.shown == POISON


def test_control_where_no_crash_is_counted_the_poison_stops_what_stands_behind_it(
    light_context: RunContext, tmp_path: Path
) -> None:
    """The same delivery on a ledger that does not count crashes."""
    with light_context.database.writing() as conn:
        conn.exec_driver_sql(
            "CREATE TRIGGER forget AFTER UPDATE OF crashes ON effect WHEN NEW.crashes > 0 "
            "BEGIN UPDATE effect SET crashes = 0 WHERE key = NEW.key; END"
        )
    with provider(keyed=True) as there:
        found = course(light_context, there, "keyed", tmp_path)
    assert found.delivered[-1] == found.delivered[0] < EFFECTS - len(POISON)
    assert len(found.kills) == TICKS
    assert DEADLY not in found.shown


def course(
    context: RunContext,
    there: Provider,
    guarantee: Guarantee,
    folder: Path,
    batch: int = 20,
) -> Course:
    """Run some deliveries, each in a process of its own and late enough for leases of a dead one to have expired."""
    database, clock, found = context.database, Clock(), Course()
    owe(database, EFFECTS)
    with database.writing() as conn:
        # No stored payload and no data to make one of: our own code fails at it.
        conn.execute(update(EffectRow).where(EffectRow.key == UNMAKEABLE).values(payload=None))
    there.mood = lambda key, offer: "refuse" if key == REFUSED else "accept"
    clock.now = START
    context = replace(context, mail=Deadly(there.port, guarantee, batch=batch), wall_clock=clock)
    for tick in range(TICKS):
        database.engine.dispose()
        ended = wait(start(lambda: deliver(context, clock.now, Channel.MAIL, Scope()), folder / "error"))
        assert ended in (0, 9), (folder / "error").read_text()
        if ended:
            found.kills.append(tick)
        found.delivered.append(len(there.delivered))
        clock.now += 3 * MINUTE
    with database.reading() as conn:
        lines = overview.effect_lines(conn)
    found.shown = {line["key"] for line in lines if line["state"] in ("dead", "unknown")}
    return found
