"""The child processes of ``first90 up``, without Prefect: their end, their logs and how they are found."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from supervisor.api import LOCK
from supervisor.lock import note_of_holder, take
from supervisor.process_marks import end_all, ours
from supervisor.processes import ChildEnded, ChildProcesses, Stopped

ROOT = Path(__file__).resolve().parent.parent.parent
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(300)"
RUNAWAY = """
import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"], start_new_session=True)
print("ran away", flush=True)
time.sleep(300)
"""
PARENT = """
import sys, threading, time
from pathlib import Path
from supervisor.processes import ChildProcesses
folder = Path(sys.argv[1])
child = ChildProcesses(folder / "logs", folder, threading.Event()).start("worker", "sleeper")
print(child.process.pid, flush=True)
time.sleep(300)
"""


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[ChildProcesses]:
    """Return no child processes yet; those left at the end of the test are ended."""
    found = ChildProcesses(tmp_path / "logs", tmp_path, threading.Event(), {"PYTHONPATH": str(ROOT)})
    yield found
    for child in found.children:
        child.stop(patience=0.1)


def module(folder: Path, name: str, code: str) -> str:
    (folder / f"{name}.py").write_text(code, "utf-8")
    return name


def is_there(process: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False


def within_ten_seconds(what: object) -> bool:
    until = time.monotonic() + 10
    while not (true := what()) and time.monotonic() < until:  # type: ignore[operator]
        time.sleep(0.02)
    return bool(true)


def test_a_child_that_ends_by_itself_is_named_with_its_last_words(processes: ChildProcesses, tmp_path: Path) -> None:
    processes.start("worker", module(tmp_path, "broken", "raise SystemExit('the pool is gone')"))
    with pytest.raises(ChildEnded) as told:
        processes.watch()
    assert "worker ended by itself (exit 1)" in str(told.value)
    assert str(told.value).endswith("    the pool is gone")


def test_a_child_that_is_not_needed_is_started_again_and_the_others_go_on(
    processes: ChildProcesses, tmp_path: Path
) -> None:
    told: list[str] = []
    processes.say, processes.restart_delay = told.append, 0.0
    other = processes.start("worker", module(tmp_path, "sleeper", "import time; time.sleep(300)"))
    processes.start("slack", module(tmp_path, "unheard", "raise SystemExit('Slack does not answer')"), needed=False)
    assert processes.wait_for(lambda: len(told) == 3, within=30)
    assert told[0].startswith("slack ended by itself (exit 1); it is started again.")
    assert told[0].endswith("    Slack does not answer")
    assert [child.name for child in processes.children] == ["worker", "slack"]
    assert other.process.poll() is None


def test_a_child_never_outlives_a_parent_that_was_killed(tmp_path: Path) -> None:
    module(tmp_path, "sleeper", "import time; time.sleep(300)")
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path)], env=env, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert is_there(child)
        parent.kill()
        parent.wait()
        assert within_ten_seconds(lambda: not is_there(child))


def test_a_child_that_hears_nothing_is_killed_in_the_end(processes: ChildProcesses, tmp_path: Path) -> None:
    child = processes.start("worker", module(tmp_path, "deaf", DEAF))
    assert within_ten_seconds(lambda: b"deaf" in child.log.read_bytes())
    child.stop(patience=0.2)
    assert child.process.returncode == -signal.SIGKILL


def test_what_a_killed_child_left_behind_is_ended_by_its_mark(processes: ChildProcesses, tmp_path: Path) -> None:
    child = processes.start("worker", module(tmp_path, "runaway", RUNAWAY))
    assert within_ten_seconds(lambda: b"ran away" in child.log.read_bytes())
    child.process.kill()
    child.process.wait()
    assert within_ten_seconds(lambda: len(ours()) == 1)
    end_all(ours, patience=5)
    assert ours() == []


def test_whoever_asks_for_the_end_ends_the_waiting(processes: ChildProcesses) -> None:
    processes.ended.set()
    processes.watch()
    with pytest.raises(Stopped):
        processes.wait_for(lambda: False, within=60)


def test_an_answer_is_what_stands_on_standard_output_alone(processes: ChildProcesses, tmp_path: Path) -> None:
    name = module(tmp_path, "teller", "import sys; print('aside', file=sys.stderr); print('this')")
    child = processes.start("timetable", name, captured=True)
    assert processes.output_of(child, within=30) == b"this\n"
    assert child.log.read_text() == "aside\n"
    failing = processes.start("timetable", module(tmp_path, "failing", "raise SystemExit(3)"), captured=True)
    with pytest.raises(ChildEnded, match=r"timetable failed \(exit 3\)"):
        processes.output_of(failing, within=30)


def test_a_note_counts_only_while_its_writer_is_there(tmp_path: Path) -> None:
    turn = take(tmp_path / LOCK)
    assert turn is not None
    with turn:
        turn.leave_note("http://127.0.0.1:4200/api")
        assert note_of_holder(tmp_path / LOCK) == "http://127.0.0.1:4200/api"
    assert note_of_holder(tmp_path / LOCK) == ""
    assert note_of_holder(tmp_path / "nobody" / LOCK) == ""


def test_a_holder_that_is_killed_leaves_no_lock_and_no_note(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path / LOCK)], env={"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        assert take(tmp_path / LOCK) is None
        assert note_of_holder(tmp_path / LOCK) == "it is mine"
        holder.kill()
    assert note_of_holder(tmp_path / LOCK) == ""
    turn = take(tmp_path / LOCK)
    assert turn is not None
    with turn:
        assert note_of_holder(tmp_path / LOCK) == ""


HOLDER = """
import sys, time
from pathlib import Path
from supervisor.lock import take
with take(Path(sys.argv[1])) as turn:
    turn.leave_note("it is mine")
    print("held", flush=True)
    time.sleep(60)
"""


@contextmanager
def healthy_server() -> Iterator[str]:
    """Serve the health check of a Prefect server; yield its API address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/api/health" else 404)
            self.end_headers()
            self.wfile.write(json.dumps(True).encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/api"
        server.shutdown()
        thread.join()


CONFIGURED = """
import sys
from pathlib import Path
from supervisor.server import prefect_server
with prefect_server(Path(sys.argv[1]), print):
    import os
    print(os.environ["PREFECT_API_URL"])
"""


def test_a_run_beside_up_uses_its_server_instead_of_waiting_for_its_end(tmp_path: Path) -> None:
    turn = take(tmp_path / "prefect" / LOCK)
    assert turn is not None
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    env = {**kept, "PYTHONPATH": str(ROOT), "HOME": str(tmp_path)}
    with turn, healthy_server() as api:
        turn.leave_note(api)
        command = [sys.executable, "-c", CONFIGURED, str(tmp_path)]
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=30, check=False)
    assert done.stdout == f"{api}\n", done.stderr
