"""Brings a Prefect server's automations, and the blocks by which they tell operators, to what first90 needs."""

from collections.abc import Iterator
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient

from config.settings.load import load_settings
from supervisor.deployments.automations import as_automation, automations, differs
from supervisor.deployments.changes import ChangeKind, ServerChange
from supervisor.deployments.pool import deployments_of_pool
from supervisor.deployments.telling import ways

SWEEP = "onboard-accounts/every-10-minutes"
NONE_YET = UUID(int=0)


def apply_automations(client: SyncPrefectClient, *, dry: bool) -> Iterator[ServerChange]:
    """Yield what differed, which is changed unless ``dry``. Safe to repeat. What ops switched off stays so."""

    def id_of(name: str) -> UUID:
        found = client.read_automations_by_name(name)
        return found[0].id if found else NONE_YET

    found_ways = list(ways(client, load_settings(), dry=dry))
    yield from (way.change for way in found_ways)
    deployments = deployments_of_pool(client)
    if SWEEP not in deployments:  # a dry run on a new server
        names = (one.name for one in automations(NONE_YET, [], id_of))
        yield from (ServerChange(ChangeKind.CREATED, "automation", name) for name in names)
        return
    flows = sorted({one.flow_id for one in deployments.values()})
    for told in automations(deployments[SWEEP].flow_id, flows, id_of):
        actions = [action for way in found_ways if told.text and (action := way.action(told))]
        wanted = as_automation(told, actions)
        found = client.read_automations_by_name(told.name)
        differing = not found or differs(found[0], wanted)
        kind = ChangeKind.AS_BEFORE if not differing else ChangeKind.CHANGED if found else ChangeKind.CREATED
        if differing and not dry:
            if found:
                client.update_automation(found[0].id, wanted.model_copy(update={"enabled": found[0].enabled}))
            else:
                client.create_automation(wanted)
        yield ServerChange(kind, "automation", told.name)
