"""Product signals from a file or a URL: keys that make a repeat harmless, bad lines set aside."""

import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from pydantic import SecretStr

from integrations.ports import Unreachable
from integrations.signals.csv_file import SignalFile
from integrations.signals.http import SignalAddress
from onboarding.model.usage import SignalRecord, joined

ACCOUNT, LONG = "0015g00000AAAA1", "0015g00000AAAA1AAP"
AT = "2026-03-02T09:00:00Z"


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join([*lines, ""]), "utf-8")
    return path


def test_a_file_is_read_by_its_header(tmp_path: Path) -> None:
    path = write(
        tmp_path / "signals.csv",
        "id,At,signal,account_id,domain,user,count",
        f"e1,{AT},login,{ACCOUNT},,ann,3",
        "e2,2026-03-02T10:00:00+02:00,login,,https://www.Acme.example,,",
    )
    batch = joined(SignalFile(path).read(None))
    assert batch.signals == (
        SignalRecord(
            key="id:e1",
            account=LONG,
            name="login",
            at=datetime(2026, 3, 2, 9, tzinfo=UTC),
            user="ann",
            count=3,
        ),
        SignalRecord(key="id:e2", account="acme.example", name="login", at=datetime(2026, 3, 2, 8, tzinfo=UTC)),
    )
    assert batch.problems == ()
    assert joined(SignalFile(path).read(batch.cursor)).unchanged


def test_events_that_look_alike_stay_two_and_a_second_read_brings_nothing_new(
    tmp_path: Path,
) -> None:
    header, row = "account_id,signal,at,user", f"{ACCOUNT},login,{AT},ann"
    path = write(tmp_path / "signals.csv", header, row, row)
    first = {signal.key for signal in joined(SignalFile(path).read(None)).signals}
    assert len(first) == 2
    write(
        path,
        header,
        f"{ACCOUNT},login,2026-03-01T09:00Z,bo",
        row,
        f"{LONG},login,2026-03-02T10:00+01:00,ann",
        row,
    )
    second = {signal.key for signal in joined(SignalFile(path).read(None)).signals}
    assert first < second
    assert len(second) == 4


def test_one_person_under_several_spellings_is_one_user(tmp_path: Path) -> None:
    spellings = ("Petra@Acme.Example", " petra@acme.example", "PETRA@acme.example", "petra+t@acme.example", "U1", "u1")
    rows = [f"{ACCOUNT},login,2026-03-02T09:0{n}Z,{user}" for n, user in enumerate(spellings)]
    batch = joined(SignalFile(write(tmp_path / "signals.csv", "account_id,signal,at,user", *rows)).read(None))
    assert [signal.user for signal in batch.signals] == [
        *["petra@acme.example"] * 3, "petra+t@acme.example", "U1", "u1",
    ]  # fmt: skip


def test_an_event_keeps_its_key_however_its_user_is_understood(tmp_path: Path) -> None:
    path = write(tmp_path / "signals.csv", "account_id,signal,at,user", f"{ACCOUNT},login,{AT},Petra@Acme.example")
    assert joined(SignalFile(path).read(None)).signals[0].key == "e48dad4c0bcaed20325ed8f2e541c7d1a4a30d4b:0"


@pytest.mark.parametrize(
    ("row", "field", "problem"),
    [
        (f",,login,{AT},1", "account_id", "is missing, and so is domain"),
        (f"a:b,,login,{AT},1", "account_id", "is not an id"),
        (f",not a domain,login,{AT},1", "domain", "is no domain"),
        (f"{ACCOUNT},,,{AT},1", "signal", "is missing"),
        (f"{ACCOUNT},,login,,1", "at", "is missing"),
        (f"{ACCOUNT},,login,yesterday,1", "at", "'yesterday' is no date"),
        (f"{ACCOUNT},,login,0026-03-02,1", "at", "outside the years"),
        (f"{ACCOUNT},,login,{AT},0", "count", "no whole number from 1"),
        (f"{ACCOUNT},,login,{AT},1.5", "count", "no whole number from 1"),
        (f"{ACCOUNT},login,{AT}", "", "has 3 cells where the header has 5"),
    ],
)
def test_a_bad_line_is_set_aside_with_its_place(row: str, field: str, problem: str, tmp_path: Path) -> None:
    header, good = "account_id,domain,signal,at,count", f"{ACCOUNT},,login,{AT},1"
    batch = joined(SignalFile(write(tmp_path / "signals.csv", header, row, good)).read(None))
    assert len(batch.signals) == 1
    found = batch.problems[0]
    assert (found.source, found.record, found.field) == ("signals.csv", "line 2", field)
    assert problem in found.problem


