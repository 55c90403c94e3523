"""The calls that the plan page shows: the next one that is agreed, and the one to be agreed with its free times."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from onboarding.booking.choice import by_day
from onboarding.conditions.fitting import calls_left_out
from onboarding.dates.working_time import zone_of
from onboarding.facts.meetings import KICKOFF_CALL, held, is_over
from onboarding.model.message_policy import may_receive, seen_as
from onboarding.model.playbook import Step
from onboarding.model.schedule import Call
from onboarding.model.vocabulary import LIVE, ON_ITS_WAY, Channel, Stage, Status
from onboarding.plan_page.calls.passed import before, missed, passed_call
from onboarding.plan_page.context import PageContext
from onboarding.plan_page.work import leads
from onboarding.shared_plan.passed_calls import ANCHOR as MISSED
from onboarding.shared_plan.said import call_proposal

ASKED_FOR = timedelta(days=30)
"""How long after the mail that asks for a call a time for it can be booked. This project's choice."""
STAMP = "%Y%m%dT%H%MZ"
"""How a moment (UTC) stands in addresses and forms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NextCall:
    """The next agreed call."""

    meeting: str
    """The name under which its time is recorded."""
    title: str
    starts_at: datetime
    minutes: int
    when: str
    """Day, time and length."""
    sequence: int
    """The version of the invitation that the reader has, 0 if none."""
    proposed: str
    """Another time that was proposed and waits for an answer, in a sentence; empty if none was."""
    moves: bool = False
    """Whether the reader can move it here."""
    cancels: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeTime:
    """A time to choose: what leads to its form, and its words."""

    about: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCall:
    """The call that is to be agreed next, for a reader who can agree on it."""

    meeting: str
    asks: str
    """What is asked: which call, how long, and with whom of the vendor's people."""
    asks_once: str
    """In which zone the times are, and that there is a confirmation."""
    days: tuple[tuple[str, tuple[FreeTime, ...]], ...]
    """Each day in words with its free times."""
    booking_url: str
    """The page on which times with this person are booked; empty if there is none. Beside it there are only the times
    that a mail offered before."""
    proposed: str
    """As in ``NextCall``."""
    before: str = ""
    """That its agreed time is over, with the question whether it took place, or that it did not; empty where no time
    was agreed."""
    is_over: bool = False
    """Whether the reader is asked if it took place."""


def next_call(context: PageContext) -> NextCall | None:
    """Return the next agreed call, or the one that is held now, whose topic is not kept from the reader; None if there
    is none."""
    found = [
        (at, step.name, step, call)
        for step, call in calls_of(context)
        if (at := agreed_at(context, call)) is not None
        and at + timedelta(minutes=call.minutes) > context.now
        and is_invited(context, step)
    ]
    if not found:
        return None
    at, _, step, call = min(found, key=lambda one: one[:2])
    had = held(context.case, step.name).get(context.reader.id)
    changes = at > context.now and context.review.progress.status in LIVE and may_change(context, step)
    return NextCall(
        meeting=call.meeting,
        title=context.language.text(call.title),
        starts_at=at,
        minutes=call.minutes,
        when=context.language.count(context.words.call, call.minutes, when=context.days.when(at)),
        sequence=had[0].number if had else 0,
        proposed=_proposed(context, call),
        moves=changes and can_choose(context),
        cancels=changes,
    )


def open_call(context: PageContext) -> OpenCall | None:
    """Return the call that the reader can agree on now; None if there is none."""
    found, owner = to_agree(context), context.state.owner
    if found is None or owner is None:
        return None
    language, calls = context.language, context.calls
    return OpenCall(
        meeting=found.meeting,
        asks=language.count(calls.which, found.minutes, title=language.text(found.title), host=owner.name),
        asks_once=calls.asks_once.format(zone=language.zone(context.reader.zone)),
        days=_days(context, found),
        booking_url=owner.booking_url or "",
        proposed=_proposed(context, found),
        before=before(context, found),
        is_over=passed_call(context, found) is not None,
    )


def _proposed(context: PageContext, call: Call) -> str:
    """Return that another time was proposed for a call, empty if none was; its words are for the reader who wrote them,
    and for the vendor."""
    proposal = call_proposal(context.case.facts, call.meeting, context.now)
    if proposal is None:
        return ""
    if proposal.value.get("person") != context.reader.id:
        return context.calls.proposed_by_other
    return context.calls.proposed.format(said=context.language.quoted(str(proposal.value.get("comment") or "")))


