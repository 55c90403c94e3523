"""Usage data that are too large, too deep or of another source: set aside or read anew in seconds, without a crash."""

import json
import logging
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from pydantic import SecretStr

from integrations.ports import Unreachable
from integrations.signals import http, records, spool
from integrations.signals.csv_file import SignalFile
from integrations.signals.http import SignalAddress
from onboarding.model.usage import joined

AT = "2026-03-02T09:00:00Z"
GOOD = json.dumps({"domain": "acme.example", "signal": "login", "at": AT}).encode()
ROWS = f"domain,signal,at\nacme.example,login,{AT}\n"
DATE = {"Date": "Tue, 03 Mar 2026 09:00:00 GMT"}


class Answers:
    """A URL whose responses are given here; requests are recorded."""

    def __init__(self, body: bytes, headers: dict[str, str] = DATE) -> None:
        self.body, self.headers = body, headers
        self.asked: list[httpx.Request] = []

    def address(self, url: str = "https://usage.example/events?since={since}") -> SignalAddress:
        def answer(request: httpx.Request) -> httpx.Response:
            self.asked.append(request)
            return httpx.Response(200, content=self.body, headers=self.headers)

        address = SignalAddress(SecretStr(url))
        vars(address)["_client"] = httpx.Client(transport=httpx.MockTransport(answer))
        return address


@pytest.mark.parametrize("line", [
    pytest.param(b'{"signal": "' + b"x" * 50_000_000 + b'"}', id="50 MB"),
    pytest.param(b"[" * 200_000, id="deep lists"),
    pytest.param(b'{"a":' * 40_000, id="deep objects"),
    pytest.param(b"[" * 50_000_000, id="deep and 50 MB"),
    pytest.param(b"9" * 200_000, id="digits"),
    pytest.param(b'{"at": ' + b"9" * 100_000 + b"}", id="a time of many digits"),
    pytest.param(b'{"at": 1e999, "signal": NaN}', id="no numbers"),
    pytest.param(b'{"domain":"acme.example","signal":"\\u0000\\u001b\\u0007","at":"2026-03-02"}', id="controls alone"),
    pytest.param(b'{"domain":"\\ud800","signal":"login","at":"2026-03-02"}', id="half a character"),
])  # fmt: skip
def test_a_monstrous_line_is_set_aside_and_the_next_is_read(line: bytes) -> None:
    began = time.process_time()
    batch = joined(Answers(line + b"\n" + GOOD).address().read(None))
    assert [found.record for found in batch.problems] == ["line 1"]
    assert len(batch.problems[0].problem) < 200
    assert [signal.name for signal in batch.signals] == ["login"]
    assert time.process_time() - began < 5


def test_an_event_is_read_up_to_the_bound_of_its_line() -> None:
    bare = GOOD[:-1] + b', "extra": "'
    fits = bare + b"x" * (spool.MOST_LINE - len(bare) - 3) + b'"}'
    batch = joined(Answers(fits + b"\n" + fits[:-2] + b'x"}\n').address().read(None))
    assert len(batch.signals) == 1
    assert [(one.record, one.problem) for one in batch.problems] == [
        ("line 2", "is longer than 256 KB; one line holds one event")
    ]


def test_control_characters_come_no_further() -> None:
    line = {"domain": "acme.example", "signal": "log\x1b[2Jin\x07", "at": AT, "user": "a\x00nn\u202e"}
    (signal,) = joined(Answers(json.dumps(line).encode()).address().read(None)).signals
    assert (signal.name + signal.user).isprintable()


@pytest.mark.parametrize(("content", "said"), [
    pytest.param(",".join(f"c{n}" for n in range(1_000_000)), "has 1,000,000 columns", id="columns"),
    pytest.param("domain," + "x" * 50_000_000, "has no header line|lacks a needed column", id="a column of 50 MB"),
])  # fmt: skip
def test_a_file_that_cannot_be_used_is_refused(content: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "signals.csv").write_text(content, "utf-8")
    began = time.process_time()
    with pytest.raises(Unreachable, match=said) as caught:
        joined(SignalFile(tmp_path / "signals.csv").read(None))
    assert len(str(caught.value)) < 300
    assert time.process_time() - began < 5


@pytest.mark.parametrize("row", [
    pytest.param("," * 1_000_000, id="cells"),
    pytest.param("acme.example,login," + "x" * 50_000_000, id="a cell of 50 MB"),
    pytest.param('acme.example,"' + "y" * 50_000_000, id="a quote that stays open"),
])  # fmt: skip
def test_a_monstrous_row_is_set_aside(row: str, tmp_path: Path) -> None:
    (tmp_path / "signals.csv").write_text(ROWS + row + "x\n" + ROWS.splitlines()[1], "utf-8")
    began = time.process_time()
    batch = joined(SignalFile(tmp_path / "signals.csv").read(None))
    assert [found.record for found in batch.problems] == ["line 3"]
    assert len(batch.signals) == 2
    assert time.process_time() - began < 5


