"""Taking in a million rows of product usage: memory must not grow with them, and the time is told beside a bare insert.

    python -m benchmarks.signals [rows] [sqlite|postgresql]

Goals: at most 80 MB above idle, however many rows; at most 6 times the time of a driver that splits the same file and
inserts its rows with one `executemany` for each 5,000 into the same table. Reading the file again after a row was added
stores that row alone. On PostgreSQL a bare COPY of the same rows is told too: the floor, without goal.
"""

import csv
import random
import resource
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from sqlalchemy import delete, func, insert, select

from benchmarks.portfolio import databases
from database.engine import Database
from database.tables import AccountRow, SignalRow
from integrations.signals.csv_file import SignalFile
from integrations.signals.records import PART
from onboarding.people.team import Team
from tasks.intake.usage import take_in_usage
from tasks.runtime.context import RunContext

MEMORY, RATIO = 80, 6
NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
ACCOUNTS, USERS = 1000, 40
SIGNALS = ("login", "task_completed", "report_viewed", "activation")
HEADER = "account_id,signal,at,user,count"


def main(rows: int, kind: str) -> None:
    """Write the file, measure and print."""
    with tempfile.TemporaryDirectory() as folder, databases(kind) as database:
        path = Path(folder) / "signals.csv"
        _write(path, rows)
        with database.writing() as conn:
            conn.execute(insert(AccountRow), [_account(number) for number in range(ACCOUNTS)])
        idle, began = _peak(), time.perf_counter()
        _bare(database, path)
        bare = time.perf_counter() - began
        with database.writing() as conn:
            conn.execute(delete(SignalRow))
        floor = _copied(database, path) if kind == "postgresql" else None
        context = cast(RunContext, SimpleNamespace(database=database, signals=SignalFile(path), team=Team()))
        began = time.perf_counter()
        new = take_in_usage(context, NOW).new
        took, above = time.perf_counter() - began, _peak() - idle
        with path.open("a", encoding="utf-8") as file:
            file.write(f"{_id(0)},login,{NOW.isoformat()},late@customer0.example,1\n")
        began = time.perf_counter()
        again = take_in_usage(context, NOW).new
        second = time.perf_counter() - began
        with database.reading() as conn:
            stored = conn.execute(select(func.count()).select_from(SignalRow)).scalar_one()
    assert (new, again, stored) == (rows, 1, rows + 1), (new, again, stored)
    print(f"{kind}, {rows:,} rows of {ACCOUNTS:,} accounts: {took:.0f} s, bare executemany {bare:.0f} s;", end=" ")
    print(f"read again with one new row: {second:.0f} s")
    if floor is not None:
        print(f"bare COPY {floor:.1f} s, ratio {took / floor:.1f}")
    print(f"ratio {took / bare:.1f} (goal <= {RATIO})", "ok" if took / bare <= RATIO else "MISSED")
    print(f"peak memory {above:.0f} MB above idle (goal <= {MEMORY})", "ok" if above <= MEMORY else "MISSED")


def _write(path: Path, rows: int) -> None:
    chance = random.Random(1)
    start = NOW - timedelta(days=60)
    with path.open("w", encoding="utf-8") as file:
        file.write(HEADER + "\n")
        for _ in range(rows):
            account = chance.randrange(ACCOUNTS)
            at = start + timedelta(seconds=chance.randrange(5_000_000))
            user = f"user{chance.randrange(USERS)}@customer{account}.example"
            file.write(f"{_id(account)},{chance.choice(SIGNALS)},{at.isoformat()},{user},1\n")


def _bare(database: Database, path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        number = 0
        while part := [_row(number + place, row) for place, row in zip(range(PART), rows, strict=False)]:
            number += len(part)
            with database.writing() as conn:
                conn.execute(insert(SignalRow), part)


def _copied(database: Database, path: Path) -> float:
    """Return the seconds of a COPY of all rows, which are removed again."""
    began = time.perf_counter()
    with path.open(encoding="utf-8", newline="") as file, database.writing() as conn:
        found = (_row(number, row) for number, row in enumerate(csv.DictReader(file)))
        cursor: Any = conn.connection.cursor()
        into = 'COPY signal (key, source_account, account_id, name, at, "user", count) FROM STDIN'
        with cursor.copy(into) as copy:
            for row in found:
                copy.write_row(tuple(row.values()))
    took = time.perf_counter() - began
    with database.writing() as conn:
        conn.execute(delete(SignalRow))
    return took


def _row(number: int, row: dict[str, str]) -> dict[str, Any]:
    return {
        "key": f"{random.Random(number).getrandbits(160):040x}:0",
        "source_account": row["account_id"],
        "account_id": row["account_id"],
        "name": row["signal"],
        "at": datetime.fromisoformat(row["at"]),
        "user": row["user"],
        "count": int(row["count"]),
    }


def _account(number: int) -> dict[str, Any]:
    return {"id": _id(number), "name": f"Customer {number}", "digest": "", "domain": f"customer{number}.example"}


def _id(number: int) -> str:
    return f"001{number:012d}AAA"


def _peak() -> float:
    """Return the most resident memory that this process ever had, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000, sys.argv[2] if len(sys.argv) > 2 else "sqlite")
