"""Deterministic simulation of delivery: many seeds, and none of them loses, doubles or forgets anything (R11).

``SIM_SEED=keyed:17 pytest tests/reliability/test_seeds.py`` runs one seed alone, as a failure names it;
``SIM_SEEDS=5000`` runs so many of each class (a night's work).
"""

import os
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from integrations.ports import OutgoingMessage
from onboarding.effects.send_result import ResultState, SendResult
from tasks.runtime.context import RunContext
from tests.examples import examples
from tests.reliability.simulation import KINDS, Kind, Verdict, World

pytestmark = pytest.mark.slow

NIGHT = os.environ.get("SIM_SEEDS", "")
ALONE = os.environ.get("SIM_SEED", "")
BY_NAME = {kind.name: kind for kind in KINDS}


def run(kind: Kind, seeds: range, context: RunContext, world: type[World] = World) -> tuple[Verdict, list[str]]:
    total, failing = Verdict(), []
    for seed in seeds:
        found = world(seed, kind, context).run(context.database)
        total.steps += found.steps
        total.crashes += found.crashes
        total.hours += found.hours
        if found.wrong:
            failing.append(f"SIM_SEED={kind.name}:{seed}: {'; '.join(found.wrong[:3])}")
    return total, failing


@pytest.mark.parametrize("name", BY_NAME)
def test_no_seed_breaks_the_promise_of_its_class(
    name: str, light_context: RunContext, proof: Callable[[str], None]
) -> None:
    alone, _, seed = ALONE.partition(":")
    if ALONE and alone != name:
        pytest.skip(f"only {ALONE}")
    seeds = range(int(seed), int(seed) + 1) if ALONE else range(int(NIGHT or examples(300)))
    total, failing = run(BY_NAME[name], seeds, light_context)
    proof(
        f"SIM {name} seeds={len(seeds)} steps={total.steps} crashes={total.crashes} hours={total.hours:.0f} "
        f"failing={len(failing)}"
    )
    assert not failing, "\n".join(failing)


def test_a_seed_gives_the_same_run_every_time(light_context: RunContext) -> None:
    one, other = (World(3, KINDS[0], light_context).run(light_context.database) for _ in range(2))
    assert (one.steps, one.crashes, one.hours) == (other.steps, other.crashes, other.hours)


class Trusting(World):
    """A keyed sender that does not say how long keys are remembered."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.key_life = None


class Hasty(World):
    """A sender that reports a doubt as a refusal."""

    def answer(self, outgoing: OutgoingMessage) -> SendResult:
        found = super().answer(outgoing)
        return replace(found, state=ResultState.TRANSIENT) if found.state == "unknown" else found


class Blind(World):
    """A channel that never finds what it took."""

    def find(self, key: str) -> str | None:
        super().find(key)
        return None


@pytest.mark.parametrize(("name", "broken"), [("keyed", Trusting), ("lookup", Blind), ("park", Hasty)])
def test_a_broken_variant_is_found_out(name: str, broken: type[World], light_context: RunContext) -> None:
    """The control of the test above."""
    runs = (run(BY_NAME[name], range(seed, seed + 1), light_context, broken) for seed in range(80))
    assert any("arrived" in " ".join(failing) for _, failing in runs)
