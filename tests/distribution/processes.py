"""Processes that may be killed at any moment and are started again, as a container engine does with its containers."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

MARK = "FIRST90_TEST_PART"
"""A variable that a part's descendants inherit, whatever their parent is by now."""
FLOW_RUN = "PREFECT__FLOW_RUN_ID"
WITHIN = 240
"""Seconds, on a machine that does other things."""


@dataclass
class Part:
    """One container's process, with all that it starts."""

    name: str
    command: Sequence[str | Path]
    settings: Mapping[str, str]
    log: Path
    user: str | None = None
    ended_by: signal.Signals = signal.SIGKILL
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                self.command,
                env={**self.settings, MARK: self._mark},
                stdout=out,
                stderr=out,
                user=self.user,
                cwd="/",
                start_new_session=True,
            )

    @property
    def runs(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        """End it with all that it started, at once, as when its container is killed."""
        if self.process is None:
            return
        with suppress(ProcessLookupError):
            self.process.send_signal(self.ended_by)
        if self.ended_by is signal.SIGKILL:
            while left := self._marked():
                for one in left:
                    with suppress(ProcessLookupError):
                        os.kill(one, signal.SIGKILL)
                time.sleep(0.02)
        self.process.wait()

    def kill_alone(self) -> None:
        """Kill its first process; what that started goes on."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def flow_runs(self) -> list[int]:
        """Return the processes of the flow runs that it started."""
        return [one for one in self._marked() if FLOW_RUN in _environment(one)]

    @property
    def _mark(self) -> str:
        return f"{os.getpid()} {self.name}"

    def _marked(self) -> list[int]:
        found = (int(place.name) for place in Path("/proc").glob("[0-9]*"))
        return [one for one in found if _environment(one).get(MARK) == self._mark]


def _environment(process: int) -> dict[str, str]:
    """Return the variables of a process; none where it has ended (a zombie has none)."""
    try:
        text = Path(f"/proc/{process}/environ").read_bytes().decode("utf-8", "replace")
    except OSError:
        return {}
    return {name: value for name, _, value in (entry.partition("=") for entry in text.split("\0"))}


def wait(reached: Callable[[], bool], *needed: Part, within: float = WITHIN) -> None:
    """Wait until it is reached, while these parts run."""
    end = time.monotonic() + within
    while not reached():
        for part in needed:
            assert part.runs, f"{part.name} ended:\n{part.log.read_text('utf-8', 'replace')[-2000:]}"
        assert time.monotonic() < end, "not reached in time"
        time.sleep(0.25)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
