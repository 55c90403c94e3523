"""What ``first90 deploy`` says of a deployment that differs, and which flows it asks the server for."""

from types import SimpleNamespace
from typing import Any
from uuid import UUID

from supervisor.deployments.pool import deployments_of_pool
from supervisor.deployments.wanted import differences


def test_values_of_the_environment_are_not_told_because_they_may_be_secrets() -> None:
    found = {"entrypoint": "a.b", "environment": {"FIRST90_HOME": "/old", "FIRST90_SLACK_TOKEN": "xoxb-1", "SAME": "1"}}
    wanted = {"entrypoint": "a.c", "environment": {"FIRST90_HOME": "/new", "DO_NOT_TRACK": "1", "SAME": "1"}}
    assert differences(found, wanted) == [
        "entrypoint: a.c, was a.b",
        "environment: DO_NOT_TRACK added; FIRST90_HOME changed; FIRST90_SLACK_TOKEN removed",
    ]


def test_the_flows_of_the_deployments_are_found_on_a_server_with_many_others() -> None:
    flows = [SimpleNamespace(id=UUID(int=number), name=f"flow-{number}") for number in range(9)]

    class Client:
        """A server that answers with two flows at most, as a real one does with 200."""

        def read_deployments(self, **_: Any) -> list[Any]:
            return [SimpleNamespace(flow_id=UUID(int=8), name="sweep")]

        def read_flows(self, flow_filter: Any = None, **_: Any) -> list[Any]:
            wanted = flow_filter.id.any_ if flow_filter else [one.id for one in flows]
            return [one for one in flows if one.id in wanted][:2]

    client: Any = Client()
    assert list(deployments_of_pool(client)) == ["flow-8/sweep"]
