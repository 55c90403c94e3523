"""The counts of monitoring: right, and read along indexes, however long the history is."""

import time
from collections.abc import Callable

import pytest
from sqlalchemy import event, text, update

from database.engine import Database
from database.reporting.monitoring import (
    count_onboardings_by_stage,
    count_set_aside,
    count_stalls,
    open_effects,
)
from database.tables import EffectRow
from onboarding.model.vocabulary import Channel, EffectState, Severity, Stage, Status
from tests.database.conftest import World

ASKED = (open_effects, count_onboardings_by_stage, count_stalls, count_set_aside)
INSTANT = "2026-03-04T10:00:00.000000+00:00"


def grow(database: Database, world: World, accounts: int, each: int) -> None:
    """Copy one account with its onboarding so many times; each with ``each`` effects that were sent and one planned."""
    world.fill(database)
    one = world.key()
    series = "generate_series(2, :many) AS n"
    numbered = "substr(:one, 1, 9) || substr('000000' || {n}, -6, 6) || 'AAA'"
    if database.dialect == "sqlite":
        series = "(WITH RECURSIVE s(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM s WHERE n < :many) SELECT n FROM s)"
    else:
        numbered = "substr(:one, 1, 9) || lpad(CAST({n} AS text), 6, '0') || 'AAA'"
    onboarding = [c.name for c in EffectRow.metadata.tables["onboarding"].columns if c.name != "key"]
    taken = ", ".join(f'"{name}"' for name in onboarding)
    key = numbered.format(n="n")
    given = {"one": one, "many": accounts}
    with database.writing() as conn:
        conn.execute(
            text(
                f"INSERT INTO onboarding (key, {taken}) "
                f"SELECT {key}, {taken} FROM onboarding, {series} WHERE key = :one"
            ),
            given,
        )
        effect = (
            "INSERT INTO effect (key, onboarding_key, channel, kind, occurrence, person_id, recipient, role, state, "
            "due_at, not_before, because, created_at, attempts, crashes, in_doubt, payload, data) "
            f"SELECT 'e' || n || ':' || o.key, o.key, 'mail', 'k', CAST(n AS varchar), 'p', 'r', 'champion', "
            "CASE WHEN n = 2 THEN 'planned' ELSE 'sent' END, :at, :at, 'b', :at, 1, 0, :false, :payload, '{}' "
            f"FROM onboarding o, {series}"
        )
        conn.execute(
            text(effect), {"many": each + 2, "at": INSTANT, "false": False, "payload": "a mail of some length " * 50}
        )


def test_open_effects_are_counted_by_channel_and_state(database: Database, world: World) -> None:
    grow(database, world, 3, 4)
    with database.writing() as conn:
        first, second, third = (f"e3:{world.key(number)}" for number in (1, 2, 3))
        for key, state in ((first, "withheld"), (second, "dead"), (third, "sending")):
            conn.execute(update(EffectRow).where(EffectRow.key == key).values(state=state))
    with database.reading() as conn:
        found = open_effects(conn)
    assert found.counts == {
        (Channel.MAIL, EffectState.PLANNED): 3,
        (Channel.MAIL, EffectState.WITHHELD): 1,
        (Channel.MAIL, EffectState.DEAD): 1,
        (Channel.MAIL, EffectState.SENDING): 1,
    }
    assert found.next_at == {Channel.MAIL: world.now}


def test_onboardings_are_counted_by_status_and_stage(database: Database, world: World) -> None:
    grow(database, world, 5, 1)
    with database.writing() as conn:
        conn.execute(
            text("UPDATE onboarding SET status = 'churned', stage = 'setup' WHERE key = :one"), {"one": world.key(2)}
        )
    with database.reading() as conn:
        found = count_onboardings_by_stage(conn)
    assert found == {(Status.ACTIVE, Stage.HANDOFF): 4, (Status.CHURNED, Stage.SETUP): 1}


