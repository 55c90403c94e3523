"""A login in Prefect's custom headers is refused before a server of our own starts, wherever Prefect would find it."""

import subprocess
import sys
from pathlib import Path

import pytest

from supervisor.headers import refuse_foreign_login
from tasks.runtime.refusals import Refused

JSON = '{"authorization": "Basic canary4711"}'
SOURCES = {
    ".env": f"PREFECT_CLIENT_CUSTOM_HEADERS={JSON}\n",
    "prefect.toml": '[client]\ncustom_headers = { Authorization = "Basic canary4711" }\n',
    "pyproject.toml": "[tool.prefect.client]\ncustom_headers = '" + JSON + "'\n",
    "profiles.toml": f"active = \"p\"\n[profiles.p]\nPREFECT_CLIENT_CUSTOM_HEADERS = '{JSON}'\n",
}


@pytest.mark.parametrize("name", SOURCES)
def test_it_is_refused_with_its_place_and_without_its_value(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PREFECT_HOME", raising=False)
    monkeypatch.delenv("PREFECT_PROFILE", raising=False)
    (tmp_path / name).write_text(SOURCES[name], "utf-8")
    with pytest.raises(Refused) as refused:
        refuse_foreign_login(tmp_path, tmp_path)
    assert str(tmp_path / name) in str(refused.value)
    assert "canary4711" not in str(refused.value)


@pytest.mark.parametrize("value", ["", "{", '{"X-Team": "cs"}'])
def test_other_headers_and_none_are_no_fault(value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PREFECT_HOME", raising=False)
    (tmp_path / ".env").write_text(f"PREFECT_CLIENT_CUSTOM_HEADERS={value}\n", "utf-8")
    refuse_foreign_login(tmp_path, tmp_path)


@pytest.mark.slow
def test_up_ends_with_2_before_anything_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PREFECT_HOME", "PREFECT_PROFILE", "PREFECT_API_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("FIRST90_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    (tmp_path / ".env").write_text(SOURCES[".env"], "utf-8")
    command = [sys.executable, "-m", "cli", "up", "--port", "0"]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 2, ended.stderr
    assert "PREFECT_CLIENT_CUSTOM_HEADERS" in ended.stderr
    assert not (tmp_path / "home" / "prefect" / "prefect.db").exists()
