"""Plans one note to ops on each channel that is down and each message that waits for a person."""

import json
from datetime import datetime, timedelta

from database import key_values
from database.channels import breakers
from database.outbox import planned
from database.outbox.dead_letters import aside, waiting
from onboarding.messages.notes import note, occurrence_of
from onboarding.messages.undelivered import undelivered_post
from tasks.runtime.context import RunContext

KIND = "undelivered"
TOLD = "undelivered_told"
"""The name under which the reported problems that still hold are kept: one that is mended and comes back is new."""

BLIP = timedelta(minutes=15)
"""A channel that is down for less works again before a person has read of it. Our choice."""


def tell_of_undelivered(context: RunContext, as_of: datetime) -> None:
    """Plan a note where there is a new problem. Safe to repeat and beside other runs: what was reported is kept in the
    transaction that plans the note."""
    now = context.wall_clock()
    with context.database.writing() as conn:
        channels = {
            f"channel {one.channel} {one.since.isoformat()}": (one.channel, one.error)
            for one in breakers.troubles(conn)
            if one.shut_until is not None and (one.needs_person or now - one.since >= BLIP)
        }
        effects = {one.key: (one.key, one.state.value, one.error) for one in aside(conn) if one.kind != KIND}
        held = {f"waits {one.channel} {one.error}": (one.channel, one.count, one.error) for one in waiting(conn)}
        kept = key_values.read(conn, TOLD)
        told = set(json.loads(kept.value)) if kept else set()
        current = {*channels, *effects, *held}
        if current == told:
            return
        key_values.write(conn, TOLD, json.dumps(sorted(current)), as_of)
        fresh = current - told
        if fresh:
            post = undelivered_post(
                [channels[name] for name in sorted(fresh & channels.keys())],
                [effects[key] for key in sorted(fresh & effects.keys())],
                [held[name] for name in sorted(fresh & held.keys())],
            )
            because = f"{len(fresh)} new reasons why something was not delivered"
            effect = note(KIND, occurrence_of(fresh, as_of), post, because, as_of)
            planned.plan(conn, [(None, effect)], as_of)
