"""The work pool of a Prefect server and its deployments."""

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import FlowFilter, FlowFilterId, WorkPoolFilter, WorkPoolFilterName
from prefect.client.schemas.responses import DeploymentResponse
from prefect.exceptions import ObjectNotFound

from supervisor.deployments.timetable import POOL


def has_pool(client: SyncPrefectClient) -> bool:
    """Return whether the server has the work pool."""
    try:
        client.read_work_pool(POOL)
    except ObjectNotFound:
        return False
    return True


def deployments_of_pool(client: SyncPrefectClient) -> dict[str, DeploymentResponse]:
    """Return the deployments of the work pool by ``flow/name``."""
    found = client.read_deployments(work_pool_filter=WorkPoolFilter(name=WorkPoolFilterName(any_=[POOL])))
    # By id: without a filter the server answers with its first 200 flows, of which it may have more.
    ids = FlowFilterId(any_=sorted({deployment.flow_id for deployment in found}))
    flows = {flow.id: flow.name for flow in client.read_flows(flow_filter=FlowFilter(id=ids))}
    return {f"{flows[deployment.flow_id]}/{deployment.name}": deployment for deployment in found}
