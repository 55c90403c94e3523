"""A task as a person asks for it, and the rules that refuse it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from onboarding.dates.limits import OUT_OF_YEARS, in_years
from onboarding.dates.working_time import zone_of
from onboarding.model.case import Case
from onboarding.model.identity import one_line, one_spelling
from onboarding.model.phrases import list_words, side_words
from onboarding.model.state import OnboardingState
from onboarding.model.vocabulary import LIVE, STAGES, CustomerRole, Side, Stage, VendorRole
from onboarding.own_tasks.plan import OwnTask, role_of

LONGEST_TITLE = 120
_LEADING = (VendorRole.CSM, VendorRole.ONBOARDING_SPECIALIST, VendorRole.IMPLEMENTATION_ENGINEER)
"""The role in which a person of the vendor owes a task who holds several."""


class TaskRefused(ValueError):
    """The task cannot be added as asked. ``field`` is the part that is wrong; the message says how to mend it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRequest:
    """A task in the words of the person who asks for it, choices in any case; an empty stage is the present one."""

    title: str
    side: str
    owner: str
    """A role, or the mail address of a person who holds one."""
    due_on: str
    needed: bool = False
    stage: str = ""
    internal: bool = False


def check_words(asked: TaskRequest) -> tuple[str, Side, date]:
    """Return title, side and day, as far as they can be checked without the onboarding. Raise TaskRefused."""
    title = one_line(asked.title, LONGEST_TITLE + 1)
    if sum(char.isalnum() for char in title) < 3:
        raise TaskRefused("title", f"the title {asked.title!r} says too little; say what has to be done")
    if len(title) > LONGEST_TITLE:
        raise TaskRefused("title", f"the title is longer than {LONGEST_TITLE} characters; shorten it")
    side = next((side for side in Side if side.value == _name(asked.side)), None)
    if side is None:
        what = f"{asked.side!r} is no side" if asked.side.strip() else "no side is given"
        raise TaskRefused("side", f"{what}; use {list_of(Side)}")
    try:
        day = date.fromisoformat(asked.due_on)
    except ValueError:
        what = f"{asked.due_on!r} is no day" if asked.due_on.strip() else "no due day is given"
        raise TaskRefused("due", f"{what}; write it like 2026-03-12") from None
    if not in_years(day):
        raise TaskRefused("due", f"the due day {day} is {OUT_OF_YEARS}; correct the year")
    return title, side, day


def task_value(asked: TaskRequest, case: Case, state: OnboardingState, now: datetime) -> Mapping[str, Any]:
    """Return the value of the fact that adds the task at ``now`` (UTC). Raise TaskRefused."""
    title, side, day = check_words(asked)
    progress = case.progress
    if progress.status not in LIVE:
        raise TaskRefused(
            "title", f"the onboarding of {case.account.name} is {progress.status}; nothing is added to it"
        )
    role, person_id = _owner(asked, side, case, state)
    today = now.astimezone(zone_of(case.account.zone or "UTC")).date()
    if day < today:
        raise TaskRefused("due", f"the due day {day} has passed, today is {today}; give today or a later day")
    if asked.internal and side is Side.CUSTOMER:
        raise TaskRefused("internal", "work of the customer cannot be internal; leave that out, or give another side")
    return {
        "title": title,
        "side": side.value,
        "owner": role.value,
        "due_on": day.isoformat(),
        "needed": asked.needed,
        "stage": _stage(asked, progress.stage).value,
        **({"internal": True} if asked.internal else {}),
        **({"person": person_id} if person_id else {}),
    }


def same_task(task: OwnTask, value: Mapping[str, Any], due_on: date | None) -> bool:
    """Return whether a request asks for what there is; ``due_on`` is the day on which the task is due now."""
    asked = (value["side"], value["owner"], value["stage"], value["needed"], bool(value.get("internal")))
    known = (task.side.value, task.owner.value, task.stage.value, task.needed, task.internal)
    return asked == known and due_on is not None and value["due_on"] == due_on.isoformat()


def list_of(choices: type[Side] | type[CustomerRole] | type[VendorRole]) -> str:
    """Return the names of all choices: ``vendor, customer or third_party``."""
    names = [choice.value for choice in choices]
    return f"{', '.join(names[:-1])} or {names[-1]}"


def _name(choice: str) -> str:
    """Return what a person chose as it is named: ``Third party`` is ``third_party``."""
    return "_".join(choice.casefold().split())


def _stage(asked: TaskRequest, here: Stage) -> Stage:
    open_stages = STAGES[STAGES.index(here) :] if here in STAGES else ()
    if not open_stages:
        raise TaskRefused("stage", "all five stages are done; record a promise instead")
    if not asked.stage:
        return here
    stage = next((stage for stage in STAGES if stage.value == _name(asked.stage)), None)
    names = list_words(stage.value for stage in open_stages)
    if stage is None:
        raise TaskRefused("stage", f"{asked.stage!r} is no stage; still ahead: {names}")
    if stage not in open_stages:
        raise TaskRefused("stage", f"the stage {stage} was left already; still ahead: {names}")
    return stage


def _owner(asked: TaskRequest, side: Side, case: Case, state: OnboardingState) -> tuple[VendorRole | CustomerRole, str]:
    """Return the role that owes the task, and the contact if one of the customer's people was named."""
    role = role_of(side, _name(asked.owner))
    if role is not None:
        return role, ""
    whose = side_words(Side.CUSTOMER if side is Side.CUSTOMER else Side.VENDOR)
    if "@" not in asked.owner:
        roles = list_of(CustomerRole if side is Side.CUSTOMER else VendorRole)
        other = "a role of the other side" if _name(asked.owner) in {*CustomerRole, *VendorRole} else "no role"
        what = f"{asked.owner!r} is {other}" if asked.owner.strip() else "nobody is given who does it"
        raise TaskRefused("owner", f"{what}; for work of the side {side} use {roles}")
    wanted = one_spelling(asked.owner)
    if side is Side.CUSTOMER:
        for held, people in state.holders.items():
            for person in people:
                if person.email and one_spelling(person.email) == wanted:
                    return held, person.id
        mend = "name their role first: `first90 record KEY stakeholder EMAIL --role ROLE`"
    else:
        for our_role in (*_LEADING, *VendorRole):
            owner = state.team.get(our_role)
            if owner is not None and one_spelling(owner.email) == wanted:
                return our_role, ""
        mend = "give a role, or `first90 reassign` one to them first"
    raise TaskRefused("owner", f"{asked.owner} holds no role with {whose} at {case.account.name}; {mend}")
