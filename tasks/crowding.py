"""No person and no account gets too much on one day: the last word before a mail leaves, over all onboardings."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from database import quota
from onboarding.effects.daily_caps import Wanted, count_of, put_off
from onboarding.effects.effect import Leased
from onboarding.review import EffectChange
from onboarding.reviewing import Reviewed
from tasks.workplace import Workplace


def leave_room(
    place: Workplace, as_of: datetime, leaving: Sequence[tuple[Leased, str]], reviewed: Mapping[str, Reviewed]
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
    with place.database.writing() as conn:
        too_many = quota.reserve(conn, list(wanted.values()))
    return {
        effect.key: put_off(effect, reviewed[effect.onboarding_key or ""], as_of, too_many[effect.key])
        for effect, _ in leaving
        if effect.key in too_many
    }
