"""The names of tiers that somebody gives: each must be a tier of which there is a playbook."""

from collections.abc import Collection, Iterator

from config.files.marked_yaml import Marked, Path
from config.files.mistakes import Mistake, dotted, nearest
from onboarding.model.vocabulary import Tier


class UnknownTier(ValueError):
    """A tier of which there is no playbook. Its text names it, and what may have been meant."""


def tier_named(text: str, known: Collection[Tier]) -> Tier:
    """Return the tier of this name, in any case. Raise UnknownTier for one that is not among ``known``."""
    wanted = Tier(text.strip().lower())
    if wanted not in known:
        raise UnknownTier(f"{text!r} is no tier; {nearest(wanted, known)}")
    return wanted


def unknown_tiers(
    file: str, marked: Marked, place: Path, named: Collection[Tier], known: Collection[Tier] | None
) -> Iterator[Mistake]:
    """Yield a mistake for each of the tiers named at a place of a file that is not among ``known``; none where that is
    None, because a playbook could not be read."""
    for number, tier in enumerate(named):
        if known is not None and tier not in known:
            mend = f"{nearest(tier, known)}, or add a playbook with `tier: {tier}`"
            where = (*place, number) if (*place, number) in marked.lines else place
            problem = f"there is no playbook of tier {tier!r}"
            yield Mistake(file=file, line=marked.line_of(where), field=dotted(where), problem=problem, mend=mend)
