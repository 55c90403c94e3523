"""The state of milestones, folded from reports, product usage and first90's own records."""

from collections.abc import Container, Mapping, Sequence
from datetime import datetime
from functools import lru_cache

from onboarding.conditions.conditional import Part
from onboarding.conditions.fitting import left_out
from onboarding.model.case import Case, Fact
from onboarding.model.phrases import role_words
from onboarding.model.playbook import MilestonePlan, Playbook
from onboarding.model.state import Milestone
from onboarding.model.usage import Detection, SignalUse
from onboarding.model.vocabulary import STAGES, CustomerRole, FactKind
from onboarding.people.leading import BY_RECORDS
from onboarding.stages.first_value import first_sent_at
from onboarding.usage.proof import detection_for, reached
from onboarding.values import dataclass

BY_USAGE = "product usage"
IN_TRIAL = "in the trial, before the signature"
"""The note on a milestone that usage before the signature proved; it counts on (SX-16)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Evidence that a milestone is done: when it happened, and its source."""

    at: datetime
    by: str
    note: str = ""
    known_at: datetime | None = None
    """When it was learned, if that is not when it happened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reports:
    """The folded reports of people on one milestone."""

    done: tuple[Proof, ...] = ()
    waived: Fact | None = None
    corrected_at: datetime | None = None
    """When the milestone was last undone or waived; older proofs do not count."""


NOT_REPORTED = _Reports()


@dataclass(frozen=True, slots=True, kw_only=True)
class MilestoneInputs:
    """The inputs of the milestones besides product usage."""

    reports: Sequence[Fact]
    """In the order of learning."""
    held: frozenset[CustomerRole]
    """The customer roles that have a holder."""
    proofs: Mapping[str, Proof]
    """Proofs from first90's own records, by the name of the proof in the playbook."""
    not_applicable: Mapping[str, str]
    """Proofs that make a milestone not applicable, with the reason."""


def fold_facts(
    case: Case, playbook: Playbook, records: MilestoneInputs, now: datetime, *, proven: Container[str] | None = None
) -> dict[str, Milestone]:
    """Return the state of every milestone of the playbook, without due dates; of those with one of the proofs
    ``proven`` alone, if given.

    The earliest proof dates a milestone, so late or repeated reports change nothing, except that an earlier proof
    corrects the date.
    """
    reports = _read_reports(records.reports)
    uses = {use.name: use for use in case.usage.signals}
    found, gone = {}, left_out(playbook)
    for plan, blank in _open_milestones(playbook):
        if proven is not None and plan.proof not in proven:
            continue
        said = reports.get(plan.name, NOT_REPORTED)
        by_usage = uses and (plan.signal or plan.signal_for or plan.name in uses)
        used = _usage_proof(plan, uses, said.corrected_at, case, now) if by_usage else None
        shown = _unless_corrected(records.proofs.get(plan.proof), said.corrected_at) if plan.proof else None
        told = _unless_corrected(_by_message(plan, case), said.corrected_at) if plan.sent else None
        done = [*said.done, *filter(None, (used, shown, told))]
        why_not = gone.get((Part.MILESTONE, plan.name)) or _why_not_applicable(plan, records)
        found[plan.name] = _settle(blank, done, said.waived, why_not)
    return _booked_if_held(found)


def done_or_waived(milestone: Milestone | None) -> bool:
    """Return whether it is done, or a person declared it not applicable with a reason: not where it only does not fit
    the customer, by its condition or because nobody there holds its role, as then nothing happened."""
    return milestone is not None and milestone.met and (milestone.status == "done" or milestone.waived_at is not None)


@lru_cache(maxsize=64)
def _open_milestones(playbook: Playbook) -> tuple[tuple[MilestonePlan, Milestone], ...]:
    """Return the playbook's milestones before anything is known of them. They are the same for every account."""
    return tuple(
        (
            plan,
            Milestone(
                name=plan.name,
                title=plan.title,
                stage=stage,
                side=plan.side,
                owner_role=plan.owner.value,
                exit=plan.name in playbook.stages[stage].exit,
            ),
        )
        for stage in STAGES
        for plan in playbook.stages[stage].milestones
    )


def _settle(blank: Milestone, done: list[Proof], waived: Fact | None, not_applicable: str | None) -> Milestone:
    if done:
        first = done[0] if len(done) == 1 else min(done, key=lambda proof: (proof.at, proof.by, proof.note))
        return blank._replace(status="done", done_at=first.at, done_by=first.by, reason=first.note or None)
    if waived is not None:
        reason = str(waived.value.get("reason") or "").strip() or None
        return blank._replace(status="not_applicable", done_by=waived.by, reason=reason, waived_at=waived.at)
    if not_applicable is not None:
        return blank._replace(status="not_applicable", reason=not_applicable)
    return blank


def _why_not_applicable(plan: MilestonePlan, records: MilestoneInputs) -> str | None:
    if plan.needs_role is not None and plan.needs_role not in records.held:
        return f"nobody at the customer holds the role {role_words(plan.needs_role)}"
    return records.not_applicable.get(plan.proof or "")


def _read_reports(facts: Sequence[Fact]) -> Mapping[str, _Reports]:
    found: dict[str, _Reports] = {}
    for fact in facts:
        said = found.get(fact.name, NOT_REPORTED)
        if fact.kind == FactKind.MILESTONE:
            note = str(fact.value.get("note") or fact.value.get("reason") or "")
            proof = Proof(at=fact.at, by=fact.by, note=note)
            found[fact.name] = _Reports(done=(*said.done, proof), corrected_at=said.corrected_at)
        elif fact.kind == FactKind.MILESTONE_UNDONE:
            found[fact.name] = _Reports(corrected_at=fact.learned_at)
        elif fact.kind == FactKind.MILESTONE_WAIVED:
            found[fact.name] = _Reports(corrected_at=fact.learned_at, waived=fact)
    return found


def _unless_corrected(proof: Proof | None, corrected_at: datetime | None) -> Proof | None:
    """Return the proof, unless the milestone was corrected after it."""
    return proof if proof and (corrected_at is None or (proof.known_at or proof.at) > corrected_at) else None


def _by_message(plan: MilestonePlan, case: Case) -> Proof | None:
    """Return the proof by the first message that was sent of the steps that the milestone names."""
    at = first_sent_at(case, plan.sent)
    return Proof(at=at, by=BY_RECORDS) if at is not None else None


def _usage_proof(
    plan: MilestonePlan, uses: Mapping[str, SignalUse], since: datetime | None, case: Case, now: datetime
) -> Proof | None:
    """Return the proof by usage: the milestone's detection, or any signal with the milestone's name; None if none."""
    detection = detection_for(plan, case)
    found = [reached(detection, uses, since, now)] if detection is not None else []
    if plan.name in uses:
        found.append(reached(Detection(signal=plan.name, source=""), uses, since, now))
    times = [at for at in found if at is not None]
    if not times:
        return None
    return Proof(at=min(times), by=BY_USAGE, note=IN_TRIAL if min(times) < case.signed_at else "")


def _booked_if_held(rows: dict[str, Milestone]) -> dict[str, Milestone]:
    """Return the milestones with ``kickoff_booked`` done by the time ``kickoff_held`` is, even if it was not
    reported."""
    booked, held = rows.get("kickoff_booked"), rows.get("kickoff_held")
    if booked is None or held is None or held.done_at is None:
        return rows
    if booked.done_at is not None and booked.done_at <= held.done_at:
        return rows
    return {
        **rows,
        "kickoff_booked": booked._replace(status="done", done_at=held.done_at, done_by=held.done_by),
    }
