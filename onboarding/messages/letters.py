"""The values of one letter to one person, computed from the case. Pure; ``config`` renders it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from onboarding.booking.diary import Diary
from onboarding.booking.slots import offers, sides_of
from onboarding.clashes.clash import clash_numbered
from onboarding.dates.working_time import add_working_days
from onboarding.facts.meetings import Version, held
from onboarding.facts.milestones import done_or_waived
from onboarding.languages.language import ENGLISH, Language
from onboarding.messages.calendar_days import Days
from onboarding.messages.crm_texts import greeted, joined_lines
from onboarding.messages.letter_goals import goal_parts, goal_steps
from onboarding.messages.letter_parts import (
    NO_COLLEAGUE,
    NO_TIME,
    AccountPart,
    CallPart,
    ClashPart,
    ColleaguePart,
    DaysPart,
    HandoffPart,
    KickoffPart,
    LetterContext,
    OfferPart,
    ReaderPart,
    StagePart,
    UsagePart,
    ValuePart,
)
from onboarding.messages.letter_work import due_day, event_part, task_part, work_parts
from onboarding.model.case import Case
from onboarding.model.parties import Owner, Person, Salutation
from onboarding.model.playbook import Playbook, Step
from onboarding.model.state import OnboardingState
from onboarding.model.vocabulary import STAGES, CustomerRole, HandoffItem, Stage, VendorRole
from onboarding.people.buying import took_part
from onboarding.people.leading import leading_role

NEXT_PLAN = timedelta(days=90)
"""TH-7."""
SHORTEST_PLAN = timedelta(days=14)
"""A plan that would end sooner is restarted from now. This project's choice."""

FORMAL = {Salutation.MR: "formal_mr", Salutation.MS: "formal_ms"}
"""The phrase of each salutation."""


def letter_context(
    case: Case,
    state: OnboardingState,
    playbook: Playbook,
    step: Step | None,
    reader: Person | Owner,
    role: str,
    now: datetime,
    *,
    stage: Stage | None = None,
    unsubscribe_url: str = "",
    version: Version | None = None,
    language: Language = ENGLISH,
    offered: Sequence[datetime] | None = None,
) -> LetterContext:
    """Return all values that a template may use, for one recipient in that recipient's zone.

    ``step`` is None for a mail of no step, ``role`` the recipient's role (any other word if unknown), ``stage`` the
    current stage (default: the saved one), ``version`` that of the call it is about (default: as agreed now),
    ``offered`` the two times for a call, empty for none (default: as if nothing else were planned), ``language`` that
    of the template. Also serves the vendor's people, whose Slack messages use the same names.
    """
    zone = reader.zone
    days = letter_days(case, reader, now, language)
    owner = state.owner
    stage = stage or case.progress.stage
    known_role = CustomerRole(role) if role in set(CustomerRole) and isinstance(reader, Person) else None
    engineer = state.team.get(VendorRole.IMPLEMENTATION_ENGINEER)
    if offered is None:
        offered = offers(now, sides_of(case, owner, reader, playbook.pace.hours), Diary()) or ()
    first, second = [days.when(at) for at in offered] or (NO_TIME, NO_TIME)
    value, kickoff = playbook.value, _kickoff(state, days)
    return LetterContext(
        account=AccountPart(name=case.account.name, tier=state.tier, self_service=playbook.serves_itself),
        person=_reader(case, reader, known_role, language),
        owner=_colleague(owner, leading_role(state), language),
        engineer=_colleague(engineer, VendorRole.IMPLEMENTATION_ENGINEER, language)
        if engineer != owner
        else _colleague(owner, leading_role(state), language),
        specialist=_colleague(
            state.team.get(VendorRole.ONBOARDING_SPECIALIST), VendorRole.ONBOARDING_SPECIALIST, language
        ),
        seller=_colleague(state.team.get(VendorRole.ACCOUNT_EXECUTIVE), VendorRole.ACCOUNT_EXECUTIVE, language),
        stage=StagePart(
            name=stage.value,
            title=language.words.stages[stage],
            number=STAGES.index(stage) + 1 if stage in STAGES else len(STAGES),
        ),
        value=ValuePart(
            product=value.product,
            line=language.text(value.line),
            for_reader=language.text(value.for_role.get(known_role, value.line) if known_role else value.line),
        ),
        handoff=_handoff(state),
        goals=goal_parts(state, days),
        goal_steps=goal_steps(state, playbook, stage, kickoff),
        work=work_parts(state, playbook, step, known_role, stage, days),
        kickoff=kickoff,
        call=_call(case, state, step, reader, version, days),
        go_live=event_part(state, "go_live", days),
        activation=event_part(state, "activation", days),
        task=task_part(state, known_role, days),
        usage=_usage(case, playbook, days),
        days=_days(case, state, days),
        offer=OfferPart(
            first=first,
            second=second,
            zone=language.zone(zone),
            reply_by=language.weekday_in(add_working_days(now, 1, zone, case.calendar(reader.country)), zone),
        ),
        target_on=days.words(state.target_at),
        next_90_days_until=_plan_until(case, state, days),
        unsubscribe_url=unsubscribe_url,
        language=language,
    )


