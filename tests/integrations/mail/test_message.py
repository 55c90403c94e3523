"""Mails as bytes: correct headers that names from outside cannot change."""

import random
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.mail.message import PayloadError, build, message_id
from tests.examples import examples

PAYLOAD: dict[str, Any] = {
    "key": "0065g00000AAAA1AAP:welcome:1:mail:0035g00000AAAA1AAP",
    "to": "ann.lee@acme.example",
    "to_name": "Ann Lee",
    "sender": "onboarding@northbeam.example",
    "sender_name": "Léa Fontaine",
    "reply_to": "lea.fontaine@northbeam.example",
    "reply_to_name": "Léa Fontaine",
    "subject": "Welcome, Ann",
    "text": "Hello Ann,\n\nwelcome.\n",
    "html": "<p>Hello Ann, <b>welcome</b>.</p>",
    "date": "2026-03-02T09:00:00+01:00",
    "purpose": "service",
}
HOSTILE = (
    "\r\nBcc: thief@evil.example", "\n", "\r", "\0", "\u2028", "\u202e", "\ud800", "\udcff", "=?utf-8?q?",
    "?=", '"', "\\", ",", ";", ":", "<", ">", "@", "(", ")", "[", "]", ".", "  ", "\t", "thief@evil.example",
    "<thief@evil.example>",
    "é", "ß", "漢字", "سلام", "😀", "a", "Z", "Ann", "Lee", "O'Hara", "x" * 90, "=", "?", "_",
    "%0d%0a",
)  # fmt: skip


def read(content: bytes) -> EmailMessage:
    message = message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def plain_text(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    text = part.get_content().replace("\r\n", "\n")
    assert isinstance(text, str)
    return text


def test_a_mail_has_text_html_and_the_headers_of_a_good_citizen() -> None:
    content = build(PAYLOAD)
    message = read(content)
    assert message["To"] == "Ann Lee <ann.lee@acme.example>"
    assert str(message["From"]) == "Léa Fontaine <onboarding@northbeam.example>"
    assert str(message["Reply-To"]) == "Léa Fontaine <lea.fontaine@northbeam.example>"
    assert message["Subject"] == "Welcome, Ann"
    assert message["Date"] == "Mon, 02 Mar 2026 09:00:00 +0100"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-First90-Effect"] == PAYLOAD["key"]
    assert message["List-Unsubscribe"] is None
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert plain_text(message) == PAYLOAD["text"]
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert max(map(len, content.split(b"\r\n"))) <= 998


def test_the_same_effect_is_the_same_mail_to_the_byte() -> None:
    assert build(PAYLOAD) == build(dict(reversed(PAYLOAD.items())))
    assert read(build(PAYLOAD))["Message-ID"] == message_id(PAYLOAD["key"], PAYLOAD["sender"])
    other = message_id("another", PAYLOAD["sender"])
    assert other != message_id(PAYLOAD["key"], PAYLOAD["sender"])
    assert other.endswith("@northbeam.example>")


def test_a_promotional_mail_says_how_to_unsubscribe() -> None:
    message = read(build(PAYLOAD | {"purpose": "promotional"}))
    assert message["List-Unsubscribe"] == "<mailto:lea.fontaine@northbeam.example?subject=unsubscribe>"
    assert message["List-Unsubscribe-Post"] is None


LINK = "https://onboarding.northbeam.example/u/" + "a1B2" * 150


def test_where_there_is_a_link_one_click_unsubscribes() -> None:
    content = build(PAYLOAD | {"purpose": "promotional", "unsubscribe_url": LINK})
    message = read(content)
    assert message["List-Unsubscribe"].split(", ")[0] == f"<{LINK}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert LINK.encode() in content
    assert max(map(len, content.split(b"\r\n"))) <= 998


@pytest.mark.parametrize(
    "more", [{"purpose": "service"}, {"purpose": "promotional", "redirect_for": "ann@acme.example"}]
)
def test_neither_service_mail_nor_a_rehearsal_unsubscribes_a_person(more: dict[str, str]) -> None:
    message = read(build(PAYLOAD | {"unsubscribe_url": LINK} | more))
    assert message["List-Unsubscribe-Post"] is None
    assert LINK not in str(message["List-Unsubscribe"])


@pytest.mark.parametrize(
    "url", ["javascript:x", "https://a b", "https://a>\r\nBcc: x@evil.example", "https://" + "a" * 999]
)
def test_what_is_no_link_never_gets_into_a_header(url: str) -> None:
    with pytest.raises(PayloadError, match="unsubscribe_url: is no https address"):
        build(PAYLOAD | {"purpose": "promotional", "unsubscribe_url": url})


def test_a_redirected_mail_says_whom_it_was_for() -> None:
    payload = PAYLOAD | {"to": "rehearsal@northbeam.example", "redirect_for": "ann.lee@acme.example"}
    message = read(build(payload))
    assert message["Subject"] == "[for ann.lee@acme.example] Welcome, Ann"
    assert message["To"].addresses[0].addr_spec == "rehearsal@northbeam.example"


def test_a_mail_needs_only_text_and_two_addresses() -> None:
    few = {key: PAYLOAD[key] for key in ("key", "to", "sender", "subject", "text", "date")}
    message = read(build(few))
    assert (message["To"], message["Reply-To"]) == ("ann.lee@acme.example", None)
    assert message.get_content_type() == "text/plain"


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("to", "ann.lee@acme.example, thief@evil.example", "to: is not one mail address"),
        ("to", "ann\r\nBcc: thief@evil.example", "to: is not one mail address"),
        ("to", "", "to: is missing"),
        ("reply_to", "lea", "reply_to: is not one mail address"),
        ("date", "2026-03-02T09:00:00", "date: has no zone"),
        ("date", "today", "date: is no ISO 8601 instant"),
        ("text", " ", "text: is missing"),
        ("subject", None, "subject: is missing"),
    ],
)
def test_a_mail_that_can_never_be_sent_is_refused_without_an_address(field: str, value: object, said: str) -> None:
    with pytest.raises(PayloadError) as caught:
        build(PAYLOAD | {field: value})
    assert str(caught.value) == said


