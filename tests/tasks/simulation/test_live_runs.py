"""Thirty days of the sample, run twice: by ``simulate``, and by real runs on a virtual clock. The same messages leave
at the same moments.

The real runs follow the due times in their database; the simulated people of both have the same habits.
"""

import csv
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from config.company.behaviour import load_behaviour
from config.sample_portfolio.sample import make_sample
from config.settings.load import Settings, load_settings
from database.events import signals
from database.onboardings import cases, facts, openings, orders
from database.onboardings.cases import MOMENTS
from database.onboardings.overview import effect_lines
from database.tables import EffectRow
from onboarding.model.usage import SignalRecord
from onboarding.model.vocabulary import STAGES, Channel, EffectState
from onboarding.orders import Order
from onboarding.review_case import Reviewed
from onboarding.simulation.behaviour import Act
from tasks.delivery.deliver_all import deliver_all
from tasks.intake.sources import take_in_deals, take_in_signals
from tasks.review.batches import review_one
from tasks.review.check_ins import send_check_ins
from tasks.review.escalations import escalate_stalled, write_digests
from tasks.review.stages import review_stage
from tasks.runtime.context import RunContext, open_run_context
from tasks.runtime.scope import ALL_ACCOUNTS
from tasks.simulation.moments import moment_after
from tasks.simulation.people import SimulatedPeople
from tasks.simulation.simulate import Simulation, simulate
from tasks.simulation.world import MOST_ROUNDS

A_SUNDAY = datetime(2026, 3, 8, 21, 0, tzinfo=UTC)
DAYS = 30
EVERY = 7
OF_THE_DATA = frozenset({"set_aside", "undelivered", "allowance"})
"""Notes to ops on what was read or refused: a simulation reads once, and none of its messages is refused."""

PLANNED_MESSAGES = (EffectRow.state == EffectState.PLANNED.value, EffectRow.channel != Channel.CRM.value)


def settings_at(home: Path) -> Settings:
    with pytest.MonkeyPatch.context() as env:
        env.setenv("FIRST90_HOME", str(home))
        return load_settings(env_file=None)


def part_of_the_sample(settings: Settings) -> datetime:
    """Make the sample, keep every seventh of its deals, and return its first working moment."""
    start = make_sample(settings.crm.folder, A_SUNDAY)
    deals = settings.crm.folder / "Opportunity.csv"
    with deals.open(encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    with deals.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([head, *rows[::EVERY]])
    return start


@dataclass
class Live:
    """Real runs over the sample, and the simulated people of its onboardings."""

    context: RunContext
    people: SimulatedPeople = field(default_factory=lambda: SimulatedPeople(behaviour=load_behaviour()))
    moments: list[datetime] = field(default_factory=list)

    def run(self, now: datetime) -> None:
        """Carry out what people do now, sweep until nothing more is due, and let people plan their next acts."""
        doing = self.people.due(now)
        for key, acts in doing.items():
            self._do(key, acts, now)
        looked_at = {*doing, *self._due(now)}
        for _ in range(MOST_ROUNDS):
            self._sweep(now)
            due = self._due(now)
            looked_at |= {*due}
            if not due:
                break
        write_digests(self.context, now, ALL_ACCOUNTS)
        deliver_all(self.context, now, (Channel.SLACK,), ALL_ACCOUNTS)
        for found in self._look(looked_at if self.moments else self._everybody(), now):
            self.people.plan_acts(found, now)
        self.moments.append(now)

    def _sweep(self, now: datetime) -> None:
        """Run all tasks of the flows but those that read the CRM, which does not change."""
        if not self.moments:
            take_in_deals(self.context, now, ALL_ACCOUNTS)
        take_in_signals(self.context, now, ALL_ACCOUNTS)
        reports = [review_stage(self.context, now, ALL_ACCOUNTS, stage) for stage in STAGES]
        reports += [task(self.context, now, ALL_ACCOUNTS) for task in (send_check_ins, escalate_stalled)]
        assert [failure for report in reports for failure in report.failures] == []
        deliver_all(self.context, now, (Channel.MAIL, Channel.SLACK), ALL_ACCOUNTS)

    def next_at(self, now: datetime) -> datetime:
        """Return when anything is due next in the database."""
        with self.context.database.reading() as conn:
            found = [conn.execute(select(func.min(moment))).scalar() for moment in MOMENTS.values()]
            found.append(conn.execute(select(func.min(EffectRow.not_before)).where(*PLANNED_MESSAGES)).scalar())
        return moment_after([*found, self.people.next_at], now)

    def _due(self, now: datetime) -> Collection[str]:
        with self.context.database.reading() as conn:
            found = {key for concern in MOMENTS for key in cases.due_keys(conn, concern, now)}
            messages = select(EffectRow.onboarding_key).where(*PLANNED_MESSAGES, EffectRow.not_before <= now)
            return found | {key for key in conn.execute(messages).scalars() if key}

    def _everybody(self) -> Collection[str]:
        with self.context.database.reading() as conn:
            return openings.live_keys(conn)

    def _look(self, keys: Collection[str], now: datetime) -> list[Reviewed]:
        with self.context.database.reading() as conn:
            found = cases.load(
                conn, sorted(keys), now, self.context.calendars(now), self.context.settings.only_accounts
            )
        return [review_one(self.context, case, now, frozenset()) for case in found.values()]

    def _do(self, key: str, acts: list[Act], now: datetime) -> None:
        (seen,) = self._look([key], now)
        with self.context.database.writing() as conn:
            told, events = self.people.reported(seen, acts, now)
            facts.add(conn, key, told, now)
            taken = [
                SignalRecord(key=f"{key}:{name}:{user}:{at}", account=seen.case.account.id, name=name, at=at, user=user)
                for name, user, at in events
            ]
            signals.take_signals(conn, taken)
            if any(act.kind == "answer" for act in acts):
                orders.acknowledge(conn, key, Order(by="jo@vendor.example", now=now))
            openings.touch(conn, [key], now)


Message = tuple[datetime, str, str, str]


def lived_live(home: Path, start: datetime) -> tuple[set[Message], list[datetime]]:
    settings, now = settings_at(home), start
    part_of_the_sample(settings)
    with open_run_context(settings) as context:
        live = Live(context=context)
        while now < start + timedelta(days=DAYS):
            live.run(now)
            now = live.next_at(now)
        with context.database.reading() as conn:
            lines = [line for line in effect_lines(conn) if line["sent_at"] is not None and line["channel"] != "crm"]
    return {
        (line["sent_at"], line["channel"], line["key"], line["recipient"].lower())
        for line in lines
        if line["kind"] not in OF_THE_DATA
    }, live.moments


@pytest.mark.long
def test_thirty_days_of_cycles_and_of_a_simulation_send_the_same_at_the_same_moments(tmp_path: Path) -> None:
    settings = settings_at(tmp_path / "simulated")
    start = part_of_the_sample(settings)
    lived = simulate(settings, Simulation(start=start, days=DAYS, out=tmp_path / "out"), lambda _: None)
    simulated = {
        (one.at, one.effect.channel.value, one.effect.key, one.recipient.lower())
        for one in lived.sent
        if one.effect.channel is not Channel.CRM
    }
    live, moments = lived_live(tmp_path / "live", start)
    assert len(live) > 100
    assert len({at for at, *_ in live}) > 30
    assert sorted(simulated - live)[:20] == [], "the simulation alone sends these"
    assert sorted(live - simulated)[:20] == [], "the live runs alone send these"
    assert moments