def test_stalls_and_records_set_aside_are_counted_while_they_last(database: Database, world: World) -> None:
    world.fill(database, range(1, 4))
    escalation = text(
        "INSERT INTO escalation (onboarding_key, number, kind, severity, cause, waiting_on, since, next_step, "
        "opened_at, level, posts, closed_at, causes, news) "
        "VALUES (:key, 1, 'k', :severity, 'c', 'vendor', :at, 'n', :at, 0, 0, :closed, '[]', '[]')"
    )
    aside = text(
        "INSERT INTO set_aside (source, record, field, problem, first_seen_at, seen_at, gone_at) "
        "VALUES (:source, :record, 'f', 'p', :at, :at, :gone)"
    )
    with database.writing() as conn:
        for number, severity, closed in ((1, "critical", None), (2, "warning", None), (3, "critical", INSTANT)):
            given = {"key": world.key(number), "severity": severity, "at": INSTANT, "closed": closed}
            conn.execute(escalation, given)
        for source, record, gone in (("Contact", "1", None), ("Contact", "2", None), ("User", "1", INSTANT)):
            conn.execute(aside, {"source": source, "record": record, "at": INSTANT, "gone": gone})
    with database.reading() as conn:
        assert count_stalls(conn) == {Severity.CRITICAL: 1, Severity.WARNING: 1}
        assert count_set_aside(conn) == {"Contact": 2}


def plans(database: Database, ask: Callable[..., object]) -> str:
    """Return the query plans of every statement that ``ask`` runs."""
    statements: list[tuple[str, object]] = []

    def remember(conn: object, cursor: object, sql: str, parameters: object, *_: object) -> None:
        statements.append((sql, parameters))

    event.listen(database.engine, "before_cursor_execute", remember)
    with database.reading() as conn:
        ask(conn)
    event.remove(database.engine, "before_cursor_execute", remember)
    explain = "EXPLAIN QUERY PLAN " if database.dialect == "sqlite" else "EXPLAIN "
    found = []
    with database.writing() as conn:
        if database.dialect == "postgresql":
            # With few rows a full scan is fastest; the test is whether the index can be used.
            conn.execute(text("SET LOCAL enable_seqscan = off"))
        for sql, parameters in statements:
            if sql.startswith("SELECT"):
                found += [str(row[-1]) for row in conn.exec_driver_sql(explain + sql, parameters)]  # type: ignore[arg-type]
    return "\n".join(found)


@pytest.mark.parametrize("ask", ASKED)
def test_a_count_reads_an_index_and_no_table(database: Database, ask: Callable[..., object]) -> None:
    plan = plans(database, ask)
    indexes = {
        open_effects: ("ix_effect_claim", "ix_effect_withheld", "ix_effect_trouble"),
        count_onboardings_by_stage: ("ix_onboarding_status",),
        count_stalls: ("ix_escalation_open",),
        count_set_aside: ("ix_set_aside_open",),
    }
    assert all(index in plan for index in indexes[ask]), plan
    tables = ("effect", "onboarding", "escalation", "set_aside")
    assert not [line for line in plan.splitlines() if line in {f"SCAN {table}" for table in tables}], plan
    assert "Seq Scan" not in plan


@pytest.mark.slow
def test_ten_thousand_accounts_with_a_long_history_are_counted_in_milliseconds(
    database: Database, world: World, proof: Callable[[str], None]
) -> None:
    grow(database, world, 10_000, 12)
    with database.writing() as conn:
        conn.execute(text("ANALYZE"))
    took = []
    for _ in range(5):
        began = time.process_time(), time.perf_counter()
        with database.reading() as conn:
            for ask in ASKED:
                ask(conn)
        took.append((time.perf_counter() - began[1], time.process_time() - began[0]))
    wall, cpu = min(took)
    proof(
        f"MONITORING {database.dialect} 10,000 accounts, 130,000 effects: {wall * 1000:.1f} ms ({cpu * 1000:.1f} CPU)"
    )
    assert wall < 0.5
