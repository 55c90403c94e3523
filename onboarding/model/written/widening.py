"""From which stage on each role is written to, as a playbook writes it (SX-8)."""

from collections.abc import Mapping
from dataclasses import field

from onboarding.model.schedule import Source, Written
from onboarding.model.vocabulary import CustomerRole, Stage
from onboarding.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Widening(Written):
    """The first stage in which mails are addressed to a role; ``done`` means the tracks. A role that is not named is
    written to from the start. Once first value is reached everybody is."""

    roles: Mapping[CustomerRole, Stage] = field(metadata={"min_length": 1})
    source: Source
