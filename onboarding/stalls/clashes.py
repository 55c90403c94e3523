"""The stall by a conflict of priorities that nobody decides."""

from onboarding.clashes.clash import open_clashes
from onboarding.clashes.words import sides_words
from onboarding.model.vocabulary import CustomerRole, Side, VendorRole
from onboarding.sentences.sentence import sentence
from onboarding.sentences.terms import utc_day
from onboarding.stalls.context import Cause, StallContext, Watch

KINDS = frozenset({"conflict_undecided"})


def conflict_undecided(context: StallContext) -> tuple[Watch, ...]:
    """SH-7: a conflict of priorities waits for a decision of the customer's executive sponsor, and for us to find one
    where nobody is known as that. Each conflict is a cause of its own."""
    has_sponsor = bool(context.state.holders.get(CustomerRole.EXECUTIVE_SPONSOR))
    return tuple(
        watch
        for clash in open_clashes(context.case.facts, context.now)
        for watch in context.watch(
            "conflict_undecided",
            Cause(
                anchor=clash.raised_at,
                about=clash.number,
                text=sentence("stalls.conflict_undecided", clash=sides_words(clash), day=utc_day(clash.raised_at)),
                waiting_on=Side.CUSTOMER if has_sponsor else Side.VENDOR,
                owner_role=(CustomerRole.EXECUTIVE_SPONSOR if has_sponsor else VendorRole.CSM).value,
            ),
        )
    )


RULES = (conflict_undecided,)
