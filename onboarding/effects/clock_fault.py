"""The note to operators on a clock that is wrong: a machine's beside the database's, or one that went back,
and first90's own beside other services'."""

from datetime import datetime, timedelta
from hashlib import sha256

from onboarding.messages.notes import note
from onboarding.messages.posts import Post
from onboarding.model.effect import PlannedEffect

CLOCK_FAULT = "clock_fault"
NOTABLE = timedelta(minutes=2)
"""Logins and signatures that check the time allow some minutes. Less is told to nobody. This project's choice."""

MOST_AHEAD = timedelta(minutes=10)
"""From here on no mail leaves by a clock that is ahead of all other services'. The time between two sweeps, by which
mails are early or late anyway. This project's choice."""


def clock_note(machine: str, ahead: timedelta, as_of: datetime) -> PlannedEffect:
    """Return the note that the clock of ``machine`` is ``ahead`` of the database's (negative: behind); the same machine
    gives the same effect all day."""
    off = clock_words(ahead)
    post = Post(
        headline=f"the clock of {machine} is {off} the database's",
        lines=(
            "first90 goes by the database's clock, so nothing leaves early, late or twice by this machine's.",
            "Its logs and the dates in its mails' headers are wrong, and logins that check the time may fail.",
            "Where every machine is told of, it is the database's clock that is wrong.",
        ),
        footer="Set the clock there by NTP (timedatectl set-ntp true); nothing has to be started again. "
        "first90 check compares the two.",
    )
    return note(CLOCK_FAULT, _once(machine, as_of), post, f"the clock of {machine} is {off} the database's", as_of)


def far_note(ahead: timedelta, service: str, as_of: datetime) -> PlannedEffect:
    """Return the note that first90's clock is ``ahead`` of the ``service``'s (negative: behind); the same service gives
    the same effect all day."""
    off = clock_words(ahead)
    held = "Mail to customers is held until it is set right, because it would leave early."
    post = Post(
        headline=f"first90's clock is {off} {service}'s",
        lines=(
            held if ahead >= MOST_AHEAD else "What is due leaves early or late by that.",
            "On SQLite it is this machine's clock, on PostgreSQL the database server's.",
        ),
        footer="Set it there by NTP (timedatectl set-ntp true); nothing has to be started again.",
    )
    return note(CLOCK_FAULT, _once(f"far {service}", as_of), post, f"first90's clock is {off} {service}'s", as_of)


def set_back_note(before: datetime, now: datetime, as_of: datetime) -> PlannedEffect:
    """Return the note that the sweep before ended at a moment (UTC) that is yet to come, by the clock of ``now``."""
    then, here = (f"{moment:%Y-%m-%d %H:%M} UTC" for moment in (before, now))
    post = Post(
        headline=f"the clock went back: the last sweep ended at {then}, and now it is {here}",
        lines=(
            "Nothing is sent twice: what was sent stays sent.",
            "If the clock was wrong before, what was due until then has left early: see first90 effects --state sent. "
            "If it is wrong now, what is due leaves late.",
        ),
        footer="Set the clock by NTP (timedatectl set-ntp true) on the database's machine.",
    )
    return note(CLOCK_FAULT, _once(f"back {then}", as_of), post, f"the last sweep ended at {then}", as_of)


def clock_words(ahead: timedelta) -> str:
    """Return ``3 h 2 min ahead of`` or ``5 min behind``."""
    minutes = round(abs(ahead) / timedelta(minutes=1))
    hours, rest = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = [f"{days} d" if days else "", f"{hours} h" if hours else "", f"{rest} min" if rest or minutes < 60 else ""]
    return f"{' '.join(filter(None, parts))} {'ahead of' if ahead > timedelta() else 'behind'}"


def _once(what: str, as_of: datetime) -> str:
    return f"{as_of:%Y%m%d}-{sha256(what.encode()).hexdigest()[:16]}"
