"""Resend: it drops a repeat with the same ``Idempotency-Key`` for 24 hours, so its guarantee is ``keyed``.

Mails are sent singly: the key of a batch covers exactly its members, and a retry rarely has the same ones.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import httpx

from integrations.mail.http_sender import Provider
from integrations.mail.ics import FILE_NAME, as_base64
from integrations.mail.parts import Letter, Notice, digest
from integrations.ports import Guarantee, Unreachable
from onboarding.effects.invitation import Invitation
from onboarding.effects.send_result import ResultState, SendResult

LONGEST_KEY = 256


class Resend(Provider):
    """The transport over Resend."""

    name = "Resend"
    home = "https://api.resend.com"
    path = "/emails"
    guarantee: Guarantee = Guarantee.KEYED
    key_life: timedelta | None = timedelta(hours=24)

    def credentials(self, token: str) -> Mapping[str, str]:
        """Return the bearer token header."""
        return {"Authorization": f"Bearer {token}"}

    def headers(self, letter: Letter) -> Mapping[str, str]:
        """Return the idempotency key header, by which a repeat is the same mail."""
        return {"Idempotency-Key": idempotency_key(letter.key)}

    def body(self, letter: Letter) -> Mapping[str, Any]:
        """Return the JSON of one mail."""
        return {
            "from": str(letter.sender),
            "to": [str(letter.to)],
            "reply_to": letter.reply_to and str(letter.reply_to),
            "subject": letter.subject,
            "text": letter.text,
            "html": letter.html,
            "attachments": letter.invitation and [_file(letter, letter.invitation)],
            "headers": {"Message-ID": letter.message_id, **letter.headers},
        }

    def notice(self, notice: Notice) -> Mapping[str, Any]:
        """Return the JSON of a mail of plain text."""
        return {"from": notice.sender, "to": list(notice.to), "subject": notice.subject, "text": notice.text}

    def accepted(self, answer: httpx.Response, said: Mapping[str, Any]) -> SendResult:
        """Return a sent result: accepted now, or at an earlier try with the same key."""
        given = str(said.get("id") or "")
        return SendResult(state=ResultState.SENT, provider_id=given[:100] or None)

    def refused(self, status: int, said: Mapping[str, Any]) -> SendResult | None:
        """Return the result of conflicts of the idempotency key, and of quotas that end with the day or month."""
        word = str(said.get("name") or "")
        if word == "concurrent_idempotent_requests":
            return SendResult(
                state=ResultState.TRANSIENT, error="Resend is still busy with an earlier try of this mail (409)"
            )
        if word == "invalid_idempotent_request":
            # The payload is frozen and serialised the same, so this is a bug here that a repeat cannot fix.
            return SendResult(state=ResultState.PERMANENT, error="Resend knows this key with another mail (409)")
        if word == "invalid_idempotency_key":
            return SendResult(state=ResultState.PERMANENT, error="Resend does not take the key (400)")
        if word in ("daily_quota_exceeded", "monthly_quota_exceeded"):
            return SendResult(
                state=ResultState.TRANSIENT, error=f"Resend: {word.replace('_', ' ')} ({status})", channel_down=True
            )
        return None

    def check(self) -> str:
        """List domains. A token limited to sending may not do that, but its refusal shows that the token is valid."""
        answer = self.ask("/domains")
        if answer.status_code == 401 and "restricted_api_key" in answer.text:
            return "the token is good, for sending alone"
        if answer.status_code != 200:
            raise Unreachable(f"Resend refuses the token ({answer.status_code}): check FIRST90_MAIL_TOKEN")
        return "the token is good"


def idempotency_key(key: str) -> str:
    """Return the effect's key if it fits into Resend's header, else its digest."""
    fits = key.isascii() and key.isprintable() and " " not in key and 1 <= len(key) <= LONGEST_KEY
    return key if fits else digest(key)


def _file(letter: Letter, invitation: Invitation) -> dict[str, str]:
    kind = f"text/calendar; method={invitation.method}"
    return {"filename": FILE_NAME, "content": as_base64(letter, invitation), "content_type": kind}
