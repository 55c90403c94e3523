"""Real Prefect servers for the session, and a home with the sample portfolio for each test that needs one."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.flows.ops import Deployed, deploy_all, whole_server

SAMPLE_DAY = datetime(2026, 3, 4, 12, tzinfo=UTC)
QUIET = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "PREFECT_CLOUD_ENABLE_ORCHESTRATION_TELEMETRY": "false",
}


@pytest.fixture(scope="session")
def prefect_api() -> Iterator[str]:
    """Return the address of a Prefect server with a database of its own; flows of this process run on it too."""
    os.environ.update(QUIET)
    from prefect.settings import (
        PREFECT_API_URL,
        PREFECT_FLOWS_HEARTBEAT_FREQUENCY,
        PREFECT_LOGGING_LEVEL,
        temporary_settings,
    )
    from prefect.testing.utilities import prefect_test_harness

    with (
        prefect_test_harness(server_startup_timeout=120),
        temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None, PREFECT_LOGGING_LEVEL: "WARNING"}),
    ):
        yield str(PREFECT_API_URL.value())


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the API address of a whole Prefect server as ops start it."""
    with whole_server(tmp_path_factory.mktemp("server")) as url:
        yield url


@pytest.fixture(scope="session")
def deployed(server: str, tmp_path_factory: pytest.TempPathFactory) -> Deployed:
    """Apply all deployments to it, with a relative home, from a folder that is not the project's."""
    return deploy_all(server, tmp_path_factory.mktemp("ops"))


@pytest.fixture
def client(server: str) -> Iterator[Any]:
    """Return a client of its API."""
    from prefect.client.orchestration import SyncPrefectClient

    with SyncPrefectClient(server) as found:
        yield found


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a fresh FIRST90_HOME; all other settings have their defaults."""
    for name in list(os.environ):
        if name.startswith("FIRST90_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("FIRST90_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def sample_moment(home: Path) -> datetime:
    """Make the sample portfolio as of a fixed day; return its moment."""
    from config.sample_portfolio.sample import make_sample

    return make_sample(home / "crm", SAMPLE_DAY)
