"""``simulate``: runs the portfolio forward on a virtual clock, with the rules, mails and posts of live runs.

It begins as a dry run does, on a scratch copy of the database into which the CRM is read. From then on the onboardings
are in memory, and each is reviewed only when something of it is due.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from config.company.behaviour import load_behaviour
from config.settings.load import Settings
from database.bulk import collector_resting
from database.channels import daily_counts
from database.events.signals import last_heard
from database.onboardings import cases, overview
from database.outbox import planned
from onboarding.effects.absence_notes import first_day
from onboarding.messages.digest_effects import keys_of_today, last_digest
from onboarding.model.vocabulary import LIVE, Channel, Status
from onboarding.simulation.behaviour import Behaviour
from onboarding.usage.arrival import IN_USE, SEVERAL
from tasks.booking.offering import read_diary
from tasks.intake.sources import take_in_deals, take_in_signals
from tasks.runtime.context import RunContext, open_run_context
from tasks.runtime.scope import ALL_ACCOUNTS
from tasks.simulation.files import out_folder, write_result
from tasks.simulation.outbox import Outbox
from tasks.simulation.people import SimulatedPeople
from tasks.simulation.report import SimulationResult
from tasks.simulation.world import World, live

MOST_DAYS = 730
"""The longest simulation: holidays are known for two years around the start. Our choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """What is to be simulated."""

    start: datetime
    days: int
    out: Path
    playbooks: Path | None = None
    """A folder of playbooks instead of the one that is set."""
    behaviour: Behaviour | None = None
    """How people behave; None: the bundled behaviour."""


def simulate(settings: Settings, plan: Simulation, say: Callable[[str], None]) -> SimulationResult:
    """Simulate ``plan.days`` days from ``plan.start`` (aware, UTC) and write what would have been sent to ``plan.out``.

    The same database, CRM, playbooks and plan give the same bytes; an earlier simulation in the folder is replaced.
    Raises ValueError where the folder holds anything else or the days are out of range, and what opening the run
    context raises; nothing was written then.
    """
    if not 1 <= plan.days <= MOST_DAYS:
        raise ValueError(f"{plan.days} days cannot be lived; give 1 to {MOST_DAYS}")
    with out_folder(plan.out) as folder, _stage(settings, plan) as context:
        world = _begin(context, plan)
        with collector_resting():  # the collector would scan everything lived so far again and again
            live(world, plan.start, plan.start + timedelta(days=plan.days), say)
        result = SimulationResult(
            start=plan.start,
            days=plan.days,
            reviews=world.reviews,
            summaries=tuple(sorted((found.summary for found in world.seen.values()), key=lambda one: one.urgency)),
            sent=tuple(world.post.sent),
            journal=tuple(world.journal),
            ended=tuple(world.seen.values()),
            gone=world.gone,
        )
        write_result(folder, result, world.post, tuple(world.seen.values()), context.mapping)
    return result


@contextmanager
def _stage(settings: Settings, plan: Simulation) -> Iterator[RunContext]:
    """Open a dry run context whose wall clock stands at the simulation's start."""
    if plan.playbooks is not None:
        settings = replace(settings, playbooks=plan.playbooks)
    with open_run_context(settings, dry=True) as context:
        yield replace(context, wall_clock=lambda: plan.start)


def _begin(context: RunContext, plan: Simulation) -> World:
    """Read the CRM and the signals, and return the state at the start."""
    take_in_deals(context, plan.start, ALL_ACCOUNTS)
    take_in_signals(context, plan.start, ALL_ACCOUNTS)
    with context.database.reading() as conn:
        keys = overview.keys_of(conn, LIVE | {Status.COMPLETED})
        found = cases.load(conn, keys, plan.start, context.calendars(plan.start), context.settings.only_accounts)
        told = [line.key for case in found.values() for line in case.effects if line.channel is Channel.SLACK]
        post = Outbox(
            context=context,
            planned={effect.key: effect for effect in planned.unsent(conn)},
            threads=overview.provider_ids(conn, told),
            diary=read_diary(conn, plan.start),
            counted=daily_counts.counted_since(conn, (plan.start - timedelta(days=1)).date()),
            notices=daily_counts.notified_since(conn, (plan.start - timedelta(days=1)).date()),
        )
        owners, gone = overview.owners(conn), tuple(overview.gone(conn))
        notes = planned.absence_notes(conn, first_day(owners.values(), plan.start))
        written = notes | overview.existing_effects(conn, keys_of_today(owners.values(), plan.start))
        heard = last_heard(conn, plan.start, SEVERAL, IN_USE)
        last = {person: last_digest(*found) for person, found in planned.last_digests(conn, plan.start).items()}
    people = SimulatedPeople(behaviour=plan.behaviour or load_behaviour(), heard=heard)
    return World(
        context=context,
        people=people,
        post=post,
        cases=found,
        owners=owners,
        gone=gone,
        told=written,
        last_digests=last,
    )
