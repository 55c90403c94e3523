"""Proves policies: simulates each customer of a cohort by itself and counts what it was sent."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import SecretStr

from config.settings.channels import CsvCrm
from config.settings.load import Settings
from database.bulk import collector_resting
from onboarding.dates.working_time import is_working_day, zone_of
from onboarding.effects.payloads import ChatMethod, read_chat
from onboarding.model.case import Case
from onboarding.model.effect import PlannedEffect
from onboarding.model.message_policy import Topic
from onboarding.model.vocabulary import Channel, Side
from onboarding.review_case import Reviewed, review_without_writes
from onboarding.simulation.behaviour import Behaviour
from onboarding.simulation.policies import MILESTONE, Policies
from onboarding.simulation.verdicts import Customer, Life, Message, Verdict, verdict
from tasks.runtime.context import RunContext, open_run_context
from tasks.simulation.cohort import HABITS, HOME, case_of, cohort
from tasks.simulation.outbox import Outbox, Sent
from tasks.simulation.people import SimulatedPeople
from tasks.simulation.world import World, live

SAY_EVERY = 24
"""Customers from one line of progress to the next."""


def prove(
    settings: Settings, playbooks: Path, policies: Policies, size: int, say: Callable[[str], None]
) -> tuple[Verdict, ...]:
    """Return the verdict on each policy, over a cohort of ``size`` customers under the playbooks of this folder.

    Nothing is written, read from the CRM or sent. The same files give the same verdicts. Raises what opening a run
    context raises.
    """
    with stage(settings, playbooks) as context:
        lives = []
        for customer in cohort(size, policies, tuple(context.library.playbook_versions)):
            if customer.number % SAY_EVERY == 0:
                say(f"{customer.number} of {size} customers ...")
            with collector_resting():
                lives.append(simulated(context, customer))
    return tuple(verdict(policy, lives) for policy in policies.policies)


def simulated(context: RunContext, customer: Customer) -> Life:
    """Simulate one customer with no other beside it, by the engine of ``simulate``."""
    world = world_of(context, customer)
    live(world, customer.signed_at, _end(customer))
    return life_of(world, customer)


def world_of(context: RunContext, customer: Customer) -> World:
    """Return a simulation that holds this customer alone, at its signature."""
    case = case_of(customer, context.library[customer.tier].hash)
    context = replace(context, wall_clock=lambda: customer.signed_at)
    return World(
        context=context,
        people=SimulatedPeople(behaviour=Behaviour(everybody=HABITS[customer.habit])),
        post=Outbox(context=context),
        cases={case.key: case},
        owners=case.owners,
        gone=(),
        rules=review_without_writes,
    )


def life_of(world: World, customer: Customer) -> Life:
    """Return what happened to the one customer of a simulation."""
    (seen,) = world.seen.values()
    topics = {step.name: step.mail.topic for step in seen.playbook.steps if step.mail}
    edits = {one.key for one in world.post.posts if read_chat(one.payload).method is ChatMethod.UPDATE}
    return Life(
        customer=customer,
        until=_end(customer),
        calendar=seen.case.calendar(customer.country),
        events=_events(seen),
        messages=tuple(
            _message(one, seen.case, customer, topics.get(one.effect.kind))
            for one in world.post.sent
            if one.effect.channel is not Channel.CRM and one.effect.key not in edits
        ),
    )


def _end(customer: Customer) -> datetime:
    return customer.signed_at + timedelta(days=customer.days)


@contextmanager
def stage(settings: Settings, playbooks: Path) -> Iterator[RunContext]:
    """Open a dry run context with these playbooks, an empty database and no data of customers."""
    with TemporaryDirectory(prefix="first90-policies-") as scratch:
        folder = Path(scratch)
        alone = replace(
            settings,
            playbooks=playbooks,
            crm=CsvCrm(folder=folder, is_sample=False),
            database=SecretStr(f"sqlite:///{folder / 'none.db'}"),
            chosen_brand=settings.brand,
            chosen_resources=settings.resources,
            chosen_signals="none",
            chosen_tickets="none",
            chosen_surveys="none",
        )
        with open_run_context(alone, dry=True) as context:
            yield context


def _message(sent: Sent, case: Case, customer: Customer, topic: Topic | None) -> Message:
    effect = sent.effect
    ours = _is_ours(effect, case)
    zone, country = HOME if ours else (customer.zone, customer.country)
    local = sent.at.astimezone(zone_of(zone))
    return Message(
        at=sent.at,
        local=local,
        day_off=not is_working_day(local.date(), case.calendar(country)),
        channel=effect.channel,
        side=Side.VENDOR if ours else Side.CUSTOMER,
        step=effect.kind,
        topic=topic if effect.channel is Channel.MAIL else None,
        role=effect.role,
        person=sent.recipient,
    )


def _is_ours(effect: PlannedEffect, case: Case) -> bool:
    return effect.channel is Channel.SLACK or effect.person_id in case.owners


def _events(seen: Reviewed) -> dict[str, datetime]:
    """Return the events that came, by the names that policies give them."""
    milestones = seen.review.state.milestones
    done = {name: one.done_at for name, one in milestones.items() if one.status == "done" and one.done_at}
    found = {f"{MILESTONE}{name}": at for name, at in done.items()}
    found |= {f"stage:{stage.value}": at for stage, at in seen.review.progress.stage_times.items()}
    found["signature"] = seen.case.signed_at
    if "kickoff_held" in done:
        found["kickoff"] = done["kickoff_held"]
    if seen.review.state.activated_at is not None:
        found["activation"] = seen.review.state.activated_at
    return found
