"""Postmark's webhook: not signed, but authenticated by the user and password in its URL (basic authentication).

A request that was recorded could be replayed at any time; the inbox recognises it by its event id.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from integrations.mail.webhook import (
    Forged,
    HookReports,
    Unreadable,
    address_of,
    moment_of,
    parse,
    read_events,
    text_of,
)
from onboarding.people.mail_reports import MailReport, ReportKind

SOURCE = "postmark"
BOUNCES: Mapping[str, ReportKind] = {
    "HardBounce": ReportKind.BOUNCED,
    "BadEmailAddress": ReportKind.BOUNCED,
    "ManuallyDeactivated": ReportKind.BOUNCED,
    "SpamComplaint": ReportKind.COMPLAINED,
    "Unsubscribe": ReportKind.UNSUBSCRIBED,
    "Transient": ReportKind.DELAYED,
    "SoftBounce": ReportKind.DELAYED,
    "DnsError": ReportKind.DELAYED,
}
"""Kinds of bounce about the address; a refusal of the content (Blocked, SpamNotification) is not."""
SUPPRESSIONS: Mapping[str, ReportKind] = {
    "HardBounce": ReportKind.BOUNCED,
    "SpamComplaint": ReportKind.COMPLAINED,
    "ManualSuppression": ReportKind.UNSUBSCRIBED,
}


def read(login: str, headers: Mapping[str, str], body: bytes, now: datetime) -> HookReports:
    """Return the report of a request; Postmark sends one at a time. Raise Forged and Unreadable."""
    _check(login, headers.get("authorization", ""))
    given = parse(body)
    if not isinstance(given, dict):
        raise Unreadable("the body is no object")
    return read_events([given], _read, now)


def _read(given: Mapping[str, Any]) -> MailReport | None:
    match given.get("RecordType"):
        case "Bounce" | "SpamComplaint" as record:
            kind = BOUNCES.get("SpamComplaint" if record == "SpamComplaint" else str(given.get("Type")))
            address, at = given.get("Email"), given.get("BouncedAt")
            event_id = f"{record}:{text_of(given, 'ID')}" if kind else ""
        case "SubscriptionChange":
            kind = _change(given)
            address, at = given.get("Recipient"), given.get("ChangedAt")
            event_id = f"change:{given.get('MessageID')}:{at}:{given.get('SuppressSending')}:{address}"
        case str():
            return None
        case _:
            raise Unreadable("RecordType is missing")
    if kind is None:
        return None
    return _report(event_id, kind, address_of(address, "Email"), moment_of(at, "BouncedAt"))


def _report(event_id: str, kind: ReportKind, address: str, at: datetime) -> MailReport:
    # The id of a change contains the address, so a digest of it is used.
    spelt = hashlib.sha256(event_id.encode("utf-8", "surrogatepass")).hexdigest()[:40] if "@" in event_id else event_id
    return MailReport(source=SOURCE, event_id=spelt, kind=kind, address=address, at=at)


def _change(given: Mapping[str, Any]) -> ReportKind | None:
    if given.get("SuppressSending") is False:
        return ReportKind.REACTIVATED
    return SUPPRESSIONS.get(str(given.get("SuppressionReason")))


def _check(login: str, authorization: str) -> None:
    scheme, _, given = authorization.partition(" ")
    try:
        sent = base64.b64decode(given.strip(), validate=True)
    except (binascii.Error, ValueError):
        sent = b""
    # Compared whatever the scheme, so that all refusals take the same time.
    same = hmac.compare_digest(sent, login.encode())
    if scheme.lower() != "basic" or not same:
        raise Forged("its login is not ours")
