"""Many accounts on two Prefect servers, three workers, PostgreSQL and Redis, while anything of it is killed at random.

    python -m benchmarks.topology [accounts [kills [seed]]]

All parts are processes with the commands and settings of the Compose file (``tests/distribution/topology.py``), on
Debian's postgresql and redis-server. Each account has its first day: two mails to its champion, 41 CRM rows. Kills fall
where random shares of that work are done. After the last one sweeps go on until nothing is owed. The judge is what the
mail provider, which drops a repeated key as Resend does, and the CRM folder have in the end. Goal: 0 lost, 0 twice.
"""

import random
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from benchmarks.first_cycle import write_folder
from database.engine import connect
from tests.distribution.random_kills import Killer, Sweeps, Work, judge, live_through_kills, settle
from tests.distribution.topology import missing, topology
from tests.integrations.mail.http_providers import TOKEN, http_provider

PATIENCE = 3600.0


def main(accounts: int, kills: int, seed: int) -> None:
    """Run it and print the verdict."""
    if lacks := missing():
        raise SystemExit(lacks)
    with TemporaryDirectory(prefix="first90-benchmark-") as folder, http_provider("resend") as there:
        crm = Path(folder) / "crm"
        write_folder(crm, accounts)
        mail = {"FIRST90_MAIL": "resend", "FIRST90_MAIL_API_URL": there.url, "FIRST90_MAIL_RATE": "500"}
        with topology(Path(folder), FIRST90_CRM=f"csv:{crm}", FIRST90_MAIL_TOKEN=TOKEN, **mail) as made:
            database = connect(made.database_url)
            killer, sweeps = Killer(made, random.Random(seed)), Sweeps(made)
            work = Work(accounts, database, there.delivered)
            began = monotonic()
            live_through_kills(made, killer, sweeps, work, kills)
            under_fire = monotonic() - began
            settle(killer, sweeps, work, PATIENCE)
            verdict = judge(there.delivered, database, crm, accounts)
            database.close()
    print(f"accounts={accounts:,} kills={kills} seed={seed}: {dict(sorted(killer.killed.items()))}")
    print(
        f"seconds under kills {under_fire:.0f}, until all was done {monotonic() - began:.0f}; "
        f"runs ordered {sweeps.runs}; mails {there.delivered.total():,}, offered {len(there.bodies):,}"
    )
    met = verdict.lost == verdict.twice == 0
    print(f"lost {verdict.lost}, twice {verdict.twice} (goal 0 and 0) {'ok' if met else 'MISSED'}")


if __name__ == "__main__":
    main(*[int(text) for text in [*sys.argv[1:], *("10000", "60", "20260309")[len(sys.argv) - 1 :]]])
