"""Mail providers behind a real socket: as strict as the real ones, with a record of deliveries, and faults on request.

A fault is a step and what happens there: ``accept``, ``head`` (only the headers were read), ``body`` (all was read,
nothing kept) or ``delivered`` (kept first), then ``close``, ``reset``, ``hang``, ``half`` (of a response), or a status.
"""

import base64
import contextlib
import json
import re
import socket
import ssl
import struct
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import policy
from email.utils import format_datetime, parseaddr
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

Kind = Literal["postmark", "resend", "sendgrid"]
Answer = tuple[int, Any, dict[str, str]]
TOKEN = "tok-3n-of-n0body"
DAY = 24 * 3600.0


class Refused(Exception):
    """The provider's refusal: status, and its body in the provider's format."""

    def __init__(self, status: int, code: int | str, said: str = "") -> None:
        super().__init__(said)
        self.status, self.code, self.said = status, code, said


@dataclass
class HttpProvider:
    """The state of the provider. ``delivered`` decides what arrived, by the effect's header, independent of first90."""

    kind: Kind
    url: str = ""
    trouble: str | None = None
    calm: int = 0
    """How often the faulty step succeeds before the fault begins."""
    headers: dict[str, str] = field(default_factory=dict)
    """Further headers of a faulty response."""
    page: Any = None
    """The body of a faulty response."""
    refusal: Any = None
    """Postmark's error in a 200 for an otherwise good mail."""
    delivered: Counter[str] = field(default_factory=Counter)
    bodies: list[bytes] = field(default_factory=list)
    """As received, kept or not."""
    mails: list[dict[str, Any]] = field(default_factory=list)
    keys: dict[str, tuple[float, bytes, Any]] = field(default_factory=dict)
    now: float = 0.0
    """Its clock, in seconds: a key lives a day."""
    connections: int = 0
    hanging: int = 0
    """How many requests hang, or have hung."""
    requests: list[str] = field(default_factory=list)
    release: threading.Event = field(default_factory=threading.Event)
    lock: threading.RLock = field(default_factory=threading.RLock)
    lines: set[socket.socket] = field(default_factory=set)

    def take(self, path: str, headers: dict[str, str], content: bytes) -> Answer:
        """Handle a posted mail by this provider's rules."""
        with self.lock:
            self.bodies.append(content)
            try:
                return {"postmark": _postmark, "resend": _resend, "sendgrid": _sendgrid}[self.kind](
                    self, path, headers, content
                )
            except Refused as no:
                return no.status, _said(self.kind, no), {}

    def keep(self, given: dict[str, Any], headers: dict[str, str]) -> str:
        self.mails.append(given)
        self.delivered[headers["X-First90-Effect"]] += 1
        return f"{self.kind}-{len(self.mails)}"

    def answer_get(self, target: str, headers: dict[str, str]) -> Answer:
        """Handle a GET request."""
        path, query = urlsplit(target).path, parse_qs(urlsplit(target).query)
        try:
            _authorised(self.kind, headers)
            match self.kind, path:
                case "postmark", "/server":
                    return 200, {"ID": 1, "Name": "first90"}, {}
                case "postmark", "/messages/outbound":
                    return 200, self._search(query), {}
                case "resend", "/domains":
                    return 200, {"data": []}, {}
                case "sendgrid", "/v3/scopes":
                    return 200, {"scopes": ["mail.send", "alerts.read"]}, {}
        except Refused as no:
            return no.status, _said(self.kind, no), {}
        return 404, {}, {}

    def _search(self, query: dict[str, list[str]]) -> dict[str, Any]:
        assert {"count", "offset"} <= set(query), "both are required"
        wanted = {name.removeprefix("metadata_"): v[0] for name, v in query.items() if name.startswith("metadata_")}
        assert len(wanted) <= 1, "one metadata field at a time"
        found = [
            {"MessageID": f"postmark-{number}", "Status": "Sent", "Metadata": mail["Metadata"]}
            for number, mail in enumerate(self.mails, start=1)
            if wanted.items() <= mail["Metadata"].items()
        ]
        return {"TotalCount": len(found), "Messages": found[: int(query["count"][0])]}


@contextmanager
def http_provider(kind: Kind, tls: ssl.SSLContext | None = None) -> Iterator[HttpProvider]:
    """A provider that listens on this machine, with a thread for each connection."""
    there = HttpProvider(kind)
    threads: list[threading.Thread] = []
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        port = listener.getsockname()[1]
        there.url = f"http{'s' if tls else ''}://127.0.0.1:{port}"

        def listen() -> None:
            while True:
                try:
                    line, _ = listener.accept()
                except OSError:
                    return
                there.connections += 1
                there.lines.add(line)
                thread = threading.Thread(target=_talk, args=(there, line, tls), daemon=True)
                threads.append(thread)
                thread.start()

        main = threading.Thread(target=listen, daemon=True)
        main.start()
        try:
            yield there
        finally:
            there.release.set()
            listener.shutdown(socket.SHUT_RDWR)
            main.join(5)
            for line in there.lines:
                with contextlib.suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)
            for thread in threads:
                thread.join(5)


