"""What first90 is made of: locks that agree, licences that one may use, a bill of materials, an audit."""

import importlib.metadata
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any

import pytest
import yaml
from rfc3986_validator import validate_rfc3986

from tests.distribution.conftest import EPOCH, ROOT

LOCKS = (ROOT / "requirements.lock", ROOT / "deploy" / "image" / "requirements.lock")
PINNED = re.compile(r"^([a-z0-9._-]+)==(\S+?)(?: ;.*)? \\$", re.MULTILINE)
PERMISSIVE = re.compile(r"MIT|BSD|Apache|ISC|PSF|Python Software|Python-2\.0|Unlicense|HPND", re.IGNORECASE)
WEAK = re.compile(r"LGPL|MPL|Mozilla", re.IGNORECASE)
"""Copyleft of the library's own files: used unchanged, and named in the docs."""
PAGE = (ROOT / "docs" / "packaging.md").read_text("utf-8")


def pinned(lock: Path) -> dict[str, str]:
    return dict(PINNED.findall(lock.read_text("utf-8")))


def licence(name: str) -> str:
    found = importlib.metadata.metadata(name)
    classifiers = [one for one in found.get_all("Classifier") or () if one.startswith("License ::")]
    return found.get("License-Expression") or "; ".join(classifiers) or (found.get("License") or "").splitlines()[0]


def test_the_locks_agree_and_name_no_place() -> None:
    everything, running = map(pinned, LOCKS)
    assert len(running) > 100
    assert {name: everything.get(name) for name in running} == running, "make both anew (CONTRIBUTING.md)"
    assert not {"pytest", "mypy", "ruff"} & running.keys()
    assert "rfc3987-syntax" not in everything, "importing Prefect takes twice as long with it (pyproject.toml, tool.uv)"
    for lock in LOCKS:
        text = lock.read_text("utf-8")
        assert "://" not in text, "the lock is not tied to one index"
        assert all("--hash=sha256:" in part for part in PINNED.split(text)[3::3])


def test_every_licence_of_a_running_first90_is_known_and_the_unusual_ones_are_told() -> None:
    unknown, untold = [], []
    for name in pinned(LOCKS[1]):
        try:
            said = licence(name)
        except PackageNotFoundError:
            continue  # for another system
        if PERMISSIVE.search(said) and not WEAK.search(said):
            continue
        (untold if WEAK.search(said) or "Artistic" in said else unknown).append(name)
    assert unknown == [], "a licence that nobody has looked at"
    assert [name for name in untold if f"`{name}`" not in PAGE] == [], "name it in docs/packaging.md"


@pytest.mark.slow
def test_the_bill_of_materials_is_valid_the_same_twice_and_only_of_what_runs(tmp_path: Path) -> None:
    pytest.importorskip("cyclonedx_py", reason="cyclonedx-bom is not installed: make test sets it up")
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    for name in ("one.json", "two.json"):
        subprocess.run(
            [sys.executable, ROOT / "deploy" / "sbom.py", tmp_path / name],
            env={"SOURCE_DATE_EPOCH": EPOCH},
            check=True,
            capture_output=True,
        )
    text = (tmp_path / "one.json").read_text("utf-8")
    assert text == (tmp_path / "two.json").read_text("utf-8")
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    bill: dict[str, Any] = json.loads(text)
    # The validator reads addresses only where a library is installed that makes each import of Prefect slow.
    assert [url for url in addresses(bill) if not validate_rfc3986(url, rule="URI_reference")] == []
    named = {one["name"].lower() for one in bill["components"]}
    assert {"prefect", "sqlmodel", "slack_sdk"} <= named
    assert not {"pytest", "hypothesis", "cyclonedx-bom"} & named
    assert bill["metadata"]["component"]["name"] == "first90"
    assert str(ROOT) not in text, "nothing of this machine"


def addresses(part: Any) -> Iterator[str]:
    """Yield every address that the bill gives."""
    if isinstance(part, dict):
        for name, value in part.items():
            yield from [value] if name == "url" else addresses(value)
    elif isinstance(part, list):
        for one in part:
            yield from addresses(one)


def test_the_audit_reads_both_locks_and_installs_nothing() -> None:
    flow = yaml.safe_load((ROOT / ".github" / "workflows" / "audit.yml").read_text("utf-8"))
    assert flow["permissions"] == {"contents": "read"}
    job = flow["jobs"]["audit"]
    assert [ROOT / lock for lock in job["strategy"]["matrix"]["lock"]] == list(LOCKS)
    assert "--disable-pip --require-hashes" in job["steps"][-1]["run"]
