"""The lifecycle of an effect as one table: a state and an event give the next state and its consequences. Pure.

All code that changes an effect's state looks it up here; a pair that is not in the table changes nothing. The table
is printed in docs/delivery.md.
"""

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum

from onboarding.effects.events import Event
from onboarding.model.vocabulary import Channel, EffectState
from onboarding.values import dataclass


class Count(StrEnum):
    """The change of a counter."""

    KEPT = "kept"
    ADDED = "+1"
    TAKEN_BACK = "-1"
    RESET = "0"


class DueChange(StrEnum):
    """The change of the due time."""

    KEPT = "as before"
    NOW = "now"
    GIVEN = "the new moment, if one is given"
    SCHEDULE = "by the retry schedule"
    HOURLY = "in an hour"


class Lease(StrEnum):
    """The change of the lease."""

    ENDS = "ends"
    STARTS = "starts"
    KEPT = "goes on"
    OVER = "over at once: the next recovery takes it up"
    TOKEN = "ends, but a late answer of its worker still counts"


class Doubt(StrEnum):
    """The change of the mark that it may have arrived."""

    KEPT = "kept"
    SET = "set"
    CLEARED = "cleared"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """The result of one event in one state."""

    to: EffectState
    in_doubt: EffectState | None = None
    """The next state if an earlier try may have arrived; None: the same."""
    mail_only: bool = False
    """``in_doubt`` holds for mails only: a Slack edit or a CRM row that arrives twice does no harm."""
    tries: Count = Count.KEPT
    """``TAKEN_BACK`` and ``RESET`` also clear the time of the first try."""
    crashes: Count = Count.KEPT
    doubt: Doubt = Doubt.KEPT
    due: DueChange = DueChange.KEPT
    lease: Lease = Lease.ENDS
    made_anew: bool = False
    """Whether the stored payload is dropped and composed again before sending."""
    frees_address: bool = False
    """Whether its cancellation lets another person with the same address get this step's mail."""

    def after(self, *, in_doubt: bool, channel: Channel | None = None) -> EffectState:
        """Return the next state of an effect of this channel, which may have arrived or certainly has not."""
        if in_doubt and self.in_doubt is not None and (not self.mail_only or channel is Channel.MAIL):
            return self.in_doubt
        return self.to


WAITS_FOR_PERSON = frozenset({EffectState.DEAD, EffectState.UNKNOWN})
"""Reported to operators once, and left until a person decides."""

_S, _E, _T = EffectState, Event, Transition

_TAKEN_BACK = _T(to=_S.PLANNED, tries=Count.TAKEN_BACK)
_HELD = _T(to=_S.UNKNOWN, doubt=Doubt.SET, lease=Lease.TOKEN)
_DIED_IN_DOUBT = _T(to=_S.PLANNED, crashes=Count.ADDED, doubt=Doubt.SET)
_RESCHEDULED = _T(to=_S.PLANNED, due=DueChange.GIVEN)
_WITHHELD = _T(to=_S.WITHHELD, due=DueChange.GIVEN)
_GIVEN_UP = _T(to=_S.CANCELLED, in_doubt=_S.UNKNOWN, mail_only=True, due=DueChange.GIVEN, frees_address=True)
_RETRIED = _T(to=_S.PLANNED, tries=Count.RESET, crashes=Count.RESET, doubt=Doubt.CLEARED, due=DueChange.NOW)
_CANCELLED = _T(to=_S.CANCELLED)
_CONFIRMED = _T(to=_S.SENT)

