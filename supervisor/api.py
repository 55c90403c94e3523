"""Which Prefect server is used, and the settings of our own one.

This module is imported before Prefect, which reads its settings from the environment at import; it must not import it.
"""

import os
import socket
from pathlib import Path
from urllib.parse import urlsplit

from config.settings.addresses import shown
from supervisor.prefect_settings import chosen
from tasks.runtime.refusals import Refused

PORT = 4200
"""Prefect's usual port."""

STARTS_WITHIN = 120.0
"""Seconds; a first start makes Prefect's database, which took 13 to 25 s when measured."""

LOCK = "server.lock"
"""The lock file in the folder of the records; only its holder may start a server on them."""

QUIET = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "PREFECT_CLOUD_ENABLE_ORCHESTRATION_TELEMETRY": "false",
}
"""All three are needed: server, client and Cloud each have an analytics setting."""

SMALL_SERVER = {
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": str(int(STARTS_WITHIN)),
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_READ_BATCH_SIZE": "50",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_BATCH_SIZE": "100",
}


def configured_api() -> str | None:
    """Return the API address that Prefect's settings name, or None. Raises Refused for an invalid address."""
    api = chosen("PREFECT_API_URL")
    if api is not None:
        pages_of(api)
    return api


def records(home: Path) -> Path:
    """Return the folder of our own server's records; it is made if it is missing."""
    folder = home / "prefect"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def own_settings(folder: Path) -> dict[str, str]:
    """Return the settings of our own server and its clients; the environment overrides them."""
    settings = {**QUIET, **SMALL_SERVER, "PREFECT_HOME": str(folder)}
    return {name: os.environ.get(name, value) for name, value in settings.items()}


def first_time(folder: Path) -> str:
    """Return the remark that a first start takes longer, or an empty text."""
    return "" if (folder / "prefect.db").exists() else ", its first time takes longer"


def api_at(port: int) -> str:
    """Return the API address of our own server at this port."""
    return f"http://127.0.0.1:{port}/api"


def port_of(api: str) -> int:
    """Return the port of an API address of our own server."""
    return urlsplit(api).port or 80


def free_port() -> int:
    """Return a free port of this machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def pages_of(api: str) -> str:
    """Return the address of a Prefect server's pages, without a password. Raises Refused for an invalid address."""
    try:
        return shown(api).rstrip("/").removesuffix("/api")
    except ValueError:
        raise Refused(f"PREFECT_API_URL is no web address; give one like {api_at(PORT)}") from None


def port_for(wanted: int | None) -> int | None:
    """Return the port of our own server; None where environment or profile name a server. Raises Refused."""
    api = configured_api()
    if api is not None and wanted is not None:
        raise Refused(
            f"--port is for a server of our own, but Prefect is set to use {pages_of(api)}; leave it out, or unset "
            "PREFECT_API_URL (or choose another profile)"
        )
    if api is not None:
        return None
    port = PORT if wanted is None else wanted
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise Refused(
                f"port {port} is taken or not ours to listen on; choose another with --port (0: any), or, if a Prefect "
                f"server that is to be used listens there, set PREFECT_API_URL={api_at(port)}"
            ) from None
        return int(probe.getsockname()[1])
