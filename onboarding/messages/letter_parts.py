"""The values that a template may use: the parts of one letter, as words in the recipient's dates and zone.

Every field always exists; an unknown value is an empty text or list, so that a template can leave its sentence out.
Texts from the CRM are not escaped here; rendering escapes them.
"""

from dataclasses import dataclass

from onboarding.brand.company import NO_BRAND, Brand
from onboarding.languages.language import ENGLISH, Language
from onboarding.messages.letter_work import EventPart, TaskPart, WorkParts
from onboarding.messages.resources import ResourcePart
from onboarding.messages.survey_ask import NO_SURVEY, SurveyPart
from onboarding.newcomers.letter import NO_CATCH_UP, CatchUpPart

NO_TIME = "\ue000"
"""Stands where a mail would offer a time and none is free. Rendering puts a question in place of its sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPart:
    """The customer."""

    name: str
    tier: str
    self_service: bool = False
    """True where the tier is served by mail and guides: letters promise no hours of people (TI-L)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderPart:
    """The recipient. For a message to the vendor's people, one of them."""

    name: str
    first_name: str
    """The name in the salutation: the full name if the CRM has no first name, empty if it has no usable name."""
    full_name: str = ""
    """The same with the family name, in the order of the mail's language."""
    formal: str = ""
    """``Ms Weber``; empty unless the CRM knows the salutation."""
    role: str
    """The role's name in the playbook, empty if unknown."""
    part: str
    """The role in words: ``the project champion``; empty if unknown."""
    buyer: bool
    """False for people who took no part in choosing the product: they are told its value first (SH-6)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColleaguePart:
    """One of the vendor's people; all fields empty if there is none."""

    name: str
    first_name: str
    title: str
    email: str
    booking_url: str


NO_COLLEAGUE = ColleaguePart(name="", first_name="", title="", email="", booking_url="")


@dataclass(frozen=True, slots=True, kw_only=True)
class StagePart:
    """The current stage."""

    name: str
    """``handoff`` to ``first_value``, and ``done``."""
    title: str
    number: int
    """1 to 5; 5 when the onboarding is done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ValuePart:
    """Why the customer bought, from the playbook only (CO-5)."""

    product: str
    line: str
    for_reader: str
    """The value for the reader's role, else the same as ``line``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoffPart:
    """What sales already asked, so that it is not asked again (HO-8). Commitments are not included."""

    goals: str
    success_metrics: str
    technical_requirements: str
    timeline: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalPart:
    """A measurable goal."""

    text: str
    """``quote turnaround from 48 to 4 hours by 30 April 2026``, and where it stands; once its date has passed, with the
    outcome."""
    metric: str
    baseline: str
    target: str
    unit: str
    due_on: str
    past: bool
    """Whether its date has passed or it was reached before."""
    stands: str
    """``12 hours on 16 March 2026``; empty if no value was reported."""
    confirmed: bool
    """Whether the customer's side confirmed it; until then it is what the seller understood."""
    gain: str
    """What the way so far is worth, in the customer's own figures: ``15,300 EUR``; empty if they gave none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalStepsPart:
    """What the playbook in force asks of the customer's side about its goals; an older version of it may ask none."""

    begin: bool = False
    """Whether the onboarding begins with their goals and waits for no kickoff call."""
    confirmed: bool = False
    turn: str = ""
    """Whose step it is before setup, if no kickoff is ahead: ``theirs`` until they confirmed, then ``ours``."""
    close: bool = False
    open: bool = False
    """Whether it closes with a value of each goal, and whether one is still asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KickoffPart:
    """The kickoff call."""

    booked: bool
    """Whether a future time is agreed, or it was held."""
    held: bool
    passed: bool
    """Whether an agreed time is over and the kickoff is not reported as held."""
    when: str
    """``Thursday 5 March 2026 at 10:00 (Berlin time)``."""
    on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPart:
    """The call to which this letter invites; all empty in other letters."""

    when: str
    """``Thursday 5 March 2026 at 10:00 (Berlin time)``; for a cancelled call its former time."""
    minutes: int
    before: str
    """The former time, if the recipient had another invitation; else empty."""
    off: bool
    """Whether the call is cancelled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsagePart:
    """What product usage shows; all empty if no source of it is connected."""

    known: bool
    active_users: int
    tasks_done: int
    last_seen_on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DaysPart:
    """Durations in whole days."""

    since_signature: int
    to_target: int
    """Negative once the target date has passed."""
    to_result: int
    """Until the planned day of the first result; negative once it has passed."""
    to_activation: int
    """From signature to first value, or until now if it is not reached."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferPart:
    """Two times for a call, in the recipient's working hours and if possible also in the owner's.

    ``NO_TIME`` where none is offered.
    """

    first: str
    second: str
    zone: str
    reply_by: str
    """The recipient's next working day: ``Friday 6 March 2026``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClashPart:
    """The conflict of priorities that this letter asks to decide (SH-7); all empty in other letters."""

    this: str = ""
    other: str = ""
    raised_on: str = ""
    url: str = ""
    """Where the reader decides it on the plan page; empty where they have none."""


NO_CLASH = ClashPart()


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterContext:
    """All values that a template may use."""

    account: AccountPart
    person: ReaderPart
    owner: ColleaguePart
    engineer: ColleaguePart
    """The implementation engineer who helps with setup; the owner if there is none."""
    seller: ColleaguePart
    stage: StagePart
    value: ValuePart
    handoff: HandoffPart
    goals: tuple[GoalPart, ...]
    work: WorkParts
    kickoff: KickoffPart
    call: CallPart
    go_live: EventPart
    activation: EventPart
    """The first result. Its planned day is that of the milestone, as re-dated, not the end of the onboarding."""
    task: TaskPart
    usage: UsagePart
    days: DaysPart
    offer: OfferPart
    target_on: str
    next_90_days_until: str
    """The last day of the plan that follows the first result (TH-7): the same day in all letters that name it."""
    unsubscribe_url: str
    goal_steps: GoalStepsPart = GoalStepsPart()
    plan_url: str = ""
    """The reader's page of the shared plan; empty where no public address is set."""
    call_url: str = ""
    """Where that page shows the reader the times for the call that the mail asks for; empty where it shows none."""
    specialist: ColleaguePart = NO_COLLEAGUE
    """Who leads, or led, the onboarding before the CSM; the owner if there is none."""
    survey: SurveyPart = NO_SURVEY
    clash: ClashPart = NO_CLASH
    catch_up: CatchUpPart = NO_CATCH_UP
    resources: tuple[ResourcePart, ...] = ()
    """The few that fit the recipient's next step, in mails that ask for one."""
    language: Language = ENGLISH
    brand: Brand = NO_BRAND
    """The company in whose name the mail is sent; set by rendering. All empty if there is no brand file."""
