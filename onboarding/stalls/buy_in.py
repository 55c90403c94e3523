"""The stall by a decision maker who is against the project."""

from onboarding.model.parties import BuyIn
from onboarding.model.phrases import day_words, role_words
from onboarding.model.vocabulary import CustomerRole, Side, VendorRole
from onboarding.profiles.buy_in import holders_of
from onboarding.stalls.context import Cause, StallContext, Watch

KINDS = frozenset({"decision_maker_opposed"})
DECIDING = (CustomerRole.EXECUTIVE_SPONSOR, CustomerRole.ECONOMIC_BUYER, CustomerRole.MANAGER)
"""Those who decide, and heads of departments. Who else is against it is shown, and holds nothing up."""


def decision_maker_opposed(context: StallContext) -> tuple[Watch, ...]:
    """SH-9: one of us recorded that a person who decides is against it. Each person is a cause of their own."""
    return tuple(
        watch
        for person_id, (person, role) in sorted(holders_of(context.state, DECIDING).items())
        if (position := context.state.positions.get(person_id)) is not None and position.buy_in is BuyIn.OPPOSED
        for watch in context.watch(
            "decision_maker_opposed",
            Cause(
                anchor=position.at,
                about=person_id,
                text=f"{person.name} ({role_words(role)}) is against it since {day_words(position.at)}"
                + (f": “{' '.join(position.why.split())}”." if position.why else "."),
                waiting_on=Side.VENDOR,
                owner_role=VendorRole.CSM.value,
            ),
        )
    )


RULES = (decision_maker_opposed,)
