"""Effects of a dead worker leave nearly as fast as others: in parts where the far side drops a repeat."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from database.channels import breakers
from database.engine import connect
from database.onboardings import overview
from database.tables import EffectRow
from integrations.ports import Guarantee, OutgoingMessage
from onboarding.effects.send_result import ResultState, SendResult
from onboarding.model.vocabulary import Channel
from tasks.delivery.dead_workers import FEW, LEAST, MOST, next_part
from tasks.delivery.deliver_all import deliver
from tasks.runtime.context import RunContext
from tasks.runtime.scope import Scope
from tests.reliability.simulation import START, owe

DIALECTS = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


@dataclass
class Taker:
    """A sender that takes everything and records the content of each call."""

    guarantee: Guarantee
    batch: int
    slots: int = 1
    embedded: bool = True
    key_life: timedelta | None = None
    calls: list[list[str]] = field(default_factory=list)

    def send(self, messages: Sequence[OutgoingMessage]) -> Sequence[SendResult]:
        self.calls.append([outgoing.key for outgoing in messages])
        return [SendResult(state=ResultState.SENT, provider_id="p") for _ in messages]

    def find(self, key: str) -> str | None:
        return None


def held(context: RunContext, count: int, state: str) -> None:
    """Plan so many effects that a worker had leased when it died."""
    owe(context.database, count)
    with context.database.writing() as conn:
        left = {"lease_token": "dead", "lease_until": START - timedelta(days=1)}
        conn.execute(update(EffectRow).values(state=state, attempts=1 if state == "sending" else 0, **left))


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("state", ["leased", "sending"])
def test_a_thousand_that_a_dead_worker_held_leave_in_a_few_calls(
    light_context: RunContext, new_database_url, dialect: str, state: str
) -> None:
    database = connect(new_database_url(dialect), durable=False)
    context = replace(light_context, database=database, mail=(taker := Taker("keyed", 500)))
    held(context, 1000, state)
    deliver(context, START, Channel.MAIL, Scope())
    assert [len(call) for call in taker.calls] == [300, 300, 200, 100, 50, 50]
    assert sorted(key for call in taker.calls for key in call) == sorted(f"effect-{n}" for n in range(1000))
    database.close()


@pytest.mark.slow
@pytest.mark.parametrize(("guarantee", "count"), [("plain", 100), ("keyed", FEW)])
def test_where_a_repeat_arrives_twice_or_few_are_left_they_leave_one_by_one(
    light_context: RunContext, guarantee: Guarantee, count: int
) -> None:
    context = replace(light_context, mail=(taker := Taker(guarantee, 500)))
    held(context, count, "leased")
    deliver(context, START, Channel.MAIL, Scope())
    assert [len(call) for call in taker.calls] == [1] * count


def test_those_of_a_second_death_leave_one_by_one_after_all_others(light_context: RunContext) -> None:
    context = replace(light_context, mail=(taker := Taker("keyed", 500)))
    held(context, 100, "leased")
    twice = {f"effect-{number}" for number in range(10)}
    with context.database.writing() as conn:
        conn.execute(update(EffectRow).where(EffectRow.key.in_(twice)).values(crashes=1))
    deliver(context, START, Channel.MAIL, Scope())
    assert [len(call) for call in taker.calls] == [50, 40] + [1] * 10
    assert {key for call in taker.calls[2:] for key in call} == twice


def test_a_lane_that_is_probed_sends_one_of_them_first(light_context: RunContext) -> None:
    context = replace(light_context, mail=(taker := Taker("keyed", 500)))
    held(context, 100, "leased")
    with context.database.writing() as conn:
        breakers.failed(conn, "mail", 5, START - timedelta(hours=1), "down", as_of=START - timedelta(hours=1))
    deliver(context, START, Channel.MAIL, Scope())
    assert len(taker.calls[0]) == 1
    assert sum(map(len, taker.calls)) == 100
    with context.database.reading() as conn:
        assert {line["state"] for line in overview.effect_lines(conn)} == {"sent"}


@given(st.integers(1, 20_000))
def test_parts_are_halves_within_bounds_and_few(many: int) -> None:
    left, parts = many, []
    while left:
        parts.append(min(left, next_part(left, many)))
        left -= parts[-1]
    if many <= FEW:
        assert set(parts) == {1}
        return
    assert max(parts) <= MOST
    assert all(part >= LEAST for part in parts[:-1])
    assert len(parts) <= many / MOST + 6