def test_a_file_without_its_columns_or_without_itself_is_unreachable(tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match="is missing; put it there"):
        joined(SignalFile(tmp_path / "signals.csv").read(None))
    with pytest.raises(Unreachable, match="lacks a needed column"):
        joined(SignalFile(write(tmp_path / "signals.csv", "account_id,at")).read(None))
    assert joined(SignalFile(write(tmp_path / "signals.csv")).read(None)).signals == ()


@dataclass
class Product:
    """A real web server with given responses that records its requests."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    port: int = 0

    def address(self, query: str = "") -> SignalAddress:
        return SignalAddress(SecretStr(f"http://127.0.0.1:{self.port}/events?token=hush{query}"))

    def says(self, *events: object) -> None:
        self.body = b"".join(json.dumps(event).encode() + b"\n" for event in events)


@pytest.fixture
def product(monkeypatch: pytest.MonkeyPatch) -> Iterator[Product]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    product = Product()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            tag = self.headers.get("If-None-Match")
            product.asked.append((self.path, tag))
            fresh = tag is None or tag != product.headers.get("ETag")
            self.send_response(product.status if fresh else 304)
            for name, value in product.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(product.body) if fresh else 0))
            self.end_headers()
            if fresh:
                self.wfile.write(product.body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        product.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield product
        server.shutdown()
        thread.join()


def event(**more: object) -> dict[str, object]:
    return {"account_id": ACCOUNT, "signal": "login", "at": AT} | more


def test_json_lines_are_read_and_bad_ones_set_aside(product: Product) -> None:
    product.says(event(id=7), event(count=2, user="ann"), [1], event(count=True), event(user={"a": 1}))
    product.body += b'{"half": \n\n\xff\xfe\n' + json.dumps(event(signal=None)).encode()
    batch = joined(product.address().read(None))
    assert [(signal.key[:5], signal.count) for signal in batch.signals[:1]] == [("id:7", 1)]
    assert [signal.name for signal in batch.signals] == ["login", "login"]
    assert [(found.record, found.field) for found in batch.problems] == [
        ("line 3", ""), ("line 4", "count"), ("line 5", "user"), ("line 6", ""), ("line 8", ""), ("line 9", "signal"),
    ]  # fmt: skip
    assert {found.source for found in batch.problems} == {"127.0.0.1"}


def test_unchanged_usage_is_told_by_its_content_or_by_the_servers_tag(product: Product) -> None:
    product.says(event())
    first = joined(product.address().read(None))
    again = joined(product.address().read(first.cursor))
    assert again.unchanged
    product.headers["ETag"] = '"v1"'
    tagged = joined(product.address().read(again.cursor))
    third = joined(product.address().read(tagged.cursor))
    assert (tagged.unchanged, third.unchanged) == (True, True)
    assert product.asked[-1][1] == '"v1"'
    product.headers["ETag"] = '"v2"'
    product.says(event(), event(at="2026-03-03T09:00:00Z"))
    assert len(joined(product.address().read(third.cursor)).signals) == 2


def test_an_address_may_take_the_time_since_when(product: Product) -> None:
    product.says(event(), event(at="2999-03-02T09:00:00Z"), event(at="2026-03-05T12:00:00Z"))
    batch = joined(product.address("&since={since}").read(None))
    joined(product.address("&since={since}").read(batch.cursor))
    assert [path.partition("&")[2] for path, _ in product.asked] == [
        "since=1990-01-01T00%3A00%3A00%2B00%3A00",
        "since=2026-03-03T12%3A00%3A00%2B00%3A00",
    ]


@pytest.mark.parametrize(
    ("status", "said"),
    [(500, "the answer was 500; it is tried again"), (403, "403; correct FIRST90_SIGNALS")],
)
def test_a_refusal_is_told_without_the_address(status: int, said: str, product: Product) -> None:
    product.status = status
    with pytest.raises(Unreachable, match=said) as caught:
        joined(product.address().read(None))
    assert "hush" not in str(caught.value)


def test_a_redirect_is_not_followed_to_another_place(product: Product) -> None:
    product.status, product.headers = 302, {"Location": "http://127.0.0.1:1/elsewhere"}
    with pytest.raises(Unreachable, match="the answer was 302"):
        joined(product.address().read(None))
    assert len(product.asked) == 1


def test_half_an_answer_is_no_answer(product: Product) -> None:
    product.says(event())
    product.headers = {"Content-Length": "100000"}
    with pytest.raises(Unreachable, match=r"signals from 127\.0\.0\.1: RemoteProtocolError"):
        joined(product.address().read(None))


def test_a_server_that_is_down_is_told_without_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(Unreachable, match="ConnectError; check the address") as caught:
        joined(SignalAddress(SecretStr(f"http://127.0.0.1:{port}/?token=hush")).read(None))
    assert "hush" not in str(caught.value)
