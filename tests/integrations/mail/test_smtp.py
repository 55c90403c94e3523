"""Mail over SMTP to a real socket: the result of each fault, kept connections, and no mail without trust."""

import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from email import message_from_bytes, policy
from typing import Any

import pytest
from pydantic import SecretStr

from config.settings.mail_senders import SmtpMail, Tls
from database.outbox.ledger import TIMEOUT_SECONDS
from integrations.mail.smtp import connection
from integrations.mail.smtp.sender import SmtpSender
from integrations.ports import OutgoingMessage, Unreachable
from onboarding.effects.send_result import ResultState, SendResult
from tests.integrations.mail.certificates import Authority
from tests.integrations.mail.smtp_server import MailServer, mail_server

MakeParcel = Callable[..., OutgoingMessage]


def sender_to(server: MailServer, tls: Tls = "never", *, connections: int = 3, seconds: float = 20, **more: Any) -> Any:
    choice = SmtpMail(host="127.0.0.1", port=server.port, tls=tls, connections=connections, **more)
    return closing(SmtpSender(choice, seconds=seconds))


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as there:
        yield there


def sent(server: MailServer, outgoing: OutgoingMessage, **more: Any) -> SendResult:
    with sender_to(server, **more) as sender:
        (outcome,) = sender.send([outgoing])
    assert isinstance(outcome, SendResult)
    for secret in ("ann.lee", "acme", "s3cret"):
        assert secret not in str(outcome)
    return outcome


def test_a_mail_arrives_whole_under_the_queues_name(server: MailServer, outgoing: MakeParcel) -> None:
    outcome = sent(server, outgoing())
    assert outcome == SendResult(state=ResultState.SENT, provider_id="4X000001")
    assert server.envelopes == [("onboarding@northbeam.example", "ann.lee@acme.example")]
    message = message_from_bytes(server.mails[0], policy=policy.default)
    assert message["To"] == "Ann Lee <ann.lee@acme.example>"
    assert server.said[-1] == b"QUIT"


@pytest.mark.parametrize("body", ["a\r\n.\r\nb", "a\rb\n.c", ".", "..\n.\n", "a\n.\nb", "\n.\nQUIT\n", "x" * 5000])
def test_whatever_stands_in_a_body_it_arrives_as_one_mail(server: MailServer, outgoing: MakeParcel, body: str) -> None:
    assert sent(server, outgoing(text=body, html=None)).state == "sent"
    assert len(server.mails) == 1
    message = message_from_bytes(server.mails[0], policy=policy.default)
    arrived = message.get_content().replace("\r\n", "\n")  # type: ignore[attr-defined]
    assert arrived.rstrip("\n") == body.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")


def test_a_name_changes_neither_envelope_nor_headers(server: MailServer, outgoing: MakeParcel) -> None:
    hostile = "x\r\nRCPT TO:<thief@evil.example>\r\nBcc: thief@evil.example, <thief@evil.example>"
    assert sent(server, outgoing(to_name=hostile, subject=hostile, sender_name=hostile)).state == "sent"
    assert server.envelopes == [("onboarding@northbeam.example", "ann.lee@acme.example")]
    message = message_from_bytes(server.mails[0], policy=policy.default)
    assert [one.addr_spec for one in message["To"].addresses] == ["ann.lee@acme.example"]
    assert message["Bcc"] is None


