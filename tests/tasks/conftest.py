"""A small company whose CRM is a folder of CSV files, and plain cycles over it; tests look at results from outside.

All parts are real: the CSV folder, the database, the Maildir and the chat file.
"""

import csv
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from config.settings.load import load_settings
from database.onboardings.overview import conflict_lines, effect_lines, journal_lines, status_lines
from integrations.mail.message import EFFECT_HEADER
from onboarding.model.vocabulary import STAGES, Channel
from onboarding.orders import FactReport, Order
from tasks.commands.facts import record_milestone, take_back_milestone
from tasks.delivery.deliver_all import deliver
from tasks.intake.sources import take_in_deals, take_in_signals
from tasks.review.check_ins import send_check_ins
from tasks.review.escalations import escalate_stalled, write_digests
from tasks.review.stages import review_stage
from tasks.runtime.context import RunContext, open_run_context
from tasks.runtime.reports import DeliveryReport, IntakeReport, ReviewReport, SignalReport
from tasks.runtime.scope import Scope
from tests.builders.lines import milestone_lines
from tests.conftest import MadeOnce

MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
"""A working hour of a working day, everywhere from Lisbon to Helsinki."""
HANDOFF = {
    "First90_Goals__c": "Answer quotes faster than the competition",
    "First90_Success_Metrics__c": "quote turnaround | 48 | 4 | hours | 2026-05-31",
    "First90_Commitments__c": "Single sign-on in April",
    "First90_Technical_Requirements__c": "Okta, Salesforce",
    "First90_Timeline__c": "Live by the end of April",
}
NEEDED = {
    "User.csv": ("Id", "Name", "Email", "IsActive", "ManagerId", "TimeZoneSidKey", "CountryCode"),
    "Account.csv": (
        "Id",
        "Name",
        "OwnerId",
        "BillingCountryCode",
        "First90_CSM__c",
        "First90_Onboarding_Specialist__c",
        "First90_Churned_On__c",
    ),
    "Contact.csv": ("Id", "AccountId", "Name", "Email", "HasOptedOutOfEmail", "First90_Left_On__c"),
    "Opportunity.csv": ("Id", "AccountId", "Name", "IsWon", "StageName", "CloseDate", "OwnerId", "Amount"),
    "OpportunityContactRole.csv": ("OpportunityId", "ContactId", "Role", "IsPrimary"),
}


@dataclass
class Round:
    """The reports of the tasks of one cycle."""

    deals: IntakeReport
    signals: SignalReport
    reviews: list[ReviewReport]
    runs: list[DeliveryReport]

    @property
    def planned(self) -> int:
        """Return the number of newly planned mails and posts."""
        return sum(review.planned for review in self.reviews)

    @property
    def sent(self) -> int:
        """Return the number of effects that were sent."""
        return sum(run.sent for run in self.runs)

    @property
    def failures(self) -> list[Any]:
        """Return the failures of all tasks."""
        found = [*self.deals.failures, *self.signals.failures]
        for review in self.reviews:
            found += review.failures
        for run in self.runs:
            found += run.dead
        return found


