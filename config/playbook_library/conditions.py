"""The check of conditions: fields that nothing fills are mistakes, conditions that can never hold are warned of."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from config.files.marked_yaml import Marked
from config.files.marked_yaml import Path as Place
from config.files.mistakes import Mistake, dotted, nearest
from config.files.tier_names import unknown_tiers
from config.playbook_library.library import PlaybookFile
from config.playbook_library.parts import PartFile
from config.playbook_library.tiers import TierFile, tiers_without_playbook
from onboarding.conditions.conditional import Conditional, written_conditions
from onboarding.facts.tiers import COMPLEXITY
from onboarding.model.conditions.written import Traits
from onboarding.model.vocabulary import Tier

ALWAYS = frozenset({"region", "country", "industry"})
"""Fields that are known without an entry in the mapping."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """All sets of traits of a file, with their places."""

    file: str
    marked: Marked
    traits: tuple[tuple[Place, Traits], ...]
    tier: Tier | None = None
    """The only tier for which the file is; None for any."""

    def mistake(self, place: Place, problem: str, mend: str) -> Mistake:
        """Return a mistake at a place of the file."""
        line = self.marked.line_of(place)
        return Mistake(file=self.file, line=line, field=dotted(place), problem=problem, mend=mend)


def conditions_of(file: PlaybookFile | PartFile) -> Conditions:
    """Return the conditions of a playbook or a part."""
    if isinstance(file, PartFile):
        part = file.part
        own = [((), Traits(products=part.products)), *([(("when",), part.when)] if part.when else [])]
        return Conditions(file=file.file, marked=file.marked, traits=(*own, *_traits(written_conditions(part))))
    book = file.playbook
    return Conditions(
        file=file.file, marked=file.marked, traits=tuple(_traits(written_conditions(book))), tier=book.tier
    )


def condition_mistakes(found: Conditions, mapped: Collection[str], tiers: Collection[Tier] | None) -> Iterator[Mistake]:
    """Yield a mistake for each field that a condition asks for and ``mapped`` lacks, and for each tier that is not one
    of ``tiers``."""
    known = ALWAYS.union(mapped)
    for place, asked in found.traits:
        yield from unknown_tiers(found.file, found.marked, (*place, "tier"), asked.tier, tiers)
        for where in asked.named_fields:
            if (name := where[-1]) not in known:
                mend = "name its CRM field in config/mapping.yaml, under fields of Account or Opportunity, or "
                problem = f"no field {name!r} is read from the CRM"
                yield found.mistake((*place, *where), problem, mend + nearest(name, known))


def tier_mistakes(found: TierFile, mapped: Collection[str], tiers: Collection[Tier] | None) -> Iterator[Mistake]:
    """Yield a mistake for each tier of the rules that is not one of ``tiers``, those with a playbook, and for each rule
    that asks for the complexity, if ``mapped`` lacks the field."""
    yield from tiers_without_playbook(found, tiers)
    for number, rule in enumerate(found.rules.rules):
        if rule.complexity and COMPLEXITY not in mapped:
            place = ("rules", number, COMPLEXITY)
            mend = f"name its CRM field in config/mapping.yaml, as {COMPLEXITY} under fields of Account or Opportunity"
            problem, line = f"no field {COMPLEXITY!r} is read from the CRM", found.marked.line_of(place)
            yield Mistake(file=found.file, line=line, field=dotted(place), problem=problem, mend=mend)


def condition_warnings(found: Conditions, products: Collection[str] | None) -> Iterator[Mistake]:
    """Yield what can never hold: another tier than the playbook's, and products that none of ``products`` is; None
    where it is not known what is sold."""
    sold, tier = {one.casefold() for one in products or ()}, found.tier
    for place, asked in found.traits:
        if tier and asked.tier and tier not in asked.tier and "none_of" not in place:
            problem = f"it can never hold: this is the playbook of {tier}"
            yield found.mistake((*place, "tier"), problem, f"add {tier}, or write it in the playbook of that tier")
        for number, name in enumerate(asked.products if products is not None else ()):
            if name.casefold() not in sold:
                problem = f"no deal so far has a product {name!r}"
                mend = nearest(name, products) if products else "check its name, and that line items are read"
                yield found.mistake((*place, "products", number), problem, mend)


def _traits(found: Iterable[Conditional]) -> Iterator[tuple[Place, Traits]]:
    """Yield the traits of each condition, and those inside it, with their places."""
    for one in found:
        yield one.place, one.condition
        for kind in ("all_of", "any_of", "none_of"):
            for number, inner in enumerate(getattr(one.condition, kind)):
                yield (*one.place, kind, number), inner
