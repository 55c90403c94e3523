"""Which resources fit a reader now: few, for their next step and role, in their language (SX-9, SX-11, SX-12, FM-2)."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from onboarding.brand.resources import Resource, Resources
from onboarding.languages.language import Language
from onboarding.model.case import Case
from onboarding.model.message_policy import Topic, may_receive, seen_as
from onboarding.model.state import OnboardingState
from onboarding.model.vocabulary import CustomerRole, GoalKind, HandoffItem, Stage

IN_A_MAIL = 2
"""How many a mail names. This project's choice."""
ON_THE_PAGE = 4
"""How many the reader's plan page names. This project's choice."""
NEXT_STEP = 10
"""How much more it counts that a resource is for the reader's next work than that any other condition holds."""
LEARNING = frozenset(
    {
        Topic.END_USER_TRAINING,
        Topic.ADMIN_TRAINING,
        Topic.MANAGER_TRAINING,
        Topic.ENABLEMENT,
        Topic.ADMIN_CONFIGURATION,
        Topic.TECHNICAL_DOCUMENTATION,
        Topic.SECURITY_DOCUMENTATION,
        Topic.CHECK_IN,
        Topic.PROGRESS_UPDATE,
    }
)
"""Topics of mails that ask for a next step; others, such as invitations and results, name no resources."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourcePart:
    """A document, video, guide or test environment that fits the recipient's next step."""

    title: str
    url: str
    about: str
    """Its kind and length in words: ``video, 3 minutes``."""

    @property
    def id(self) -> str:
        """Return what the plan page names it by: of its address, so that nothing else can be opened by it."""
        return sha256(self.url.encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeker:
    """A reader as the conditions of resources see them."""

    roles: frozenset[CustomerRole]
    stage: Stage
    work: frozenset[str]
    """The names of the milestones that are the reader's next work."""
    goals: frozenset[GoalKind]
    use_case: str
    """The goals in words, in lower case."""
    products: frozenset[str]
    """In lower case."""


def seeker(
    case: Case, state: OnboardingState, roles: frozenset[CustomerRole], stage: Stage, work: frozenset[str]
) -> Seeker:
    """Return how the conditions see a reader with these roles in this stage; ``work`` names their next work."""
    told = [state.handoff.get(HandoffItem.GOALS, ""), *(goal.metric for goal in state.goals)]
    return Seeker(
        roles=roles,
        stage=stage,
        work=work,
        goals=frozenset(goal.kind for goal in state.goals if goal.kind),
        use_case="\n".join(told).lower(),
        products=frozenset(deal.product.lower() for deal in case.deals if deal.product),
    )


def fitting(resources: Resources, who: Seeker, language: Language, most: int) -> tuple[ResourcePart, ...]:
    """Return at most so many resources, what fits best first; of equals, in the order of the file."""
    fits = [(score, one) for one in resources.resources if (score := _score(one, who)) is not None]
    fits.sort(key=lambda found: -found[0])
    return tuple(_part(one, language) for _, one in fits[:most])


def resource_with(
    resources: Resources, roles: frozenset[CustomerRole], language: Language, wanted: str
) -> ResourcePart | None:
    """Return the resource with this id in the reader's language, if their roles may get its topic; else None."""
    allowed = (one for one in resources.resources if may_receive(seen_as(roles), one.topic))
    return next((part for one in allowed if (part := _part(one, language)).id == wanted), None)


def _score(one: Resource, who: Seeker) -> int | None:
    """Return how well it fits; None if a condition does not hold or the reader may not get its topic."""
    if not may_receive(seen_as(who.roles), one.topic):
        return None
    held = list(_conditions(one, who))
    return None if not all(held) else len(held) + (NEXT_STEP if one.milestones else 0)


def _conditions(one: Resource, who: Seeker) -> Iterator[bool]:
    if one.stages:
        yield who.stage in one.stages
    if one.roles:
        yield not who.roles.isdisjoint(one.roles)
    if one.milestones:
        yield not who.work.isdisjoint(one.milestones)
    if one.goals:
        yield not who.goals.isdisjoint(one.goals)
    if one.use_cases:
        yield any(word.lower() in who.use_case for word in one.use_cases)
    if one.products:
        yield not who.products.isdisjoint(word.lower() for word in one.products)


def _part(one: Resource, language: Language) -> ResourcePart:
    spoken = next((tag for tag in (language.tag, language.tag[:2]) if tag in one.links), next(iter(one.links)))
    kind = language.words.resources[one.kind]
    length = language.words.phrases.resource_minutes
    about = language.count(length, one.minutes, kind=kind) if one.minutes else kind
    other = "" if spoken[:2] == language.tag[:2] else f", {spoken}"
    return ResourcePart(title=language.text(one.title), url=one.links[spoken], about=f"{about}{other}")
