"""SendGrid: it has no idempotency keys, and its activity log is an optional product, so its guarantee is ``plain``."""

from collections.abc import Mapping
from typing import Any

import httpx

from integrations.mail.http_sender import Provider
from integrations.mail.ics import FILE_NAME, as_base64
from integrations.mail.parts import Letter, Mailbox, Notice
from integrations.ports import Unreachable
from onboarding.effects.invitation import Invitation
from onboarding.effects.send_result import ResultState, SendResult

EFFECT = "first90_effect"
"""The custom argument that SendGrid returns with every event of the mail."""
LONGEST_ARGUMENT = 1000


class SendGrid(Provider):
    """The transport over SendGrid."""

    name = "SendGrid"
    home = "https://api.sendgrid.com"
    path = "/v3/mail/send"

    def credentials(self, token: str) -> Mapping[str, str]:
        """Return the bearer token header."""
        return {"Authorization": f"Bearer {token}"}

    def body(self, letter: Letter) -> Mapping[str, Any]:
        """Return the JSON of one mail: plain text before HTML, as SendGrid requires."""
        forms = [{"type": "text/plain", "value": letter.text}]
        if letter.html is not None:
            forms.append({"type": "text/html", "value": letter.html})
        return {
            "personalizations": [{"to": [_person(letter.to)]}],
            "from": _person(letter.sender),
            "reply_to": letter.reply_to and _person(letter.reply_to),
            "subject": letter.subject,
            "content": forms,
            "attachments": letter.invitation and [_file(letter, letter.invitation)],
            "headers": {"Message-ID": letter.message_id, **letter.headers},
            "custom_args": {EFFECT: letter.key[:LONGEST_ARGUMENT]},
            "tracking_settings": {"click_tracking": {"enable": False}, "open_tracking": {"enable": False}},
        }

    def notice(self, notice: Notice) -> Mapping[str, Any]:
        """Return the JSON of a mail of plain text."""
        return {
            "personalizations": [{"to": [{"email": address} for address in notice.to]}],
            "from": {"email": notice.sender},
            "subject": notice.subject,
            "content": [{"type": "text/plain", "value": notice.text}],
        }

    def accepted(self, answer: httpx.Response, said: Mapping[str, Any]) -> SendResult:
        """Return a sent result: the mail is queued, its id is in a header."""
        return SendResult(state=ResultState.SENT, provider_id=answer.headers.get("x-message-id", "")[:100] or None)

    def check(self) -> str:
        """Check by the token's scopes that it may send. Raise Unreachable."""
        answer = self.ask("/v3/scopes")
        if answer.status_code != 200:
            raise Unreachable(f"SendGrid refuses the token ({answer.status_code}): check FIRST90_MAIL_TOKEN")
        if '"mail.send"' not in answer.text:
            raise Unreachable("SendGrid's token may not send mail: give it the right Mail Send")
        return "the token is good"


def _person(mailbox: Mailbox) -> dict[str, str]:
    """Return address and name as separate fields, so that a name cannot add an address."""
    return {"email": mailbox.address, "name": mailbox.name} if mailbox.name else {"email": mailbox.address}


def _file(letter: Letter, invitation: Invitation) -> dict[str, str]:
    """Return the attachment. Its type may have no parameter; calendars read the method in the file itself."""
    return {"filename": FILE_NAME, "content": as_base64(letter, invitation), "type": "text/calendar"}