def assert_unharmed(payload: dict[str, Any]) -> None:
    head, _, body = build(payload).partition(b"\r\n\r\n")
    message = read(head)
    names = [name.lower() for name in message]
    assert len(names) == len(set(names))
    assert set(names) <= {
        "subject", "from", "to", "reply-to", "date", "message-id", "auto-submitted", "x-first90-effect",
        "mime-version", "content-type", "content-transfer-encoding",
    }  # fmt: skip
    for header, field in (("To", "to"), ("From", "sender"), ("Reply-To", "reply_to")):
        if field in payload:
            assert [address.addr_spec for address in message[header].addresses] == [payload[field]]
    assert body.endswith((b"welcome.\r\n", b"--\r\n"))


@pytest.mark.slow
def test_of_ten_thousand_hostile_names_none_injects_a_header_or_changes_a_recipient(
    proof: Callable[[str], None],
) -> None:
    chance = random.Random(90)
    least = {key: PAYLOAD[key] for key in ("key", "to", "sender", "text", "date")}
    for _ in range(10_000):
        name, subject = ("".join(chance.choices(HOSTILE, k=chance.randint(1, 9))) for _ in range(2))
        assert_unharmed(least | {"to_name": name, "subject": f"Hi {subject}"})
    proof("HEADERS names=10000 injected=0 changed=0 refused=0")


@settings(max_examples=examples(300))
@given(st.text(st.characters(), max_size=200), st.text(st.characters(), max_size=200))
def test_no_text_at_all_breaks_out_of_a_header(name: str, subject: str) -> None:
    assert_unharmed(PAYLOAD | {"to_name": name, "sender_name": name, "subject": f"Hi {subject}"})


@pytest.mark.parametrize("body", ["a\r\n.\r\nb", "a\rb", "a\n.\nb", ".", "From here\n", "x" * 5000, "a\ud800b", "a\0b"])
def test_a_body_arrives_as_one_message_whatever_is_in_it(body: str) -> None:
    content = build(PAYLOAD | {"text": body})
    arrived = plain_text(read(content)).rstrip("\n")
    expected = body.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "").replace("\ud800", "?")
    assert arrived == expected.rstrip("\n")
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert b"\r" not in content.replace(b"\r\n", b"")
