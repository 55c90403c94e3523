"""Processes that ``first90 up`` looks after: each in a session of its own with a log of its own, and on a leash."""

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
LAST_WORDS = 12


class ChildEnded(Exception):
    """A child ended that should not have. The message says which, and its last words."""


class Stopped(Exception):
    """Somebody asked for the end before the start was over."""


@dataclass(frozen=True, slots=True)
class Child:
    """One process. Its name is for people."""

    name: str
    log: Path
    process: subprocess.Popen[bytes]
    words: tuple[str, ...]
    """The module and what it is told."""
    needed: bool = True
    """Whether nothing works without it. One that is not is started again where it ends."""
    began: float = field(default_factory=time.monotonic)

    def stop(self, patience: float) -> None:
        """Ask it to end and wait; without mercy when the patience is over."""
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

    def last_words(self) -> str:
        """The end of its log, indented."""
        with self.log.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - 20_000))
            lines = [line for line in file.read().decode("utf-8", "replace").splitlines() if line.strip()]
        return "\n".join(f"    {line[:200]}" for line in lines[-LAST_WORDS:])


@dataclass(slots=True)
class Family:
    """All children of one ``up``. ``ended`` is set when somebody asks for the end."""

    logs: Path
    folder: Path
    ended: Event
    settings: dict[str, str] = field(default_factory=dict)
    """For the environment of each."""
    say: Callable[[str], None] = print
    rest: float = 30.0
    """Seconds from the start of a child that is not needed to its next."""
    children: list[Child] = field(default_factory=list)

    def start(self, name: str, *words: str, answers: bool = False, needed: bool = True, **settings: str) -> Child:
        """A Python module and its words as a child; with ``answers`` its standard output is ours, else its log's."""
        self.logs.mkdir(parents=True, exist_ok=True)
        path = self.logs / f"{name}.log"
        if path.exists() and path.stat().st_size > LARGEST_LOG:
            path.replace(path.with_suffix(".old.log"))
        with path.open("ab") as log:
            process = subprocess.Popen(
                [*COMMAND, *words],
                cwd=self.folder,
                env={**os.environ, **self.settings, **settings, **mark()},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE if answers else log,
                stderr=log,
                start_new_session=True,  # Ctrl-C in a terminal is for us: we say who ends when
            )
        child = Child(name, path, process, words, needed)
        self.children.append(child)
        return child

    def watch(self) -> None:
        """Until somebody asks for the end. Raises ChildEnded where a child ends before."""
        while not self.ended.wait(LOOKS_EVERY):
            self._look()

    def wait_for(self, what: Callable[[], bool], within: float) -> bool:
        """Whether it came true in so many seconds. Raises ChildEnded, and Stopped where somebody asks for the end."""
        until = time.monotonic() + within
        while not (true := what()) and time.monotonic() < until:
            self.pause()
        return true

    def pause(self) -> None:
        """A moment. Raises ChildEnded and Stopped."""
        self._look()
        if self.ended.wait(LOOKS_EVERY):
            raise Stopped

    def answer_of(self, child: Child, within: float) -> bytes:
        """What a child says that ends by itself, and little. Raises ChildEnded where it fails, and Stopped."""
        self.children.remove(child)
        try:
            self.wait_for(lambda: child.process.poll() is not None, within)
            said = child.process.stdout.read() if child.process.returncode == 0 and child.process.stdout else b""
        finally:
            child.stop(patience=5)
        if child.process.returncode:
            raise ChildEnded(_told(child, "failed", ", so everything was stopped"))
        return said

    def _look(self) -> None:
        for child in list(self.children):
            if child.process.poll() is None:
                continue
            if child.needed:
                raise ChildEnded(_told(child, "ended by itself", ", so everything was stopped"))
            if time.monotonic() >= child.began + self.rest:
                self.say(_told(child, "ended by itself", "; it is started again"))
                self.children.remove(child)
                child.stop(patience=0)
                self.start(child.name, *child.words, needed=False)


def _told(child: Child, what: str, then: str) -> str:
    code = child.process.returncode
    how = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit {code}"
    return f"{child.name} {what} ({how}){then}. {child.log} ends so:\n{child.last_words()}"
