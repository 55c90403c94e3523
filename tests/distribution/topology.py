"""The parts of the Compose file as processes of this machine: PostgreSQL, Redis, two Prefect servers, its services,
three workers. Commands and settings are the file's; only places differ."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.distribution.compose import SERVICES, environment
from tests.distribution.processes import Part, free_port, wait
from tests.distribution.shared_name import shared_name

POSTGRES = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
"""Debian's: Prefect needs its extension ``pg_trgm``, which the one of the other tests lacks."""
WORKERS = int(SERVICES["worker"]["deploy"]["replicas"])
SOONER = {
    "PREFECT_WORKER_QUERY_SECONDS": "2",
    # How long a killed worker's run keeps its deployment's slot; in the file it is Prefect's own, five minutes.
    "PREFECT_SERVER_CONCURRENCY_INITIAL_DEPLOYMENT_LEASE_DURATION": "60",
}


def missing() -> str | None:
    """Return which program is not installed."""
    if not POSTGRES:
        return "Debian's postgresql is not installed"
    return None if shutil.which("redis-server") else "redis-server is not installed"


@dataclass
class Topology:
    """All parts by name, in the order in which they start."""

    parts: dict[str, Part]
    settings: Mapping[str, str]
    apis: tuple[str, str]
    """The two servers' own addresses; ``settings`` has the one that stands for both."""
    database_url: str

    def start(self, *names: str) -> None:
        for name in names:
            self.parts[name].start()

    def revive(self) -> list[str]:
        """Start what has ended, as the file's ``restart`` says, and return its names."""
        ended = [name for name, part in self.parts.items() if part.process is not None and not part.runs]
        self.start(*ended)
        return ended

    def run(self, service: str) -> None:
        """Run a part of the file that ends by itself."""
        done = subprocess.run(_command(service), env=self.settings, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr

    def kill(self) -> None:
        for part in reversed(self.parts.values()):
            part.kill()

    @property
    def workers(self) -> list[Part]:
        return [part for name, part in self.parts.items() if name.startswith("worker-")]


@contextmanager
def topology(folder: Path, **more: str) -> Iterator[Topology]:
    """Run all parts but the workers, migrated and deployed; ``more`` are settings of first90."""
    ports = {name: free_port() for name in ("postgres", "redis", "prefect-1", "prefect-2")}
    with _data() as data, shared_name((ports["prefect-1"], ports["prefect-2"])) as both:
        database_url = f"postgresql://first90@127.0.0.1:{ports['postgres']}/first90"
        settings = _settings(ports, folder) | SOONER | more
        settings |= {"PREFECT_API_URL": f"http://127.0.0.1:{both}/api", "FIRST90_DATABASE_URL": database_url}
        parts = {part.name: part for part in _parts(ports, data, folder, settings)}
        apis = tuple(f"http://127.0.0.1:{ports[name]}/api" for name in ("prefect-1", "prefect-2"))
        made = Topology(parts, settings, (apis[0], apis[1]), database_url)
        try:
            _begin(made, ports)
            yield made
        finally:
            made.kill()


def answers(api: str) -> bool:
    """Return whether a Prefect server is up."""
    with suppress(OSError), urllib.request.urlopen(f"{api}/health", timeout=5):
        return True
    return False


def _begin(made: Topology, ports: Mapping[str, int]) -> None:
    """Start in the file's order: databases, migrations, one server after the other, services, deployments."""
    made.start("postgres", "redis")
    for name in ("first90", "prefect"):
        words = ["-h", "127.0.0.1", "-p", str(ports["postgres"]), "-U", "first90", name]
        create = [POSTGRES[-1].parent / "createdb", *words]
        wait(lambda create=create: subprocess.run(create, cwd="/", capture_output=True, check=False).returncode == 0)  # type: ignore[misc]
    made.run("migrate-prefect")
    made.run("migrate")
    for name, api in zip(("prefect-1", "prefect-2"), made.apis, strict=True):
        made.start(name)
        wait(lambda api=api: answers(api), made.parts[name])  # type: ignore[misc]
    made.start("prefect-services")
    made.run("deploy")


def _parts(ports: Mapping[str, int], data: Path, folder: Path, settings: Mapping[str, str]) -> Iterator[Part]:
    user = "postgres" if os.geteuid() == 0 else None
    words = ["-D", str(data / "data"), "-p", str(ports["postgres"]), "-h", "127.0.0.1", "-k", str(data), "-F"]
    log = folder / "postgres.log"
    # Its children leave its group, and a killed postmaster's memory is in use until they end: this is its own crash.
    yield Part("postgres", [POSTGRES[-1].parent / "postgres", *words], os.environ, log, user, signal.SIGQUIT)
    _, *options = SERVICES["redis"]["command"]
    places = ["--port", str(ports["redis"]), "--bind", "127.0.0.1", "--dir", str(folder)]
    yield Part("redis", ["redis-server", *options, *places], os.environ, folder / "redis.log")
    server = {name: value for name, value in settings.items() if name != "PREFECT_API_URL"}
    for name in ("prefect-1", "prefect-2", "prefect-services"):
        yield Part(name, _command(name, ports.get(name)), server, folder / f"{name}.log")
    for number in range(1, WORKERS + 1):
        yield Part(f"worker-{number}", _command("worker"), settings, folder / f"worker-{number}.log")


def _settings(ports: Mapping[str, int], folder: Path) -> dict[str, str]:
    """The Compose file's variables, with the places of this machine."""
    own = f"postgresql+asyncpg://first90@127.0.0.1:{ports['postgres']}/prefect"
    return (
        environment("prefect-1")
        | environment("deploy")
        | {
            "PREFECT_SERVER_DATABASE_CONNECTION_URL": own,
            "PREFECT_REDIS_MESSAGING_HOST": "127.0.0.1",
            "PREFECT_REDIS_MESSAGING_PORT": str(ports["redis"]),
            "PREFECT_SERVER_DOCKET_URL": f"redis://127.0.0.1:{ports['redis']}/1",
            "PREFECT_HOME": str(folder / "prefect"),
            "FIRST90_HOME": str(folder / "home"),
            "HOME": str(folder),
            "PATH": os.environ["PATH"],
            "DO_NOT_TRACK": "1",
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        }
    )


def _command(service: str, port: int | None = None) -> list[str]:
    program, *words = SERVICES[service]["command"]
    words = [str(port) if word == "4200" else "127.0.0.1" if word == "0.0.0.0" else word for word in words]
    return [sys.executable, "-m", "cli" if program == "first90" else program, *words]


@contextmanager
def _data() -> Iterator[Path]:
    """A folder with an empty database cluster; not root's, which PostgreSQL refuses."""
    user = "postgres" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="first90-topology-"))
    if user:
        shutil.chown(folder, user)
    words = ["--no-sync", "--auth=trust", "--username=first90", str(folder / "data")]
    subprocess.run([POSTGRES[-1].parent / "initdb", *words], user=user, cwd="/", check=True, capture_output=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def prefect_client(made: Topology, api: str | None = None) -> Any:
    """Return a client of one server, or of the address that stands for both."""
    from prefect.client.orchestration import SyncPrefectClient

    return SyncPrefectClient(
        api or made.settings["PREFECT_API_URL"], auth_string=made.settings["PREFECT_API_AUTH_STRING"]
    )
