"""Links that people follow without a login: signed, for one purpose each, with ids in them and never an address."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from itsdangerous import BadData, URLSafeSerializer
from itsdangerous.encoding import base64_decode, base64_encode

from config.settings.load import Settings

UNSUBSCRIBE = "unsubscribe"
VALID_DAYS = 730
"""How long a link works. Ours: a mail is seldom opened later, and the law asks for thirty days at least."""
LONGEST = 500
"""Characters of a token; ours have some 130."""
_EPOCH = date(2020, 1, 1)


class LinkRefused(Exception):
    """The link was not made by us for this purpose, or its time is over. The message is for whoever followed it."""


@dataclass(frozen=True, slots=True)
class Link:
    """What a link says: whose it is, and in which onboarding it was sent."""

    person_id: str
    onboarding_key: str


def unsubscribe_url(settings: Settings, person_id: str, onboarding_key: str, as_of: datetime) -> str:
    """The address of one person's unsubscribe page; empty where no public address is set.

    Empty in a rehearsal too: whoever reads a redirected mail must not unsubscribe somebody else. Pure: the same link
    made on the same day is the same address, so that a mail built twice is one mail.
    """
    if settings.public_url is None or settings.link_secret is None or settings.mail_redirect is not None:
        return ""
    return f"{settings.public_url}/u/{sign(settings, Link(person_id, onboarding_key), as_of)}"


def sign(settings: Settings, link: Link, as_of: datetime, purpose: str = UNSUBSCRIBE) -> str:
    """The token of a link, signed with the newest secret."""
    day = (as_of.date() - _EPOCH).days
    return str(_serializer(settings, purpose).dumps([link.person_id, link.onboarding_key, day]))


def read_link(settings: Settings, token: str, now: datetime, purpose: str = UNSUBSCRIBE) -> Link:
    """What a token says, if we signed it for this purpose within ``VALID_DAYS``. Raises LinkRefused.

    Any of the secrets counts, so that a new one can come in front while links of an old one are still about.
    """
    given = _signed(settings, token, purpose)
    match given:
        case [str(person_id), str(onboarding_key), int(day)]:
            if (now.date() - _EPOCH).days - day > VALID_DAYS:
                raise LinkRefused("this link is too old; the newest mail has one that works")
            return Link(person_id, onboarding_key)
    raise LinkRefused("this link is not complete; take it from the mail once more")


def _signed(settings: Settings, token: str, purpose: str) -> Any:
    signature = token.rpartition(".")[2]
    try:
        # Base64 has spellings that mean the same bytes: only the one that we write is ours.
        if len(token) > LONGEST or base64_encode(base64_decode(signature)).decode() != signature:
            raise BadData("another spelling")
        return _serializer(settings, purpose).loads(token)
    except (BadData, UnicodeError):
        raise LinkRefused("this link is not complete; take it from the mail once more") from None


def _serializer(settings: Settings, purpose: str) -> URLSafeSerializer:
    if settings.link_secret is None:
        raise LinkRefused("links are not signed here")
    secrets = [secret.strip() for secret in settings.link_secret.get_secret_value().split(",")]
    return URLSafeSerializer(
        secrets[::-1],  # the last one signs, all of them are tried
        salt=f"first90.{purpose}",
        signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
    )
