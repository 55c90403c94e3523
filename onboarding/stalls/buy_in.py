"""The stall by a decision maker who is against the project."""

from onboarding.model.parties import BuyIn, Person, Position
from onboarding.model.vocabulary import CustomerRole, Side, VendorRole
from onboarding.profiles.buy_in import holders_of
from onboarding.sentences.sentence import sentence
from onboarding.sentences.terms import role_name, utc_day
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
                text=_words(person, role, position),
                waiting_on=Side.VENDOR,
                owner_role=VendorRole.CSM.value,
            ),
        )
    )


def _words(person: Person, role: CustomerRole, position: Position) -> str:
    name, of_role, day = person.name, role_name(role), utc_day(position.at)
    if not position.why:
        return sentence("stalls.decision_maker_opposed", person=name, role=of_role, day=day)
    why = " ".join(position.why.split())
    return sentence("stalls.decision_maker_opposed_why", person=name, role=of_role, day=day, why=why)


RULES = (decision_maker_opposed,)
