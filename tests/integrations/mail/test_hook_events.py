"""Webhook events: a readable event is read whatever else the request holds, and its report can be stored."""

import base64
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from config.settings.mail_webhooks import MailHooks
from integrations.mail.webhooks import HookReports, read_hook
from tests.examples import examples

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
KEY = ec.generate_private_key(ec.SECP256R1())
PUBLIC = KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
HOOKS = MailHooks(
    sendgrid=SecretStr(base64.b64encode(PUBLIC).decode()), postmark=SecretStr("first90:a-long-password-of-ours")
)

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()) | st.just("a@b.example"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
a_kind = st.sampled_from(["bounce", "dropped", "spamreport", "unsubscribe", "open", "Bounce", "SpamComplaint"])
an_address = st.sampled_from(
    ["ok@b.example", "j\u00fcrgen@b.example", "x@\u00fc.example", "@", "a@b", "a@b\x00.example"]
)
an_event = st.dictionaries(
    st.sampled_from(["email", "event", "sg_event_id", "timestamp", "type", "reason"]), anything | a_kind | an_address
)
FIELDS = ("ID", "Email", "Recipient", "BouncedAt", "ChangedAt", "MessageID", "SuppressSending")
a_post = st.fixed_dictionaries(
    {"RecordType": st.sampled_from(["Bounce", "SpamComplaint", "SubscriptionChange", "Open"]) | anything},
    optional=dict.fromkeys(FIELDS, anything | an_address)
    | {"Type": st.just("HardBounce") | anything, "SuppressionReason": st.just("HardBounce") | anything},
)


def sendgrid(body: bytes) -> HookReports:
    moment = str(int(NOW.timestamp()))
    signature = base64.b64encode(KEY.sign(moment.encode() + body, ec.ECDSA(SHA256()))).decode()
    headers = {
        "x-twilio-email-event-webhook-signature": signature,
        "x-twilio-email-event-webhook-timestamp": moment,
    }
    heard = read_hook(HOOKS, "sendgrid", headers, body, NOW)
    assert heard is not None
    return heard


def true(number: int) -> dict[str, Any]:
    at = int(NOW.timestamp())
    return {"email": f"ours{number}@acme.example", "event": "bounce", "sg_event_id": f"true{number}", "timestamp": at}


def can_be_kept(heard: HookReports) -> bool:
    return all(
        report.address.isascii()
        and report.event_id.isprintable()
        and NOW - timedelta(days=40 * 365) < report.at < NOW + timedelta(days=2)
        for report in heard.reports
    )


@settings(max_examples=examples(150))
@given(st.lists(anything | an_event, max_size=3))
@example([{**true(3), "timestamp": 2**31}])
def test_whatever_stands_beside_them_true_events_are_heard(odd: Sequence[Any]) -> None:
    heard = sendgrid(json.dumps([true(1), *odd, true(2)]).encode())
    assert {"true1", "true2"} <= {report.event_id for report in heard.reports}
    assert can_be_kept(heard)
    assert not any("@" in told for told in heard.odd)


@settings(max_examples=examples(150))
@given(a_post)
def test_a_post_of_one_event_is_heard_or_passed_over_and_never_breaks_anything(post: Any) -> None:
    login = base64.b64encode(b"first90:a-long-password-of-ours").decode()
    heard = read_hook(HOOKS, "postmark", {"authorization": f"Basic {login}"}, json.dumps(post).encode(), NOW)
    assert heard is not None
    assert can_be_kept(heard)


def test_bytes_that_are_no_text_and_endless_numbers_are_one_events_own() -> None:
    ours = json.dumps(true(1)).encode()
    for odd in (b'{"reason": "bo\xeete pleine"}', b"9" * 5000, b'{"reason": "a\ttab\nand a line"}'):
        assert [report.event_id for report in sendgrid(b"[" + odd + b"," + ours + b"]").reports] == ["true1"], odd[:30]
