"""Signed links that recipients follow without a login: for one purpose each, with ids in them and no address."""

import hashlib
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from itsdangerous import BadData, URLSafeSerializer
from itsdangerous.encoding import base64_decode, base64_encode

from config.settings.load import Settings
from onboarding.facts.feedback import QUESTIONS
from onboarding.model.vocabulary import SurveyKind

UNSUBSCRIBE = "unsubscribe"
VALID_DAYS = 730
"""How long a link works. Our choice: a mail is seldom opened later, and the law asks for thirty days at least."""
PLAN, FORM = "plan", "plan.form"
PLAN_DAYS = 400
"""How long a link to the plan page works at most: longer than an onboarding and the time after it. Our choice."""
SURVEY_DAYS = 60
"""How long a survey's link works. Our choice: a later answer is about something else."""
LONGEST = 500
"""Characters of a token; ours have some 130."""
_EPOCH = date(2020, 1, 1)
_SIGNED = re.compile(r"""https?://[^\s"'<>()]+(?:/[psu]/|[?&]link=)[A-Za-z0-9_.-]{40,}""")
"""The address of a page that is opened by a token."""


class LinkRefused(Exception):
    """The link was not signed by us for this purpose, or does not work any more. The message is in English."""

    link: "Link | None" = None
    """Whose it is, as far as it is known."""


class LinkTooOld(LinkRefused):
    """The link was signed by us longer ago than it works."""

    def __init__(self, link: "Link") -> None:
        super().__init__("this link is too old; the newest mail has one that works")
        self.link = link


class LinkUnused(LinkRefused):
    """What the link was for is not there any more."""

    def __init__(self) -> None:
        super().__init__("this link is not in use any more")


class LinkIncomplete(LinkRefused):
    """The token is not one that we signed for this purpose."""

    def __init__(self) -> None:
        super().__init__("this link is not complete; take it from the mail once more")


@dataclass(frozen=True, slots=True)
class Link:
    """The person that a link is for, and the onboarding in which it was sent."""

    person_id: str
    onboarding_key: str


def unsubscribe_url(settings: Settings, person_id: str, onboarding_key: str, as_of: datetime) -> str:
    """Return the address of one person's unsubscribe page; empty where no public address is set.

    Empty in a rehearsal too: the reader of a redirected mail must not unsubscribe its real recipient. Pure: the same
    link made on the same day is the same address, so that a mail rendered twice is the same mail.
    """
    if settings.public_url is None or settings.link_secret is None or settings.mail_redirect is not None:
        return ""
    return f"{settings.public_url}/u/{sign(settings, Link(person_id, onboarding_key), as_of)}"


def survey_url(settings: Settings, kind: SurveyKind, link: Link, as_of: datetime) -> str:
    """Return the address of one person's page of a survey; empty where and as ``unsubscribe_url`` is."""
    if settings.public_url is None or settings.link_secret is None or settings.mail_redirect is not None:
        return ""
    return f"{settings.public_url}/s/{sign(settings, link, as_of, _survey(kind))}"


def plan_url(settings: Settings, link: Link, number: int, as_of: datetime) -> str:
    """Return the address of one person's plan page; empty where and as ``unsubscribe_url`` is. ``number`` is that of
    the person's links now: a link of an earlier one was revoked."""
    if settings.mail_redirect is not None:
        return ""
    return plan_address(settings, link, number, as_of)


def plan_address(settings: Settings, link: Link, number: int, as_of: datetime) -> str:
    """Return the same for one of our own people, who hands it on themselves; empty where no public address is set."""
    if settings.public_url is None or settings.link_secret is None:
        return ""
    numbered = Link(f"{link.person_id}~{number}", link.onboarding_key)
    return f"{settings.public_url}/p/{sign(settings, numbered, as_of, PLAN)}"


def read_plan_link(settings: Settings, token: str, now: datetime, days: int = PLAN_DAYS) -> tuple[Link, int]:
    """Return the link of a token and its number. Raises LinkRefused."""
    link = read_link(settings, token, now, PLAN, days)
    person_id, _, number = link.person_id.rpartition("~")
    return Link(person_id, link.onboarding_key), int(number)


def read_survey_link(settings: Settings, token: str, now: datetime) -> tuple[SurveyKind, Link]:
    """Return the survey and the link of a token. Raises LinkRefused."""
    for kind in QUESTIONS:
        with suppress(LinkIncomplete):
            return kind, read_link(settings, token, now, _survey(kind), SURVEY_DAYS)
    raise LinkIncomplete


def without_signed_links(text: str) -> str:
    """Return a mail's text or HTML with ``#`` in place of each link that acts for its reader, of any public address."""
    return _SIGNED.sub("#", text)


def _survey(kind: SurveyKind) -> str:
    return f"survey.{kind.value}"


def sign(settings: Settings, link: Link, as_of: datetime, purpose: str = UNSUBSCRIBE) -> str:
    """Return the token of a link, signed with the newest secret."""
    day = (as_of.date() - _EPOCH).days
    return str(_serializer(settings, purpose).dumps([link.person_id, link.onboarding_key, day]))


def read_link(
    settings: Settings, token: str, now: datetime, purpose: str = UNSUBSCRIBE, days: int = VALID_DAYS
) -> Link:
    """Return the link of a token that was signed for this purpose within so many days. Raises LinkRefused.

    Each of the secrets is accepted, so that a new one can be set in front while links of an old one are in use.
    """
    given = _signed(settings, token, purpose)
    match given:
        case [str(person_id), str(onboarding_key), int(day)]:
            if (now.date() - _EPOCH).days - day > days:
                raise LinkTooOld(Link(person_id.partition("~")[0], onboarding_key))
            return Link(person_id, onboarding_key)
    raise LinkIncomplete


def sign_form(settings: Settings, parts: Sequence[str]) -> str:
    """Return the token of a form: whose it is, what it asks, and what was known when it was shown."""
    return str(_serializer(settings, FORM).dumps(list(parts)))


def read_form(settings: Settings, token: str) -> Sequence[str]:
    """Return the parts of a form's token. Raises LinkRefused where we did not sign it."""
    match _signed(settings, token, FORM):
        case list(parts) if all(isinstance(one, str) for one in parts):
            return parts
    raise LinkIncomplete


def _signed(settings: Settings, token: str, purpose: str) -> Any:
    signature = token.rpartition(".")[2]
    try:
        # Base64 has several spellings of the same bytes: only the one that we write is accepted.
        if len(token) > LONGEST or base64_encode(base64_decode(signature)).decode() != signature:
            raise BadData("another spelling")
        return _serializer(settings, purpose).loads(token)
    except (BadData, UnicodeError):
        raise LinkIncomplete from None


def _serializer(settings: Settings, purpose: str) -> URLSafeSerializer:
    if settings.link_secret is None:
        raise LinkRefused("links are not signed here")
    secrets = [secret.strip() for secret in settings.link_secret.get_secret_value().split(",")]
    return URLSafeSerializer(
        secrets[::-1],  # the last one signs, all of them are tried
        salt=f"first90.{purpose}",
        signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
    )
