"""Tasks of one account besides those of its playbook (TI-3): facts, which no version of the playbook changes.

A task is a milestone that this account alone has, so each rule that reads milestones treats it as one. ``playbook_of``
gives the playbook that a review goes by.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, replace
from datetime import date, datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any

from onboarding.conditions.fitting import FittedPlaybook, fitted
from onboarding.model.case import Case
from onboarding.model.playbook import MilestonePlan, Playbook
from onboarding.model.reports import known
from onboarding.model.schedule import Due
from onboarding.model.vocabulary import STAGES, CustomerRole, FactKind, Side, Stage, VendorRole
from onboarding.values import dataclass

PREFIX = "task_"
"""How the name of every task begins, so that no playbook can have it for something else."""
SOURCE = "TI-3"
MARK = 8
"""Digits in a name, so that an account hardly ever has two titles with one name. This project's choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnTask(MilestonePlan):
    """A task of one account. Its day is fixed: no hold and no other date moves it."""

    stage: Stage
    needed: bool
    """Whether its stage is not left without it."""
    person_id: str = ""
    """The contact who owes it, where the customer has several people in the role and one was named."""


def task_name(title: str) -> str:
    """Return the name of the task with this title. Titles that differ in capitals, accents and signs alone have the
    same one. It holds no word of the title, which may name a person, so that a name has nothing to be erased."""
    return PREFIX + sha256(_words(title).encode()).hexdigest()[:MARK]


def task_of(tasks: Iterable[OwnTask], title: str) -> OwnTask | None:
    """Return the task with this title, whatever its name; None if there is none."""
    return next((task for task in tasks if _words(task.title) == _words(title)), None)


def _words(title: str) -> str:
    """Return the words of a title without capitals, accents and signs."""
    plain = unicodedata.normalize("NFKD", title.casefold())
    without_accents = (char for char in plain if not "\u0300" <= char <= "\u036f")
    return " ".join(
        "".join(char if unicodedata.category(char)[0] in "LMN" else " " for char in without_accents).split()
    )


def role_of(side: Side, owner: str) -> VendorRole | CustomerRole | None:
    """Return the role of this name that can owe work of the side; None if there is none. For a third party's work it is
    the vendor role that follows it up."""
    roles: Iterable[VendorRole | CustomerRole] = CustomerRole if side is Side.CUSTOMER else VendorRole
    return next((role for role in roles if role.value == owner), None)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class JoinedPlaybook(FittedPlaybook):
    """A playbook with the tasks of one account in it."""

    bare: Playbook
    """The same without them."""


def playbook_of(case: Case, playbook: Playbook, now: datetime) -> Playbook:
    """Return the playbook as it is for the case at ``now`` (UTC): by its conditions, with the case's own tasks.

    It is the same object where it has neither. Safe to repeat: what was left out or added before is decided anew.
    """
    bare, tasks = fitted(case, playbook, now), tuple(_tasks(case, now))
    return _joined(bare, tasks) if tasks else bare


def without_tasks(playbook: Playbook) -> Playbook:
    """Return the playbook as its version has it."""
    return playbook.bare if isinstance(playbook, JoinedPlaybook) else playbook


def own_tasks(playbook: Playbook) -> tuple[OwnTask, ...]:
    """Return the tasks that are in it."""
    return tuple(plan for plan in playbook.milestones() if isinstance(plan, OwnTask))


def _tasks(case: Case, now: datetime) -> Iterator[OwnTask]:
    """Yield the tasks that are known at ``now``. Of one name the first counts; what cannot be read adds none."""
    seen: set[str] = set()
    for fact in known((one for one in case.facts if one.kind == FactKind.TASK), now):
        task = _read(case, fact.name, fact.value) if fact.name not in seen else None
        if task is not None:
            seen.add(fact.name)
            yield task


@lru_cache(maxsize=256)
def _joined(bare: Playbook, tasks: tuple[OwnTask, ...]) -> JoinedPlaybook:
    # The same tasks give the same object, so that what else is kept by playbook is found again.
    stages = {}
    for stage in STAGES:
        plan, mine = bare.stages[stage], [task for task in tasks if task.stage is stage]
        exits = (*plan.exit, *(task.name for task in mine if task.needed))
        stages[stage] = replace(plan, milestones=(*plan.milestones, *mine), exit=exits) if mine else plan
    fit = bare if isinstance(bare, FittedPlaybook) else None
    return JoinedPlaybook(
        **{one.name: getattr(bare, one.name) for one in fields(Playbook)} | {"stages": stages},
        whole=fit.whole if fit else bare,
        verdicts=fit.verdicts if fit else {},
        bare=bare,
    )


def _read(case: Case, name: str, value: Mapping[str, Any]) -> OwnTask | None:
    try:
        side, stage, day = Side(value["side"]), Stage(value["stage"]), date.fromisoformat(value["due_on"])
        role, title = role_of(side, value["owner"]), str(value["title"])
    except (KeyError, TypeError, ValueError):
        return None
    if role is None or stage not in STAGES or not name.startswith(PREFIX):
        return None
    return OwnTask(
        name=name,
        title=title,
        side=side,
        owner=role,
        due=Due(anchor="signature", days=(day - case.signed_at.date()).days, source=SOURCE),
        source=SOURCE,
        internal=bool(value.get("internal")),
        stage=stage,
        needed=bool(value.get("needed")),
        person_id=str(value.get("person") or ""),
    )
