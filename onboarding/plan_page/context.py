"""One onboarding as one of the customer's people may see it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from onboarding.booking.choice import Times
from onboarding.brand.resources import NO_RESOURCES, Resources
from onboarding.forecast.result import Forecast
from onboarding.languages.answer_phrases import AnswerPhrases
from onboarding.languages.call_phrases import CallPhrases
from onboarding.languages.clash_phrases import ClashPhrases
from onboarding.languages.language import ENGLISH, Language
from onboarding.languages.plan_phrases import PlanPhrases
from onboarding.languages.profile_phrases import ProfilePhrases
from onboarding.messages.calendar_days import Days
from onboarding.model.case import Case
from onboarding.model.parties import Person
from onboarding.model.playbook import MilestonePlan, Playbook
from onboarding.model.review import Review
from onboarding.model.state import Milestone, OnboardingState
from onboarding.model.vocabulary import STAGES, CustomerRole, Stage
from onboarding.plan_page.policy import may_see_work
from onboarding.shared_plan.said import WorkSaid, said_of_work


@dataclass(frozen=True, slots=True, kw_only=True)
class PageContext:
    """The onboarding as it stands at ``now`` (UTC), and the reader with their language and the roles that they hold."""

    case: Case
    review: Review
    playbook: Playbook
    now: datetime
    reader: Person
    roles: frozenset[CustomerRole]
    language: Language = ENGLISH
    forecast: Forecast | None = None
    resources: Resources = NO_RESOURCES
    crm_decides: bool = False
    """Whether the CRM alone says what is done, so that a tick here is only a report."""
    times: Times | None = None
    """The times for a call that the reader can choose from; None where they are not read, or nobody is to be met."""
    company_booking_url: str = ""
    """The page on which calls with all who have none of their own are booked; empty if there is none."""

    @property
    def state(self) -> OnboardingState:
        """Return the folded facts."""
        return self.review.state

    @property
    def said(self) -> Mapping[str, WorkSaid]:
        """Return what was said on plan pages about open work."""
        return said_of_work(self.case.facts, self.state.milestones, self.now)

    @property
    def days(self) -> Days:
        """Return the days of the account, compared with the reader's today."""
        return Days(self.now, self.case.account.zone or "UTC", self.reader.zone, self.language)

    @property
    def words(self) -> PlanPhrases:
        """Return what the page says, in the reader's language."""
        return self.language.words.plan

    @property
    def calls(self) -> CallPhrases:
        """Return what it says about the times of calls, in the reader's language."""
        return self.language.words.calls

    @property
    def answers(self) -> AnswerPhrases:
        """Return what its forms say, in the reader's language."""
        return self.language.words.answers

    @property
    def clash_words(self) -> ClashPhrases:
        """Return what it says about conflicts of priorities, in the reader's language."""
        return self.language.words.clashes

    @property
    def profile_words(self) -> ProfilePhrases:
        """Return what it says about what matters to the reader, in the reader's language."""
        return self.language.words.profile

    @property
    def today(self) -> date:
        """Return the reader's day."""
        return self.days.today

    def visible_work(self) -> tuple[tuple[Stage, MilestonePlan, Milestone], ...]:
        """Return the work that the reader may see, in the order of the stages; none that does not apply."""
        return tuple(
            (stage, plan, milestone)
            for stage in STAGES
            for plan in self.playbook.stages[stage].milestones
            if may_see_work(self.roles, plan, stage)
            and (milestone := self.state.milestones.get(plan.name)) is not None
            and milestone.status != "not_applicable"
        )
