"""Creates the work pool and applies all deployments of ``prefect.yaml`` on a Prefect server.

A process of its own (``python -m supervisor.deployments.apply``), because Prefect reads its settings at import. What it
and Prefect print goes to standard error; the timetable as the server has it goes to standard output.
"""

import os
import runpy
import sys

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterState, FlowRunFilterStateType
from prefect.client.schemas.objects import StateType
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.schedules import CronSchedule
from prefect.states import Crashed
from prefect.workers.process import ProcessWorker

from supervisor.deployments.apply_automations import apply_automations
from supervisor.deployments.pool import deployments_of_pool, has_pool
from supervisor.deployments.timetable import ALONE, POOL, Deployed, as_text

UNDER_WAY = [StateType.PENDING, StateType.RUNNING, StateType.CANCELLING]


def apply(*, alone: bool) -> list[Deployed]:
    """Make the pool if it is missing, apply the deployments and return them with their schedules. Safe to repeat.

    What ops paused stays paused: a schedule, which Prefect itself keeps by its slug, and a whole deployment, which
    ``prefect deploy`` would resume. ``alone``: the server is that of ``first90 up``. No other worker uses it, so its
    running runs were cut off; and nobody calls ``first90 deploy`` for it, so it gets its automations here.
    """
    with get_client(sync_client=True) as client:
        _make_pool(client)
        if alone:
            _close_what_was_cut_off(client)
        paused = [deployment.id for deployment in deployments_of_pool(client).values() if deployment.paused]
        _deploy()
        for deployment in paused:
            client.pause_deployment(deployment)
        if alone:
            for _ in apply_automations(client, dry=False):
                pass
        return [_line(name, deployment) for name, deployment in deployments_of_pool(client).items()]


def _make_pool(client: SyncPrefectClient) -> None:
    if not has_pool(client):
        template = ProcessWorker.get_default_base_job_template()
        client.create_work_pool(WorkPoolCreate(name=POOL, type=ProcessWorker.type, base_job_template=template))


def _close_what_was_cut_off(client: SyncPrefectClient) -> None:
    """Mark runs that a power cut ended as crashed: each would keep its deployment's only slot, and all later runs would
    be cancelled."""
    state = FlowRunFilterState(type=FlowRunFilterStateType(any_=UNDER_WAY))
    for run in client.read_flow_runs(flow_run_filter=FlowRunFilter(state=state)):
        client.set_flow_run_state(run.id, Crashed(message="It was cut off, as by a power cut."), force=True)


def _deploy() -> None:
    """Run ``prefect deploy --all`` in this process, which saves the seconds that another one takes."""
    sys.argv = ["prefect", "--no-prompt", "deploy", "--all"]
    try:
        runpy.run_module("prefect", run_name="__main__")
    except SystemExit as end:
        if end.code:
            raise


def _line(name: str, deployment: DeploymentResponse) -> Deployed:
    schedules = deployment.schedules
    return Deployed(
        name=name,
        crons=tuple(one.schedule.cron for one in schedules if isinstance(one.schedule, CronSchedule)),
        paused=deployment.paused or not all(one.active for one in schedules),
    )


if __name__ == "__main__":
    with os.fdopen(os.dup(sys.stdout.fileno()), "w") as answer:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        answer.write(as_text(apply(alone=ALONE in sys.argv[1:])))