@pytest.mark.parametrize(
    ("trouble", "state", "kept", "said"),
    [
        ("accept close", "transient", 0, "before it had the mail"),
        ("accept reset", "transient", 0, "before it had the mail"),
        ("accept 421", "transient", 0, "does not want us (421"),
        ("ehlo close", "transient", 0, "before it had the mail"),
        ("mail 450", "transient", 0, "our sender: check FIRST90_MAIL_FROM (450 4.2.0)"),
        ("mail 530", "transient", 0, "refuses the login"),
        ("mail 550", "transient", 0, "check FIRST90_MAIL_FROM (550"),
        ("mail 552", "permanent", 0, "(552 5.3.4)"),
        ("mail close", "transient", 0, "before it had the mail"),
        ("rcpt 450", "transient", 0, "the recipient was refused (450 4.2.0)"),
        ("rcpt 550", "permanent", 0, "the recipient was refused (550 5.1.1)"),
        ("rcpt reset", "transient", 0, "before it had the mail"),
        ("data 451", "transient", 0, "the mail was refused (451)"),
        ("data 554", "permanent", 0, "the mail was refused (554 5.7.1)"),
        ("data close", "transient", 0, "before it had the mail"),
        ("body reset", "transient", 0, "before it had the mail"),
        ("dot 452", "transient", 0, "the mail was refused (452 4.2.2)"),
        ("dot 421", "transient", 0, "the mail was refused (421 4.3.2)"),
        ("dot 552", "permanent", 0, "(552 5.3.4)"),
        ("dot 554", "permanent", 0, "(554 5.7.1)"),
        ("dot close", "unknown", 0, "it may have been delivered"),
        ("dot reset", "unknown", 0, "it may have been delivered"),
        ("delivered close", "unknown", 1, "it may have been delivered"),
        ("delivered reset", "unknown", 1, "it may have been delivered"),
        ("delivered half", "unknown", 1, "it may have been delivered"),
        ("delivered crash", "sent", 1, ""),
    ],
)
def test_what_a_trouble_means_depends_on_whether_the_mail_was_out(
    server: MailServer, outgoing: MakeParcel, trouble: str, state: str, kept: int, said: str
) -> None:
    server.trouble = trouble
    outcome = sent(server, outgoing(text="x" * 4_000_000) if trouble.startswith("body") else outgoing())
    assert (outcome.state, len(server.mails)) == (state, kept)
    assert outcome.channel_down == (trouble in ("mail 530", "mail 550"))
    assert said in (outcome.error or "")


@pytest.mark.parametrize(("trouble", "least"), [("rcpt 450", 300), ("dot 452", 300), ("mail 450", 300)])
def test_a_server_that_says_not_yet_is_left_alone_for_minutes(
    server: MailServer, outgoing: MakeParcel, trouble: str, least: float
) -> None:
    server.trouble = trouble
    assert (sent(server, outgoing()).retry_after or 0) >= least


@pytest.mark.parametrize(
    ("trouble", "state"), [("ehlo hang", "transient"), ("rcpt hang", "transient"), ("delivered hang", "unknown")]
)
def test_a_server_that_falls_silent_is_not_waited_for_long(
    server: MailServer, outgoing: MakeParcel, trouble: str, state: str
) -> None:
    server.trouble = trouble
    assert sent(server, outgoing(), seconds=0.5).state == state
    assert connection.SEND_SECONDS <= TIMEOUT_SECONDS


def test_a_refused_recipient_harms_no_other_mail_of_the_connection(server: MailServer, outgoing: MakeParcel) -> None:
    with sender_to(server, connections=1) as sender:
        server.trouble = "rcpt 550"
        (first,) = sender.send([outgoing(1)])
        server.trouble = None
        (second,) = sender.send([outgoing(2)])
    assert (first.state, second.state) == ("permanent", "sent")
    assert server.connections == 1


def test_a_connection_carries_a_hundred_mails_and_no_more(server: MailServer, outgoing: MakeParcel) -> None:
    with sender_to(server, connections=1) as sender:
        outcomes = sender.send([outgoing(number) for number in range(250)])
        assert server.connections == sender.pool.opened == 3
    assert {outcome.state for outcome in outcomes} == {"sent"}
    assert len(server.delivered) == 250


def test_many_threads_share_the_connections_there_may_be(server: MailServer, outgoing: MakeParcel) -> None:
    with sender_to(server, connections=4) as sender, ThreadPoolExecutor(12) as threads:
        outcomes = list(threads.map(lambda number: sender.send([outgoing(number)])[0], range(200)))
        assert server.connections <= 4
    assert {outcome.state for outcome in outcomes} == {"sent"}
    assert set(server.delivered.values()) == {1}
    assert len(server.delivered) == 200


def test_a_connection_that_the_server_has_closed_meanwhile_costs_nothing(
    server: MailServer, outgoing: MakeParcel
) -> None:
    with sender_to(server) as sender:
        assert sender.send([outgoing(1)])[0].state == "sent"
        server.hang_up()
        assert sender.send([outgoing(2)])[0].state == "sent"
    assert server.connections == 2
    assert set(server.delivered.values()) == {1}


def test_a_connection_that_has_rested_is_asked_first(server: MailServer, outgoing: MakeParcel) -> None:
    with sender_to(server) as sender:
        sender.send([outgoing(1)])
        sender.pool._idle[0].used_at -= 60
        sender.send([outgoing(2)])
    assert server.said.count(b"NOOP") == 1
    assert server.connections == 1