def letter_days(case: Case, reader: Person | Owner, now: datetime, language: Language) -> Days:
    """Return the days of a letter to this reader."""
    return Days(now, account=case.account.zone or "UTC", reader=reader.zone, language=language)


def clash_part(case: Case, number: str, days: Days, plan_url: str = "") -> ClashPart | None:
    """Return the conflict of priorities with this number for the letter about it; None where it is not open."""
    clash = clash_numbered(case.facts, number, days.now)
    if clash is None or clash.decided_at is not None:
        return None
    url = f"{plan_url}/decide/{clash.number}" if plan_url else ""
    return ClashPart(this=clash.this, other=clash.other, raised_on=days.happened(clash.raised_at), url=url)


def _reader(case: Case, reader: Person | Owner, role: CustomerRole | None, language: Language) -> ReaderPart:
    given, family = greeted(reader), reader.family_name if isinstance(reader, Person) else ""
    whole = f"{given} {family}" if given and family else given
    formal = FORMAL[reader.salutation] if isinstance(reader, Person) and reader.salutation and family else None
    return ReaderPart(
        name=reader.name,
        first_name=given,
        full_name=language.full_name(whole, given, family),
        formal=language.say(formal, family=family) if formal else "",
        role=role.value if role else "",
        part=language.words.roles[role] if role else "",
        buyer=not isinstance(reader, Person) or took_part(case, reader, role) is not False,
    )


def _colleague(owner: Owner | None, role: VendorRole, language: Language) -> ColleaguePart:
    if owner is None:
        return NO_COLLEAGUE
    return ColleaguePart(
        name=language.full_name(owner.name, greeted(owner), ""),
        first_name=greeted(owner),
        title=language.words.titles[role],
        email=owner.email,
        booking_url=owner.booking_url or "",
    )


def _handoff(state: OnboardingState) -> HandoffPart:
    def told(item: HandoffItem) -> str:
        return joined_lines(state.handoff.get(item, ""))

    metrics = state.handoff.get(HandoffItem.SUCCESS_METRICS, "")
    return HandoffPart(
        goals=told(HandoffItem.GOALS),
        # Lines that became measurable goals appear in ``goals``.
        success_metrics=joined_lines("\n".join(line for line in metrics.splitlines() if "|" not in line)),
        technical_requirements=told(HandoffItem.TECHNICAL_REQUIREMENTS),
        timeline=told(HandoffItem.TIMELINE),
    )


def _kickoff(state: OnboardingState, days: Days) -> KickoffPart:
    milestone = state.milestones.get("kickoff_held")
    at, was = state.kickoff_at, done_or_waived(milestone)
    ahead = at is not None and at > days.now
    return KickoffPart(
        booked=ahead or (at is not None and was),
        held=was,
        passed=at is not None and not ahead and not was,
        when=days.when(at),
        on=days.local(at),
    )


def _call(
    case: Case, state: OnboardingState, step: Step | None, reader: Person | Owner, version: Version | None, days: Days
) -> CallPart:
    if step is None or step.calendar is None:
        return CallPart(when=days.when(version.at) if version else "", minutes=0, before="", off=False)
    agreed = state.meetings.get(step.calendar.meeting)
    version = version or Version(number=0, at=agreed.at if agreed else None)
    had = held(case, step.name, version.number).get(reader.id)
    before = had[0].at if had else None
    at = version.at or before
    return CallPart(
        when=days.when(at) or days.language.say("to_be_agreed"),
        minutes=step.calendar.minutes,
        before=days.when(before) if version.at and before != version.at else "",
        off=version.at is None and before is not None,
    )


def _usage(case: Case, playbook: Playbook, days: Days) -> UsagePart:
    signals = case.usage.signals if case.usage.known else ()
    plan = next((plan for plan in playbook.milestones() if plan.name == "tasks_done_end_users"), None)
    task = plan.signal.signal if plan and plan.signal else ""
    return UsagePart(
        known=case.usage.known,
        active_users=max((use.users for use in signals), default=0),
        tasks_done=sum(use.total for use in signals if use.name == task),
        last_seen_on=days.local(max((use.last_at for use in signals), default=None)),
    )


def _days(case: Case, state: OnboardingState, days: Days) -> DaysPart:
    target, result = days.day(state.target_at), state.milestones.get("activation")
    return DaysPart(
        since_signature=days.between(case.signed_at, days.now),
        to_target=days.until(target),
        to_result=days.until((result and due_day(result, state, days)) or target),
        to_activation=days.between(case.signed_at, state.activated_at or days.now),
    )


def _plan_until(case: Case, state: OnboardingState, days: Days) -> str:
    """Return the last day of the plan that follows, in words. It counts from the first result, so that it does not move
    from letter to letter; from now if that plan would be over, or if no result was reached."""
    began = state.activated_at or case.progress.stage_times.get(Stage.DONE) or days.now
    until = began + NEXT_PLAN
    return days.words(until if until - days.now >= SHORTEST_PLAN else days.now + NEXT_PLAN)
