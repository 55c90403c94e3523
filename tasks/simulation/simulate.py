"""``simulate``: the portfolio lived forward on a virtual clock, by the same rules, letters and posts as live runs.

It begins as a dry run does, on a scratch copy of the database that takes in what the CRM holds. From there the
onboardings live in memory, each looked at when something about it is due: a hundred days cost what happens in them.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from config.company.behaviour import load_behaviour
from config.settings.load import Settings
from database.onboardings import cases, overview
from onboarding.model.case import Case
from onboarding.model.review import Decision
from onboarding.model.vocabulary import Channel, EffectState
from onboarding.review_case import Reviewed, review
from onboarding.simulation.apply import decided, listened
from onboarding.simulation.behaviour import Behaviour
from tasks.intake.sources import take_in_deals, take_in_signals
from tasks.runtime.context import RunContext, open_workplace
from tasks.runtime.scope import EVERYBODY
from tasks.simulation.digests import write_digests
from tasks.simulation.files import out_folder, write_lived
from tasks.simulation.outbox import Post
from tasks.simulation.people import People
from tasks.simulation.report import Lived

MOST_DAYS = 730
"""Holidays are known for two years around the start; ours."""
MOST_ROUNDS = 6
"""What a message proves may lead to the next one, at the same moment; more often than this would be a circle."""
DIGEST_HOURS = (time(1), time(9), time(15))
"""In UTC: working time somewhere in Asia and Oceania, in Europe and Africa, and in America."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """What is to be lived."""

    start: datetime
    days: int
    out: Path
    playbooks: Path | None = None
    """Other playbooks than those that are set."""
    behaviour: Behaviour | None = None
    """None: the bundled one."""


@dataclass
class World:
    """The onboardings as they stand, and everything around them."""

    context: RunContext
    people: People
    post: Post
    cases: dict[str, Case]
    seen: dict[str, Reviewed] = field(default_factory=dict)
    """The last look at each."""
    journal: list[tuple[datetime, str, Decision]] = field(default_factory=list)
    looks: int = 0

    def look(self, key: str, now: datetime) -> None:
        """Review one onboarding, send what is due of it, and again while that leads to more."""
        for _ in range(MOST_ROUNDS):
            case = listened(self.cases[key], now)
            found = review(case, self.context.playbook_version(case.progress.playbook), now)
            self.looks += 1
            self.journal += [(now, key, decision) for decision in found.review.decisions]
            self.post.take(case, found.review.effects, now)
            self.cases[key], went_out = self.post.deliver(found, decided(case, found.review), now)
            self.seen[key] = found
            if not went_out:
                break
        self.people.make_up_their_minds(self.seen[key], now)

    def next_at(self, key: str, now: datetime) -> datetime | None:
        """When this onboarding must be looked at again."""
        waiting = [line.due_at for line in self.cases[key].effects if line.state is EffectState.PLANNED]
        moments = [at for at in (*self.seen[key].review.next_at.values(), *waiting) if at is not None]
        soonest = min(moments, default=None)
        return None if soonest is None else max(soonest, now + timedelta(minutes=1))


def simulate(settings: Settings, plan: Simulation, say: Callable[[str], None]) -> Lived:
    """Live ``plan.days`` days from ``plan.start`` (aware, UTC); ``plan.out`` then holds what would have been sent.

    The same database, CRM, playbooks and plan give the same bytes; an earlier simulation in the folder is replaced as
    a whole. Raises ValueError where the folder holds anything else or the days are too few or too many, and what
    opening the run context raises; nothing was written then.
    """
    if not 1 <= plan.days <= MOST_DAYS:
        raise ValueError(f"{plan.days} days cannot be lived; give 1 to {MOST_DAYS}")
    with out_folder(plan.out) as folder, _stage(settings, plan) as context:
        world = _begin(context, plan)
        _live(world, plan, say)
        lived = Lived(
            start=plan.start,
            days=plan.days,
            looks=world.looks,
            summaries=tuple(sorted((found.summary for found in world.seen.values()), key=lambda one: one.urgency)),
            sent=tuple(world.post.sent),
            journal=tuple(world.journal),
        )
        write_lived(folder, lived, world.post, tuple(world.seen.values()), context.mapping)
    return lived


@contextmanager
def _stage(settings: Settings, plan: Simulation) -> Iterator[RunContext]:
    """A dry run context whose clock stands at the simulation's start."""
    if plan.playbooks is not None:
        settings = replace(settings, playbooks=plan.playbooks)
    with open_workplace(settings, dry=True) as context:
        yield replace(context, wall_clock=lambda: plan.start)


def _begin(context: RunContext, plan: Simulation) -> World:
    """Everything that the CRM and the database hold at the start."""
    take_in_deals(context, plan.start, EVERYBODY)
    take_in_signals(context, plan.start, EVERYBODY)
    with context.database.reading() as conn:
        keys = overview.live_keys(conn)
        found = cases.load(conn, keys, plan.start, context.calendars(plan.start), context.settings.only_accounts)
        told = [line.key for case in found.values() for line in case.effects if line.channel is Channel.SLACK]
        threads = overview.provider_ids(conn, told)
    people = People(behaviour=plan.behaviour or load_behaviour())
    return World(context=context, people=people, post=Post(context=context, threads=threads), cases=found)


def _live(world: World, plan: Simulation, say: Callable[[str], None]) -> None:
    now, end, say_at = plan.start, plan.start + timedelta(days=plan.days), plan.start
    moments: dict[str, datetime | None] = dict.fromkeys(world.cases, now)
    written: set[str] = set()
    while now < end:
        if now >= say_at:
            say(f"{now:%d %B %Y} ...")
            say_at = now + timedelta(days=30)
        doing = world.people.due(now)
        for key, acts in doing.items():
            world.cases[key] = world.people.done(world.cases[key], world.seen[key], acts, now)
        for key in [key for key, at in moments.items() if key in doing or (at is not None and at <= now)]:
            world.look(key, now)
            moments[key] = world.next_at(key, now)
        write_digests(world.context, world.post, world.seen.values(), written, now)
        now = _next([*moments.values(), world.people.next_at], now)


def _next(moments: list[datetime | None], now: datetime) -> datetime:
    """The next moment at which anything is due, anybody acts, or digests are written."""
    days = (now.date(), now.date() + timedelta(days=1))
    digests = [datetime.combine(day, hour, tzinfo=UTC) for day in days for hour in DIGEST_HOURS]
    return min(at for at in (*moments, *digests) if at is not None and at > now)