TABLE: Mapping[EffectState, Mapping[Event, Transition]] = {
    _S.PLANNED: {
        _E.LEASED: _T(to=_S.LEASED, lease=Lease.STARTS),
        _E.KEY_FORGOTTEN: _T(to=_S.UNKNOWN),
        _E.LEFT_BEFORE: _T(to=_S.UNKNOWN, doubt=Doubt.SET),
        _E.RESCHEDULED: _RESCHEDULED,
        _E.WITHHELD: _WITHHELD,
        _E.GIVEN_UP: _GIVEN_UP,
        _E.READDRESSED: _T(to=_S.PLANNED, in_doubt=_S.UNKNOWN, mail_only=True, made_anew=True),
        _E.ADDRESS_TAKEN: _T(to=_S.CANCELLED, frees_address=True),
        _E.RETRIED: _RETRIED,
        _E.CANCELLED: _CANCELLED,
        _E.ERASED: _CANCELLED,
    },
    _S.WITHHELD: {
        _E.RESCHEDULED: _RESCHEDULED,
        _E.WITHHELD: _WITHHELD,
        _E.GIVEN_UP: _GIVEN_UP,
        _E.READDRESSED: _T(to=_S.WITHHELD, in_doubt=_S.UNKNOWN, mail_only=True, made_anew=True),
        _E.ADDRESS_TAKEN: _T(to=_S.CANCELLED, frees_address=True),
        _E.CANCELLED: _CANCELLED,
        _E.ERASED: _CANCELLED,
    },
    _S.LEASED: {
        _E.RELEASED: _T(to=_S.PLANNED),
        _E.ANNOUNCED: _T(to=_S.SENDING, tries=Count.ADDED, lease=Lease.KEPT),
        _E.DIED: _T(to=_S.PLANNED, crashes=Count.ADDED),
        _E.DIED_AGAIN: _T(to=_S.DEAD, in_doubt=_S.UNKNOWN, crashes=Count.ADDED, lease=Lease.TOKEN),
        # The worker that rechecked it is alive, so it did not cause the earlier deaths.
        _E.RESCHEDULED: replace(_RESCHEDULED, crashes=Count.RESET),
        _E.WITHHELD: replace(_WITHHELD, crashes=Count.RESET),
        _E.GIVEN_UP: replace(_GIVEN_UP, crashes=Count.RESET),
        _E.ERASED: _CANCELLED,
    },
    _S.SENDING: {
        _E.ACCEPTED: _T(to=_S.SENT),
        _E.REFUSED: _T(to=_S.PLANNED, due=DueChange.SCHEDULE),
        # An effect that may have arrived is never marked dead.
        _E.USED_UP: _T(to=_S.DEAD, in_doubt=_S.UNKNOWN, lease=Lease.TOKEN),
        _E.CHANNEL_DOWN: _TAKEN_BACK,
        _E.DECISION_PENDING: replace(_TAKEN_BACK, due=DueChange.HOURLY),
        _E.REJECTED: _T(to=_S.DEAD, in_doubt=_S.UNKNOWN),
        _E.IN_DOUBT_REPEAT: _T(to=_S.PLANNED, doubt=Doubt.SET, due=DueChange.SCHEDULE),
        # Looked up after the grace period, because the far side may not find a message at once. The recovery counts a
        # crash, which is taken back here: the worker is alive and reported the doubt.
        _E.IN_DOUBT_ASK: _T(to=_S.SENDING, doubt=Doubt.SET, crashes=Count.TAKEN_BACK, lease=Lease.OVER),
        _E.IN_DOUBT_HOLD: _HELD,
        _E.DIED_REPEAT: _DIED_IN_DOUBT,
        _E.DIED_ASK: replace(_DIED_IN_DOUBT, to=_S.SENDING, lease=Lease.STARTS),
        _E.DIED_HOLD: replace(_HELD, crashes=Count.ADDED),
        _E.DIED_AGAIN: replace(_HELD, crashes=Count.ADDED),
    },
    _S.SENT: {},
    _S.UNKNOWN: {
        _E.ACCEPTED: _T(to=_S.SENT),
        _E.RETRIED: _RETRIED,
        _E.CANCELLED: _CANCELLED,
        _E.CONFIRMED: _CONFIRMED,
    },
    _S.DEAD: {
        # It was certainly refused, so its payload is composed again.
        _E.RETRIED: replace(_RETRIED, made_anew=True),
        _E.CANCELLED: _CANCELLED,
        _E.CONFIRMED: _CONFIRMED,
    },
    # Nothing of it had left, so it is planned again as something new; a person's own cancellation is final.
    _S.CANCELLED: {_E.RESTORED: replace(_RETRIED, due=DueChange.GIVEN, made_anew=True)},
}
"""All changes of state. Sent is final, and cancelled unless a change of the playbook is taken back."""

OF_CHANGE: Mapping[EffectState, Event] = {
    _S.PLANNED: _E.RESCHEDULED,
    _S.WITHHELD: _E.WITHHELD,
    _S.CANCELLED: _E.GIVEN_UP,
}
"""The event of a change decided by the rules, by the state that the change asks for."""


class NotPossible(Exception):
    """Raised for an event that cannot happen to an effect in its state."""


def transition(state: EffectState, event: Event) -> Transition:
    """Return the transition for the event. Raise NotPossible if it cannot happen in this state."""
    try:
        return TABLE[state][event]
    except KeyError:
        raise NotPossible(f"an effect that is {state.value} cannot be: {event.value}") from None


def sources(event: Event) -> tuple[EffectState, ...]:
    """Return the states in which the event can happen."""
    return tuple(state for state, row in TABLE.items() if event in row)
