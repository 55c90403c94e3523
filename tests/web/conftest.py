"""The HTTP application from outside: a real server on the loopback with a real run context."""

import base64
import hashlib
import hmac
import json
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import select
from starlette.types import ASGIApp, Receive, Scope, Send

from config.settings.load import load_settings
from database import key_values
from database.crm import contact_roles, upsert
from database.onboardings import openings
from database.tables import InboxRow, JournalRow, SuppressionRow
from onboarding.model.case import Progress
from onboarding.model.crm_records import CrmAccount, CrmContact, CrmContactRole, CrmDeal, CrmUser
from onboarding.model.vocabulary import CustomerRole, Stage
from tasks.review.batches import review_named
from tasks.runtime.context import RunContext, open_run_context
from tasks.runtime.links import Link, sign
from web.app import build

LOGIN = "first90:a-long-password-of-ours"
SECRET = "whsec_" + base64.b64encode(b"k" * 24).decode()
SENDGRID = ec.generate_private_key(ec.SECP256R1())
STRANGER = ec.generate_private_key(ec.SECP256R1())
SIGNED = datetime(2026, 3, 2, tzinfo=UTC)


@dataclass
class Face:
    """The running server, and the clients that call it."""

    url: str
    context: RunContext
    client: httpx.Client
    settled: Callable[[], bool]
    """Waits until all requests are through, with what the application does after its response."""
    log: list[str] = field(default_factory=list)

    def token(self, person: int = 1, **more: Any) -> str:
        return sign(self.context.settings, Link(f"003{person}", "006A"), **{"as_of": datetime.now(UTC), **more})

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.client.get(self.url + path, **more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        return self.client.post(self.url + path, **more)

    # Providers, which sign exactly what they send

    def postmark(self, event: Mapping[str, Any], login: str = LOGIN) -> httpx.Response:
        user, _, password = login.partition(":")
        return self.post("/hooks/postmark", json=event, auth=(user, password))

    def sendgrid(
        self, events: Sequence[Mapping[str, Any]], at: datetime | None = None, key: Any = SENDGRID, **more: Any
    ) -> httpx.Response:
        body, moment = json.dumps(list(events)).encode(), str(int((at or datetime.now(UTC)).timestamp()))
        signature = base64.b64encode(key.sign(moment.encode() + body, ec.ECDSA(SHA256()))).decode()
        headers = {
            "X-Twilio-Email-Event-Webhook-Signature": signature,
            "X-Twilio-Email-Event-Webhook-Timestamp": moment,
        }
        return self.post("/hooks/sendgrid", **{"content": body, "headers": headers} | more)

    def resend(
        self, event: Mapping[str, Any], event_id: str, at: datetime | None = None, secret: str = SECRET, **more: Any
    ) -> httpx.Response:
        body, moment = json.dumps(event).encode(), str(int((at or datetime.now(UTC)).timestamp()))
        key = base64.b64decode(secret.removeprefix("whsec_"))
        digest = hmac.new(key, f"{event_id}.{moment}.".encode() + body, hashlib.sha256).digest()
        headers = {
            "svix-id": event_id,
            "svix-timestamp": moment,
            "svix-signature": f"v1,{base64.b64encode(b'old' * 11).decode()} v1,{base64.b64encode(digest).decode()}",
        }
        return self.post("/hooks/resend", **{"content": body, "headers": headers} | more)

    # Results

    def silent(self) -> dict[str, str]:
        """Return the reason of each suppression in force, by address or person."""
        with self.context.database.reading() as conn:
            rows = conn.execute(select(SuppressionRow)).all()
        return {row.subject: row.reason for row in rows if row.lifted_at is None or row.lifted_at < row.at}

    def journal(self) -> list[str]:
        with self.context.database.reading() as conn:
            rows = conn.execute(select(JournalRow).order_by(JournalRow.id)).all()
        return [f"{row.kind}: {row.because}" for row in rows]

    def events(self) -> int:
        with self.context.database.reading() as conn:
            return len(conn.execute(select(InboxRow)).all())


def bounce(number: int, address: str, kind: str = "HardBounce", at: datetime | None = None) -> dict[str, Any]:
    moment = (at or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%S.%f") + "7Z"
    return {"RecordType": "Bounce", "ID": number, "Type": kind, "Email": address, "BouncedAt": moment}


@pytest.fixture
def database_url(request: pytest.FixtureRequest, new_database_url: Callable[[str], str]) -> str:
    """Return SQLite's URL, unless a test is marked with ``BOTH_DATABASES``."""
    return new_database_url(getattr(request, "param", "sqlite"))


@pytest.fixture
def settings_of_the_face(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("FIRST90_")]:
        monkeypatch.delenv(name)
    (tmp_path / "crm").mkdir()
    key = SENDGRID.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    given = {
        "HOME": str(tmp_path / "home"),
        "CRM": f"csv:{tmp_path / 'crm'}",
        "DATABASE_URL": database_url,
        "PUBLIC_URL": "https://onboarding.vendor.example",
        "LINK_SECRET": "n" * 40 + ", " + "o" * 40,
        "POSTMARK_HOOK_LOGIN": LOGIN,
        "SENDGRID_HOOK_KEY": base64.b64encode(key).decode(),
        "RESEND_HOOK_SECRET": SECRET,
    }
    for name, value in given.items():
        monkeypatch.setenv(f"FIRST90_{name}", value)


class CurrentApp:
    """Passes every request to the application of the test that runs, and knows how many are under way."""

    app: ASGIApp

    def __init__(self) -> None:
        self._under_way, self._changed = 0, threading.Condition()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._count(1)
        try:
            await self.app(scope, receive, send)
        finally:
            self._count(-1)

    def _count(self, more: int) -> None:
        with self._changed:
            self._under_way += more
            self._changed.notify_all()

    def empties(self) -> bool:
        """Wait until all requests are through, with what the application does after its response."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._under_way, 20)


@pytest.fixture(scope="session")
def web_server() -> Iterator[tuple[CurrentApp, str]]:
    """Return what one server serves in all tests, and its address: ending a server takes a fifth of a second."""
    current = CurrentApp()
    server = uvicorn.Server(uvicorn.Config(current, port=0, access_log=False, log_level="warning", lifespan="off"))
    with server.config.bind_socket() as listening:
        listening.listen()
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        yield current, f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join(20)


@pytest.fixture
def served(settings_of_the_face: None, web_server: tuple[CurrentApp, str]) -> Iterator[Callable[..., Face]]:
    """Serve one run context with three people of one customer, as ``first90 web`` does; one at a time."""
    current, url = web_server
    with ExitStack() as ends:

        def serve(application: Callable[[RunContext], Any] = build) -> Face:
            context = ends.enter_context(open_run_context(load_settings(env_file=None), create=False))
            _customer(context)
            current.app = application(context)
            # Over plain HTTP; reading the authorities would cost more than most of the tests.
            return Face(url, context, ends.enter_context(httpx.Client(timeout=30, verify=False)), current.empties)

        yield serve
        assert current.empties()


@pytest.fixture
def face(served: Callable[..., Face]) -> Face:
    return served()


@pytest.fixture
def desk(face: Any) -> Any:
    """The customer, reviewed once: the accountable person is saved."""
    review_named(face.context, ["006A"], datetime.now(UTC), "test", frozenset())
    return face


@pytest.fixture
def morning(desk: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The same on a Monday morning ahead: nobody's mail waits for working hours."""
    now = datetime.now(UTC)
    at = (now + timedelta(days=7 - now.weekday())).replace(hour=10, minute=0, second=0, microsecond=0)
    monkeypatch.setattr(type(desk.context), "wall_clock", lambda self: at + (datetime.now(UTC) - now))
    return desk


def _customer(context: RunContext) -> None:
    with context.database.writing() as conn:
        if openings.accounts_of(conn, ["006A"]):
            return
        upsert.take_users(conn, [CrmUser(id="005C", name="Cleo", email="cleo@vendor.example")], lambda country: None)
        upsert.take_accounts(conn, [CrmAccount(id="001A", name="Acme", owner_id="005C")], lambda country: None)
        people = [
            CrmContact(id=f"003{n}", account_id="001A", name=f"Person {n}", email=f"Person{n}@acme.example")
            for n in (1, 2, 3)
        ]
        upsert.take_contacts(conn, people)
        deal = CrmDeal(
            id="006A",
            account_id="001A",
            name="Acme",
            won=True,
            stage_name="Closed Won",
            signed_at=SIGNED,
            close_on=SIGNED.date(),
            owner_id="005C",
        )
        upsert.take_deals(conn, [deal], SIGNED)
        role = CrmContactRole(deal_id="006A", contact_id="0031", role="Champion")
        contact_roles.take_roles(conn, [role], ["006A"], lambda part: CustomerRole.CHAMPION, SIGNED)
        progress = Progress(
            opened_at=SIGNED,
            stage_times={Stage.HANDOFF: SIGNED},
            playbook=(version := next(iter(context.library.playbook_versions.values()))).hash,
        )
        key_values.keep_playbook(conn, version.hash, version.playbook.tier, version.content, SIGNED)
        opening = openings.NewOnboarding(key="006A", account_id="001A", signed_at=SIGNED, progress=progress)
        openings.open_onboardings(conn, [opening], SIGNED)


DAY = timedelta(days=1)
