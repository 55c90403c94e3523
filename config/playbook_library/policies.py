"""The policies beside the playbooks: ``policies.yaml``, read and checked against the playbooks' own names."""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from config.files.marked_yaml import Marked
from config.files.marked_yaml import Path as Place
from config.files.mistakes import Mistake, PlaybookError, dotted, nearest
from config.files.tier_names import unknown_tiers
from config.playbook_library.library import POLICIES
from config.playbook_library.reading import read_model
from onboarding.model.conditions.part import PlaybookPart
from onboarding.model.playbook import Playbook
from onboarding.model.vocabulary import Tier
from onboarding.simulation.policies import MILESTONE, Policies

WITHOUT_STEP = frozenset({"stall", "digest"})
"""Messages that no step of a playbook plans, and that policies may name."""


def load_policies(folder: Path) -> Policies | None:
    """Return the policies of a folder of playbooks; None where it has none. Raise PlaybookError."""
    return read_model(folder / POLICIES, Policies)[0] if (folder / POLICIES).exists() else None


def policy_mistakes(
    folder: Path, parts: Sequence[Playbook | PlaybookPart], tiers: Collection[Tier] | None
) -> Iterator[Mistake]:
    """Yield every mistake of the policies: of their form, names that no playbook or part has, and tiers that are not
    among ``tiers`` (None: not known)."""
    if not (folder / POLICIES).exists():
        return
    try:
        found, marked = read_model(folder / POLICIES, Policies)
    except PlaybookError as error:
        yield from error.mistakes
        return
    steps = WITHOUT_STEP | {step.name for one in parts for step in one.steps}
    milestones = {plan.name for one in parts for stage in one.stages.values() for plan in stage.milestones}
    for number, policy in enumerate(found.policies):
        place: Place = ("policies", number)
        yield from unknown_tiers(POLICIES, marked, (*place, "tiers"), policy.tiers, tiers)
        for index, step in enumerate(policy.messages.steps if policy.messages else ()):
            if step not in steps:
                problem = f"no playbook has a step named {step!r}"
                yield _mistake(marked, (*place, "messages", "steps", index), problem, nearest(step, steps))
        for key, event in (("of", policy.of), ("reaches", policy.reaches)):
            name = (event or "").removeprefix(MILESTONE)
            if event and event.startswith(MILESTONE) and name not in milestones:
                problem = f"no playbook has a milestone named {name!r}"
                yield _mistake(marked, (*place, key), problem, nearest(name, milestones))


def _mistake(marked: Marked, place: Place, problem: str, mend: str) -> Mistake:
    return Mistake(file=POLICIES, line=marked.line_of(place), field=dotted(place), problem=problem, mend=mend)
