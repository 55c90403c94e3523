"""A small company with random changes in its CRM and by people and readers, beside runs that may die. After each run
the provider's records and a model are compared with it (R12)."""

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from database.onboardings.lookup import NotFound
from flows.cycle import Cycle, run_cycle
from integrations.ports import Guarantee, OutgoingMessage
from onboarding.effects.send_result import SendResult
from onboarding.model.vocabulary import Channel
from onboarding.orders import FactReport
from tasks.commands import deliveries, onboardings
from tasks.commands.facts import record_bounce, record_milestone, take_back_milestone
from tasks.commands.person_holds import hold_person, resume_person
from tasks.commands.suppressions import resubscribe, unsubscribe
from tasks.runtime.context import RunContext
from tasks.runtime.links import Link, read_link, sign
from tasks.runtime.refusals import Refused
from tasks.runtime.reports import ReviewReport
from tests.reliability.far_side import Provider, Wire
from tests.reliability.house import House
from tests.reliability.known import WHERE, Known
from tests.reliability.simulation import Dead, Watched
from tests.reliability.verdicts import Bench
from tests.tasks.conftest import MONDAY, Office, ident

SELLS = {1: "20000", 2: "200000"}
"""The amounts of the deals, by account: each is of another tier."""
ROLES = (("Champion",), ("Executive Sponsor", "Economic Buyer"))
"""The roles of each account's people."""
CALM = {"HasOptedOutOfEmail": "", "First90_Left_On__c": ""}
BY = "jo@vendor.example"


class Mortal:
    """A worker that dies at the given boundary (0: never); after that nothing of it runs, not even its clean-up."""

    def __init__(self, dies_at: int = 0) -> None:
        self.left, self.dead = dies_at, False

    def boundary(self) -> None:
        self.left -= 1
        self.dead |= self.left == 0
        if self.dead:
            raise Dead


class Post(Wire):
    """The sender of a worker that may die before a mail leaves, and before it gets the result."""

    def __init__(self, port: int, guarantee: Guarantee, boundary: Callable[[], None]) -> None:
        super().__init__(port, guarantee, batch=3)
        self._boundary = boundary

    def _send(self, outgoing: OutgoingMessage) -> SendResult:
        self._boundary()
        answered = super()._send(outgoing)
        self._boundary()
        return answered


