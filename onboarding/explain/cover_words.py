"""Sentences on who is accountable until when, and on who covers for whom while one of the vendor's people is away."""

from collections.abc import Iterator, Mapping

from onboarding.dates.wording import AT_THE_TERMINAL, Audience
from onboarding.model.parties import Cover, Transfer
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


def transfer_sentences(transfer: Transfer | None) -> Iterator[str]:
    """Yield the sentence on who is accountable, why and until when, where a specialist hands over to the CSM (RO-3)."""
    if transfer is None:
        return
    leads, then = transfer.specialist.name, transfer.csm.name if transfer.csm else "a CSM, whom nobody is yet"
    day = day_words(transfer.at) if transfer.at else ""
    if transfer.over:
        yield f"{then} (CSM) is accountable since {day}, after {leads} (onboarding specialist): {transfer.because}."
    elif day:
        yield f"{leads} (onboarding specialist) is accountable until {day}, then {then} (CSM): {transfer.because}."
    else:
        yield f"{leads} (onboarding specialist) is accountable, with no day for {then} (CSM): {transfer.because}."
