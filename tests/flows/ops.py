"""Prefect as ops run it: a whole server, and all deployments applied from a folder that is not the project's."""

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent.parent
PREFECT = [sys.executable, "-m", "prefect", "--no-prompt"]


class Deployed(NamedTuple):
    """The folder from which deployments were applied, and the settings of their workers."""

    folder: Path
    settings: dict[str, str]


def prefect(*words: str, cwd: Path = ROOT, **settings: str) -> str:
    """Run a command of Prefect as ops do."""
    done = subprocess.run(
        [*PREFECT, *words],
        cwd=cwd,
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@contextmanager
def whole_server(folder: Path) -> Iterator[str]:
    """Start a Prefect server as ops do, with its scheduler; yield its API address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}/api"
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [*PREFECT, "server", "start", "--host", "127.0.0.1", "--port", str(port), "--no-ui"],
            env={**os.environ, "PREFECT_HOME": str(folder), "PREFECT_SERVER_API_PORT": str(port)},
            stdout=log,
            stderr=log,
        )
        try:
            for _ in range(1200):
                assert process.poll() is None, (folder / "log").read_text()
                with contextlib.suppress(OSError), urllib.request.urlopen(f"{url}/health", timeout=5):
                    break
                time.sleep(0.1)
            yield url
        finally:
            process.terminate()
            process.wait(timeout=30)


def deploy_all(api: str, folder: Path) -> Deployed:
    """Apply all deployments, with a relative home."""
    (folder / "prefect.yaml").write_text((ROOT / "prefect.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    settings = {
        "PREFECT_API_URL": api,
        "PREFECT_HOME": str(folder / "prefect"),
        "FIRST90_HOME": "home",
        "PREFECT_LOGGING_LEVEL": "INFO",
        "PREFECT_WORKER_QUERY_SECONDS": "1",  # instead of 10, so that nothing waits for the next look
    }
    prefect("work-pool", "create", "first90", "--type", "process", cwd=folder, **settings)
    prefect("deploy", "--all", cwd=folder, **settings)
    return Deployed(folder, settings)


@contextmanager
def working(deployed: Deployed, queue: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a worker on this queue only; its output is in ``worker.log``."""
    with (folder / "worker.log").open("wb") as log:
        worker = subprocess.Popen(
            [*PREFECT, "worker", "start", "--pool", "first90", "--work-queue", queue],
            cwd=folder,
            env={**os.environ, **deployed.settings},
            stdout=log,
            stderr=log,
        )
        try:
            yield worker
        finally:
            worker.terminate()
            worker.wait(timeout=60)