class Company:
    """One company from its first day on. Each change is recorded in ``known``."""

    def __init__(self, house: House, office: Office, there: Provider) -> None:
        house.reset()
        self.house, self.office, self.there = house, office, there
        self.now, self.told = MONDAY, Counter[str]()
        self.sound = True
        """Whether nothing wrong was found yet."""
        self.weather: list[str] = []
        self.away: dict[str, tuple[str, dict[str, Any]]] = {}
        office.tables |= {name: [] for name in office.tables if name != "User.csv"}
        self.known = Known(office.tables)
        self.bench = Bench(house, office, there, self.known)
        self.sends_through("keyed")
        for number, (country, zone) in WHERE.items():
            where = {"BillingCountryCode": country, "First90_Time_Zone__c": zone}
            office.account(number, First90_Churned_On__c="", **where)
            for person, roles in zip(people_of(number), ROLES, strict=True):
                office.contact(person, number, role=None, **CALM)
                for role in roles:
                    office.role(person, role, deal=number)

    def sends_through(self, guarantee: Guarantee) -> None:
        """Return a new provider of this class."""
        self.guarantee = guarantee
        for ledger in (self.there.offers, self.there.delivered, self.there.mails):
            ledger.clear()
        self.there.keyed = guarantee == "keyed"
        self.there.mood = self.answers

    def answers(self, key: str, offer: int) -> str:
        """Return what the provider does with a mail."""
        self.told["offers"] += 1
        word = self.weather[self.told["offers"] % len(self.weather)] if self.weather else "accept"
        self.told["troubles"] += word != "accept"
        return word

    # What happens in the CRM

    def signs(self, account: int, days_ago: int = 0) -> None:
        if self.known.record("Opportunity.csv", ident("006", account)) is None:
            signed = (self.now - timedelta(days=days_ago)).date().isoformat()
            self.office.deal(account, account, signed, Amount=SELLS[account])

    def writes(self, record: str, name: str, value: str) -> None:
        with suppress(StopIteration):  # the record is away
            self.office.change(record, **{name: value})

    def deletes(self, record: str) -> None:
        for name, rows in self.office.tables.items():
            for row in [row for row in rows if row.get("Id") == record]:
                self.away[record] = name, row
                rows.remove(row)

    def ticks_off(self, deal: str, name: str, status: str) -> None:
        """Tick a milestone in its row in the CRM."""
        with suppress(KeyError, FileNotFoundError):
            self.office.tick(name, int(deal[-4:]), Status__c=status)

    def mends(self, account: int) -> None:
        """Restore what was lost, deleted or on hold; final decisions stay."""
        for record in [record for record in self.away if int(record[-2:]) in (account, *people_of(account))]:
            name, row = self.away.pop(record)
            if self.known.record(name, record) is None:
                self.office.tables[name].append(row)
        self.writes(ident("006", account), "IsWon", "true")
        self.writes(ident("001", account), "First90_Churned_On__c", "")
        if self.orders(onboardings.resume, ident("006", account)):
            self.known.held.pop(account, None)
        for number in people_of(account):
            person = ident("003", number)
            for name, value in CALM.items():
                self.writes(person, name, value)
            reader = self.known.record("Contact.csv", person)
            if reader and self.orders(resume_person, ident("006", account), reader["Email"]):
                self.known.held_people.discard(person)

    # What people order and readers ask for

    def orders(self, order: Callable[..., Any], *given: Any, reason: str = "", **more: Any) -> bool:
        """Give a command; return whether it was carried out. An invalid one is refused."""
        try:
            return bool(order(self.context(), FactReport(by=BY, now=self.now, reason=reason), *given, **more))
        except (Refused, NotFound):
            return False

    def reports(self, deal: str, *names: str, undo: bool = False) -> None:
        for name in names:
            self.orders(take_back_milestone if undo else record_milestone, deal, name)

    def holds(self, account: int, until: datetime | None, how: str) -> None:
        if self.orders(onboardings.hold, ident("006", account), reason="x", until=until, resume=how):
            self.known.held[account] = until

    def holds_person(self, person: str) -> None:
        reader = self.known.record("Contact.csv", person)
        if reader and self.orders(hold_person, ident("006", int(person[-2])), reader["Email"], reason="x"):
            self.known.held_people.add(person)

    def closes(self, account: int) -> None:
        if self.orders(onboardings.close, ident("006", account), "cancelled", reason="x"):
            self.known.closed.add(account)

    def stops(self, channel: Channel | None) -> None:
        if self.orders(deliveries.stop, channel, reason="x"):
            self.known.stopped.add(channel or "all")

    def starts(self) -> None:
        if self.orders(deliveries.start, None):
            self.known.stopped.clear()

    def bounces(self, person: str) -> None:
        reader = self.known.record("Contact.csv", person)
        if reader and self.orders(record_bounce, ident("006", int(person[-2])), reader["Email"]):
            self.known.bounced.add(reader["Email"].lower())

    def unsubscribes(self, person: str) -> None:
        self.clicks(unsubscribe, person)
        for subject in (person, *self.bench.addresses(person)):
            self.known.silenced[subject] = max(self.now, self.known.silenced.get(subject, self.now))

    def subscribes_again(self, person: str) -> None:
        self.clicks(resubscribe, person)
        reader = self.known.record("Contact.csv", person)
        for subject in (person, *self.bench.addresses(person), *([reader["Email"].lower()] if reader else [])):
            self.known.speaking[subject] = max(self.now, self.known.speaking.get(subject, self.now))

    def clicks(self, page: Callable[..., bool], person: str) -> None:
        """Follow a reader's link."""
        page(self.context(), self.link(person), self.now)

    def link(self, person: str) -> Link:
        """Return the newest link that a reader has; before any mail with one, the link it would have."""
        context, deal = self.context(), ident("006", int(person[-2]))
        token = self.bench.token(person) or sign(context.settings, Link(person, deal), self.now)
        return read_link(context.settings, token, self.now)

    @property
    def readers(self) -> list[str]:
        """Return the customers' people, more often those with a planned mail, and most often those with a tried one."""
        found = [ident("003", number) for account in WHERE for number in people_of(account)]
        for key, line in sorted(self.effects.items()):
            if line["channel"] == Channel.MAIL and line["state"] in ("planned", "withheld", "unknown"):
                found += [key.split(":")[4]] * (6 if line["attempts"] else 1)
        return found

    @property
    def aside(self) -> list[str]:
        """Return the effects that wait for a person."""
        return sorted(key for key, line in self.effects.items() if line["state"] in ("unknown", "dead"))

    @property
    def effects(self) -> Mapping[str, Mapping[str, Any]]:
        return self.bench.effects

    def settles(self, key: str, how: str) -> None:
        """Decide as a person about an effect that is in doubt or dead."""
        match how:
            case "retry" if self.orders(deliveries.retry_effects, [key], reason="x"):
                self.known.repeats[key] += 1
                self.known.decided.discard(key)
            case "sent" if self.orders(deliveries.mark_sent, [key], reason="x"):
                self.known.decided.add(key)
            case "cancel" if self.orders(deliveries.cancel_effects, [key], reason="x"):
                self.known.decided.add(key)

    # Runs

    def context(self, worker: Mortal | None = None) -> RunContext:
        """Return the run context of a run that begins now."""
        boundary = (worker or Mortal()).boundary
        plain = self.house.context.database
        return replace(
            self.house.fresh(),
            database=Watched(plain.engine, plain.url, boundary=boundary),
            mail=Post(self.there.port, self.guarantee, boundary),
            wall_clock=lambda: self.now,
            calendars_kept=set(),
            diaries={},
        )

    def lives_on(self, until: str, dies_at: int = 0) -> None:
        """Let time pass, then run; do nothing without a time."""
        match until:
            case "after minutes":
                self.now += timedelta(minutes=3)
            case "after an hour":
                self.now += timedelta(hours=1)
            case "next day":
                self.now = (self.now + timedelta(days=1)).replace(hour=15, minute=0)
        if until:
            self.runs(dies_at)

    def runs(self, dies_at: int = 0) -> None:
        """Export the CRM and run a cycle, as far as it gets; then check everything."""
        self.office.write()
        worker, self.sound = Mortal(dies_at), False
        self.bench.opens()
        with suppress(Dead):
            report = run_cycle(self.context(worker), Cycle(as_of=self.now, plain=True), lambda said: None)
            assert not any(flow.crashed for flow in report.flows), report
            reviews = [part for flow in report.flows for part in flow.parts if isinstance(part, ReviewReport)]
            assert not any(part.failures for part in reviews), reviews
        self.told.update(runs=1, deaths=worker.dead, mails=self.bench.judges(self.now))
        self.sound = True

    def runs_twice(self) -> None:
        """Check that without faults a second run at the same moment finds nothing to do."""
        weather, self.weather = self.weather, []
        self.runs()
        before = self.bench.seen()
        self.runs()
        assert self.bench.seen() == before
        self.weather = weather

    def ends_well(self) -> None:
        """Check that without faults everything planned is sent, or has a reason."""
        self.weather = []
        self.starts()
        self.now += timedelta(minutes=10)
        self.runs()
        for _ in range(2):
            self.lives_on("next day")
        self.bench.closes(self.now)


def people_of(account: int) -> range:
    """Return the numbers of an account's people."""
    return range(10 * account + 1, 10 * account + 1 + len(ROLES))
