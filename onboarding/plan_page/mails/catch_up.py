"""The plan in brief, for the mail to a person who joins later: what the plan page would show them first."""

from collections.abc import Iterable

from onboarding.messages.letter_goals import goal_part
from onboarding.model.vocabulary import STAGES, CustomerRole
from onboarding.newcomers.letter import CatchUpPart, KnownPerson, NextWork
from onboarding.plan_page.calls.shown import next_call
from onboarding.plan_page.context import PageContext
from onboarding.plan_page.people import Contact, team
from onboarding.plan_page.policy import Section, may_see
from onboarding.plan_page.work import Work, next_work, work_of

MOST = 3
"""How much of each list the mail names, as it is no plan; the page has all of it. This project's choice."""
FIRST = (CustomerRole.CHAMPION, CustomerRole.EXECUTIVE_SPONSOR, CustomerRole.TECHNICAL_ADMIN)
"""Whom of their own people a newcomer should know first. This project's choice."""


def catch_up_part(context: PageContext) -> CatchUpPart:
    """Return what the reader of ``context`` is told on joining, by the same policy as the page (SH-4)."""
    work, stage = work_of(context), context.review.progress.stage
    plan = context.playbook.stages.get(stage)
    call = next_call(context)
    goals = context.state.goals if may_see(context.roles, Section.GOALS) else ()
    return CatchUpPart(
        here=context.language.text(plan.customer_sees) if plan is not None and stage in STAGES else "",
        goals=tuple(goal_part(goal, context.days).text for goal in goals[:MOST]),
        call=f"{call.title}, {call.when}" if call else "",
        yours=_next(one for one in next_work(context, work, ours=False) if one.mine),
        ours=_next(next_work(context, work, ours=True)),
        team=_known(team(context)),
        colleagues=_colleagues(context),
    )


def _next(work: Iterable[Work]) -> tuple[NextWork, ...]:
    return tuple(NextWork(title=one.title, due=one.when, late=one.late) for one in work)[:MOST]


def _known(people: Iterable[Contact]) -> tuple[KnownPerson, ...]:
    return tuple(KnownPerson(name=one.name, part=one.part) for one in people)[:MOST]


def _colleagues(context: PageContext) -> tuple[KnownPerson, ...]:
    roles = context.language.words.roles
    found: dict[str, KnownPerson] = {}
    for role in FIRST:
        for person in context.state.holders.get(role, ()):
            if person.id != context.reader.id:
                found.setdefault(person.id, KnownPerson(name=person.name, part=roles[role]))
    return tuple(found.values())[:MOST]
