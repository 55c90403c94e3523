"""The child processes of ``first90 up``: each with a session and a log of its own, and ended with this process."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

from supervisor.process_marks import LOOKS_EVERY, mark
from supervisor.watchdog import COMMAND

LARGEST_LOG = 10_000_000
TAIL_LINES = 12


class ChildEnded(Exception):
    """A child process that is needed has ended. The message names it and holds the end of its log."""


class Stopped(Exception):
    """A stop was requested before the start was complete."""


@dataclass(frozen=True, slots=True)
class Child:
    """One child process. Its name is for people."""

    name: str
    log: Path
    process: subprocess.Popen[bytes]
    arguments: tuple[str, ...]
    """The module and its arguments."""
    needed: bool = True
    """Whether nothing works without it. One that is not needed is started again when it ends."""
    began: float = field(default_factory=time.monotonic)

    def stop(self, patience: float) -> None:
        """Ask it to end (SIGTERM) and wait; kill its process group after ``patience`` seconds."""
        with suppress(ProcessLookupError):
            self.process.terminate()
        try:
            self.process.wait(patience)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()

    def log_tail(self) -> str:
        """Return the last lines of its log, indented."""
        with self.log.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - 20_000))
            lines = [line for line in file.read().decode("utf-8", "replace").splitlines() if line.strip()]
        return "\n".join(f"    {line[:200]}" for line in lines[-TAIL_LINES:])


@dataclass(slots=True)
class ChildProcesses:
    """All child processes of one ``up``. ``ended`` is set when a stop is requested."""

    logs: Path
    folder: Path
    ended: Event
    settings: dict[str, str] = field(default_factory=dict)
    """Variables for the environment of each child."""
    say: Callable[[str], None] = print
    restart_delay: float = 30.0
    """Seconds between two starts of a child that is not needed."""
    children: list[Child] = field(default_factory=list)

    def start(self, name: str, *arguments: str, captured: bool = False, needed: bool = True, **settings: str) -> Child:
        """Start a Python module with arguments; with ``captured`` its standard output is kept, else it is logged."""
        self.logs.mkdir(parents=True, exist_ok=True)
        path = self.logs / f"{name}.log"
        if path.exists() and path.stat().st_size > LARGEST_LOG:
            path.replace(path.with_suffix(".old.log"))
        with path.open("ab") as log:
            process = subprocess.Popen(
                [*COMMAND, *arguments],
                cwd=self.folder,
                env={**os.environ, **self.settings, **settings, **mark()},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE if captured else log,
                stderr=log,
                start_new_session=True,  # Ctrl-C in a terminal must reach this process only, which ends them in order
            )
        child = Child(name, path, process, arguments, needed)
        self.children.append(child)
        return child

    def watch(self) -> None:
        """Watch the children until a stop is requested. Raises ChildEnded where a needed one ends before."""
        while not self.ended.wait(LOOKS_EVERY):
            self._check()

    def wait_for(self, what: Callable[[], bool], within: float) -> bool:
        """Return whether ``what`` became true within so many seconds. Raises ChildEnded and Stopped."""
        until = time.monotonic() + within
        while not (true := what()) and time.monotonic() < until:
            self.pause()
        return true

    def pause(self) -> None:
        """Wait a moment. Raises ChildEnded and Stopped."""
        self._check()
        if self.ended.wait(LOOKS_EVERY):
            raise Stopped

    def output_of(self, child: Child, within: float) -> bytes:
        """Return the (short) output of a child that ends by itself. Raises ChildEnded where it fails, and Stopped."""
        self.children.remove(child)
        try:
            self.wait_for(lambda: child.process.poll() is not None, within)
            said = child.process.stdout.read() if child.process.returncode == 0 and child.process.stdout else b""
        finally:
            child.stop(patience=5)
        if child.process.returncode:
            raise ChildEnded(_told(child, "failed", ", so everything was stopped"))
        return said

    def _check(self) -> None:
        for child in list(self.children):
            if child.process.poll() is None:
                continue
            if child.needed:
                raise ChildEnded(_told(child, "ended by itself", ", so everything was stopped"))
            if time.monotonic() >= child.began + self.restart_delay:
                self.say(_told(child, "ended by itself", "; it is started again"))
                self.children.remove(child)
                child.stop(patience=0)
                self.start(child.name, *child.arguments, needed=False)


def _told(child: Child, what: str, then: str) -> str:
    code = child.process.returncode
    how = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit {code}"
    return f"{child.name} {what} ({how}){then}. {child.log} ends so:\n{child.log_tail()}"
