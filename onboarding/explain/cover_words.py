"""Sentences on who is accountable until when, who covers for whom, and which roles nobody holds."""

from collections.abc import Iterator, Mapping

from onboarding.dates.wording import AT_THE_TERMINAL, Audience
from onboarding.model.parties import Cover, Transfer
from onboarding.model.phrases import day_words, list_words, role_words, stage_words
from onboarding.model.review import Review
from onboarding.model.vocabulary import Side, VendorRole


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


def unheld_sentences(review: Review) -> tuple[str, ...]:
    """Return a sentence for each role that open work needs and nobody holds: which work, and who does it (RO-8)."""
    stages = {one.title: one.stage for one in review.milestones}
    said = []
    for one in review.unheld:
        whose = "Nobody at the customer" if one.side is Side.CUSTOMER else "Nobody of ours"
        more = f" and {len(one.work) - 1} more" if len(one.work) > 1 else ""
        work = f"“{one.work[0]}” ({stage_words(stages[one.work[0]])}){more}"
        doing = f"; {one.stands_in} does that work" if one.stands_in else ""
        said.append(f"{whose} is {role_words(one.role)}, whose work is {work}{doing}.")
    return tuple(said)
