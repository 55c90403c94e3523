"""Postmark: it has no idempotency keys, but mails can be looked up by metadata, so its guarantee is ``lookup``.

An account keeps sent mails for 45 days; a doubt is looked up long before.
"""

from collections.abc import Mapping
from typing import Any

import httpx

from integrations.mail.http_sender import Provider
from integrations.mail.ics import FILE_NAME, as_base64
from integrations.mail.parts import Letter, Notice, digest
from integrations.ports import Guarantee, Unreachable
from onboarding.effects.invitation import Invitation
from onboarding.effects.send_result import ResultState, SendResult

EFFECT = "effect"
"""The metadata field; its value is the key's digest, because a value has at most 80 characters."""
INACTIVE = 406
CHANNEL_DOWN = {
    10: "refuses the token: check FIRST90_MAIL_TOKEN",
    100: "is under maintenance",
    400: "does not know our sender: check FIRST90_MAIL_FROM",
    401: "has not confirmed our sender: check FIRST90_MAIL_FROM",
    405: "has no credits left for us",
    412: "has not approved the account yet",
    413: "has stopped the account",
    429: "asks for a pause",
}
"""Error codes that affect every mail: retried until a person has fixed the cause."""


class Postmark(Provider):
    """The transport over Postmark."""

    name = "Postmark"
    home = "https://api.postmarkapp.com"
    path = "/email"
    guarantee: Guarantee = Guarantee.LOOKUP

    def credentials(self, token: str) -> Mapping[str, str]:
        """Return the header with the server token."""
        return {"X-Postmark-Server-Token": token}

    def body(self, letter: Letter) -> Mapping[str, Any]:
        """Return the JSON of one mail."""
        more = {"Message-ID": letter.message_id, "X-PM-KeepID": "true", **letter.headers}
        return {
            "From": str(letter.sender),
            "To": str(letter.to),
            "ReplyTo": letter.reply_to and str(letter.reply_to),
            "Subject": letter.subject,
            "TextBody": letter.text,
            "HtmlBody": letter.html,
            "Attachments": letter.invitation and [_file(letter, letter.invitation)],
            "Headers": [{"Name": name, "Value": value} for name, value in sorted(more.items())],
            "Metadata": {EFFECT: digest(letter.key)},
            "TrackOpens": False,
            "TrackLinks": "None",
        }

    def notice(self, notice: Notice) -> Mapping[str, Any]:
        """Return the JSON of a mail of plain text."""
        return {"From": notice.sender, "To": ", ".join(notice.to), "Subject": notice.subject, "TextBody": notice.text}

    def accepted(self, answer: httpx.Response, said: Mapping[str, Any]) -> SendResult:
        """Return the result by the code in the body, because a 200 may still be a refusal."""
        code = said.get("ErrorCode")
        if code == 0:
            return SendResult(state=ResultState.SENT, provider_id=str(said.get("MessageID") or "")[:100] or None)
        if isinstance(code, int):
            return _coded(code)
        return SendResult(
            state=ResultState.UNKNOWN, error="Postmark gives an answer that cannot be read: it may have been delivered"
        )

    def refused(self, status: int, said: Mapping[str, Any]) -> SendResult | None:
        """Return the result by Postmark's own code, which 422 and other statuses carry."""
        code = said.get("ErrorCode")
        return _coded(code) if isinstance(code, int) and code and status < 500 else None

    def find(self, key: str) -> str | None:
        """Return the id of a mail with this effect in its metadata, or None. Raise Unreachable."""
        answer = self.ask("/messages/outbound", count="1", offset="0", **{f"metadata_{EFFECT}": digest(key)})
        try:
            found = answer.json()["Messages"] if answer.status_code == 200 else None
        except (ValueError, KeyError, TypeError, RecursionError):
            found = None
        if not isinstance(found, list):
            raise Unreachable(f"Postmark does not say what became of a mail ({answer.status_code})")
        return str(found[0].get("MessageID") or "there") if found else None

    def check(self) -> str:
        """Check the token by reading its server. Raise Unreachable."""
        answer = self.ask("/server")
        if answer.status_code != 200:
            raise Unreachable(f"Postmark refuses the token ({answer.status_code}): check FIRST90_MAIL_TOKEN")
        return "the token is good"


def _file(letter: Letter, invitation: Invitation) -> dict[str, str]:
    kind = f"text/calendar; charset=utf-8; method={invitation.method}"
    return {"Name": FILE_NAME, "Content": as_base64(letter, invitation), "ContentType": kind}


def _coded(code: int) -> SendResult:
    if code in CHANNEL_DOWN:
        return SendResult(
            state=ResultState.TRANSIENT,
            error=f"Postmark {CHANNEL_DOWN[code]} ({code})",
            channel_down=code not in (100, 429),
        )
    if code == INACTIVE:
        return SendResult(
            state=ResultState.PERMANENT, error=f"the recipient was refused ({code}: it bounced or complained before)"
        )
    return SendResult(state=ResultState.PERMANENT, error=f"Postmark does not take the mail as it is ({code})")
