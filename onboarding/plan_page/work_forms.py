"""Forms about one piece of work of the reader's side: it is done, another date, what blocks it, who else does it."""

from onboarding.forms.form import FieldKind, FormField, Option
from onboarding.model.playbook import MilestonePlan
from onboarding.model.vocabulary import CustomerRole, Side
from onboarding.plan_page.context import PageContext
from onboarding.plan_page.form import AnswerKind, NothingToAnswer, PlanForm, line_field, person_fields
from onboarding.plan_page.work import Work, may_answer, work_of
from onboarding.shared_plan.said import Blocker
from onboarding.usage.proof import detection_for

ABOUT_WORK = (AnswerKind.DONE, AnswerKind.DATE, AnswerKind.BLOCKED, AnswerKind.PERSON)
NO_BLOCKER = "none"
"""The choice that nothing blocks it any more."""


def done(about: str, page: PageContext) -> PlanForm:
    """Return the form that says that work is done; without evidence it is kept as a report. Raises NothingToAnswer."""
    work, plan, said = _work(about, page), _plan(about, page), page.answers
    if plan.by_itself:
        raise NothingToAnswer(said.no_tick)
    evidence = evidence_needed(plan, page)
    return PlanForm(
        kind=AnswerKind.DONE,
        about=about,
        title=said.done_title.format(title=page.language.quoted(work.title)),
        submit=said.done_tell if evidence else said.done_submit,
        intro=(evidence,) if evidence else _facts_of(work, page),
        fields=(line_field(said.done_how),),
        known=_known(work, page),
        others=_others(AnswerKind.DONE),
        evidence=bool(evidence),
        thanks=said.done_told if evidence else said.done_thanks,
    )


def evidence_needed(plan: MilestonePlan, page: PageContext) -> str:
    """Return why a tick alone does not count, in a sentence; empty where it does."""
    if page.crm_decides:
        return page.answers.we_mark
    if detection_for(plan, page.case) is None:
        return ""
    if page.case.usage.known:
        return page.answers.seen_in_product
    # Who serves itself is through all stages by these, with nobody of the vendor's who would look.
    return page.answers.seen_by_us if page.playbook.serves_itself else ""


def date(about: str, page: PageContext) -> PlanForm:
    """Return the form that proposes another date. Raises NothingToAnswer."""
    work = _work(about, page)
    earlier, said = page.said.get(about), page.answers
    proposed = earlier.proposed_on if earlier else None
    return PlanForm(
        kind=AnswerKind.DATE,
        about=about,
        title=said.date_title.format(title=page.language.quoted(work.title)),
        submit=said.date_submit,
        intro=(*_facts_of(work, page), said.date_stays),
        fields=(
            FormField(name="day", label=said.date_when, kind=FieldKind.DAY, initial=str(proposed or work.day or "")),
            line_field(said.date_why, required=True),
        ),
        known=_known(work, page),
        thanks=said.kept,
        others=_others(AnswerKind.DATE),
    )


def blocked(about: str, page: PageContext) -> PlanForm:
    """Return the form that says what blocks work, or that nothing does any more. Raises NothingToAnswer."""
    work, earlier, said = _work(about, page), page.said.get(about), page.answers
    now, causes = earlier.cause if earlier else None, page.language.words.blockers
    words = {cause: page.language.begun(causes[cause]) for cause in Blocker} | {Blocker.VENDOR: said.blocked_by_us}
    options = [Option(cause.value, text) for cause, text in words.items()]
    if now is not None:
        options.append(Option(NO_BLOCKER, said.blocked_no_more))
    return PlanForm(
        kind=AnswerKind.BLOCKED,
        about=about,
        title=said.blocked_title.format(title=page.language.quoted(work.title)),
        submit=said.blocked_submit,
        intro=_facts_of(work, page),
        fields=(
            FormField(
                name="cause",
                label=said.blocked_what,
                kind=FieldKind.CHOICE,
                initial=now.value if now else "",
                options=tuple(options),
            ),
            line_field(said.line),
        ),
        known=_known(work, page),
        thanks=said.kept,
        others=_others(AnswerKind.BLOCKED),
    )


def person(about: str, page: PageContext) -> PlanForm:
    """Return the form that names the right person for work. Raises NothingToAnswer."""
    work, plan, said = _work(about, page), _plan(about, page), page.answers
    role = CustomerRole(plan.owner)
    return PlanForm(
        kind=AnswerKind.PERSON,
        about=about,
        title=said.person_title.format(title=page.language.quoted(work.title)),
        submit=said.person_submit,
        intro=(said.we_confirm,),
        fields=(*person_fields(page.language, role=role), line_field(said.anything)),
        known=_known(work, page),
        others=_others(AnswerKind.PERSON),
        thanks=said.confirmed_later,
    )


def _work(about: str, page: PageContext) -> Work:
    """Return the open work of the reader's side that they may answer for."""
    work = next((one for one in work_of(page) if one.name == about), None)
    if work is None or work.side is not Side.CUSTOMER:
        raise NothingToAnswer(page.answers.no_work)
    title = page.language.quoted(work.title)
    if work.done:
        raise NothingToAnswer(page.answers.done_already.format(title=title, when=work.when))
    if not may_answer(page, work):
        raise NothingToAnswer(page.answers.up_to.format(title=title, who=work.who))
    return work


def _plan(about: str, page: PageContext) -> MilestonePlan:
    return next(plan for _, plan, _ in page.visible_work() if plan.name == about)


def _facts_of(work: Work, page: PageContext) -> tuple[str, ...]:
    return (page.answers.in_the_plan.format(when=work.when),) if work.when else ()


def _known(work: Work, page: PageContext) -> str:
    return repr((work.name, work.done, work.day, page.said.get(work.name)))


def _others(kind: AnswerKind) -> tuple[AnswerKind, ...]:
    return tuple(one for one in ABOUT_WORK if one is not kind)