def _talk(there: HttpProvider, line: socket.socket, tls: ssl.SSLContext | None) -> None:
    try:
        if not _upset(there, line, "accept"):
            line = tls.wrap_socket(line, server_side=True) if tls else line
            with line.makefile("rb") as reader:
                while _request(there, line, reader):
                    pass
    except (OSError, ssl.SSLError):
        pass
    finally:
        line.close()


def _request(there: HttpProvider, line: socket.socket, reader: Any) -> bool:
    first = reader.readline().decode()
    if not first:
        return False
    verb, target, _ = first.split()
    headers: dict[str, str] = {}
    while (row := reader.readline().decode().rstrip("\r\n")) != "":
        name, _, value = row.partition(": ")
        headers[name.lower()] = value
    there.requests.append(f"{verb} {target}")
    if verb == "GET":
        _answer(line, *there.answer_get(target, headers))
        return True
    if _upset(there, line, "head"):
        return False
    content = reader.read(length := int(headers["content-length"]))
    if len(content) < length:  # the client died
        return False
    if _upset(there, line, "body"):
        return not (there.trouble or "").startswith("body h")
    answer = there.take(target, headers, content)
    if _upset(there, line, "delivered"):
        return False
    _answer(line, *answer)
    return True


def _answer(line: socket.socket, status: int, said: Any, more: dict[str, str]) -> None:
    content = said.encode() if isinstance(said, str) else b"" if said is None else json.dumps(said).encode()
    now = format_datetime(datetime.now(UTC), usegmt=True)
    headers = {"Date": now, "Content-Type": "application/json", "Content-Length": str(len(content)), **more}
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    line.sendall(f"HTTP/1.1 {status} Whatever\r\n{head}\r\n".encode() + content)