def test_too_much_is_refused_as_a_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (records, spool):
        monkeypatch.setattr(module, "MOST_BYTES", 1 << 20)
    monkeypatch.setattr("integrations.signals.csv_file.MOST_BYTES", 1 << 20)
    monkeypatch.setattr(spool, "MOST_LINES", 1000)
    path = tmp_path / "signals.csv"
    with path.open("wb") as file:
        file.truncate((1 << 20) + 1)
    with pytest.raises(Unreachable, match="more than 1 MB; export fewer days"):
        joined(SignalFile(path).read(None))
    with pytest.raises(Unreachable, match=r"more than 1 MB; use \{since\}"):
        joined(Answers(b" " * ((1 << 20) + 1)).address().read(None))
    with pytest.raises(Unreachable, match=r"more than 1,000 lines; use \{since\}"):
        joined(Answers(b"\n" * 1001).address().read(None))


def test_of_many_bad_lines_some_are_told_and_all_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "MOST_TOLD", 3)
    batch = joined(Answers(b"x\n" * 10 + GOOD).address().read(None))
    assert [found.record for found in batch.problems] == ["line 1", "line 2", "line 3", "further lines"]
    assert batch.problems[-1].problem.startswith("7 more could not be read")
    assert len(batch.signals) == 1


def file_cursor(folder: Path) -> tuple[SignalFile, str]:
    path = folder / "signals.csv"
    path.write_text(ROWS, "utf-8")
    return SignalFile(path), joined(SignalFile(path).read(None)).cursor


def test_a_source_begins_anew_after_another_one(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file, of_file = file_cursor(tmp_path)
    first, other = Answers(GOOD, DATE | {"ETag": '"v1"'}), Answers(GOOD)
    of_address = joined(first.address().read(of_file)).cursor
    assert [len(joined(file.read(of_address)).signals), len(joined(first.address().read(of_file)).signals)] == [1, 1]
    assert joined(file.read(of_file)).unchanged
    assert joined(first.address().read(of_address)).unchanged
    elsewhere = joined(other.address("https://elsewhere.example/?since={since}").read(of_address))
    assert len(elsewhere.signals) == 1
    assert (other.asked[0].url.params["since"][:4], "If-None-Match" in other.asked[0].headers) == ("1990", False)
    assert caplog.records == []


@pytest.mark.parametrize("broken", [
    "{", "[]", "null", "7", '"x"', "\x00", "{}x", "[" * 100_000, '{"fit": 1}', '{"since": null}', '{"fit": ["csv"]}',
])  # fmt: skip
def test_a_broken_cursor_is_dropped_and_told(broken: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file, _ = file_cursor(tmp_path)
    assert len(joined(file.read(broken)).signals) == 1
    assert len(joined(Answers(GOOD).address().read(broken)).signals) == 1
    assert [(record.levelno, "all are read again" in record.message) for record in caplog.records] == [
        (logging.WARNING, True)
    ] * 2


@pytest.mark.parametrize(("field", "value"), [
    ("since", "soon"), ("since", ""), ("since", "9999-12-31T00:00:00+00:00"), ("since", "0001-01-01"),
    ("tag", 'a\r\nX: "b"'), ("tag", "ä"), ("tag", "x" * 100_000), ("digest", "ä"),
])  # fmt: skip
def test_a_cursor_with_one_broken_part_stops_nothing(field: str, value: str) -> None:
    source = Answers(GOOD)
    kept = json.loads(joined(source.address().read(None)).cursor)
    source.body = GOOD + b"\n"
    assert len(joined(source.address().read(json.dumps(kept | {field: value}))).signals) == 1


def test_what_earlier_versions_kept_is_no_fault(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file, _ = file_cursor(tmp_path)
    for older in ("0" * 64, json.dumps({"since": AT, "digest": "0" * 64, "tag": ""})):
        assert len(joined(file.read(older)).signals) == 1
        assert len(joined(Answers(GOOD).address().read(older)).signals) == 1
    assert caplog.records == []


def test_a_server_without_its_time_hides_nothing_behind_an_event_far_ahead() -> None:
    ahead = GOOD.replace(b"2026", b"2099")
    source = Answers(ahead, {})
    joined(source.address().read(joined(source.address().read(None)).cursor))
    assert [request.url.params["since"][:4] for request in source.asked] == ["1990", "1990"]


def test_an_answer_that_drips_ends_after_a_total_time(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(0, 10_000, 29))

    def drip() -> Iterator[bytes]:
        while True:
            yield GOOD + b"\n"

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=drip(), headers=DATE)

    monkeypatch.setattr(http, "time", SimpleNamespace(monotonic=lambda: float(next(clock))))
    address = SignalAddress(SecretStr("https://usage.example/events"))
    vars(address)["_client"] = httpx.Client(transport=httpx.MockTransport(answer))
    with pytest.raises(Unreachable, match="not all there after 120 seconds"):
        joined(address.read(None))
    assert next(clock) < 200
