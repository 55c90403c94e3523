"""What the mail to a newcomer may name: short lists, already in the reader's words."""

from onboarding.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPerson:
    """One of the people, and their part in words."""

    name: str
    part: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NextWork:
    """A piece of open work; ``due`` as ``by 12 March 2026``, empty if it has no day."""

    title: str
    due: str
    late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CatchUpPart:
    """Where an onboarding stands, for a person who joins it (SH-6); only what their role may see. Empty in other
    letters."""

    here: str = ""
    """What happens in the current stage, in a sentence."""
    goals: tuple[str, ...] = ()
    call: str = ""
    """The next call that is agreed and for them: its title and time."""
    yours: tuple[NextWork, ...] = ()
    ours: tuple[NextWork, ...] = ()
    team: tuple[KnownPerson, ...] = ()
    """Of the vendor's people, the accountable one first."""
    colleagues: tuple[KnownPerson, ...] = ()
    """Of the customer's own people, without the reader."""


NO_CATCH_UP = CatchUpPart()
