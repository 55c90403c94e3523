"""What the image holds and how it runs, without a container engine: the Dockerfile's steps and variables in an empty
prefix, as its user, who can write into the home and /tmp alone; and which images the files name."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.distribution.compose import DEPLOY
from tests.distribution.conftest import ROOT, Built, fill

DOCKERFILE = (DEPLOY / "image" / "Dockerfile").read_text("utf-8").replace("\\\n", "")
FILES = [DEPLOY / "image" / "Dockerfile", DEPLOY / "compose.yaml", *sorted((DEPLOY / "kubernetes").glob("*.yaml"))]
OTHERS = re.compile(r"docker\.io/\S+")
EXACT = re.compile(r"docker\.io/library/[a-z]+:\d+\.\d+(\.\d+)?-[a-z-]+(@sha256:[0-9a-f]{64})?")
DIGEST = "sha256:" + "5eed" * 16
USER = 10001


def others_may_run(python: Path) -> bool:
    """Return whether every user may start this interpreter."""
    return all(place.stat().st_mode & 0o005 == 0o005 for place in (python, *python.parents))


@pytest.fixture
def everybodys_python() -> str:
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for found in (os.path.realpath(sys.executable), shutil.which(name, path="/usr/local/bin:/usr/bin")):
        if found and others_may_run(Path(found).resolve()):
            return found
    pytest.skip(f"no {name} here that every user may run")


@pytest.fixture
def everybodys_folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="first90-image-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="only root may run something as another user")
@pytest.mark.skipif(not others_may_run(ROOT), reason="other users may not read the libraries of this environment")
def test_its_user_runs_a_cycle_and_writes_into_the_home_and_tmp_alone(
    built: Built, everybodys_python: str, everybodys_folder: Path
) -> None:
    prefix, home, tmp = (everybodys_folder / name for name in ("prefix", "home", "tmp"))
    fill(prefix, built.wheel, everybodys_python)
    for place in (home, tmp):
        place.mkdir(mode=0o700)
        os.chown(place, USER, USER)
    places = {"/opt/first90": str(prefix), "/var/lib/first90": str(home), "/tmp": str(tmp)}
    environment = {"TMPDIR": str(tmp), "LANG": "C.UTF-8"}
    (variables,) = re.findall(r"^ENV (.+)", DOCKERFILE, re.MULTILINE)
    for name, _, value in (one.partition("=") for one in variables.split()):
        environment[name] = re.sub("|".join(places), lambda found: places[found[0]], value)
    before = sorted(prefix.rglob("*"))

    def first90(*arguments: str) -> str:
        done = subprocess.run(
            [prefix / "bin" / "first90", *arguments],
            env=environment,
            cwd=home,
            user=USER,
            group=USER,
            extra_groups=[],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, (arguments, done.stderr)
        return done.stdout

    assert "Usage: first90" in first90("--help")
    at = first90("sample").strip()
    assert str(home) in first90("check")
    first90("run", "--plain", "--as-of", at)
    assert len(list((home / "mail" / "new").iterdir())) > 5
    assert first90("status").count("\n") > 10
    assert sorted(prefix.rglob("*")) == before
    written = [one for one in Path("/tmp").iterdir() if one.stat().st_uid == USER]
    assert written == []


def images() -> dict[str, list[str]]:
    found = {path.name: OTHERS.findall(path.read_text("utf-8")) for path in FILES}
    return {name: named for name, named in found.items() if named}


def test_each_image_of_others_is_named_by_its_exact_version() -> None:
    assert images().keys() == {"Dockerfile", "compose.yaml", "redis.yaml"}
    named = [image for found in images().values() for image in found]
    assert [image for image in named if not EXACT.fullmatch(image)] == []
    assert len({image for image in named if "/redis:" in image}) == 1


def test_one_command_pins_them_by_their_digests(tmp_path: Path) -> None:
    """``make pins`` asks the registry by the engine, and twice asks for the newest digest of the same version."""
    for path in FILES:
        target = tmp_path / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    engine = tmp_path / "engine"
    engine.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/asked\necho {DIGEST}\n')
    engine.chmod(0o755)
    for _ in range(2):
        done = subprocess.run(
            [ROOT / "deploy" / "image" / "pin"],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "ENGINE": str(engine)},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.count(DIGEST) == 3
        for path in FILES:
            expected = OTHERS.sub(lambda found: f"{found[0]}@{DIGEST}", path.read_text("utf-8"))
            assert (tmp_path / path.relative_to(ROOT)).read_text("utf-8") == expected
    asked = (tmp_path / "asked").read_text()
    assert "@sha256" not in asked
    engine.write_text("#!/bin/sh\nexit 1\n")
    failed = subprocess.run(
        [ROOT / "deploy" / "image" / "pin"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "ENGINE": str(engine)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert failed.returncode == 1
    assert "no digest of docker.io/library/" in failed.stderr
