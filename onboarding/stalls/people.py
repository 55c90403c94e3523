"""People who are missing: sponsor, champion, anybody to write to, an accountable owner, a map thick
enough."""

from dataclasses import replace
from datetime import UTC, datetime, time

from onboarding.model.case import Fact
from onboarding.model.identity import one_spelling
from onboarding.model.parties import Person
from onboarding.model.phrases import day_words, list_words
from onboarding.model.vocabulary import CustomerRole, Side
from onboarding.people import owners
from onboarding.people.audience import unreadable_words
from onboarding.stalls.context import Cause, StallContext, Watch

MEND_CONTACT = "Mend the contact or its role in the CRM, or let first90 see it; what waits goes out by itself then."
KINDS = frozenset(
    {
        "sponsor_missing",
        "champion_missing",
        "champion_left",
        "nobody_to_write_to",
        "owner_missing",
        "thin_map",
    }
)


def sponsor_missing(ground: StallContext) -> tuple[Watch, ...]:
    """RO-5: a sponsor on both sides, where the playbook expects one."""
    role = CustomerRole.EXECUTIVE_SPONSOR
    if not ground.playbook.sponsor_expected or _somebody_is(ground, role):
        return ()
    gone = _gone(ground, role)
    since = max((at for _, at in gone), default=ground.case.signed_at)
    who = f" since {gone[-1][0].name} left on {day_words(since)}" if gone else ""
    return ground.watch(
        "sponsor_missing",
        Cause(
            anchor=since,
            text=f"Nobody of the customer is executive sponsor{who}.",
            waiting_on=Side.CUSTOMER,
        ),
    )


def champion_missing(ground: StallContext) -> tuple[Watch, ...]:
    """SH-2: nobody was ever named who carries it inside the company; the map is ours to make."""
    if _somebody_is(ground, CustomerRole.CHAMPION) or _gone(ground, CustomerRole.CHAMPION):
        return ()
    return ground.watch(
        "champion_missing",
        Cause(
            anchor=ground.case.signed_at,
            text="Nobody of the customer is known as champion.",
            waiting_on=Side.VENDOR,
        ),
    )


def champion_left(ground: StallContext) -> tuple[Watch, ...]:
    """The champion went and nobody took over."""
    gone = _gone(ground, CustomerRole.CHAMPION)
    if _somebody_is(ground, CustomerRole.CHAMPION) or not gone:
        return ()
    person, since = gone[-1]
    return ground.watch(
        "champion_left",
        Cause(
            anchor=since,
            text=f"The champion {person.name} left on {day_words(since)}; nobody is known to have taken over.",
            waiting_on=Side.CUSTOMER,
        ),
    )


def nobody_to_write_to(ground: StallContext) -> tuple[Watch, ...]:
    """No stakeholder can be written to, or not one who is named: their messages wait. Who opted out of automated mail
    still has an address for a person of ours."""
    case = ground.case
    if ground.standing.unreadable:
        return _cannot_be_read(ground)
    gone = {person.id for person, _ in ground.standing.left}
    parts = {part.person_id: None for part in case.stakeholders if not part.left}
    held = {person.id: person for people in ground.standing.holders.values() for person in people}
    known = held | {person.id: person for person in case.people if person.id in parts}
    people = [person for person in known.values() if person.id not in gone or person.id in held]
    if any(person.email and person.email.strip().lower() not in case.suppressed for person in people):
        return ()
    why = list_words(f"{person.name} ({_obstacle(person)})" for person in people)
    return ground.watch(
        "nobody_to_write_to",
        Cause(
            anchor=case.signed_at,
            text=f"There is nobody to write to: {why or 'no contact has a part in the deal'}.",
            waiting_on=Side.VENDOR,
        ),
    )


