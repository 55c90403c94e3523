"""Product usage from a function of the operator's own: checked like a file, and its faults stay its own."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from integrations.ports import Unreachable
from integrations.signals import function, spool
from integrations.signals.function import SignalFunction
from onboarding.model.usage import SignalBatch, joined

NOW = datetime(2026, 3, 5, 9, tzinfo=UTC)
HEAD = """
from datetime import UTC, datetime
from integrations.signals.event import SignalEvent
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)

def events(since):
"""
Read = Callable[..., SignalBatch]


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Read:
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")

    def reads(body: str, cursor: str | None = None) -> SignalBatch:
        lines = "\n".join(f"    {line}" for line in body.splitlines())
        (tmp_path / "ware.py").write_text(HEAD + lines + "\n", "utf-8")
        return joined(SignalFunction("ware:events", lambda: NOW).read(cursor))

    return reads


def test_events_are_read_as_values_or_as_mappings(read: Read) -> None:
    batch = read(
        'yield SignalEvent(domain="acme.example", signal="login", at=AT, user="Ann@Acme.example", role="end_user")\n'
        'yield {"Account_Id": "0015g00000AAAA1", "signal": "report_shared", "at": AT, "count": 2, "id": "e2"}'
    )
    assert [(one.account, one.name, one.at.day, one.user, one.count) for one in batch.signals] == [
        ("acme.example", "login", 2, "ann@acme.example", 1),
        ("0015g00000AAAA1AAP", "report_shared", 2, "", 2),
    ]
    assert batch.problems == ()
    assert batch.signals[1].key == "id:e2"


def test_what_a_file_would_not_be_forgiven_is_set_aside_here_too(read: Read) -> None:
    batch = read(
        'yield SignalEvent(domain="acme.example", signal="login", at="yesterday")\n'
        'yield {"domain": "acme.example", "signal": "login", "at": AT, "count": 0}\n'
        'yield {"signal": "login", "at": AT}\n'
        "yield object()\n"
        "yield {(1, 2): 3}\n"
        "yield None\n"
        'yield SignalEvent(domain="acme.example", signal="login", at=AT)'
    )
    assert [(one.source, one.record, one.field) for one in batch.problems] == [
        ("ware:events", "event 1", "at"), ("ware:events", "event 2", "count"), ("ware:events", "event 3", "account_id"),
        ("ware:events", "event 4", ""), ("ware:events", "event 5", ""), ("ware:events", "event 6", ""),
    ]  # fmt: skip
    assert len(batch.signals) == 1


def test_it_is_asked_for_what_is_new_and_some_days_before(read: Read) -> None:
    first = read(
        'assert since is None\nyield SignalEvent(domain="a.example", signal="login", at=AT)\n'
        'yield SignalEvent(domain="a.example", signal="login", at="2999-01-01")'
    )
    told = 'yield SignalEvent(domain="a.example", signal=str(since), at=AT)'
    second = read(told, first.cursor)
    assert [one.name for one in second.signals] == ["2026-02-28 09:00:00+00:00"]
    assert read(told, second.cursor).unchanged


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            "raise OSError('postgres://me:hush@db.example/x went away')\nyield",
            r"OSError: postgres://\*\*\*@db.example/x",
        ),
        ("yield from ()\nraise SystemExit('no more')", "SystemExit: no more"),
        ("import os\nyield 1\nos._exit(7)", "its process ended with 7"),
        ("import os\nyield 1\nos._exit(0)", "its process ended with 0 and not by the return of the function"),
        ("raise ValueError('\u20ac' * 10_000)\nyield", "ValueError: \u20ac{100}"),
        ("return None", "TypeError: 'NoneType' object is not iterable"),
        ("import sys\nsys.setrecursionlimit(200)\nreturn events(since)", "RecursionError"),
        ("import nowhere\nyield", "ModuleNotFoundError: No module named 'nowhere'"),
    ],
)
def test_its_fault_is_a_source_that_cannot_be_read_now(body: str, said: str, read: Read) -> None:
    with pytest.raises(Unreachable, match=said) as caught:
        read(body)
    assert str(caught.value).startswith("signals from ware:events: ")
    assert "hush" not in str(caught.value)
    assert len(str(caught.value)) < 400


def test_a_module_or_function_that_is_not_there_is_told_with_the_remedy(read: Read) -> None:
    with pytest.raises(Unreachable, match="there is no module elsewhere; install it beside first90"):
        joined(SignalFunction("elsewhere.x:events", lambda: NOW).read(None))
    read("yield from ()")
    with pytest.raises(Unreachable, match="module 'ware' has no attribute 'usage'"):
        joined(SignalFunction("ware:usage", lambda: NOW).read(None))


def test_what_it_prints_is_no_event(read: Read, capfd: pytest.CaptureFixture[str]) -> None:
    batch = read(
        "import os\nprint('asking')\nos.write(1, b'more\\n')\n"
        'yield SignalEvent(domain="a.example", signal="login", at=AT)'
    )
    assert (len(batch.signals), batch.problems) == (1, ())
    assert sorted(capfd.readouterr().err.split()) == ["asking", "more"]


def test_one_that_hangs_or_never_ends_is_ended(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(function, "MOST_SECONDS", 0.3)
    with pytest.raises(Unreachable, match=r"not done after 0\.3 seconds"):
        read("import time\nyield 1\ntime.sleep(600)")
    monkeypatch.setattr(function, "MOST_SECONDS", 60.0)
    monkeypatch.setattr(spool, "MOST_LINES", 1000)
    with pytest.raises(Unreachable, match="more than 1,000 lines"):
        read("while True:\n    yield 1")


def test_its_process_ends_with_the_one_that_asked(tmp_path: Path) -> None:
    (tmp_path / "slow.py").write_text("import time\ndef events(since):\n    time.sleep(600)\n", "utf-8")
    command = [sys.executable, "-P", "-m", "integrations.signals.host", "slow:events"]
    child = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )
    began = time.monotonic()
    assert child.stdin is not None
    child.stdin.close()
    assert child.wait(timeout=30) == 1
    assert time.monotonic() - began < 30