@dataclass
class Office:
    """One company: its records as dicts, its folder, and the results of runs."""

    folder: Path
    home: Path
    setenv: Callable[[str, str], None]
    tables: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {name: [] for name in NEEDED})
    extra: dict[str, str] = field(default_factory=dict)
    """Raw lines added after a file's rows, such as a typing error makes."""
    events: list[dict[str, Any]] = field(default_factory=list)
    doors: ExitStack = field(default_factory=ExitStack)
    opened: Any = None
    opened_for: dict[str, str] = field(default_factory=dict)

    # The records

    def user(self, number: int, **more: Any) -> str:
        return self._put("User.csv", ident("005", number), {"Name": f"User {number}", "IsActive": "true"} | more)

    def account(self, number: int = 1, **more: Any) -> str:
        given = {"Name": f"Customer {number}", "OwnerId": ident("005", 2), "BillingCountryCode": "GB"}
        return self._put("Account.csv", ident("001", number), given | more)

    def contact(self, number: int = 1, account: int = 1, role: str | None = "Champion", **more: Any) -> str:
        given = {
            "AccountId": ident("001", account),
            "Name": f"Person {number}",
            "Email": f"person{number}@customer{account}.example",
        }
        contact = self._put("Contact.csv", ident("003", number), given | more)
        if role is not None:
            self.role(number, role, deal=account)
        return contact

    def role(self, contact: int, role: str, deal: int = 1) -> None:
        row = {"OpportunityId": ident("006", deal), "ContactId": ident("003", contact), "Role": role}
        self.tables["OpportunityContactRole.csv"].append(row)

    def deal(self, number: int = 1, account: int | None = None, signed: str = "2026-03-02", **more: Any) -> str:
        given = {
            "AccountId": ident("001", account or number),
            "Name": f"Deal {number}",
            "IsWon": "true",
            "StageName": "Closed Won",
            "CloseDate": signed,
            "OwnerId": ident("005", 1),
            "Amount": "20000",
            **HANDOFF,
        }
        return self._put("Opportunity.csv", ident("006", number), given | more)

    def customer(self, number: int = 1, **deal: Any) -> str:
        """Add an account with a champion and a won deal; return the account's id."""
        self.contact(number, account=number)
        self.deal(number, **deal)
        return self.account(number)

    def change(self, record: str, **values: Any) -> None:
        """Edit a record in the CRM."""
        row = next(row for rows in self.tables.values() for row in rows if row.get("Id") == record)
        row.update(values)

    def remove(self, record: str) -> None:
        """Delete a record in the CRM, and with a contact its roles in deals, as Salesforce does."""
        for name, rows in self.tables.items():
            self.tables[name] = [row for row in rows if record not in (row.get("Id"), row.get("ContactId"))]

    def leave_out(self, record: str) -> list[dict[str, Any]]:
        """Leave a record out of the next exports, as a filter does; return its rows."""
        found = [row for rows in self.tables.values() for row in rows if row.get("Id") == record]
        self.tables = {name: [row for row in rows if row.get("Id") != record] for name, rows in self.tables.items()}
        return found

    def event(self, signal: str, at: str, account: int = 1, **more: Any) -> None:
        """Add an event of product usage."""
        self.events.append({"account_id": ident("001", account), "signal": signal, "at": at} | more)

    def write(self) -> None:
        """Write the exports of the present records."""
        self.folder.mkdir(exist_ok=True)
        for name, rows in self.tables.items():
            write_csv(self.folder / name, rows, NEEDED[name], self.extra.get(name, ""))
        if self.events:
            write_csv(self.folder / "signals.csv", self.events, ("account_id", "signal", "at", "user", "count"))

    # What happens

    @contextmanager
    def context(self) -> Iterator[RunContext]:
        """Return the run context, opened once for the same settings, as in a worker that keeps running."""
        signs = {name: value for name, value in os.environ.items() if name.startswith("FIRST90_")}
        signs |= {name: str((self.folder / name).exists()) for name in ("signals.csv", "tickets.csv", "surveys.csv")}
        if signs != self.opened_for:
            self.shut()
            self.opened = self.doors.enter_context(open_run_context(load_settings(env_file=None)))
            self.opened_for = signs
        yield self.opened

    def shut(self) -> None:
        """Close the run context; the next use opens it again, as the next process would."""
        self.doors.close()
        self.opened_for = {}

    def run(self, at: datetime | str = MONDAY, scope: Scope | None = None, **settings: str) -> Round:
        """Export the CRM and run a cycle."""
        for name, value in settings.items():
            self.setenv(f"FIRST90_{name}", value)
        self.write()
        with self.context() as context:
            return cycle(context, moment(at), scope or Scope())

    def cycle(self, context: RunContext, at: datetime | str = MONDAY) -> Round:
        """Run a cycle with an open run context."""
        return cycle(context, moment(at), Scope())

    def order(
        self, order: Callable[..., Any], *args: Any, on: datetime | str = MONDAY, reason: str = "", **more: Any
    ) -> Any:
        """A named person orders something; ``until`` is a moment too."""
        if isinstance(more.get("until"), str):
            more["until"] = moment(more["until"])
        with self.context() as context:
            return order(context, Order(by="jo@vendor.example", now=moment(on), reason=reason), *args, **more)

    def report(
        self,
        report: Callable[..., Any],
        *args: Any,
        on: datetime | str = MONDAY,
        at: datetime | str | None = None,
        **more: Any,
    ) -> Any:
        """A named person reports ``on`` a day what happened ``at`` a moment (None: then and there)."""
        with self.context() as context:
            when = None if at is None else moment(at)
            told = FactReport(by="jo@vendor.example", now=moment(on), at=when)
            return report(context, told, "001-0001", *args, **more)

    def done(self, name: str, on: datetime | str = MONDAY, at: str | None = None, undo: bool = False) -> Any:
        """Report a milestone as done, or take it back."""
        return self.report(take_back_milestone if undo else record_milestone, name, on=on, at=at)

    # What is seen outside

    @property
    def mails(self) -> list[EmailMessage]:
        """Return the mails in the Maildir, by their date."""
        found = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in self.home.glob("mail/new/*")]
        return sorted(found, key=lambda mail: (mail["Date"].datetime, mail[EFFECT_HEADER]))

    @property
    def sent_kinds(self) -> list[str]:
        """Return the steps of the sent mails, in order."""
        return [step_of(mail) for mail in self.mails]

    def inbox(self, address: str) -> list[str]:
        """Return the steps of the mails to an address."""
        return [step_of(mail) for mail in self.mails if mail["To"].addresses[0].addr_spec == address]

    @property
    def posts(self) -> list[Mapping[str, Any]]:
        """Return the messages in the chat file."""
        path = self.home / "chat.jsonl"
        return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []

    def told(self, channel: str, containing: str = "") -> list[Mapping[str, Any]]:
        """Return the posts to a person or channel that contain a text."""
        mine = [post for post in self.posts if post["channel"] == channel]
        return [post for post in mine if containing in json.dumps(post, ensure_ascii=False)]

    def status(self, account: int = 1) -> dict[str, Any]:
        """Return the line of ``status`` for an account."""
        return next(line for line in self.lines() if line["account_id"] == ident("001", account))

    def lines(self) -> list[dict[str, Any]]:
        with self.context() as context, context.database.reading() as conn:
            return [dict(line) for line in status_lines(conn)]

    def effects(self, **wanted: Any) -> list[dict[str, Any]]:
        """Return what ``effects`` lists, narrowed by values of its fields."""
        with self.context() as context, context.database.reading() as conn:
            found = [dict(line) for line in effect_lines(conn)]
        return [line for line in found if all(line[name] == value for name, value in wanted.items())]

    def states(self, kind: str, channel: str = "mail") -> list[str]:
        """Return the states of a step's effects."""
        return [line["state"] for line in self.effects(kind=kind, channel=channel)]

    def journal(self, deal: int = 1) -> list[str]:
        with self.context() as context, context.database.reading() as conn:
            lines = journal_lines(conn, ident("006", deal))
            return [f"{line['kind']} {line['about']}: {line['because']}" for line in lines]

    def milestones(self, deal: int = 1) -> dict[str, Mapping[str, Any]]:
        with self.context() as context, context.database.reading() as conn:
            return {line["name"]: line for line in milestone_lines(conn, ident("006", deal))}

    def conflicts(self) -> list[Mapping[str, Any]]:
        with self.context() as context, context.database.reading() as conn:
            return conflict_lines(conn)

    # Our rows in the CRM

    def crm(self, crm_object: str = "Onboarding__c") -> dict[str, dict[str, str]]:
        """Return the rows of one of our CRM objects by key."""
        path = self.folder / f"{crm_object}.csv"
        with path.open(encoding="utf-8", newline="") as file:
            return {row["First90_Key__c"]: row for row in csv.DictReader(file)}

    def milestone_row(self, name: str, deal: int = 1) -> dict[str, str]:
        return self.crm("Onboarding_Milestone__c")[f"{ident('006', deal)}:{name}"]

    def tick(self, name: str, deal: int = 1, **values: str) -> None:
        """Edit a milestone's row in the CRM; by default tick it as done."""
        rows = self.crm("Onboarding_Milestone__c")
        rows[f"{ident('006', deal)}:{name}"].update(values or {"Status__c": "Done"})
        write_csv(self.folder / "Onboarding_Milestone__c.csv", list(rows.values()), ("First90_Key__c",))

    def _put(self, name: str, record: str, row: dict[str, Any]) -> str:
        self.tables[name].append({"Id": record} | row)
        return record


