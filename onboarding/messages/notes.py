"""Notes to the managers' channel about first90 itself, which belong to no onboarding; each is sent once."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from hashlib import sha256

from onboarding.escalations.readers import CHANNEL, CHANNEL_ID
from onboarding.messages.posts import Post
from onboarding.model.effect import PlannedEffect
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
        data={"post": asdict(post)},
    )


def occurrence_of(news: Iterable[str], as_of: datetime) -> str:
    """Return the occurrence of a note with this content, found at this moment."""
    digest = sha256("\n".join(sorted(news)).encode()).hexdigest()
    return f"{as_of:%Y%m%dT%H%M}-{digest[:16]}"
