"""The check of conditions: fields that nothing fills are mistakes, conditions that can never hold are warned of."""

from collections.abc import Collection, Iterator

from config.files.marked_yaml import Path as Place
from config.files.mistakes import Mistake, dotted, nearest
from config.playbook_library.library import PlaybookFile
from onboarding.model.conditions.written import Traits, When
from onboarding.model.vocabulary import STAGES

ALWAYS = frozenset({"region", "country", "industry"})
"""Fields that are known without an entry in the mapping."""

Placed = tuple[Place, Traits]


def condition_mistakes(file: PlaybookFile, mapped: Collection[str]) -> Iterator[Mistake]:
    """Yield a mistake for each field that a condition asks for and ``mapped`` lacks."""
    known = ALWAYS.union(mapped)
    for place, asked in _traits(file):
        for name in asked.named_fields:
            if name not in known:
                where = (*place, name) if name == "segment" else (*place, _holder(asked, name), name)
                mend = "name its CRM field in config/mapping.yaml, under fields of Account or Opportunity, or {}"
                problem = f"no field {name!r} is read from the CRM"
                yield _mistake(file, where, problem, mend.format(nearest(name, known)))


def condition_warnings(file: PlaybookFile, products: Collection[str] | None) -> Iterator[Mistake]:
    """Yield what can never hold: another tier than the playbook's, and products that none of ``products`` is; None
    where it is not known what is sold."""
    sold = {one.casefold() for one in products or ()}
    for place, asked in _traits(file):
        tier = file.playbook.tier
        if asked.tier and tier not in asked.tier and "none_of" not in place:
            problem = f"it can never hold: this is the playbook of {tier}"
            yield _mistake(file, (*place, "tier"), problem, f"add {tier}, or write it in the playbook of that tier")
        for number, name in enumerate(asked.products if products is not None else ()):
            if name.casefold() not in sold:
                problem = f"no deal so far has a product {name!r}"
                yield _mistake(file, (*place, "products", number), problem, nearest(name, products or ()))


def _traits(file: PlaybookFile) -> Iterator[Placed]:
    """Yield every set of traits in the playbook's conditions, with its place."""
    for place, when in _conditions(file):
        yield place, when
        for kind in ("all_of", "any_of", "none_of"):
            for number, one in enumerate(getattr(when, kind)):
                yield (*place, kind, number), one


def _conditions(file: PlaybookFile) -> Iterator[tuple[Place, When]]:
    book = file.playbook
    for stage in STAGES:
        for number, plan in enumerate(book.stages[stage].milestones):
            if plan.when:
                yield ("stages", stage.value, "milestones", number, "when"), plan.when
        for name, when in book.stages[stage].exit_when.items():
            yield ("stages", stage.value, "exit_when", name), when
    for number, step in enumerate(book.steps):
        if step.when:
            yield ("steps", number, "when"), step.when
    for kind, rule in book.stalls.items():
        if rule.when:
            yield ("stalls", kind, "when"), rule.when


def _holder(asked: Traits, name: str) -> str:
    return "fields" if name in asked.fields else "numbers"


def _mistake(file: PlaybookFile, place: Place, problem: str, mend: str) -> Mistake:
    line = file.marked.line_of(place)
    return Mistake(file=file.file, line=line, field=dotted(place), problem=problem, mend=mend)
