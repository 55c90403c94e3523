"""The resource file: the vendor's documents, videos, guides and test environments, and for whom each of them is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated

from onboarding.brand.company import WEB, Line
from onboarding.model.message_policy import Topic
from onboarding.model.schedule import Name, Text, Written
from onboarding.model.vocabulary import CustomerRole, GoalKind, Stage

Link = Annotated[str, Text(pattern=rf"^{WEB}$", means="An https address.")]


class ResourceKind(StrEnum):
    """What opens behind the link."""

    DOCUMENT = "document"
    VIDEO = "video"
    GUIDE = "guide"
    SANDBOX = "sandbox"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource(Written):
    """One resource. Each condition that is given must hold; the more hold, the better it fits (SX-11, SX-12)."""

    title: Line = field(metadata={"min_length": 2, "max_length": 100})
    """Translated like the texts of a playbook, by ``texts`` of a language's words."""
    kind: ResourceKind
    links: Mapping[str, Link] = field(metadata={"min_length": 1})
    """The address in each language, by tag: ``en``, ``de``. A reader of another language gets the first one."""
    topic: Topic
    """Decides which roles must not get it, as for mails (SH-4)."""
    minutes: int | None = field(default=None, metadata={"ge": 1, "le": 600})
    stages: tuple[Stage, ...] = ()
    roles: tuple[CustomerRole, ...] = ()
    milestones: tuple[Name, ...] = ()
    """Work that it helps with: shown to those whose next work is one of these."""
    goals: tuple[GoalKind, ...] = ()
    use_cases: tuple[Line, ...] = ()
    """Words of the use case, looked for in the goals that sales handed over and in the measurable ones (SX-9)."""
    products: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources(Written):
    """All resources, the more important ones first."""

    resources: tuple[Resource, ...] = ()


NO_RESOURCES = Resources()