def _upset(there: HttpProvider, line: socket.socket, step: str) -> bool:
    """Apply the fault of this step; return whether the request is over."""
    at, _, what = (there.trouble or "").partition(" ")
    if at != step or _still_calm(there):
        return False
    if what.isdecimal():
        _answer(line, int(what), there.page, there.headers)
        return True
    if what == "hang":
        there.hanging += 1
        there.release.wait(60)
    elif what == "half":
        line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{")
    elif what == "reset":
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    line.close() if what == "reset" else line.shutdown(socket.SHUT_RDWR)
    raise OSError("the connection is over")


def _still_calm(there: HttpProvider) -> bool:
    with there.lock:
        there.calm -= 1
        return there.calm >= 0


def _authorised(kind: Kind, headers: dict[str, str]) -> None:
    given = headers.get("x-postmark-server-token") if kind == "postmark" else headers.get("authorization")
    if given != (TOKEN if kind == "postmark" else f"Bearer {TOKEN}"):
        status, code = {"postmark": (401, 10), "resend": (403, "invalid_api_key"), "sendgrid": (401, "")}[kind]
        raise Refused(status, code, f"{TOKEN} wanted, {given} given")


def _said(kind: Kind, no: Refused) -> Any:
    if kind == "postmark":
        return {"ErrorCode": no.code, "Message": no.said}
    if kind == "resend":
        return {"statusCode": no.status, "name": no.code, "message": no.said}
    return {"errors": [{"message": no.said, "field": no.code, "help": None}]}


def _postmark(there: HttpProvider, path: str, headers: dict[str, str], content: bytes) -> Answer:
    _authorised("postmark", headers)
    given = _json(headers, content)
    known = {"From", "To", "Subject", "TextBody", "HtmlBody", "ReplyTo", "Headers", "Metadata", "Attachments"}
    _fits(path == "/email" and set(given) <= known | {"TrackOpens", "TrackLinks"}, 422, 300, "fields")
    for name in ("From", "To", "ReplyTo"):
        _fits(name not in given or _one(given[name]), 422, 300, f"Illegal email address in {name}")
    _fits(bool(given.get("TextBody") or given.get("HtmlBody")), 422, 300, "no body")
    meta = given.get("Metadata", {})
    _fits(len(meta) <= 10 and all(len(k) <= 20 and len(v) <= 80 for k, v in meta.items()), 422, 300, "metadata")
    for header in given.get("Headers", []):
        _fits(set(header) == {"Name", "Value"} and _plain(header["Value"]), 422, 300, "header")
    for file in given.get("Attachments", []):
        _fits(set(file) == {"Name", "Content", "ContentType"}, 422, 300, "attachment")
        base64.b64decode(file["Content"], validate=True)
    if there.refusal is not None:
        return 200, there.refusal, {}
    own = {header["Name"]: header["Value"] for header in given["Headers"]}
    _fits(own.get("X-PM-KeepID") == "true" and _is_id(own.get("Message-ID")), 422, 300, "Message-ID")
    number = there.keep(given, own)
    return 200, {"To": given["To"], "MessageID": number, "ErrorCode": 0, "Message": "OK"}, {}


def _resend(there: HttpProvider, path: str, headers: dict[str, str], content: bytes) -> Answer:
    _authorised("resend", headers)
    key = headers.get("idempotency-key")
    _fits(key is None or 1 <= len(key) <= 256, 400, "invalid_idempotency_key", "1-256")
    if key in there.keys and there.now - there.keys[key][0] < DAY:
        _fits(there.keys[key][1] == content, 409, "invalid_idempotent_request", "another payload")
        return 200, there.keys[key][2], {}
    given = _json(headers, content)
    known = {"from", "to", "subject", "text", "html", "reply_to", "headers", "attachments", "tags"}
    _fits(path == "/emails" and set(given) <= known, 422, "validation_error", "fields")
    _fits({"from", "to", "subject"} <= set(given), 422, "missing_required_field", "fields")
    addresses = [given["from"], *given["to"], *([given["reply_to"]] if "reply_to" in given else [])]
    _fits(all(_one(address) for address in addresses), 422, "validation_error", "address")
    _fits(all(_plain(value) for value in given["headers"].values()), 422, "validation_error", "header")
    for file in given.get("attachments", []):
        _fits(bool(file.get("content")) and bool(file.get("filename")), 422, "invalid_attachment", "attachment")
        base64.b64decode(file["content"], validate=True)
    said = {"id": there.keep(given, given["headers"])}
    if key is not None:
        there.keys[key] = (there.now, content, said)
    return 200, said, {}


RESERVED = {"x-sg-id", "x-sg-eid", "received", "dkim-signature", "content-type", "content-transfer-encoding"}
RESERVED |= {"to", "from", "subject", "reply-to", "cc", "bcc"}


def _sendgrid(there: HttpProvider, path: str, headers: dict[str, str], content: bytes) -> Answer:
    _authorised("sendgrid", headers)
    given = _json(headers, content)
    known = {"personalizations", "from", "reply_to", "subject", "content", "headers", "custom_args", "attachments"}
    _fits(path == "/v3/mail/send" and set(given) <= known | {"tracking_settings"}, 400, "", "fields")
    people = [given["from"], *given["personalizations"][0]["to"], *([given["reply_to"]] if "reply_to" in given else [])]
    _fits(all(set(one) <= {"email", "name"} and _one(one["email"]) for one in people), 400, "to", "address")
    kinds = [part["type"] for part in given["content"]]
    _fits(kinds in (["text/plain"], ["text/plain", "text/html"]), 400, "content", "plain first, then html")
    _fits(all(part["value"] for part in given["content"]), 400, "content.value", "empty")
    own = given.get("headers", {})
    _fits(not RESERVED & {name.lower() for name in own}, 400, "headers", "reserved")
    _fits(all(_plain(value) for value in own.values()), 400, "headers", "strings")
    arguments = given.get("custom_args", {"": ""})
    _fits(all(isinstance(value, str) for value in arguments.values()), 400, "custom_args", "strings")
    _fits(len(json.dumps(arguments)) < 10_000, 400, "custom_args", "10,000 bytes")
    for file in given.get("attachments", []):
        _fits(not set(file["type"]) & set(";,\r\n"), 400, "attachments.type", "no ;")
        base64.b64decode(file["content"], validate=True)
    return 202, None, {"X-Message-Id": there.keep(given, own)}


def _json(headers: dict[str, str], content: bytes) -> dict[str, Any]:
    _fits(headers.get("content-type", "").startswith("application/json"), 422, 402, "not JSON")
    return json.loads(content)  # type: ignore[no-any-return]


def _fits(holds: bool, status: int, code: int | str, said: str) -> None:
    if not holds:
        raise Refused(status, code, f"{said}: to ann.lee@acme.example")


def _one(text: str) -> bool:
    """Return whether it is a single address with any name, for both the standard library's parser and a simple one."""
    read = policy.default.header_factory("To", text)
    return len(read.addresses) == 1 and not read.defects and parseaddr(text)[1] == read.addresses[0].addr_spec


def _plain(value: Any) -> bool:
    return isinstance(value, str) and value.isascii() and value.isprintable()


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"<[^<>@\s]+@[^<>@\s]+>", value) is not None
