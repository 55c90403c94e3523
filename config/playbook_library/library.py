"""The library of playbooks and tier rules, read from a folder; versions are identified by a hash of their content.

The folder has one YAML file for each tier, which may extend another one, and in ``parts/`` one for each product that
adds to all of them; ``tiers.yaml`` is in it or beside it, ``policies.yaml`` (``policies``) in it.
Mistakes are reported all at once with file, line, field and remedy, and then nothing is loaded.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.files.documents import adapter
from config.files.marked_yaml import Marked
from config.files.mistakes import Mistake, PlaybookError
from config.files.tier_names import tier_named
from config.playbook_library.kept import put_together
from config.playbook_library.parts import read_parts, with_parts
from config.playbook_library.reading import read_model
from config.playbook_library.tiers import BUNDLED, TIER_RULES, read_tier_file, tiers_without_playbook
from onboarding.facts.tiers import TierRules
from onboarding.model.playbook import Playbook
from onboarding.model.vocabulary import Tier

POLICIES = "policies.yaml"
HASH_LENGTH = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybookVersion:
    """One version of a playbook. ``content`` is stored in the database under ``hash``."""

    playbook: Playbook
    content: str
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybookLibrary:
    """The newest playbooks and the tier rules, for new onboardings."""

    playbook_versions: Mapping[Tier, PlaybookVersion]
    tiers: TierRules

    def __getitem__(self, tier: Tier) -> PlaybookVersion:
        """Return the newest version for a tier."""
        return self.playbook_versions[tier]

    def __contains__(self, tier: object) -> bool:
        """Return whether there is a playbook of this tier."""
        return tier in self.playbook_versions

    def tier_named(self, text: str) -> Tier:
        """Return the tier of this name, in any case. Raise UnknownTier, which says what may have been meant."""
        return tier_named(text, self.playbook_versions)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybookFile:
    """A playbook with the lines it was read from."""

    file: str
    playbook: Playbook
    marked: Marked


def load_library(folder: Path = BUNDLED) -> PlaybookLibrary:
    """Return the playbooks, with the parts of products in them, and the tier rules. Raise PlaybookError with all
    mistakes of their form, and with tiers that have no playbook.

    The tiers are in the order of their rules. Other references between playbooks, rules and templates are checked in
    ``check``.
    """
    found, mistakes = read_playbooks(folder)
    parts, more = read_parts(folder)
    mistakes += more
    try:
        tiers = read_tier_file(folder)
        mistakes += tuple(tiers_without_playbook(tiers, None if mistakes else [file.playbook.tier for file in found]))
    except PlaybookError as error:
        mistakes += error.mistakes
    if mistakes:
        raise PlaybookError(mistakes)
    order = list(dict.fromkeys(rule.tier for rule in tiers.rules.rules))
    whole = sorted(
        (with_parts(file.playbook, parts) for file in found),
        key=lambda one: order.index(one.tier) if one.tier in order else len(order),
    )
    return PlaybookLibrary(playbook_versions={one.tier: version_of(one) for one in whole}, tiers=tiers.rules)


def version_of(playbook: Playbook) -> PlaybookVersion:
    """Return a playbook with its content in canonical form, so that comments and field order do not change the hash."""
    content = json.dumps(
        adapter(Playbook).dump_python(playbook, mode="json", by_alias=True), sort_keys=True, ensure_ascii=False
    )
    return PlaybookVersion(
        playbook=playbook, content=content, hash=hashlib.sha256(content.encode()).hexdigest()[:HASH_LENGTH]
    )


def tiers_content(rules: TierRules) -> str:
    """Return the tier rules in canonical form, so that comments and field order make no difference."""
    return json.dumps(adapter(TierRules).dump_python(rules, mode="json", by_alias=True), sort_keys=True)


def tiers_from(content: str) -> TierRules | None:
    """Return tier rules from their canonical form; None where this version cannot read them."""
    try:
        return adapter(TierRules).validate_json(content)
    except ValueError:
        return None


def from_content(content: str) -> Playbook:
    """Return a playbook from the content stored in the database. Raise PlaybookError."""
    try:
        return put_together(content)
    except ValueError as error:
        mistake = Mistake(
            file="the playbook version kept in the database",
            line=0,
            field="",
            problem=str(error),
            mend="with the first90 that began its onboardings, `first90 playbook adopt KEY`; update then",
        )
        raise PlaybookError([mistake]) from None


def read_playbooks(folder: Path) -> tuple[tuple[PlaybookFile, ...], tuple[Mistake, ...]]:
    """Return every readable playbook of the folder, and all mistakes of the others."""
    found: list[PlaybookFile] = []
    mistakes: list[Mistake] = []
    for path in sorted(folder.glob("*.y*ml")):
        if path.name in (TIER_RULES, POLICIES):
            continue
        try:
            playbook, marked = read_model(path, Playbook)
        except PlaybookError as error:
            mistakes += error.mistakes
            continue
        twin = next((file.file for file in found if file.playbook.tier == playbook.tier), None)
        if twin:
            problem, mend = f"{twin} is the playbook of tier {playbook.tier} already", "keep one file a tier"
            mistakes.append(
                Mistake(file=path.name, line=marked.line_of(("tier",)), field="tier", problem=problem, mend=mend)
            )
            continue
        found.append(PlaybookFile(file=path.name, playbook=playbook, marked=marked))
    if not found and not mistakes:
        problem, mend = "there is no playbook", "add one YAML file for each tier"
        mistakes.append(Mistake(file=str(folder), line=0, field="", problem=problem, mend=mend))
    return tuple(found), tuple(mistakes)


def schema_text(model: type[Any] = Playbook) -> str:
    """Return the JSON Schema for editors, as published beside the playbooks."""
    return json.dumps(adapter(model).json_schema(by_alias=True), indent=2, ensure_ascii=False) + "\n"