LivedOnce = Callable[[str, Callable[[Office], object]], Office]


def ident(prefix: str, number: int) -> str:
    """Return a record's id; the prefix names the object. Of another shape than Salesforce's, it stays unchanged."""
    return f"{prefix}-{number:04d}"


def moment(text: datetime | str) -> datetime:
    """Return the moment of an ISO 8601 text; without a zone it is in UTC."""
    found = text if isinstance(text, datetime) else datetime.fromisoformat(text.replace("Z", "+00:00"))
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def write_csv(path: Path, rows: list[dict[str, Any]], needed: tuple[str, ...], extra: str = "") -> None:
    columns = list(dict.fromkeys([*needed, *(name for row in rows for name in row)]))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)
        file.write(extra)


def step_of(mail: EmailMessage) -> str:
    return str(mail[EFFECT_HEADER]).split(":")[1]


def cycle(context: RunContext, at: datetime, scope: Scope) -> Round:
    """Run the tasks of all flows in order."""
    deals, signals = take_in_deals(context, at, scope), take_in_signals(context, at, scope)
    reviews = [review_stage(context, at, scope, stage) for stage in STAGES]
    reviews += [task(context, at, scope) for task in (send_check_ins, escalate_stalled, write_digests)]
    return Round(deals, signals, reviews, [deliver(context, at, channel, scope) for channel in Channel])


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sqlite_template: Path) -> Iterator[Office]:
    """Return a vendor in London: seller, CSM, manager and managing director; no customers yet."""
    for name in [name for name in os.environ if name.startswith("FIRST90_")]:
        monkeypatch.delenv(name)
    made = furnish(Office(tmp_path / "crm", tmp_path / "home", monkeypatch.setenv), sqlite_template)
    yield made
    made.shut()


