"""``first90 web`` as a process of its own: prints its address, logs no links, ends on a signal."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

COMMAND = [sys.executable, "-c", "import sys; from cli.main import main; sys.argv[0] = 'first90'; main()"]


@pytest.fixture
def process(settings_of_the_face: None) -> Iterator[subprocess.Popen[str]]:
    """Start it on a free port."""
    started = subprocess.Popen(
        [*COMMAND, "web", "--port", "0"], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    yield started
    started.kill()
    started.communicate()


@pytest.mark.slow
def test_it_serves_and_logs_no_link(process: subprocess.Popen[str]) -> None:
    assert process.stderr is not None
    said = process.stderr.readline()
    assert "reached from outside as https://onboarding.vendor.example" in said
    url = said.partition("listening on ")[2].partition(",")[0]
    assert url.startswith("http://127.0.0.1:")
    with httpx.Client() as client:
        assert client.get(f"{url}/health").text == "ok\n"
        answer = client.get(f"{url}/u/a-link-that-is-a-secret")
        assert answer.status_code == 404
        assert "server" not in answer.headers
        assert client.post(f"{url}/hooks/postmark", content=b"person1@acme.example").status_code == 401
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 128 + signal.SIGTERM, "ended by it, in order"
    assert "a-link-that-is-a-secret" not in out + err
    assert "acme" not in out + err
    assert "Traceback" not in err


@pytest.mark.slow
@pytest.mark.parametrize(
    ("settings", "arguments", "said"),
    [
        ({}, [], "FIRST90_PUBLIC_URL and FIRST90_LINK_SECRET are not set"),
        ({"PUBLIC_URL": "https://x.example"}, [], "one does nothing without the other; set both or none"),
        (
            {"PUBLIC_URL": "https://x.example", "LINK_SECRET": "s" * 40},
            ["--host", "203.0.113.7"],
            "choose another with",
        ),
    ],
)
def test_it_refuses_what_cannot_work(
    settings: dict[str, str], arguments: list[str], said: str, tmp_path: Path, sqlite_template: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "first90.db").write_bytes(sqlite_template.read_bytes())
    (tmp_path / "crm").mkdir()
    plain = {name: value for name, value in os.environ.items() if not name.startswith("FIRST90_")}
    given = {f"FIRST90_{name}": value for name, value in settings.items()}
    given |= {"FIRST90_HOME": str(home), "FIRST90_CRM": f"csv:{tmp_path / 'crm'}"}
    done = subprocess.run([*COMMAND, "web", *arguments], env=plain | given, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert said in done.stderr
    assert "s" * 40 not in done.stderr
