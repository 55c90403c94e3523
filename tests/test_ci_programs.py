"""The system programs that CI installs for the tests: only what is missing, only where it may, and never a failure."""

import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parent.parent / ".ci" / "programs"
NEEDED = ("bash", "env", "timeout", "chmod", "rm")


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A machine with root and apt, which writes down what it is asked for, and with nothing installed."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in NEEDED:
        (programs / name).symlink_to(shutil.which(name) or name)
    _program(programs / "id", "echo 0")
    _program(programs / "apt-get", f'echo "$@" >> {tmp_path}/asked; [ -x {tmp_path}/policy ] || exit 1')
    return programs


def _program(path: Path, body: str) -> None:
    path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    path.chmod(0o755)


def _install(programs: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": str(programs),
        "POLICY": str(programs.parent / "policy"),
        "POSTGRES": str(programs.parent / "postgresql"),
    }
    return subprocess.run([SCRIPT], env=environment, capture_output=True, text=True, check=False)


def _asked(programs: Path) -> list[str]:
    file = programs.parent / "asked"
    return [line.split()[-1] for line in file.read_text("utf-8").splitlines()] if file.is_file() else []


def test_what_is_missing_is_installed_while_no_service_may_start(machine: Path) -> None:
    _program(machine / "promtool", "true")
    done = _install(machine)
    assert _asked(machine) == ["update", "chromium", "redis-server", "postgresql"]
    assert (done.returncode, done.stdout) == (0, "".join(f"installed {name}\n" for name in _asked(machine)[1:]))
    assert not (machine.parent / "policy").exists(), "services may start again afterwards"


def test_a_policy_that_was_there_stays(machine: Path) -> None:
    _program(machine.parent / "policy", "exit 101")
    _install(machine)
    assert (machine.parent / "policy").exists()


def test_nothing_is_asked_where_all_is_there(machine: Path) -> None:
    for name in ("google-chrome", "promtool", "redis-server"):
        _program(machine / name, "true")
    (machine.parent / "postgresql" / "15" / "bin").mkdir(parents=True)
    _program(machine.parent / "postgresql" / "15" / "bin" / "initdb", "true")
    assert (_install(machine).returncode, _asked(machine)) == (0, [])


def test_no_network_is_no_failure_and_is_said(machine: Path) -> None:
    _program(machine / "apt-get", "exit 100")
    done = _install(machine)
    assert done.returncode == 0
    assert "prometheus could not be installed; its tests are skipped" in done.stdout


def test_without_root_nothing_is_installed_and_it_is_said(machine: Path) -> None:
    _program(machine / "id", "echo 1000")
    done = _install(machine)
    assert (done.returncode, _asked(machine)) == (0, [])
    assert done.stdout == "not installed, so their tests are skipped: chromium prometheus redis-server postgresql\n"