def _cannot_be_read(ground: StallContext) -> tuple[Watch, ...]:
    roles: dict[str, list[CustomerRole]] = {}
    people = {person.id: person for person, _ in ground.standing.unreadable}
    for person, role in ground.standing.unreadable:
        roles.setdefault(person.id, []).extend([role] if role else [])
    told = [f"{people[one].name} {unreadable_words(people[one], *held)}" for one, held in roles.items()]
    found = ground.watch(
        "nobody_to_write_to",
        Cause(
            anchor=ground.case.signed_at,
            text=f"{'; '.join(told)}. What is for them waits, and goes to nobody else.",
            waiting_on=Side.VENDOR,
        ),
    )
    return tuple(replace(one, next_step=MEND_CONTACT) for one in found)


def owner_missing(ground: StallContext) -> tuple[Watch, ...]:
    """RO-1: one accountable person. A CSM in the CRM who is no longer active is one too few, even if
    another stands in."""
    case, owner = ground.case, ground.standing.owner
    csm, keeper = case.owners.get(case.account.csm_id or ""), case.owners.get(case.account.owner_id or "")
    csm_gone = csm is not None and not csm.active
    if owner is not None and (not csm_gone or any(fact.kind == "reassign" for fact in case.facts)):
        return ()
    hidden = owners.unreadable(case, case.facts)
    if hidden is not None and owner is None:
        who = (
            f"{hidden.name} is named as the one who looks after the account, but the user record cannot be read: "
            f"{hidden.unreadable}; nothing goes out in another's name"
        )
    elif csm is not None and csm_gone:
        who = f"{csm.name}, the CSM in the CRM, is no longer active"
    elif keeper is not None and not keeper.active:
        who = f"{keeper.name}, the account's owner in the CRM, is no longer active and there is no CSM"
    else:
        who = "the CRM names neither a CSM nor an owner of the account"
    told = f"{who}; {owner.name} stands in." if owner else f"Nobody of ours is accountable: {who}."
    return ground.watch(
        "owner_missing",
        Cause(
            anchor=case.signed_at,
            text=told[0].upper() + told[1:],
            waiting_on=Side.VENDOR,
        ),
    )


def thin_map(ground: StallContext) -> tuple[Watch, ...]:
    """SH-3, TH-20: a buying group is six to ten people; a much thinner map misses some."""
    needed = ground.playbook.stakeholders.thin_below
    known = {person.id for people in ground.standing.holders.values() for person in people}
    known |= {person.id for person, role in ground.standing.unreadable if role}
    if len(known) >= needed:
        return ()
    return ground.watch(
        "thin_map",
        Cause(
            anchor=ground.case.signed_at,
            text=f"The stakeholder map has {len(known)} of at least {needed} people.",
            waiting_on=Side.VENDOR,
        ),
    )


RULES = (sponsor_missing, champion_missing, champion_left, nobody_to_write_to, owner_missing, thin_map)


def _somebody_is(ground: StallContext, role: CustomerRole) -> bool:
    """Whether somebody is named for this role, legibly or not."""
    return bool(ground.standing.holders.get(role)) or any(held is role for _, held in ground.standing.unreadable)


def _gone(ground: StallContext, role: CustomerRole) -> list[tuple[Person, datetime]]:
    """Who had this role and left, with when, the last to leave at the end."""
    people = [person for person, had in ground.standing.left if had is role]
    return sorted(((person, _left_at(ground, person)) for person in people), key=lambda gone: (gone[1], gone[0].id))


def _left_at(ground: StallContext, person: Person) -> datetime:
    """The day in the CRM, else when a person reported it, else when we first saw the account."""
    if person.left_on is not None:
        return datetime.combine(person.left_on, time(), UTC)
    told = [fact.at for fact in ground.case.facts if _says_left(fact, person)]
    return max(told, default=ground.progress.opened_at)


def _says_left(fact: Fact, person: Person) -> bool:
    if fact.kind != "stakeholder" or not fact.value.get("left"):
        return False
    email = one_spelling(str(fact.value.get("email") or ""))
    return fact.value.get("person_id") == person.id or email in {
        one_spelling(person.email or ""),
        person.id,
    } - {""}


def _obstacle(person: Person) -> str:
    return "the address bounced" if person.email else "no address in the CRM"
