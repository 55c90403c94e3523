"""SendGrid's signed event webhook: ECDSA over time and raw body, with a private key that only SendGrid has."""

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from integrations.mail.webhook import (
    Forged,
    HookReports,
    Unreadable,
    address_of,
    in_window,
    moment_of,
    parse,
    read_events,
    text_of,
)
from onboarding.people.mail_reports import MailReport, ReportKind

SOURCE = "sendgrid"
SIGNATURE = "x-twilio-email-event-webhook-signature"
TIMESTAMP = "x-twilio-email-event-webhook-timestamp"
EVENTS: Mapping[str, ReportKind] = {
    "bounce": ReportKind.BOUNCED,
    "blocked": ReportKind.DELAYED,
    "spamreport": ReportKind.COMPLAINED,
    "unsubscribe": ReportKind.UNSUBSCRIBED,
    "group_unsubscribe": ReportKind.UNSUBSCRIBED,
    "group_resubscribe": ReportKind.RESUBSCRIBED,
}
DROPS: Mapping[str, ReportKind] = {
    "bounced address": ReportKind.BOUNCED,
    "invalid": ReportKind.BOUNCED,
    "spam reporting address": ReportKind.COMPLAINED,
    "unsubscribed address": ReportKind.UNSUBSCRIBED,
}
"""Reasons why SendGrid did not try to send. ``deferred`` is not read, because SendGrid retries and reports a bounce at
the end."""


def read(key: str, headers: Mapping[str, str], body: bytes, now: datetime) -> HookReports:
    """Return the reports of a request. Raise Forged and Unreadable."""
    _check(key, headers, body)
    in_window(headers.get(TIMESTAMP, ""), now)
    given = parse(body)
    if not isinstance(given, list):
        raise Unreadable("the body is no list of events")
    return read_events(given, _report, now)


def _report(given: Any) -> MailReport | None:
    if not isinstance(given, dict):
        raise Unreadable("it is no object")
    event = text_of(given, "event")
    if event == "dropped":
        kind = DROPS.get(str(given.get("reason")).strip().lower())
    else:
        # A "bounce" of the type "blocked" is temporary; the address itself is valid.
        kind = EVENTS.get("blocked" if event == "bounce" and given.get("type") == "blocked" else event)
    if kind is None:
        return None
    return MailReport(
        source=SOURCE,
        event_id=text_of(given, "sg_event_id"),
        kind=kind,
        address=address_of(given.get("email"), "email"),
        at=moment_of(given.get("timestamp"), "timestamp"),
    )


def _check(key: str, headers: Mapping[str, str], body: bytes) -> None:
    # Imported here: only installations with this key need the library, which takes a tenth of a second to load.
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    try:
        public = load_der_public_key(base64.b64decode(key))
        signature = base64.b64decode(headers.get(SIGNATURE, ""), validate=True)
    except (binascii.Error, ValueError):
        raise Forged("its signature or our key cannot be read") from None
    if not isinstance(public, ec.EllipticCurvePublicKey):
        raise Forged("our key is of another kind")
    try:
        public.verify(signature, headers.get(TIMESTAMP, "").encode() + body, ec.ECDSA(SHA256()))
    except InvalidSignature:
        raise Forged("its signature does not fit") from None
