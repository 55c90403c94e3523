"""The tables: made by the migrations exactly as the code declares them, and read through their indexes."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import event, insert, select, text
from sqlalchemy.exc import IntegrityError, StatementError

from database import key_values
from database.channels import daily_counts
from database.engine import HEAD, DatabaseProblem, connect, revision
from database.events import signals
from database.onboardings import cases, openings, overview
from database.opening import open_database
from database.outbox import calls, departures, ledger, results
from database.tables import EffectRow, FactRow, KeyValueRow, OnboardingRow, SignalDayRow
from database.tables.partial_indexes import whole_schema
from database.upgrades import configuration, upgrade
from onboarding.effects.notices import Notice
from onboarding.model.vocabulary import Channel, Concern

OURS = KeyValueRow.name != key_values.DATABASE
"""The values of the test: a database has its own id from the beginning."""


@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
@pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression-based index")
def test_the_migrations_make_the_tables_that_the_code_knows(database):
    with database.reading() as conn:
        context = MigrationContext.configure(conn, opts={"compare_type": True})
        assert compare_metadata(context, whole_schema()) == []


def test_the_newest_migration_is_the_one_the_code_asks_for():
    assert ScriptDirectory.from_config(configuration()).get_current_head() == HEAD


def test_upgrading_again_changes_nothing(database):
    upgrade(database)
    assert revision(database) == HEAD


@pytest.mark.slow
def test_the_migrations_can_be_taken_back_and_run_again(database):
    from alembic import command

    with database.writing() as conn:
        config = configuration()
        config.attributes["connection"] = conn
        command.downgrade(config, "base")
    assert revision(database) is None
    upgrade(database)
    assert revision(database) == HEAD


def test_an_unknown_tier_moves_from_the_fields_of_an_account_to_its_column_and_back(database, opened):
    from alembic import command

    opened()

    def tiers(column="unknown_tier"):
        with database.reading() as conn:
            rows = conn.execute(text(f"SELECT id, {column}, fields FROM account ORDER BY id"))
            return [(key, named, json.loads(found) if isinstance(found, str) else found) for key, named, found in rows]

    (first, _, fields), *others = tiers()
    with database.writing() as conn:
        config = configuration()
        config.attributes["connection"] = conn
        conn.execute(text("UPDATE account SET unknown_tier = 'gold' WHERE id = :id"), {"id": first})
        command.downgrade(config, "0041")
    assert tiers("name")[0][2] == fields | {"unknown tier": "gold"}
    upgrade(database)
    assert tiers() == [(first, "gold", fields), *others]


def test_a_field_with_the_words_unknown_tier_is_no_unknown_tier(database, opened):
    from alembic import command

    opened()
    with database.writing() as conn:
        config = configuration()
        config.attributes["connection"] = conn
        command.downgrade(config, "0041")
        conn.execute(text("UPDATE account SET fields = :fields"), {"fields": '{"sales_note": "unknown tier"}'})
    upgrade(database)
    with database.reading() as conn:
        kept = conn.execute(text("SELECT DISTINCT unknown_tier, CAST(fields AS TEXT) FROM account")).all()
    assert kept == [("", '{"sales_note": "unknown tier"}')]


def test_people_and_accounts_of_usage_that_was_kept_before_come_to_one_spelling(database):
    from alembic import command

    with database.writing() as conn:
        config = configuration()
        config.attributes["connection"] = conn
        command.downgrade(config, "0010")
        row = text(
            'INSERT INTO signal (key, source_account, account_id, name, at, "user", count) '
            "VALUES (:key, :source, :account, 'login', '2026-03-02 09:00:00.000000', :user, 1)"
        )
        for key, source, account, user in (
            ("a", "0015g0000000001AAA", "0015g0000000001AAA", "Petra@Acme.example"),
            ("b", "0015g0000000001AAA", "0015g0000000001AAA", "petra@acme.example"),
            ("c", "0015G0000000002aaa", None, "U-17"),
            ("d", "acme.example", None, ""),
        ):
            conn.execute(row, {"key": key, "source": source, "account": account, "user": user})
    upgrade(database)
    with database.reading() as conn:
        kept = conn.execute(text('SELECT source_account, "user" FROM signal ORDER BY key')).all()
        of_day = (SignalDayRow.account_id, SignalDayRow.user, SignalDayRow.day, SignalDayRow.count, SignalDayRow.events)
        days = conn.execute(select(*of_day)).all()
    assert [tuple(one) for one in kept] == [
        ("0015g0000000001AAA", "petra@acme.example"),
        ("0015g0000000001AAA", "petra@acme.example"),
        ("0015g0000000002AAA", "U-17"),
        ("acme.example", ""),
    ]
    assert [tuple(one) for one in days] == [("0015g0000000001AAA", "petra@acme.example", "2026-03-02", 2, 2)]


@pytest.mark.slow
def test_what_was_kept_under_names_and_owed_to_the_crm_before_has_honest_names_after_the_upgrade(database, world):
    """The key of a CRM row was stored as a person; values by name were stored in a table of cursors."""
    from alembic import command

    with database.writing() as conn:
        config = configuration()
        config.attributes["connection"] = conn
        command.downgrade(config, "0012")
        at = "2026-03-02T09:00:00.000000+00:00"
        conn.execute(text("INSERT INTO cursor (name, value, at) VALUES ('crm', 'up to here', :at)"), {"at": at})
        row = text(
            "INSERT INTO effect (key, channel, kind, occurrence, person_id, recipient, role, state, because, data, "
            "due_at, not_before, created_at, attempts, crashes, in_doubt) VALUES (:key, :channel, 'k', '1', :person, "
            "'', '', 'planned', '', '{}', :at, :at, :at, 0, 0, false)"
        )
        for key, channel, person in (("a", "crm", "0065g0000000001AAA:kickoff_held"), ("b", "mail", "003a")):
            conn.execute(row, {"key": key, "channel": channel, "person": person, "at": at})
    upgrade(database)
    with database.writing() as conn:
        assert key_values.read(conn, key_values.CRM) == key_values.KeyValue(
            "up to here", datetime(2026, 3, 2, 9, tzinfo=UTC)
        )
        assert key_values.read_all(conn, ("crm",)).keys() == {"crm"}
        kept = select(EffectRow.key, EffectRow.person_id, EffectRow.target_id).order_by(EffectRow.key)
        assert [tuple(one) for one in conn.execute(kept)] == [
            ("a", "", "0065g0000000001AAA:kickoff_held"),
            ("b", "003a", ""),
        ]
        config.attributes["connection"] = conn
        command.downgrade(config, "0012")
        back = conn.execute(text("SELECT person_id FROM effect ORDER BY key")).scalars().all()
        assert back == ["0065g0000000001AAA:kickoff_held", "003a"]
    upgrade(database)


def test_what_a_restored_database_had_learned_is_still_held_after_the_upgrade_and_calls_are_found(database, opened):
    """It was a list of keys, without their moments; facts had the time of a call in their value alone."""
    from alembic import command

    (key,) = opened(1)
    with database.writing() as conn:
        config = configuration()
        config.attributes["connection"] = conn
        command.downgrade(config, "0028")
        kept = text("INSERT INTO key_value (name, value, at) VALUES (:name, :value, :at)")
        for name, value in (("departed", '["k:welcome"]'), ("left_from:home", "7")):
            conn.execute(kept, {"name": name, "value": value, "at": "2026-03-02T09:00:00.000000+00:00"})
        fact = text(
            "INSERT INTO fact (onboarding_key, key, kind, name, at, learned_at, source, by, value) "
            "VALUES (:key, 'k', 'meeting', 'check_in_7', :at, :at, 'cli', '', :value)"
        )
        value = '{"meeting_at": "2026-03-12T10:00:00+01:00"}'
        conn.execute(fact, {"key": key, "at": "2026-03-02T09:00:00.000000+00:00", "value": value})
    upgrade(database)
    with database.writing() as conn:
        assert departures.learned(conn) == {"k:welcome": datetime(2026, 3, 2, 9, tzinfo=UTC)}
        assert not conn.execute(select(KeyValueRow).where(KeyValueRow.name.startswith("left_from"))).all()
        agreed = select(FactRow.call_at).where(FactRow.key == "k")
        assert conn.execute(agreed).scalar_one() == datetime(2026, 3, 12, 9, tzinfo=UTC)
        config.attributes["connection"] = conn
        command.downgrade(config, "0028")
        back = conn.execute(text("SELECT value FROM key_value WHERE name = 'departed'")).scalar_one()
        assert back == '["k:welcome"]'
    upgrade(database)


def test_a_database_of_a_newer_program_is_left_alone(database):
    """The advice to upgrade would be wrong; migrating down would lose what the newer program stored."""

    def claim(version: str) -> None:
        with database.writing() as conn:
            conn.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})

    claim("9001")
    try:
        with pytest.raises(DatabaseProblem, match="9001, newer than this program") as told:
            open_database(database.url, create=True)
        assert "upgrade" not in str(told.value)
        with pytest.raises(DatabaseProblem, match="newer"):
            upgrade(database)
        assert revision(database) == "9001"
    finally:
        claim(HEAD)  # the next test may get the same database


def test_moments_come_back_in_utc_and_naive_ones_are_refused(database, world):
    tokyo = timezone(timedelta(hours=9))
    at = datetime(2026, 3, 4, 8, 0, 0, 5, tzinfo=tokyo)
    with database.writing() as conn:
        conn.execute(insert(KeyValueRow).values(name="a", value="", at=at))
        conn.execute(insert(KeyValueRow).values(name="b", value="", at=at.replace(microsecond=0)))
        found = list(conn.execute(select(KeyValueRow.at).where(OURS).order_by(KeyValueRow.at)).scalars())
        assert found == [at.replace(microsecond=0), at]
        assert {moment.utcoffset() for moment in found} == {timedelta()}
    with database.writing() as conn, pytest.raises(StatementError, match="without a zone"):
        conn.execute(insert(KeyValueRow).values(name="c", value="", at=datetime(2026, 3, 4)))  # noqa: DTZ001


def test_a_fact_of_no_onboarding_is_refused(database, world):
    row = dict.fromkeys(("onboarding_key", "key", "kind", "name", "source", "by"), "x")
    with pytest.raises(IntegrityError), database.writing() as conn:
        conn.execute(insert(FactRow).values(**row, at=world.now, learned_at=world.now, value={}))


def test_a_block_that_raises_saves_nothing(database, world):
    def breaks():
        with database.writing() as conn:
            conn.execute(insert(KeyValueRow).values(name="a", value="", at=world.now))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        breaks()
    with database.reading() as conn:
        assert conn.execute(select(KeyValueRow).where(OURS)).all() == []


def test_one_reading_sees_one_picture(database, world):
    with database.reading() as conn:
        assert conn.execute(select(KeyValueRow).where(OURS)).all() == []
        with database.writing() as other:
            other.execute(insert(KeyValueRow).values(name="a", value="", at=world.now))
        assert conn.execute(select(KeyValueRow).where(OURS)).all() == []


@pytest.mark.postgres
def test_a_server_in_another_zone_gives_the_same_moments(new_database_url, world):
    database = connect(new_database_url("postgres"))
    with database.writing() as conn:
        conn.execute(text("SET LOCAL timezone = 'Asia/Kolkata'"))
        conn.execute(insert(KeyValueRow).values(name="a", value="", at=world.now))
        found = conn.execute(select(KeyValueRow.at).where(OURS)).scalar()
    database.close()
    assert found == world.now
    assert found.utcoffset() == timedelta()


def plans(database, ask):
    """The query plans of every SELECT and UPDATE that ``ask`` runs."""
    found, statements = [], []

    def remember(conn, cursor, sql, parameters, context, many):
        statements.append((sql, parameters))

    event.listen(database.engine, "before_cursor_execute", remember)
    with database.writing() as conn:
        ask(conn)
    event.remove(database.engine, "before_cursor_execute", remember)
    explain = "EXPLAIN QUERY PLAN " if database.dialect == "sqlite" else "EXPLAIN "
    with database.writing() as conn:
        if database.dialect == "postgresql":
            # With few rows a full scan is fastest; the test is whether the index can be used.
            conn.execute(text("SET LOCAL enable_seqscan = off"))
        for sql, parameters in statements:
            if not sql.startswith("BEGIN"):
                rows = conn.exec_driver_sql(explain + sql, parameters).all()
                found.append("\n".join(str(row[-1]) for row in rows))
    return "\n".join(found)


@pytest.mark.parametrize("concern", Concern)
def test_what_is_due_is_found_by_an_index_of_the_moments(database, world, concern):
    plan = plans(database, lambda conn: cases.due_keys(conn, concern, world.now))
    assert f"ix_onboarding_{concern.value}_at" in plan
    assert "SCAN onboarding\n" not in plan + "\n"


def test_people_are_found_by_an_address_without_reading_all_of_them(database, world):
    plan = plans(database, lambda conn: openings.onboardings_of(conn, addresses=["ann@acme.example"]))
    assert "ix_person_address" in plan
    assert "SCAN person\n" not in plan + "\n"


def test_roles_that_were_handed_over_are_found_without_reading_all_facts(database, world):
    plan = plans(database, lambda conn: openings.onboardings_of(conn, owners=["005CSM"]))
    assert "ix_fact_reassign" in plan
    assert "SCAN fact\n" not in plan + "\n"


def test_calls_ahead_are_found_among_all_that_was_through_indexes(database, world):
    plan = plans(database, lambda conn: calls.taken(conn, world.now))
    assert "ix_fact_call" in plan
    assert "ix_effect_offer" in plan
    assert "SCAN fact\n" not in plan + "\n"


def test_claims_and_recovery_read_only_what_waits(database, world):
    def ask(conn):
        given = {"real_now": world.now, "token": "t"}
        ledger.claim(conn, Channel.MAIL, as_of=world.now, limit=5, **given)
        results.recover(conn, doubts={}, **given)

    plan = plans(database, ask)
    assert "ix_effect_claim" in plan
    assert "ix_effect_over" in plan
    assert "SCAN effect" not in plan


def test_what_a_reader_got_in_slack_on_a_day_is_counted_through_its_index(database, world):
    one = Notice(key="k", person_id="p", day="2026-03-02", most=3, rank=("", False, world.now, "k"))
    plan = plans(database, lambda conn: daily_counts.reserve_notices(conn, [one]))
    assert "ix_effect_slack_day" in plan


def test_stalls_that_are_open_or_closed_lately_are_found_through_indexes(database, world):
    plan = plans(database, lambda conn: overview.with_digest_content(conn, world.now))
    assert "ix_escalation_open" in plan
    assert "ix_escalation_closed" in plan
    assert "SCAN escalation\n" not in plan


def test_who_was_heard_of_last_is_read_along_the_index_by_time(database, world):
    plan = plans(database, lambda conn: signals.last_heard(conn, world.now, 3, timedelta(days=14)))
    assert "ix_signal_at" in plan
    assert not [word for word in ("Sort", "FOR ORDER BY") if word in plan]


def test_a_case_is_read_by_indexes_alone(database, world, opened):
    keys = opened(3)
    plan = plans(database, lambda conn: world.load(conn, *keys))
    scanned = [line for line in plan.splitlines() if line.strip().startswith("SCAN ")]
    # A scan of a window over rows already found is no scan of a table.
    assert [line for line in scanned if not any(word in line for word in ("line", "anon", "subquery"))] == []


def test_there_is_no_database_until_one_is_made(tmp_path):
    url = f"sqlite:///{tmp_path}/home/first90.db"
    with pytest.raises(DatabaseProblem, match=r"there is no database at .*FIRST90_HOME"):
        open_database(url, create=False)
    assert not (tmp_path / "home").exists()
    open_database(url, create=True).close()
    open_database(url, create=False).close()


@pytest.mark.postgres
def test_postgresql_is_upgraded_by_command_only(new_database_url):
    url = new_database_url("postgres")
    database = connect(url)
    with database.writing() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    with pytest.raises(DatabaseProblem, match=r"is at version 0001.*first90 db upgrade"):
        open_database(url, create=True)
    with database.writing() as conn:
        conn.execute(text(f"UPDATE alembic_version SET version_num = '{HEAD}'"))
    database.close()
    open_database(url, create=True).close()


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("nonsense", "is not a database URL"),
        ("mysql://x/y", "names mysql.*use sqlite or postgresql"),
        ("postgresql://me:hush@localhost:1/x", "does not answer"),
    ],
)
def test_a_useless_url_is_told_without_its_password(url, told):
    with pytest.raises(DatabaseProblem, match=told) as caught:
        open_database(url, create=False)
    assert "hush" not in str(caught.value)


def test_an_open_database_never_shows_its_password():
    database = connect("postgresql://me:hush@localhost:1/x")
    assert "hush" not in f"{database!r} {database.place}"
    assert "hush" in database.url


@pytest.mark.slow
def test_two_processes_may_make_the_database_at_once(tmp_path):
    url = f"sqlite:///{tmp_path}/first90.db"
    code = f"from database.opening import open_database; open_database({url!r}, create=True).close()"
    both = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(3)]
    assert [process.wait(60) for process in both] == [0, 0, 0]
    database = connect(url)
    assert revision(database) == HEAD
    database.close()


@pytest.mark.slow
def test_reading_and_deciding_imports_neither_the_migrations_nor_an_unused_driver():
    """Importing either costs every command that only reads."""
    modules = ", ".join(f"database.{name}" for name in ("onboardings.cases", "onboardings.overview", "outbox.ledger"))
    code = f"import sys, {modules}, database.onboardings.saves; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "sqlmodel" in loaded
    assert not {"alembic", "psycopg", "sqlalchemy.dialects.postgresql"} & set(loaded)


def test_every_moment_of_an_onboarding_has_its_index():
    whole_schema()
    names = {index.name for index in OnboardingRow.__table__.indexes}
    assert {f"ix_onboarding_{concern.value}_at" for concern in Concern} <= names
