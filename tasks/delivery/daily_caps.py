"""No person and no account gets too much on one day: the last word before a mail leaves, over all onboardings."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from database.channels import daily_counts
from onboarding.effects.daily_caps import Wanted, count_of, put_off
from onboarding.model.effect import Leased
from onboarding.model.review import EffectChange
from onboarding.review_case import Reviewed
from tasks.runtime.context import RunContext


def leave_room(
    context: RunContext, as_of: datetime, leaving: Sequence[tuple[Leased, str]], reviewed: Mapping[str, Reviewed]
) -> Mapping[str, EffectChange]:
    """The mails for which today has no room, by key, each put off to its reader's next working day.

    ``leaving`` are those that may leave, each with its recipient. Reserves the room of the others, so that no other run
    gives it away. What would be too late by then is given up, and says so. Safe to repeat.
    """
    wanted: dict[str, Wanted] = {}
    for effect, recipient in leaving:
        found = reviewed.get(effect.onboarding_key or "")
        if found is not None and (want := count_of(effect, recipient, found, as_of)):
            wanted[effect.key] = want
    if not wanted:
        return {}
    with context.database.writing() as conn:
        too_many = daily_counts.reserve(conn, list(wanted.values()))
    return {
        effect.key: put_off(effect, reviewed[effect.onboarding_key or ""], as_of, too_many[effect.key])
        for effect, _ in leaving
        if effect.key in too_many
    }
