"""Conflicts of priorities as our people record them: raised, and decided (SH-7).

Each function returns a sentence for the person, and raises Refused or NotFound where nothing was changed.
"""

from onboarding.clashes.asking import asks_by_mail
from onboarding.clashes.clash import SIDES, Clash, clash_id, open_clashes, read_clashes
from onboarding.clashes.request import ClashRefused, checked_sides
from onboarding.clashes.words import sides_words, state_words
from onboarding.facts.fold import fold_facts
from onboarding.model.identity import many_lines
from onboarding.model.vocabulary import LIVE, FactKind
from onboarding.orders import FactReport
from onboarding.sentences.sentence import sentence
from onboarding.stages.handoff import is_answer
from tasks.commands.fact_entry import FactEntry, open_entry, refuse_ahead, said_once
from tasks.runtime.context import RunContext
from tasks.runtime.refusals import Refused


def record_conflict(context: RunContext, report: FactReport, wanted: str, this: str, other: str) -> str:
    """Record that two priorities of the customer clash. The same two again, while that is open, change nothing."""
    try:
        sides = checked_sides(this, other)
    except ClashRefused as why:
        raise Refused(str(why)) from why
    refuse_ahead(report)
    name = clash_id(*sides)
    with context.database.writing() as conn:
        entry = _live(open_entry(context, conn, report, wanted))
        waiting = {one.id: one for one in open_clashes(entry.case.facts, report.now)}
        if name in waiting:
            return said_once(False, sentence("replies.conflict_there", id=name, sides=sides_words(waiting[name])))
        past = [one.decided_at for one in read_clashes(entry.case.facts, report.now) if one.id == name]
        if any(at is not None and report.happened_at <= at for at in past):
            raise Refused("this conflict was decided since; leave --at out to raise it once more")
        state = fold_facts(entry.case, entry.playbook, report.now)
        by_mail = asks_by_mail(entry.playbook, entry.case, state)
        entry.keep(FactKind.CONFLICT, name, dict(zip(SIDES, sides, strict=True)))
    said = "replies.conflict_by_mail" if by_mail else "replies.conflict_by_us"
    return sentence(said, id=name, sides=sentence("stalls.clash", this=sides[0], other=sides[1]))


def decide_conflict(context: RunContext, report: FactReport, wanted: str, name: str, decision: str) -> str:
    """Record what was decided about a conflict, by its id or one of its sides. Raises Refused where none is open."""
    words = many_lines(decision)
    if not is_answer(words):
        raise Refused("the decision is empty; say what goes first, and who said so")
    refuse_ahead(report)
    with context.database.writing() as conn:
        entry = open_entry(context, conn, report, wanted)
        clash = _named(read_clashes(entry.case.facts, report.now), name)
        if report.happened_at < clash.raised_at:
            raise Refused(f"it was raised on {clash.raised_at:%Y-%m-%d %H:%M}Z; a decision comes after that")
        entry.keep(FactKind.CONFLICT_DECIDED, clash.id, {"comment": words})
    return sentence("replies.decided", sides=sides_words(clash), decision=words)


def _live(entry: FactEntry) -> FactEntry:
    status = entry.case.progress.status
    if status not in LIVE:
        raise Refused(f"the onboarding of {entry.case.account.name} is {status}; nothing is raised in it")
    return entry


def _named(clashes: tuple[Clash, ...], name: str) -> Clash:
    """Return the open clash that is meant. Raises Refused with those that are open."""
    wanted = name.strip().casefold()
    meant = [one for one in clashes if wanted in (one.id, one.this.casefold(), one.other.casefold())]
    waiting = [one for one in meant if one.decided_at is None]
    if len(waiting) == 1:
        return waiting[0]
    if meant and not waiting:
        raise Refused(f"this conflict is {state_words(meant[-1])}")
    have = "; ".join(f"{one.id} ({sides_words(one)})" for one in clashes if one.decided_at is None) or "none"
    raise Refused(f"{name!r} names no one open conflict; open here: {have}")
