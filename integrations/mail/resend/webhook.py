"""Resend's webhook: Svix signatures, HMAC-SHA256 over id, time and raw body; a header may hold several."""

import base64
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
    in_window,
    moment_of,
    parse,
    read_events,
    text_of,
)
from onboarding.people.mail_reports import MailReport, ReportKind

SOURCE = "resend"
BOUNCES: Mapping[str, ReportKind] = {
    "permanent": ReportKind.BOUNCED,
    "transient": ReportKind.DELAYED,
    "undetermined": ReportKind.DELAYED,
}


def read(secret: str, headers: Mapping[str, str], body: bytes, now: datetime) -> HookReports:
    """Return the reports of a request, one for each address. Raise Forged and Unreadable."""
    event_id, moment = headers.get("svix-id", ""), headers.get("svix-timestamp", "")
    _check(secret, f"{event_id}.{moment}.".encode() + body, headers.get("svix-signature", ""))
    in_window(moment, now)
    given = parse(body)
    if not isinstance(given, dict):
        raise Unreadable("the body is no event")
    data = given.get("data")
    to = data.get("to") if isinstance(data, dict) else None
    addresses = to if isinstance(to, list) else [to]

    def read_one(numbered: tuple[int, Any]) -> MailReport | None:
        number, address = numbered
        kind = _kind(text_of(given, "type"), data)
        if kind is None:
            return None
        return MailReport(
            source=SOURCE,
            event_id=f"{text_of({'svix-id': event_id}, 'svix-id')}:{number}",
            kind=kind,
            address=address_of(address, "to"),
            at=moment_of(given.get("created_at"), "created_at"),
        )

    return read_events(enumerate(addresses), read_one, now)


def _kind(event: str, data: Any) -> ReportKind | None:
    if event == "email.complained":
        return ReportKind.COMPLAINED
    if event != "email.bounced":
        return None
    bounce = data.get("bounce") if isinstance(data, dict) else None
    kind = str(bounce.get("type")).lower() if isinstance(bounce, dict) else "permanent"
    return BOUNCES.get(kind, ReportKind.DELAYED)


def _check(secret: str, content: bytes, header: str) -> None:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    ours = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    found = False
    for given in header.split()[:20]:
        version, _, signature = given.partition(",")
        # Each is compared in full, so that the time taken reveals nothing.
        found |= hmac.compare_digest(signature.encode(), ours.encode()) and version == "v1"
    if not found:
        raise Forged("its signature does not fit")