def can_book(context: PageContext, asks: Step) -> bool:
    """Return whether the page lets the reader agree on the call that the mail of this step asks for, once that mail has
    left: the check-in of its name, the call that did not take place, or the kickoff while its stage lasts."""
    call = to_agree(context, asks.name)
    if call is None or context.state.owner is None:
        return False
    if asks.due.anchor == MISSED:
        return any(one.call == call for one in missed(context))
    early = context.review.progress.stage in (Stage.HANDOFF, Stage.KICKOFF)
    return call.meeting == asks.name or (call.meeting == KICKOFF_CALL and early)


def to_agree(context: PageContext, leaving: str = "") -> Call | None:
    """Return the call whose time is to be agreed next and that is up to the reader: the kickoff until it is agreed,
    then the check-in that a mail asked for last, or whose agreed time is over or was missed since. None if there is
    none, and while the onboarding is on hold. Where the kickoff is a wish and not owed, a check-in goes before it. The
    mail of the step ``leaving`` counts as sent now."""
    if context.review.progress.status is not Status.ACTIVE:
        return None
    asked = [
        (since, step, call)
        for step, call in calls_of(context)
        if (call.meeting not in context.state.meetings or passed_call(context, call) is not None)
        and not is_over(step, context.state)
        and (since := _asked_at(context, call, leaving)) is not None
    ]
    if not asked:
        return None
    kickoff = context.state.milestones.get(KICKOFF_CALL)
    first = KICKOFF_CALL if kickoff is not None and kickoff.status != "not_applicable" else ""
    _, step, call = max(asked, key=lambda one: (one[2].meeting == first, one[0], one[1].name))
    return call if is_invited(context, step) and may_change(context, step) else None


def calls_of(context: PageContext) -> tuple[tuple[Step, Call], ...]:
    """Return the steps that invite to a call, each with it."""
    gone = calls_left_out(context.playbook)
    calls = ((step, step.calendar) for step in context.playbook.steps)
    return tuple((step, call) for step, call in calls if call is not None and call.meeting not in gone)


def agreed_at(context: PageContext, call: Call) -> datetime | None:
    """Return when a call is agreed for; None if it is not."""
    meeting = context.state.meetings.get(call.meeting)
    return meeting.at if meeting else None


def can_choose(context: PageContext) -> bool:
    """Return whether there are times to choose from here. Where they are booked on another page, only while a time
    that a mail offered before can still be had."""
    owner, times = context.state.owner, context.times
    if context.review.progress.status is not Status.ACTIVE or times is None or owner is None:
        return False
    return not owner.booking_url or times.offers_stand()


def is_invited(context: PageContext, step: Step) -> bool:
    """Return whether the call is for the reader: the invitation is addressed to one of their roles, or they had it.

    The kickoff is everybody's whose roles may know of it.
    """
    if step.mail is None or not may_receive(seen_as(context.roles), step.mail.topic):
        return False
    asked = {*step.mail.to.roles, *step.mail.to.otherwise}
    everybody = step.calendar is not None and step.calendar.meeting == KICKOFF_CALL
    return everybody or not asked.isdisjoint(context.roles) or context.reader.id in held(context.case, step.name)


def may_change(context: PageContext, step: Step) -> bool:
    """Return whether the time of a call is up to the reader, as work is: they lead the project, or it is asked of one
    of their roles."""
    return leads(context) or (step.mail is not None and not context.roles.isdisjoint(step.mail.to.roles))


def _asked_at(context: PageContext, call: Call, leaving: str) -> datetime | None:
    """Return since when a time for a call is asked for: the kickoff from the beginning, a check-in by its mail."""
    if call.meeting == KICKOFF_CALL:
        return context.case.signed_at
    if call.meeting == leaving:
        return context.now
    sent = [
        line.sent_at
        for line in context.case.effects
        if line.kind == call.meeting and line.channel is Channel.MAIL and line.state in ON_ITS_WAY and line.sent_at
    ]
    sent += [one.learned_at for one in missed(context) if one.call == call]
    passed = passed_call(context, call)
    sent += [passed.ended_at] if passed else []
    return max((at for at in sent if context.now < at + ASKED_FOR), default=None)


def _days(context: PageContext, call: Call) -> tuple[tuple[str, tuple[FreeTime, ...]], ...]:
    if context.times is None or not can_choose(context):
        return ()
    zone = zone_of(context.reader.zone)
    return tuple(
        (
            context.language.formats.weekday(day),
            tuple(
                FreeTime(
                    about=f"{call.meeting}.{at.astimezone(UTC).strftime(STAMP)}",
                    words=context.language.formats.time(at.astimezone(zone)),
                )
                for at in times
            ),
        )
        for day, times in by_day(context.times.choice())
    )
