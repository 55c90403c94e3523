"""Sentences on who covers for whom while one of the vendor's people is away."""

from collections.abc import Iterator, Mapping

from onboarding.dates.wording import AT_THE_TERMINAL, Audience
from onboarding.model.parties import Cover
from onboarding.model.phrases import day_words, list_words, role_words
from onboarding.model.vocabulary import VendorRole


def cover_sentences(covers: Mapping[VendorRole, Cover], audience: Audience = AT_THE_TERMINAL) -> Iterator[str]:
    """Yield a sentence for each person who is away, with the roles concerned."""
    for absent in dict.fromkeys(cover.absent.id for cover in covers.values()):
        found = [(role, cover) for role, cover in covers.items() if cover.absent.id == absent]
        roles, cover = list_words(role_words(role) for role, _ in found), found[0][1]
        back = day_words(cover.back)
        if cover.by is None:
            yield (
                f"{cover.absent.name} ({roles}) is away until {back}, and nobody covers; name a backup in the "
                f"team file{audience.hint(', or with first90 away')}."
            )
        else:
            yield f"{cover.by.name} covers for {cover.absent.name} ({roles}), who is away until {back}."
