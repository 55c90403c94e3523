"""What a mail server's answer means for one mail, by the step at which it came (RFC 5321).

Only once the final dot is out may a mail have been accepted: before it, whatever breaks was certainly no delivery.
What the server says in words is never repeated, because it often holds the address.
"""

import re
from typing import Literal

from integrations.ports import Outcome

Step = Literal["connect", "TLS", "login", "sender", "recipient", "data", "body"]

GREYLISTED_SECONDS = 300.0
"""A server that says "not yet" wants to be left alone for some minutes (greylisting)."""
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


def accepted(said: bytes) -> Outcome:
    """The server has the mail; its queue's name for it, where it tells one."""
    found = _QUEUED.search(said)
    return Outcome(state="sent", provider_id=found[1].decode("ascii") if found else None)


def refused(step: Step, code: int, said: bytes) -> Outcome:
    """The server said no at ``step``.

    What hits every mail alike (login, TLS, our sender) is a fault of the channel and no mail's own. A recipient or a
    mail refused for good is ``permanent``.
    """
    found = _ENHANCED.match(said)
    error = f"{_ASKED[step]} ({code}{f' {found[1].decode()}' if found else ''})"
    if code in (NEEDS_LOGIN, WRONG_LOGIN, WEAK_LOGIN):
        return misfit(f"{_ASKED['login']} ({code})")
    if 400 <= code < 500:
        wait = GREYLISTED_SECONDS if step in ("sender", "recipient", "data", "body") and code != 421 else None
        return Outcome(state="transient", error=error, retry_after=wait)
    if 500 <= code < 600:
        own = step in ("recipient", "data", "body") or code == TOO_BIG
        return Outcome(state="permanent", error=error) if own else misfit(error)
    if step == "body":
        return in_doubt("the mail server's answer cannot be read")
    return Outcome(state="transient", error=error)


def misfit(error: str) -> Outcome:
    """Server and settings do not fit together: nothing more leaves until somebody has mended it."""
    return Outcome(state="transient", error=error, whole_lane=True)


def lost(step: Step, why: str) -> Outcome:
    """The connection broke before the final dot: certainly not delivered."""
    return Outcome(state="transient", error=f"the mail server was lost before it had the mail ({step}: {why})")


def in_doubt(why: str) -> Outcome:
    """The final dot may have arrived, and no answer came: nobody knows."""
    return Outcome(state="unknown", error=f"{why} after it had the mail: it may have been delivered")
