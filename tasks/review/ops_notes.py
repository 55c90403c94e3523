"""Plans one note to ops on each channel that is down or works again and each message that waits for a person, in Slack
and by mail."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection

from database import key_values
from database.channels import breakers
from database.outbox import planned
from database.outbox.dead_letters import aside, waiting
from database.privacy import suppressions
from onboarding.messages.notes import by_mail, note, occurrence_of
from onboarding.messages.undelivered import UNDELIVERED, undelivered_post
from onboarding.model.identity import one_spelling
from onboarding.model.vocabulary import Channel
from tasks.runtime.context import RunContext

TOLD = "undelivered_told"
"""The name under which the reported problems that still hold are kept: one that is mended and comes back is new."""

BLIP = timedelta(minutes=15)
"""A channel that is down for less works again before a person has read of it. Our choice."""


def tell_of_undelivered(context: RunContext, as_of: datetime) -> None:
    """Plan a note where there is a new problem, or a channel works again: in Slack, and by mail to the team file's
    addresses for ops.

    Safe to repeat and beside other runs: what was reported is kept in the transaction that plans the note.

    Each way tells of the other: a Slack that is down is told by mail, and a mail that is down in Slack alone.
    """
    now = context.wall_clock()
    with context.database.writing() as conn:
        channels = {
            f"channel {one.channel} {one.since.isoformat()}": (one.channel, one.error)
            for one in breakers.troubles(conn)
            if one.shut_until is not None and (one.needs_person or now - one.since >= BLIP)
        }
        effects = {one.key: (one.key, one.state.value, one.error) for one in aside(conn) if one.kind != UNDELIVERED}
        held = {f"waits {one.channel} {one.error}": (one.channel, one.count, one.error) for one in waiting(conn)}
        kept = key_values.read(conn, TOLD)
        told = set(json.loads(kept.value)) if kept else set()
        current = {*channels, *effects, *held}
        if current == told:
            return
        key_values.write(conn, TOLD, json.dumps(sorted(current)), as_of)
        fresh, back = current - told, _back(told, channels)
        if fresh or back:
            post = undelivered_post(
                [channels[name] for name in sorted(fresh & channels.keys())],
                [effects[key] for key in sorted(fresh & effects.keys())],
                [held[name] for name in sorted(fresh & held.keys())],
                back,
            )
            because = f"{len(fresh)} new reason{'s' if len(fresh) > 1 else ''} why something was not delivered"
            because = because if fresh else f"{' and '.join(back)} can be delivered again"
            effect = note(UNDELIVERED, occurrence_of({*fresh, *back}, as_of), post, because, as_of)
            only_mail = not back and all(name in channels and channels[name][0] == Channel.MAIL for name in fresh)
            mails = [] if only_mail else [by_mail(effect, one) for one in ops_addresses(conn, context)]
            planned.plan(conn, [(None, one) for one in (effect, *mails)], as_of)


def _back(told: Iterable[str], channels: Mapping[str, tuple[str, str]]) -> list[str]:
    """Return the channels that were reported as down and are not."""
    reported = {name.split()[1] for name in told if name.startswith("channel ")}
    return sorted(reported - {channel for channel, _ in channels.values()})


def ops_addresses(conn: Connection, context: RunContext) -> list[str]:
    """Return each of the team file's addresses for ops once, without those that are suppressed."""
    named = {one_spelling(address): address for address in context.team.ops_addresses}
    closed = {one.subject for one in suppressions.current(conn, (), named)} if named else set()
    return [address for spelling, address in named.items() if spelling not in closed]