@pytest.fixture
def lived_once(office: Office, made_once: MadeOnce, sqlite_template: Path) -> LivedOnce:
    """Return a function that brings the office to where ``live`` leads.

    That is done once for each name and copied for each test; settings which ``live`` makes end with it.
    """

    def bring(name: str, live: Callable[[Office], object]) -> Office:
        def fill(folder: Path) -> tuple[Path, dict[str, list[dict[str, Any]]], list[dict[str, Any]]]:
            with pytest.MonkeyPatch.context() as env:
                first = furnish(Office(folder / "crm", folder / "home", env.setenv), sqlite_template)
                live(first)
                first.shut()
            return folder, first.tables, first.events

        kept, office.tables, office.events = made_once(name, fill)
        for part, mine in (("crm", office.folder), ("home", office.home)):
            shutil.copytree(kept / part, mine, dirs_exist_ok=True)
        return office

    return bring


@pytest.fixture
def opened(lived_once: LivedOnce) -> Office:
    """Return the vendor with one customer, welcomed on Monday."""

    def live(first: Office) -> None:
        first.customer()
        first.run()

    return lived_once("welcomed", live)


def furnish(made: Office, template: Path) -> Office:
    """Make its home with an empty database, and its people."""
    made.setenv("FIRST90_HOME", str(made.home))
    made.home.mkdir()
    shutil.copyfile(template, made.home / "first90.db")
    made.setenv("FIRST90_CRM", f"csv:{made.folder}")
    london = {"TimeZoneSidKey": "Europe/London", "CountryCode": "GB"}
    made.user(1, Name="Sam Seller", Email="seller@vendor.example", ManagerId=ident("005", 4), **london)
    made.user(2, Name="Cleo Csm", Email="csm@vendor.example", ManagerId=ident("005", 3), **london)
    made.user(3, Name="Max Manager", Email="manager@vendor.example", ManagerId=ident("005", 4), **london)
    made.user(4, Name="Dana Director", Email="director@vendor.example", **london)
    return made
