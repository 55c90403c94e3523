"""Forms about the time of a call: book or move it, cancel it, propose a time that is not among the free ones."""

from datetime import UTC, datetime
from typing import NamedTuple

from onboarding.dates.working_time import zone_of
from onboarding.forms.form import FieldKind, FormField, Option
from onboarding.model.schedule import Call
from onboarding.plan_page.calls.passed import passed_call
from onboarding.plan_page.calls.shown import (
    STAMP,
    agreed_at,
    calls_of,
    can_choose,
    is_invited,
    may_change,
    to_agree,
)
from onboarding.plan_page.context import PageContext
from onboarding.plan_page.form import AnswerKind, NothingToAnswer, PlanForm, line_field
from onboarding.shared_plan.said import SETS_A_CALL


class Asked(NamedTuple):
    """The call that a form is about; ``at`` is when it is agreed for, ahead of now, None if it is not."""

    call: Call
    at: datetime | None
    was: datetime | None = None
    """When it was to be, where that is over and nobody has said whether it took place."""


def book(about: str, page: PageContext) -> PlanForm:
    """Return the form that books a call, or moves an agreed one; ``about`` is the call, or a time for it that is chosen
    already: ``kickoff_booked.20260304T1000Z``. Raises NothingToAnswer."""
    meeting, _, wanted = about.partition(".")
    asked = _asked(meeting, page)
    if page.times is None or not can_choose(page):
        raise NothingToAnswer(page.calls.no_times)
    chosen = read_time(wanted)
    had = chosen is not None and page.times.has(chosen)
    times = (chosen,) if chosen is not None and had else page.times.choice()
    others = (
        *((AnswerKind.HELD,) if asked.was else ()),
        *((AnswerKind.CALL,) if had else ()),
        AnswerKind.TIME,
        *((AnswerKind.OFF,) if asked.at else ()),
    )
    if not times:
        raise NothingToAnswer(page.calls.no_times)
    host, said, language = page.state.owner.name if page.state.owner else "", page.calls, page.language
    intro = (
        said.gone if wanted and not had else "",
        said.stands.format(when=page.days.when(asked.at)) if asked.at else "",
        said.was.format(when=page.days.when(asked.was)) if asked.was else "",
        language.count(said.settles, asked.call.minutes, host=host),
    )
    return PlanForm(
        kind=AnswerKind.CALL,
        about=meeting,
        title=(said.move_title if asked.at else said.book_title).format(title=language.text(asked.call.title)),
        submit=said.move_submit if asked.at else said.book_submit,
        intro=tuple(filter(None, intro)),
        fields=(
            FormField(
                name="at",
                label=said.when.format(zone=language.zone(page.reader.zone)),
                kind=FieldKind.CHOICE,
                initial=wanted if had else "",
                options=tuple(Option(at.astimezone(UTC).strftime(STAMP), _words(at, page)) for at in times),
            ),
        ),
        known=_known(asked, page),
        others=others,
        thanks=said.settled,
    )


def cancel(about: str, page: PageContext) -> PlanForm:
    """Return the form that cancels an agreed call. Raises NothingToAnswer."""
    asked, said = _asked(about, page), page.calls
    if asked.at is None:
        raise NothingToAnswer(said.not_agreed)
    return PlanForm(
        kind=AnswerKind.OFF,
        about=about,
        title=said.off_title.format(title=page.language.text(asked.call.title)),
        submit=said.off_submit,
        intro=(said.off_intro.format(when=page.days.when(asked.at)),),
        fields=(line_field(said.off_why, required=True),),
        known=_known(asked, page),
        others=(AnswerKind.CALL,) if can_choose(page) else (),
        thanks=said.off_thanks,
    )


def held(about: str, page: PageContext) -> PlanForm:
    """Return the form that says that a call whose time is over took place. Raises NothingToAnswer."""
    asked, said = _asked(about, page), page.calls
    if asked.was is None:
        raise NothingToAnswer(said.not_over)
    return PlanForm(
        kind=AnswerKind.HELD,
        about=about,
        title=said.held_title.format(title=page.language.text(asked.call.title)),
        submit=said.held_submit,
        intro=(said.was.format(when=page.days.when(asked.was)),),
        known=_known(asked, page),
        others=(AnswerKind.CALL,) if can_choose(page) else (AnswerKind.TIME,),
        thanks=said.held_thanks,
    )


def propose(about: str, page: PageContext) -> PlanForm:
    """Return the form that proposes a time that is not among the free ones. Raises NothingToAnswer."""
    asked, said = _asked(about, page), page.calls
    stands = said.stands.format(when=page.days.when(asked.at)) if asked.at else ""
    return PlanForm(
        kind=AnswerKind.TIME,
        about=about,
        title=said.propose_title.format(title=page.language.text(asked.call.title)),
        submit=said.propose_submit,
        intro=(*filter(None, (stands,)), said.propose_intro),
        fields=(line_field(said.propose_what, required=True),),
        known=_known(asked, page),
        others=(AnswerKind.CALL,) if can_choose(page) else (),
        thanks=said.propose_thanks,
    )


def read_time(text: str) -> datetime | None:
    """Return the moment (UTC) that a form or an address names; None if it names none."""
    try:
        return datetime.strptime(text, STAMP).replace(tzinfo=UTC)
    except ValueError:
        return None


def _asked(meeting: str, page: PageContext) -> Asked:
    """Return the call, agreed or to be agreed, whose time is up to the reader."""
    found = next((one for one in calls_of(page) if one[1].meeting == meeting and is_invited(page, one[0])), None)
    if found is None:
        raise NothingToAnswer(page.calls.no_call)
    step, call = found
    if not may_change(page, step):
        raise NothingToAnswer(page.calls.up_to_lead)
    at, passed = agreed_at(page, call), passed_call(page, call)
    if passed is not None and call == to_agree(page):
        return Asked(call, None, passed.at)
    if at is not None and at <= page.now:
        raise NothingToAnswer(page.calls.passed)
    if at is None and call != to_agree(page):
        raise NothingToAnswer(page.calls.not_asked)
    return Asked(call, at)


def _words(at: datetime, page: PageContext) -> str:
    language, zone = page.language, page.reader.zone
    here = at.astimezone(zone_of(zone))
    return page.calls.time.format(day=language.weekday_in(at, zone), time=language.formats.time(here))


def _known(asked: Asked, page: PageContext) -> str:
    """Tell apart also a time that was agreed, cancelled and agreed again."""
    changes = sum(one.kind in SETS_A_CALL and one.name == asked.call.meeting for one in page.case.facts)
    return repr((asked.call.meeting, asked.at or asked.was, changes))
