"""A part of playbooks that belongs to a product: what its customers get besides, whatever their tier."""

from collections.abc import Mapping
from dataclasses import field, replace

from onboarding.model.conditions.written import Traits
from onboarding.model.playbook import MilestonePlan, Step
from onboarding.model.schedule import Name, Written
from onboarding.model.vocabulary import Stage
from onboarding.model.written.stall_rule import StallRule
from onboarding.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PartStage(Written):
    """What a part adds to one stage."""

    milestones: tuple[MilestonePlan, ...] = ()
    exit: tuple[Name, ...] = ()
    """Those of these milestones without which the stage cannot be left."""

    def __post_init__(self) -> None:
        names = [plan.name for plan in self.milestones]
        for name in self.exit:
            if name not in names:
                raise ValueError(f"exit names {name}, which is none of the milestones here: {', '.join(names)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybookPart(Written):
    """One part. Names that begin with its own name are its own; any other means the same thing wherever it stands."""

    part: Name
    title: str
    products: tuple[str, ...] = field(metadata={"min_length": 1})
    """The products to which it belongs, by name or code; one is enough."""
    when: Traits | None = None
    """What is asked of a customer besides."""
    stages: Mapping[Stage, PartStage] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()
    stalls: Mapping[Name, StallRule] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.when and self.when.products:
            raise ValueError(
                "when: names products, and `products` has said that already; ask for a further one at the milestones, "
                "steps and stalls themselves"
            )

    @property
    def customers(self) -> Traits:
        """Return for which customers it is."""
        return replace(self.when or Traits(), products=self.products)

    def owns(self, name: str) -> bool:
        """Return whether a milestone or step of this name belongs to this part alone."""
        return name.startswith(f"{self.part}_")
