"""Recovery after a kill against normal work: the same CRM rows into the same CSV folder, in the same run.

    python -m benchmarks.recovery [rows]

Normal work is all rows due at once. Recovery is the same rows as left by a worker that died during a call: marked as
sending, with an expired lease. Goal: at least a quarter of the normal rate. The calls are counted as well.
"""

import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from sqlalchemy import func, select, update

from benchmarks.model_onboarding import NOW
from benchmarks.portfolio import build
from config.company.mapping import load_mapping
from config.settings.load import load_settings
from database.engine import Database, connect
from database.tables import EffectRow
from database.upgrades import upgrade
from integrations.csv_crm.folder import CsvFolder
from integrations.ports import OutgoingMessage
from onboarding.effects.send_result import SendResult
from onboarding.model.vocabulary import Channel
from tasks.delivery.deliver_all import deliver
from tasks.runtime.context import RunContext, open_run_context
from tasks.runtime.scope import Scope

ROWS_OF_ONE = 40
"""The approximate number of CRM rows of an onboarding."""


class Counted(CsvFolder):
    """The folder, with a count of its calls."""

    calls = 0

    def send(self, messages: Sequence[OutgoingMessage]) -> Sequence[SendResult]:
        """Send as the folder does, and count the call."""
        self.calls += 1
        return super().send(messages)


def main(rows: int) -> None:
    """Measure and print."""
    with TemporaryDirectory(prefix="first90-benchmark-") as folder:
        database = connect(f"sqlite:///{Path(folder) / 'first90.db'}")
        upgrade(database)
        many = rows // ROWS_OF_ONE
        build(database, many + 1, many)
        with open_run_context(replace(load_settings(env_file=None), home=Path(folder))) as context:
            context = replace(context, database=database)
            left = {"state": "sending", "attempts": 1, "lease_token": "dead", "lease_until": NOW - timedelta(days=1)}
            normal = _rate("normal work", context, rows, {"state": "planned"})
            after = _rate("after a kill", context, rows, left)
            ratio = after / normal
            print(f"recovery at {ratio:.0%} of the normal rate (goal 25 %) {'ok' if ratio >= 0.25 else 'MISSED'}")
        database.close()


def _rate(name: str, context: RunContext, rows: int, state: dict[str, Any]) -> float:
    owed = _plan(context.database, rows, state)
    crm = Counted(context.settings.home / name, load_mapping())
    (context.settings.home / name).mkdir()
    started = perf_counter()
    sent = deliver(replace(context, crm=crm), NOW, Channel.CRM, Scope()).sent
    seconds = perf_counter() - started
    if sent != owed:
        raise RuntimeError(f"{sent} of {owed} rows were written")
    print(f"{name}: {sent} rows in {seconds:.1f} s, {crm.calls} calls, {sent / seconds:.0f} rows/s")
    return sent / seconds


def _plan(database: Database, rows: int, state: dict[str, Any]) -> int:
    """Set the first ``rows`` CRM rows of the portfolio to this state, due now; return how many there are."""
    fresh = {"not_before": NOW, "due_at": NOW, "attempts": 0, "crashes": 0, "in_doubt": False, "sent_at": None}
    on_crm = EffectRow.channel == Channel.CRM.value
    with database.writing() as conn:
        keys = select(EffectRow.key).where(on_crm).order_by(EffectRow.key).limit(rows)
        conn.execute(update(EffectRow).where(EffectRow.state == "planned").values(state="cancelled"))
        conn.execute(update(EffectRow).where(EffectRow.key.in_(keys)).values(**{**fresh, **state}))
        return int(conn.execute(select(func.count()).select_from(keys.subquery())).scalar_one())


if __name__ == "__main__":
    main(int((sys.argv[1:2] or ["1000"])[0]))
