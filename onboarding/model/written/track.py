"""The tracks that follow first value, as a playbook writes them (ST-15)."""

from collections.abc import Collection, Iterable
from dataclasses import field
from enum import StrEnum

from onboarding.model.schedule import Due, Name, Source, Written
from onboarding.values import dataclass


class Phase(StrEnum):
    """The three phases of a customer's adoption (ST-10)."""

    PRIMARY = "primary"
    """From the signature to first value."""
    SECONDARY = "secondary"
    """From first value to adoption."""
    TERTIARY = "tertiary"
    """From adoption to advocacy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InUse(Written):
    """When the product counts as used: by so many of the customer's people, the last time so many days ago at most."""

    users: int = field(metadata={"ge": 1, "le": 100000})
    last_days: int = field(metadata={"ge": 1, "le": 365})


@dataclass(frozen=True, slots=True, kw_only=True)
class Track(Written):
    """What goes on for a while after first value: the steps that name it. A customer who does not use the product is
    not bothered; where usage is unknown, one who did not ask for it."""

    name: Name
    title: str
    phase: Phase
    begins: Due
    """``stage`` means the end of the five stages."""
    days: int = field(metadata={"ge": 1, "le": 1095})
    """How long it lasts, in days; holds move the end."""
    in_use: InUse
    wish: tuple[Name, ...] = ()
    """Milestones of which one done shows the customer's wish, where usage is unknown; without any nothing is sent
    then."""
    source: Source

    def __post_init__(self) -> None:
        if self.phase is Phase.PRIMARY:
            raise ValueError(f"track {self.name}: the primary phase is the five stages; use secondary or tertiary")


def check_tracks(
    tracks: Collection[Track], steps: Iterable[tuple[str, str, str, bool]], milestones: Collection[str]
) -> None:
    """Raise ValueError for a track or a step of one that cannot work. ``steps`` are names, each with its track, the
    anchor of its date, and whether it goes out after completion."""
    names = [track.name for track in tracks]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"track names must be unique; twice: {', '.join(twice)}")
    for track in tracks:
        for name in track.wish:
            if name not in milestones:
                raise ValueError(f"track {track.name}: wish names an unknown milestone: {name}")
    for step, name, anchor, after in steps:
        if name and name not in names:
            raise ValueError(f"step {step}: there is no track {name}; known: {', '.join(names) or 'none'}")
        if name and not after:
            raise ValueError(f"step {step}: a step of a track needs after_completion: true")
        if anchor == "track" and not name:
            raise ValueError(f"step {step}: due: {{from: track}} needs track: with the name of one")
