"""The distributions of this source tree, built once, and the wheel installed elsewhere."""

import os
import re
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
EPOCH = "1780000000"


@dataclass(frozen=True)
class Built:
    """A source archive and a wheel."""

    sdist: Path
    wheel: Path


@dataclass(frozen=True)
class Installed:
    """The wheel in an environment of its own, which shares the libraries of this one and cannot see the source tree."""

    prefix: Path
    work: Path
    """An empty folder, in which the commands run."""

    def run(self, *arguments: str, home: str = "home", **variables: str) -> subprocess.CompletedProcess[str]:
        """Run ``first90`` as somebody who has just installed it does."""
        return self.execute("first90", *arguments, home=home, **variables)

    def execute(self, program: str, *arguments: str, home: str = "home", **variables: str) -> Any:
        environment = {
            "PATH": f"{self.prefix / 'bin'}:/usr/bin:/bin",
            "HOME": str(self.work.parent / home),
            "LANG": "C.UTF-8",
        }
        return subprocess.run(
            [self.prefix / "bin" / program, *arguments],
            cwd=self.work,
            env=environment | variables,
            capture_output=True,
            text=True,
            check=False,
        )


def build(source: Path, target: Path, umask: int = 0o022) -> Built:
    """Build both distributions of a source tree as `make dist` does."""
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(target)]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": EPOCH}
    subprocess.run(command, cwd=source, env=environment, check=True, capture_output=True, umask=umask)
    return Built(next(target.glob("*.tar.gz")), next(target.glob("*.whl")))


@pytest.fixture(scope="session")
def built(made_once: Callable[[str, Callable[[Path], Any]], Any]) -> Built:
    found: Built = made_once("distributions", lambda folder: build(ROOT, folder))
    return found


@pytest.fixture(scope="session")
def installed(made_once: Callable[[str, Callable[[Path], Any]], Any], built: Built) -> Installed:
    found: Installed = made_once("installed", lambda folder: _install(built.wheel, folder))
    return found


def _install(wheel: Path, folder: Path) -> Installed:
    found = Installed(folder / "prefix", folder / "work")
    found.work.mkdir()
    fill(found.prefix, wheel, sys.executable)
    return found


def fill(prefix: Path, wheel: Path, python: str) -> None:
    """Run the steps of the Dockerfile in an empty prefix of this interpreter, but for the libraries: those of this
    environment are shared, which takes a second in place of minutes and asks no index."""
    for step in image_steps():
        if "requirements.lock" not in step:
            here = step.replace("/opt/first90", str(prefix)).replace("/build/*.whl", str(wheel))
            here = re.sub(r"^python -m venv", f"{python} -m venv", here)
            subprocess.run(re.sub(r"^python ", f"{sys.executable} ", here), shell=True, check=True, cwd=prefix.parent)
    site = Path(sysconfig.get_path("purelib", vars={"base": str(prefix), "platbase": str(prefix)}))
    (site / "shared_libraries.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")


def image_steps() -> list[str]:
    """The commands by which the Dockerfile fills the environment of the image."""
    text = (ROOT / "deploy" / "image" / "Dockerfile").read_text("utf-8").replace("\\\n", "")
    runs = [line.removeprefix("RUN ") for line in text.splitlines() if line.startswith("RUN ")]
    return [step.strip() for step in runs[0].split("&&")]
