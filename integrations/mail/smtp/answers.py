"""The result of an SMTP reply for one mail, by the step at which it came (RFC 5321).

A mail can only have been accepted once the final dot was sent; a failure before it certainly means no delivery. The
server's text is never repeated, because it often contains the address.
"""

import re
from typing import Literal

from onboarding.effects.send_result import ResultState, SendResult

Step = Literal["connect", "TLS", "login", "sender", "recipient", "data", "body"]

GREYLISTED_SECONDS = 300.0
"""The wait after a temporary refusal, as servers with greylisting expect some minutes."""
NEEDS_LOGIN, WRONG_LOGIN, WEAK_LOGIN = 530, 535, 534
TOO_BIG = 552

_ENHANCED = re.compile(rb"^\s*([245]\.\d{1,3}\.\d{1,3})\b")
_QUEUED = re.compile(rb"(?:queued as|\bid=|queued mail for delivery.*?)\s*<?([A-Za-z0-9][\w.@+-]{3,99})>?", re.I)
_ASKED = {
    "connect": "the mail server does not want us",
    "TLS": "the mail server begins no TLS, so nothing was sent",
    "login": "the mail server refuses the login: check user and password in FIRST90_MAIL",
    "sender": "the mail server does not take our sender: check FIRST90_MAIL_FROM",
    "recipient": "the recipient was refused",
    "data": "the mail was refused",
    "body": "the mail was refused",
}


def accepted(said: bytes) -> SendResult:
    """Return a sent result, with the server's queue id if the reply has one."""
    found = _QUEUED.search(said)
    return SendResult(state=ResultState.SENT, provider_id=found[1].decode("ascii") if found else None)


def refused(step: Step, code: int, said: bytes) -> SendResult:
    """Return the result of a refusal at ``step``.

    What affects every mail (login, TLS, the sender address) is a fault of the channel. A recipient or a mail refused
    permanently is ``permanent``.
    """
    found = _ENHANCED.match(said)
    error = f"{_ASKED[step]} ({code}{f' {found[1].decode()}' if found else ''})"
    if code in (NEEDS_LOGIN, WRONG_LOGIN, WEAK_LOGIN):
        return misfit(f"{_ASKED['login']} ({code})")
    if 400 <= code < 500:
        wait = GREYLISTED_SECONDS if step in ("sender", "recipient", "data", "body") and code != 421 else None
        return SendResult(state=ResultState.TRANSIENT, error=error, retry_after=wait)
    if 500 <= code < 600:
        own = step in ("recipient", "data", "body") or code == TOO_BIG
        return SendResult(state=ResultState.PERMANENT, error=error) if own else misfit(error)
    if step == "body":
        return in_doubt("the mail server's answer cannot be read")
    return SendResult(state=ResultState.TRANSIENT, error=error)


def misfit(error: str) -> SendResult:
    """Return the result for settings that do not fit the server: the channel is down until a person fixes them."""
    return SendResult(state=ResultState.TRANSIENT, error=error, channel_down=True)


def lost(step: Step, why: str) -> SendResult:
    """Return the result of a connection lost before the final dot: certainly not delivered."""
    return SendResult(
        state=ResultState.TRANSIENT, error=f"the mail server was lost before it had the mail ({step}: {why})"
    )


def in_doubt(why: str) -> SendResult:
    """Return the result if the final dot may have arrived and no reply came: in doubt."""
    return SendResult(state=ResultState.UNKNOWN, error=f"{why} after it had the mail: it may have been delivered")
