"""Forms about one piece of work of the reader's side: it is done, another date, what blocks it, who else does it."""

from onboarding.facts.milestones import detection_for
from onboarding.forms.form import FieldKind, FormField, Option
from onboarding.model.playbook import MilestonePlan
from onboarding.model.vocabulary import CustomerRole, Side
from onboarding.plan_page.context import PageContext
from onboarding.plan_page.form import AnswerKind, NothingToAnswer, PlanForm, line_field, person_fields
from onboarding.plan_page.work import Work, may_answer, work_of
from onboarding.shared_plan.said import BLOCKERS, Blocker

ABOUT_WORK = (AnswerKind.DONE, AnswerKind.DATE, AnswerKind.BLOCKED, AnswerKind.PERSON)
FOR_US = "We wait for you"
NO_BLOCKER = "none"
"""The choice that nothing blocks it any more."""


def done(about: str, page: PageContext) -> PlanForm:
    """Return the form that says that work is done; without evidence it is kept as a report. Raises NothingToAnswer."""
    work, plan = _work(about, page), _plan(about, page)
    if plan.proof is not None:
        raise NothingToAnswer("This needs no tick: we see by ourselves when it is done, and the plan shows it then.")
    evidence = evidence_needed(plan, page)
    return PlanForm(
        kind=AnswerKind.DONE,
        about=about,
        title=f"“{work.title}” is done?",
        submit="Tell us that it is done" if evidence else "Yes, it is done",
        intro=(evidence,) if evidence else _facts_of(work),
        fields=(line_field("How can we see it? (optional: a link, a name, a day)"),),
        known=_known(work, page),
        others=_others(AnswerKind.DONE),
        evidence=bool(evidence),
        thanks="Thank you. It is kept; it counts once we see it, and your contact on our side is told."
        if evidence
        else "Thank you. It is marked as done, and your contact on our side is told.",
    )


def evidence_needed(plan: MilestonePlan, page: PageContext) -> str:
    """Return why a tick alone does not count, in a sentence; empty where it does."""
    if page.crm_decides:
        return "We mark this as done on our side, once we have looked at it. Tell us that it is done."
    if page.case.usage.known and detection_for(plan, page.case) is not None:
        return "This counts once it is seen in the product. If it is done and the plan does not show it, tell us."
    return ""


def date(about: str, page: PageContext) -> PlanForm:
    """Return the form that proposes another date. Raises NothingToAnswer."""
    work = _work(about, page)
    said = page.said.get(about)
    proposed = said.proposed_on if said else None
    return PlanForm(
        kind=AnswerKind.DATE,
        about=about,
        title=f"Another date for “{work.title}”",
        submit="Propose this date",
        intro=(*_facts_of(work), "Your contact on our side agrees it with you; until then the date stays."),
        fields=(
            FormField(
                name="day", label="When can it be done?", kind=FieldKind.DAY, initial=str(proposed or work.day or "")
            ),
            line_field("What is the reason?", required=True),
        ),
        known=_known(work, page),
        others=_others(AnswerKind.DATE),
    )


def blocked(about: str, page: PageContext) -> PlanForm:
    """Return the form that says what blocks work, or that nothing does any more. Raises NothingToAnswer."""
    work, said = _work(about, page), page.said.get(about)
    now = said.cause if said else None
    words = {cause: f"{text[:1].upper()}{text[1:]}" for cause, text in BLOCKERS.items()} | {Blocker.VENDOR: FOR_US}
    options = [Option(cause.value, text) for cause, text in words.items()]
    if now is not None:
        options.append(Option(NO_BLOCKER, "Nothing any more: it goes on"))
    return PlanForm(
        kind=AnswerKind.BLOCKED,
        about=about,
        title=f"What blocks “{work.title}”?",
        submit="Tell us",
        intro=_facts_of(work),
        fields=(
            FormField(
                name="cause",
                label="What is in the way?",
                kind=FieldKind.CHOICE,
                initial=now.value if now else "",
                options=tuple(options),
            ),
            FormField(name="comment", label="A line about it (optional)", kind=FieldKind.LINES, required=False),
        ),
        known=_known(work, page),
        others=_others(AnswerKind.BLOCKED),
    )


def person(about: str, page: PageContext) -> PlanForm:
    """Return the form that names the right person for work. Raises NothingToAnswer."""
    work, plan = _work(about, page), _plan(about, page)
    role = CustomerRole(plan.owner)
    return PlanForm(
        kind=AnswerKind.PERSON,
        about=about,
        title=f"Who does “{work.title}”?",
        submit="Name this person",
        intro=("One of us confirms it before we write to them.",),
        fields=(*person_fields(role=role), line_field("Anything we should know? (optional)")),
        known=_known(work, page),
        others=_others(AnswerKind.PERSON),
        thanks="Thank you. One of us confirms it before we write to them.",
    )


def _work(about: str, page: PageContext) -> Work:
    """Return the open work of the reader's side that they may answer for."""
    work = next((one for one in work_of(page) if one.name == about), None)
    if work is None or work.side is not Side.CUSTOMER:
        raise NothingToAnswer("There is no such work of yours in this plan.")
    if work.done:
        raise NothingToAnswer(f"“{work.title}” is {work.when} already.")
    if not may_answer(page, work):
        raise NothingToAnswer(f"“{work.title}” is up to {work.who}.")
    return work


def _plan(about: str, page: PageContext) -> MilestonePlan:
    return next(plan for _, plan, _ in page.visible_work() if plan.name == about)


def _facts_of(work: Work) -> tuple[str, ...]:
    return (f"In the plan: {work.when}.",) if work.when else ()


def _known(work: Work, page: PageContext) -> str:
    return repr((work.name, work.done, work.day, page.said.get(work.name)))


def _others(kind: AnswerKind) -> tuple[AnswerKind, ...]:
    return tuple(one for one in ABOUT_WORK if one is not kind)
