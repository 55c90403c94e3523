"""The model of a portfolio: one onboarding that lives twenty days under the bundled mid-tier playbook.

The real rules review it, so that its rows (facts, effects, touchpoints, milestones, CRM digests, signals) are those of
a customer halfway through.
"""

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Connection, text

from config.company.calendars import calendar_of
from config.playbook_library.library import PlaybookLibrary
from database import key_values
from database.crm import contact_roles, upsert
from database.engine import Database
from database.events import signals
from database.onboardings import cases, facts, openings, saves
from onboarding.model.case import Calendar, Case, Fact, Progress
from onboarding.model.crm_records import CrmAccount, CrmContact, CrmContactRole, CrmDeal, CrmUser
from onboarding.model.usage import SignalRecord
from onboarding.model.vocabulary import CustomerRole, FactKind, HandoffItem, Stage, Tier
from onboarding.review_case import Reviewed, review

SIGNED = datetime(2026, 2, 9, 9, tzinfo=UTC)
NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
MODEL = "9999999999"
"""A part of every id and key of the model; copies have their number in its place."""
KEY = f"006AA{MODEL}AAA"
ROLES = tuple(CustomerRole)
SENT = "UPDATE effect SET state = 'sent', sent_at = due_at WHERE state = 'planned'"


def calendars(country: str | None) -> Calendar:
    """Return the working calendar of a country for the years around the benchmark."""
    return calendar_of(country, (2025, 2026, 2027))


def review_case(library: PlaybookLibrary, case: Case, now: datetime) -> Reviewed:
    """Review a case by the real rules with the mid tier's playbook."""
    return review(case, library[Tier("mid")].playbook, now)


def make_model(database: Database, library: PlaybookLibrary) -> None:
    """Open the model, let it live twenty days under the real rules, and send what they plan."""
    with database.writing() as conn:
        _take_in(conn)
        key_values.write(conn, key_values.SIGNALS, "", NOW)
        playbook_version = library[Tier("mid")]
        key_values.keep_playbook(conn, playbook_version.hash, "mid", playbook_version.content, SIGNED)
        progress = Progress(
            stage_times={Stage.HANDOFF: SIGNED}, opened_at=SIGNED, playbook=playbook_version.hash, tier=Tier("mid")
        )
        new = openings.NewOnboarding(key=KEY, account_id=f"001AA{MODEL}AAA", signed_at=SIGNED, progress=progress)
        openings.open_onboardings(conn, [new], SIGNED)
    for day in range(21):
        now = SIGNED + timedelta(days=day)
        with database.writing() as conn:
            facts.add(conn, KEY, [fact for fact in _history() if fact.learned_at <= now], now)
            found = cases.load(conn, [KEY], now, calendars)[KEY]
            reviewed = review_case(library, found, now)
            saves.save(conn, [(reviewed.review, reviewed.summary)], as_of=now, by="benchmark")
            conn.execute(text(SENT))


def _history() -> list[Fact]:
    done = {"kickoff_held": 4, "cadence_agreed": 4, "plan_agreed": 5, "contacts_introduced": 5}
    done |= {"requirements_documented": 9, "security_review": 14}
    return [fact(name, day) for name, day in done.items()]


def fact(name: str, day: int) -> Fact:
    """Return the report of a milestone, done so many days after the signature."""
    at = SIGNED + timedelta(days=day)
    return Fact(
        key=f"person:milestone:{name}:{day}",
        kind=FactKind.MILESTONE,
        name=name,
        at=at,
        learned_at=at,
        source="person",
        by="cleo@vendor.example",
    )


def _take_in(conn: Connection) -> None:
    line = [("SELLER", None), ("CSM", "005LEAD"), ("LEAD", "005CHIEF"), ("CHIEF", None)]
    users = [
        CrmUser(id=f"005{name}", name=name, email=f"{name}@vendor.example", manager_id=above, zone="Europe/Berlin")
        for name, above in line
    ]
    account = CrmAccount(
        id=f"001AA{MODEL}AAA",
        name=f"Customer {MODEL}",
        owner_id="005CSM",
        country="DE",
        domain=f"c{MODEL}.example",
        tier=Tier("mid"),
    )
    contacts = [
        CrmContact(
            id=f"003{n:02d}X{MODEL}AA",
            account_id=account.id,
            name=f"Person {n}",
            email=f"p{n}@c{MODEL}.example",
            country="DE",
        )
        for n in range(len(ROLES) + 3)
    ]
    deal = CrmDeal(
        id=KEY,
        account_id=account.id,
        name=f"Deal {MODEL}",
        won=True,
        stage_name="Closed Won",
        signed_at=SIGNED,
        close_on=SIGNED.date(),
        owner_id="005SELLER",
        seats=80,
        kickoff_at=SIGNED + timedelta(days=4),
        go_live_on=date(2026, 4, 20),
        handoff=dict.fromkeys(HandoffItem, "as agreed with the customer in the last call before signing")
        | {HandoffItem.SUCCESS_METRICS: "Quote turnaround | 48 | 4 | hours | 2026-05-30"},
    )
    roles = [
        CrmContactRole(deal_id=KEY, contact_id=contact.id, role=role.value)
        for role, contact in zip(ROLES, contacts, strict=False)
    ]
    zone = {"DE": "Europe/Berlin"}.get
    upsert.take_users(conn, users, zone)
    upsert.take_accounts(conn, [account], zone)
    upsert.take_contacts(conn, contacts)
    upsert.take_deals(conn, [deal], SIGNED)
    contact_roles.take_roles(conn, roles, [KEY], lambda role: CustomerRole(role.role), SIGNED)
    events = [
        SignalRecord(
            key=f"{MODEL}:{n}",
            account=account.id,
            name="login" if n % 3 else "task_completed",
            at=SIGNED + timedelta(days=6, hours=n * 7),
            user=f"user{n % 5}",
        )
        for n in range(45)
    ]
    signals.take_signals(conn, events)
