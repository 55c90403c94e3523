"""What a template may name: the parts of one letter, as finished words in the recipient's own dates and zone.

Every field is always there; what is not known is an empty text or an empty list, so that a template says a
sentence only if there is something to say. Texts come from the CRM as they are: rendering makes them
harmless.
"""

from dataclasses import dataclass

from onboarding.messages.brand import NO_BRAND, Brand


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPart:
    """The customer."""

    name: str
    tier: str
    """``tech`` is served by mail and guides, so that no letter promises it hours of people (TI-L)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderPart:
    """Whom the letter is for. For a message to our own people, one of ours."""

    name: str
    first_name: str
    """How a letter greets: the whole name where the CRM has no first name, empty where it has none that is one."""
    role: str
    """The role's name in the playbook, empty where none is known."""
    part: str
    """The role in words: ``the project champion``; empty where none is known."""
    buyer: bool
    """False for people who had no part in choosing the product: they hear its value first (SH-6)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColleaguePart:
    """One of our people; all fields empty where nobody is named."""

    name: str
    first_name: str
    title: str
    email: str
    booking_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StagePart:
    """The stage it is in."""

    name: str
    """``handoff`` to ``first_value``, and ``done``."""
    title: str
    number: int
    """1 to 5; 5 once it is done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ValuePart:
    """Why they bought, from the playbook alone (CO-5)."""

    product: str
    line: str
    for_reader: str
    """The value for the reader's role, else the same as ``line``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoffPart:
    """What sales already asked, so that nobody asks it again (HO-8). Promises stay among ourselves."""

    goals: str
    success_metrics: str
    technical_requirements: str
    timeline: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalPart:
    """A measurable goal."""

    text: str
    """``quote turnaround from 48 to 4 hours by 30 April 2026``; once its date has passed, with how it came out."""
    metric: str
    baseline: str
    target: str
    unit: str
    due_on: str
    past: bool
    """Its date has passed, or it was reached before: there is nothing to work towards any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkPart:
    """A piece of work; ``on`` is the day it was done or is due, empty where none is set.

    Days of work are days of the account, so that all readers and the CRM name the same one.
    """

    title: str
    on: str
    late: bool
    """Open, and its day is over."""
    due: str
    """``by 12 March 2026``, ``due today``, ``was due on 3 March 2026``; empty where it is done or has no date."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkParts:
    """What was done of late, and what is next on either side."""

    done: tuple[WorkPart, ...]
    theirs: tuple[WorkPart, ...]
    ours: tuple[WorkPart, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KickoffPart:
    """The first call."""

    booked: bool
    """A time is agreed that lies ahead, or it was held."""
    held: bool
    passed: bool
    """A time was agreed and is over, and nobody said that it was held."""
    when: str
    """``Thursday 5 March 2026 at 10:00 (Berlin time)``."""
    on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPart:
    """The call that this letter invites to; all empty in other letters."""

    when: str
    """``Thursday 5 March 2026 at 10:00 (Berlin time)``; of a call that is off, when it was to be."""
    minutes: int
    before: str
    """When it was to be until now, where the reader had another invitation; else empty."""
    off: bool
    """It does not take place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPart:
    """Something that was reached on a day, or is planned for one."""

    reached: bool
    on: str
    """The day on which it was reached, else for which it is planned; empty where neither is known."""
    title: str
    late: bool
    """Not reached, and the day is over."""
    due: str
    """As of a piece of work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskPart:
    """The daily work that shows the reader's role is trained (SH-5)."""

    title: str
    on: str
    done: bool
    late: bool
    due: str
    """As of a piece of work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsagePart:
    """What product usage shows; all empty where no source of it is connected."""

    known: bool
    active_users: int
    tasks_done: int
    last_seen_on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DaysPart:
    """Distances in whole days."""

    since_signature: int
    to_target: int
    """Negative once the target date has passed."""
    to_result: int
    """Until the day for which the first result is planned; negative once that has passed."""
    to_activation: int
    """From signature to first value, or until now while it is not reached."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferPart:
    """Two times for a call, in the reader's working hours and if possible in the owner's too."""

    first: str
    second: str
    zone: str
    reply_by: str
    """The reader's next working day: ``Friday 6 March 2026``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterContext:
    """Everything a template may name."""

    account: AccountPart
    person: ReaderPart
    owner: ColleaguePart
    engineer: ColleaguePart
    """Who helps with setup; the owner where nobody else does."""
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
    """When the whole onboarding is to end."""
    next_90_days_until: str
    """The last day of the plan that follows the first result (TH-7): the same day in all letters that name it."""
    unsubscribe_url: str
    brand: Brand = NO_BRAND
    """The company in whose name the mail goes out; rendering puts it in. All empty where none is set."""
