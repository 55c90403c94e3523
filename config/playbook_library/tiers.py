"""The tier rules, ``tiers.yaml``, and the check that each tier that they name has a playbook."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from config.files.marked_yaml import Marked
from config.files.marked_yaml import Path as Place
from config.files.mistakes import Mistake
from config.files.tier_names import unknown_tiers
from config.playbook_library.reading import read_model
from config.settings import locations
from onboarding.facts.tiers import TierRules
from onboarding.model.vocabulary import Tier

BUNDLED = locations.BUNDLED / "playbooks"
TIER_RULES = "tiers.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class TierFile:
    """The tier rules with the lines they were read from."""

    file: str
    rules: TierRules
    marked: Marked


def read_tier_file(folder: Path) -> TierFile:
    """Return ``tiers.yaml`` in the folder, else beside it, else the bundled one. Raise PlaybookError."""
    places = (folder / TIER_RULES, folder.parent / TIER_RULES, BUNDLED.parent / TIER_RULES)
    path = next(path for path in places if path.exists())
    rules, marked = read_model(path, TierRules)
    return TierFile(file=TIER_RULES if path != places[-1] else str(path), rules=rules, marked=marked)


def tiers_without_playbook(found: TierFile, known: Collection[Tier] | None) -> Iterator[Mistake]:
    """Yield a mistake for each tier that the rules name and that is not among ``known``, those with a playbook."""
    named: list[tuple[Place, Tier]] = [(("rules", n, "tier"), rule.tier) for n, rule in enumerate(found.rules.rules)]
    named += [(("on_playbook_change", tier), tier) for tier in found.rules.on_playbook_change]
    for place, tier in named:
        yield from unknown_tiers(found.file, found.marked, place, [tier], known)
