"""Roles that open work needs and that nobody holds, and what is said of them (RO-8). Pure."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from onboarding.model.case import Progress
from onboarding.model.parties import Unheld
from onboarding.model.playbook import Playbook
from onboarding.model.review import Task
from onboarding.model.state import OnboardingState
from onboarding.model.vocabulary import STAGES, CustomerRole, Side, Stage, Status, VendorRole
from onboarding.people.owners import accountable
from onboarding.sentences.sentence import sentence
from onboarding.sentences.terms import role_name

TOLD_FOR = timedelta(days=7)
"""How long it stays in a digest, where it is told once. This project's choice."""
TOLD_AS_STALL = {
    (Side.VENDOR, VendorRole.CSM.value): "owner_missing",
    (Side.CUSTOMER, CustomerRole.CHAMPION.value): "champion_missing",
    (Side.CUSTOMER, CustomerRole.EXECUTIVE_SPONSOR.value): "sponsor_missing",
}
"""Roles that have a stall of their own where nobody holds them; where a playbook watches it, nothing else tells."""


def unheld(state: OnboardingState, progress: Progress, playbook: Playbook) -> tuple[Unheld, ...]:
    """Return the roles without a holder for which there is open work in this stage or a later one, in its order.

    Where there is no onboarding specialist the CSM leads, which is no gap (RO-2). Empty once the onboarding is over.
    """
    if progress.status not in (Status.ACTIVE, Status.ON_HOLD) or progress.stage is Stage.DONE:
        return ()
    ahead = STAGES[STAGES.index(progress.stage) :]
    proved = {plan.name for plan in playbook.milestones() if plan.by_itself}
    work: dict[tuple[Side, str], list[str]] = {}
    first: dict[tuple[Side, str], Stage] = {}
    for one in state.milestones.values():
        if one.status == "open" and one.stage in ahead and one.name not in proved:
            key = (Side.CUSTOMER if one.side is Side.CUSTOMER else Side.VENDOR, one.owner_role)
            work.setdefault(key, []).append(one.title)
            first.setdefault(key, one.stage)
    missing = [key for key in work if not _is_held(state, *key)]
    return tuple(_unheld(state, progress, key, (first[key], tuple(work[key]))) for key in missing)


def _is_held(state: OnboardingState, side: Side, role: str) -> bool:
    if side is Side.CUSTOMER:
        named = {held.value for held in state.holders} | {held.value for _, held in state.unreadable if held}
        return role in named or role not in set(CustomerRole)
    if role not in set(VendorRole):
        return True
    ours = VendorRole(role)
    return ours is VendorRole.ONBOARDING_SPECIALIST or (ours in state.team and ours not in state.stood_in)


def _unheld(
    state: OnboardingState, progress: Progress, key: tuple[Side, str], work: tuple[Stage, tuple[str, ...]]
) -> Unheld:
    side, (stage, titles) = key[0], work
    since = progress.stage_times.get(stage) if stage is progress.stage else None
    if side is Side.CUSTOMER:
        return Unheld(role=CustomerRole(key[1]), side=side, work=titles, since=since)
    owner = accountable(state.team)
    name = owner.name if owner else ""
    return Unheld(role=VendorRole(key[1]), side=side, work=titles, since=since, stands_in=name)


def role_tasks(found: Iterable[Unheld], playbook: Playbook, now: datetime) -> Iterator[Task]:
    """Yield a task of the accountable owner for each role whose work has come: to find the person. It is told for a
    week."""
    for one in found:
        stall = TOLD_AS_STALL.get((one.side, one.role.value), "")
        if one.since is None or now >= one.since + TOLD_FOR or stall in playbook.stalls:
            continue
        key = "tasks.unheld_customer" if one.side is Side.CUSTOMER else "tasks.unheld_ours"
        text = sentence(key, role=role_name(one.role))
        about = f"unheld:{one.side.value}:{one.role.value}"
        yield Task(role=VendorRole.CSM.value, about=about, text=text, until=one.since + TOLD_FOR)
