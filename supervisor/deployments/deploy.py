"""Brings a Prefect server to what first90 needs: work pool, deployments with their limits, and automations.

A process of its own (``python -m supervisor.deployments.deploy``), because Prefect reads its settings at import. What
it and Prefect print goes to standard error; the changes go to standard output.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from prefect.client.orchestration import SyncPrefectClient, get_client

from supervisor.deployments.apply import apply
from supervisor.deployments.apply_automations import apply_automations
from supervisor.deployments.changes import DRY_RUN, ChangeKind, ServerChange, as_text
from supervisor.deployments.pool import deployments_of_pool, has_pool
from supervisor.deployments.timetable import POOL
from supervisor.deployments.wanted import as_found, differences, wanted_deployments


def deploy(file: Path, *, dry: bool) -> Iterator[ServerChange]:
    """Yield what differed on the server, which is changed unless ``dry``. Safe to repeat: then all is as before.

    What ops paused or switched off stays so. Nothing of others is deleted.
    """
    with get_client(sync_client=True) as client:
        kind = ChangeKind.AS_BEFORE if has_pool(client) else ChangeKind.CREATED
        yield ServerChange(kind, "work pool", POOL)
        changes = list(_deployments(client, file))
        if not dry and any(one.kind in (ChangeKind.CREATED, ChangeKind.CHANGED) for one in changes):
            apply(alone=False)
        yield from changes
        yield from apply_automations(client, dry=dry)


def _deployments(client: SyncPrefectClient, file: Path) -> Iterator[ServerChange]:
    wanted = wanted_deployments(file)
    found = {name: as_found(one) for name, one in deployments_of_pool(client).items()}
    for name in sorted(wanted):
        if name not in found:
            said = wanted[name]["schedules"] or ["started by people"]
            yield ServerChange(ChangeKind.CREATED, "deployment", name, tuple(said))
            continue
        differing = tuple(differences(found[name], wanted[name]))
        yield ServerChange(ChangeKind.CHANGED if differing else ChangeKind.AS_BEFORE, "deployment", name, differing)
    for name in sorted(set(found) - set(wanted)):
        mend = f"prefect deployment delete {name} removes it, if an earlier version left it"
        yield ServerChange(ChangeKind.STRANGE, "deployment", name, (mend,))


if __name__ == "__main__":
    with os.fdopen(os.dup(sys.stdout.fileno()), "w") as answer:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        dry = DRY_RUN in sys.argv[1:]
        answer.write(as_text(list(deploy(Path("prefect.yaml"), dry=dry))))
