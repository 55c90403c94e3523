"""The distributions: the same bytes from the same sources, and all that the program needs."""

import tarfile
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.distribution.conftest import ROOT, Built, build

ROOMS = ("cli", "config", "database", "flows", "integrations", "onboarding", "sandbox", "supervisor", "tasks", "web")
BESIDE = ("prefect.yaml", "salesforce", "deploy")
"""What stands beside the rooms in the source tree, and in ``config/bundled`` in the wheel."""
MADE = {"__pycache__", ".mypy_cache", ".ruff_cache"}
pytestmark = pytest.mark.slow


def test_the_archive_and_the_tree_build_the_same_bytes(built: Built, tmp_path: Path) -> None:
    """The archive is unpacked elsewhere, with today's times and modes of another umask: none of it may show, and
    neither may what somebody keeps in it."""
    with tarfile.open(built.sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    tree = next(path for path in tmp_path.iterdir() if path.is_dir())
    for path in tree.rglob("*"):
        path.chmod(0o700 if path.is_dir() or path.stat().st_mode & 0o100 else 0o600)
        path.touch()
    for secret in ("deploy/.env", "deploy/kubernetes/secrets.env", "var/first90.db"):
        (tree / secret).parent.mkdir(exist_ok=True)
        (tree / secret).write_text("somebody's own, ignored by git", encoding="utf-8")
    again = build(tree, tmp_path / "again", umask=0o077)
    assert again.wheel.read_bytes() == built.wheel.read_bytes()
    assert again.sdist.read_bytes() == built.sdist.read_bytes()


def test_the_wheel_holds_every_file_of_the_rooms_and_what_stands_beside_them(built: Built) -> None:
    inside = set(ZipFile(built.wheel).namelist())
    wanted = {
        path.relative_to(ROOT).as_posix()
        for room in ROOMS
        for path in (ROOT / room).rglob("*")
        if path.is_file() and not MADE & set(path.parts)
    }
    beside = {
        f"config/bundled/{path.relative_to(ROOT).as_posix()}"
        for name in BESIDE
        for path in [ROOT / name, *(ROOT / name).rglob("*")]
        if path.is_file() and not MADE & set(path.parts)
    }
    assert wanted - inside == set()
    assert beside - inside == set()
    unknown = {name for name in inside - wanted - beside if ".dist-info/" not in name}
    assert unknown == set(), "nothing of the tests, of a run or of a tool is packaged"
