"""The credentials that authenticate the webhooks of mail providers; each provider has its own kind.

All may be set at once, so that reports on mails of an earlier provider still count after a change.
"""

import base64
import binascii
from collections.abc import Callable

from pydantic import SecretStr

from onboarding.values import dataclass

SHORTEST = 16
"""The least length of a password. This project's choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailHooks:
    """The credentials that are set; the webhook of a provider without one returns 404."""

    postmark: SecretStr | None = None
    """``user:password``: Postmark does not sign, but logs in with the credentials in the webhook's URL."""
    sendgrid: SecretStr | None = None
    """The verification key of the signed event webhook (base64 of a public key, as SendGrid shows it)."""
    resend: SecretStr | None = None
    """The signing secret, ``whsec_...``."""


def read_hooks(read: Callable[..., SecretStr | None]) -> MailHooks:
    """Return the credentials from the variables ``..._hook_...``; ``read`` reports unusable ones."""
    return MailHooks(
        postmark=read("postmark_hook_login", _login, None),
        sendgrid=read("sendgrid_hook_key", _public_key, None),
        resend=read("resend_hook_secret", _signing_secret, None),
    )


def _login(text: str) -> SecretStr:
    user, colon, password = text.partition(":")
    if not colon or not user or len(password) < SHORTEST:
        raise ValueError(
            f"is no login; write user:password with a password of at least {SHORTEST} characters, the same as in the "
            "webhook's address at Postmark (https://user:password@host/hooks/postmark)"
        )
    return SecretStr(text)


def _public_key(text: str) -> SecretStr:
    if len(_decoded(text)) < 64:
        raise ValueError("is no verification key; copy the whole one from SendGrid's event webhook settings")
    return SecretStr(text)


def _signing_secret(text: str) -> SecretStr:
    if not text.startswith("whsec_") or len(_decoded(text.removeprefix("whsec_"))) < SHORTEST:
        raise ValueError("is no signing secret; copy the one that Resend shows for the webhook (whsec_...)")
    return SecretStr(text)


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