def test_a_refused_connection_is_a_fault_of_the_channel(outgoing: MakeParcel) -> None:
    with mail_server() as gone:
        pass
    outcome = sent(gone, outgoing())
    assert outcome.state == "transient"
    assert "ConnectionRefusedError" in (outcome.error or "")


def test_what_cannot_be_built_never_leaves(server: MailServer, outgoing: MakeParcel) -> None:
    outcome = sent(server, outgoing(to="ann.lee@acme.example, thief@evil.example"))
    assert outcome == SendResult(
        state=ResultState.PERMANENT, error="the mail cannot be built: to: is not one mail address"
    )
    assert server.connections == 0


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_under_tls_and_with_a_login_a_mail_arrives(
    tls: Tls, outgoing: MakeParcel, protect: Any, trusting: Authority
) -> None:
    with mail_server(tls=protect("good"), implicit=tls == "implicit", users={"first90": "s3cret"}) as server:
        outcome = sent(server, outgoing(), tls=tls, user="first90", password=SecretStr("s3cret"))
        assert outcome.state == "sent"
        clear = server.said[: server.said.index(b"STARTTLS")] if tls == "starttls" else []
        assert not [said for said in clear if not said.startswith(b"EHLO")]


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
@pytest.mark.parametrize("kind", ["stranger", "another host", "expired"])
def test_a_server_with_a_bad_certificate_gets_nothing(
    tls: Tls, kind: str, outgoing: MakeParcel, protect: Any, trusting: Authority
) -> None:
    with mail_server(tls=protect(kind), implicit=tls == "implicit", users={"first90": "s3cret"}) as server:
        outcome = sent(server, outgoing(), tls=tls, user="first90", password=SecretStr("s3cret"))
    assert (outcome.state, outcome.channel_down) == ("transient", True)
    assert "its certificate is not trusted" in (outcome.error or "")
    assert server.mails == []
    assert {said.split()[0].upper() for said in server.said} <= {b"EHLO", b"STARTTLS"}


def test_a_server_without_starttls_gets_nothing(server: MailServer, outgoing: MakeParcel) -> None:
    outcome = sent(server, outgoing(), tls="starttls", user="first90", password=SecretStr("s3cret"))
    assert (outcome.state, outcome.error) == ("transient", "the mail server offers no STARTTLS; nothing was sent")
    assert {said.split()[0].upper() for said in server.said} <= {b"EHLO"}


def test_a_wrong_password_stops_the_channel_and_is_never_repeated(outgoing: MakeParcel) -> None:
    with mail_server(users={"first90": "another"}) as server:
        outcome = sent(server, outgoing(), user="first90", password=SecretStr("s3cret"))
    assert outcome.state == "transient"
    assert outcome.error == "the mail server refuses the login: check user and password in FIRST90_MAIL (535)"


def test_check_logs_in_and_sends_nothing(outgoing: MakeParcel) -> None:
    with mail_server(users={"first90": "s3cret"}) as server:
        with sender_to(server, user="first90", password=SecretStr("s3cret")) as sender:
            assert sender.check() == "it answers and lets us in"
        with sender_to(server, user="first90", password=SecretStr("wrong")) as sender:
            with pytest.raises(Unreachable, match="refuses the login") as caught:
                sender.check()
            assert "wrong" not in f"{caught.value!r}{sender!r}{vars(sender)!r}"
    assert server.mails == []
    assert not [said for said in server.said if said.upper().startswith(b"MAIL")]


def test_an_independent_server_accepts_our_mails_too(outgoing: MakeParcel) -> None:
    """With aiosmtpd, an independent implementation of the protocol."""
    from aiosmtpd.controller import Controller
    from aiosmtpd.handlers import Message

    taken: list[Any] = []

    class Keeps(Message):
        def handle_message(self, message: Any) -> None:
            taken.append(message)

    with ExitStack() as stack:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        controller = Controller(Keeps(), hostname="127.0.0.1", port=port)
        controller.start()
        stack.callback(controller.stop)
        choice = SmtpMail(host="127.0.0.1", port=port, tls="never", connections=2)
        with closing(SmtpSender(choice)) as sender:
            outcomes = sender.send([outgoing(number) for number in range(5)])
    assert {outcome.state for outcome in outcomes} == {"sent"}
    assert [message["Subject"] for message in taken] == ["Welcome, Ann"] * 5
