"""Notes about first90 itself, which belong to no onboarding, in Slack and by mail; each is sent once."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from hashlib import sha256

from onboarding.escalations.readers import CHANNEL, CHANNEL_ID
from onboarding.messages.posts import Post, stored_post
from onboarding.model.effect import PlannedEffect
from onboarding.model.identity import one_spelling
from onboarding.model.vocabulary import Channel, VendorRole


def note(kind: str, occurrence: str, post: Post, because: str, as_of: datetime) -> PlannedEffect:
    """Return a note of this kind; another one with the same ``occurrence`` is a repeat and has the same key."""
    return PlannedEffect(
        key=f"{kind}:{occurrence}:{Channel.SLACK.value}:{CHANNEL_ID}",
        kind=kind,
        occurrence=occurrence,
        channel=Channel.SLACK,
        person_id=CHANNEL_ID,
        recipient=CHANNEL,
        role=VendorRole.CS_MANAGER.value,
        due_at=as_of,
        because=because,
        data={"post": stored_post(post)},
    )


def by_mail(planned: PlannedEffect, address: str) -> PlannedEffect:
    """Return the note as a mail to one of the team file's addresses for ops; planned again it is the same effect."""
    reader = sha256(one_spelling(address).encode()).hexdigest()[:16]
    return replace(
        planned,
        key=f"{planned.kind}:{planned.occurrence}:{Channel.MAIL.value}:{reader}",
        channel=Channel.MAIL,
        person_id=f"ops:{reader}",
        recipient=address,
        because=f"the team file names this address for ops: {planned.because}",
    )


def occurrence_of(news: Iterable[str], as_of: datetime) -> str:
    """Return the occurrence of a note with this content, found at this moment."""
    digest = sha256("\n".join(sorted(news)).encode()).hexdigest()
    return f"{as_of:%Y%m%dT%H%M}-{digest[:16]}"
