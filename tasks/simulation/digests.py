"""Each person's daily digest in a simulation, written from the last look at every onboarding."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime

from onboarding.dates.working_time import is_open, zone_of
from onboarding.escalations.digest import digests, lines_for
from onboarding.messages.posts import digest_post
from onboarding.model.effect import PlannedEffect
from onboarding.model.parties import Owner
from onboarding.model.vocabulary import Channel, VendorRole
from onboarding.review_case import Reviewed
from tasks.runtime.context import RunContext
from tasks.simulation.outbox import Post


def write_digests(context: RunContext, post: Post, seen: Iterable[Reviewed], written: set[str], now: datetime) -> None:
    """Once a day and person, in that person's working hours; ``written`` holds the keys of those that are out."""
    found = list(seen)
    owners = {owner.id: owner for one in found for owner in one.case.owners.values() if owner.active}
    ready = {
        _key(owner, now): owner
        for owner in owners.values()
        if _key(owner, now) not in written and _works_now(context, owner, now)
    }
    if not ready:
        return
    lines = [line for one in found for line in lines_for(one.case, one.review, one.playbook, now)]
    by_owner = digests(lines, owners, now.date())
    for key, owner in sorted(ready.items()):
        written.add(key)
        mine = by_owner.get(owner.id)
        if not mine:
            continue
        day = now.astimezone(zone_of(owner.zone)).date()
        effect = PlannedEffect(
            key=key,
            kind="digest",
            occurrence=day.isoformat(),
            channel=Channel.SLACK,
            person_id=owner.id,
            recipient=owner.email,
            role=VendorRole.CSM.value,
            due_at=now,
            because=f"{len(mine)} things of low urgency on {day.isoformat()}",
        )
        payload = {
            "method": "chat.postMessage",
            "channel": owner.email,
            "post": asdict(digest_post(owner.name, mine, day)),
            "as_of": now.isoformat(),
        }
        post.say(effect, payload, now)


def _key(owner: Owner, now: datetime) -> str:
    day = now.astimezone(zone_of(owner.zone)).date()
    return f"digest:{day.isoformat()}:{Channel.SLACK.value}:{owner.id}"


def _works_now(context: RunContext, owner: Owner, now: datetime) -> bool:
    hours = next(iter(context.library.playbook_versions.values())).playbook.pace.hours
    return is_open(now, owner.zone, context.calendars(now)(owner.country), hours)
