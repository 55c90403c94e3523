"""Stalls by missing people: sponsor, champion, a contact with an address, an accountable owner, or a stakeholder map
with too few people."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time

from onboarding.model.case import Fact
from onboarding.model.identity import one_spelling
from onboarding.model.parties import Person
from onboarding.model.vocabulary import CustomerRole, FactKind, Side, VendorRole
from onboarding.people import owners
from onboarding.sentences.sentence import Value, begun, joined, sentence
from onboarding.sentences.terms import role_name, utc_day
from onboarding.stalls.context import Cause, StallContext, Watch

MEND_CONTACT = sentence("stalls.mend_contact")
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


def sponsor_missing(context: StallContext) -> tuple[Watch, ...]:
    """RO-5: the customer has no executive sponsor, where the playbook expects one."""
    role = CustomerRole.EXECUTIVE_SPONSOR
    if not context.playbook.sponsor_expected or _is_named(context, role):
        return ()
    gone = _left(context, role)
    since = max((at for _, at in gone), default=context.case.signed_at)
    named: dict[str, Value] = {"person": gone[-1][0].name, "day": utc_day(since)} if gone else {}
    return context.watch(
        "sponsor_missing",
        Cause(
            anchor=since,
            text=sentence("stalls.sponsor_gone" if gone else "stalls.sponsor_missing", **named),
            waiting_on=Side.CUSTOMER,
            owner_role=CustomerRole.CHAMPION.value,
        ),
    )


def champion_missing(context: StallContext) -> tuple[Watch, ...]:
    """SH-2: no champion was ever named; the stakeholder map is the vendor's work."""
    if _is_named(context, CustomerRole.CHAMPION) or _left(context, CustomerRole.CHAMPION):
        return ()
    return context.watch(
        "champion_missing",
        Cause(
            anchor=context.case.signed_at,
            text=sentence("stalls.champion_missing"),
            waiting_on=Side.VENDOR,
            owner_role=VendorRole.CSM.value,
        ),
    )


def champion_left(context: StallContext) -> tuple[Watch, ...]:
    """The champion left without a successor."""
    gone = _left(context, CustomerRole.CHAMPION)
    if _is_named(context, CustomerRole.CHAMPION) or not gone:
        return ()
    person, since = gone[-1]
    return context.watch(
        "champion_left",
        Cause(
            anchor=since,
            about=person.id,
            text=sentence("stalls.champion_left", person=person.name, day=utc_day(since)),
            waiting_on=Side.CUSTOMER,
            owner_role=CustomerRole.EXECUTIVE_SPONSOR.value,
        ),
    )


def nobody_to_write_to(context: StallContext) -> tuple[Watch, ...]:
    """No stakeholder can be written to, or a named one cannot be read, so their messages wait. Contacts who opted out
    of automated mail count as reachable, because a person of the vendor can write to them."""
    case = context.case
    if context.state.unreadable:
        return _cannot_be_read(context)
    gone = {person.id for person, _ in context.state.left}
    parts = {part.person_id: None for part in case.stakeholders if not part.left}
    held = {person.id: person for people in context.state.holders.values() for person in people}
    known = held | {person.id: person for person in case.people if person.id in parts}
    people = [person for person in known.values() if person.id not in gone or person.id in held]
    if any(person.email and person.email.strip().lower() not in case.suppressed for person in people):
        return ()
    who = tuple(_obstacle(person) for person in people)
    return context.watch(
        "nobody_to_write_to",
        Cause(
            anchor=case.signed_at,
            text=sentence("stalls.nobody_to_write_to", people=who) if who else sentence("stalls.nobody_named"),
            waiting_on=Side.VENDOR,
            owner_role=VendorRole.CSM.value,
        ),
    )


def _cannot_be_read(context: StallContext) -> tuple[Watch, ...]:
    roles: dict[str, list[CustomerRole]] = {}
    people = {person.id: person for person, _ in context.state.unreadable}
    for person, role in context.state.unreadable:
        roles.setdefault(person.id, []).extend([role] if role else [])
    told = joined("; ", (_unreadable(people[one], held) for one, held in roles.items()))
    found = context.watch(
        "nobody_to_write_to",
        Cause(
            anchor=context.case.signed_at,
            text=sentence("stalls.cannot_be_read", people=told),
            waiting_on=Side.VENDOR,
            owner_role=VendorRole.CSM.value,
        ),
    )
    return tuple(replace(one, next_step=MEND_CONTACT) for one in found)


def _unreadable(person: Person, roles: Sequence[CustomerRole]) -> str:
    problem = person.unreadable or ""
    if not roles:
        return sentence("stalls.contact_unreadable", person=person.name, problem=problem)
    named = tuple(map(role_name, roles))
    return sentence("stalls.contact_unreadable_as", person=person.name, roles=named, problem=problem)


def owner_missing(context: StallContext) -> tuple[Watch, ...]:
    """RO-1: there is no accountable owner, or the CSM in the CRM is inactive, even if another person stands in."""
    case, owner = context.case, context.state.owner
    csm, keeper = case.owners.get(case.account.csm_id or ""), case.owners.get(case.account.owner_id or "")
    csm_gone = csm is not None and not csm.active
    if owner is not None and (not csm_gone or any(fact.kind == FactKind.REASSIGN for fact in case.facts)):
        return ()
    hidden = owners.unreadable(case, case.facts)
    if hidden is not None and owner is None:
        who = sentence("stalls.owner_unreadable", person=hidden.name, problem=hidden.unreadable or "")
    elif csm is not None and csm_gone:
        who = sentence("stalls.csm_inactive", person=csm.name)
    elif keeper is not None and not keeper.active:
        who = sentence("stalls.keeper_inactive", person=keeper.name)
    else:
        who = sentence("stalls.no_owner_named")
    told = (
        sentence("stalls.stands_in", why=who, owner=owner.name)
        if owner
        else sentence("stalls.nobody_accountable", why=who)
    )
    return context.watch(
        "owner_missing",
        Cause(
            anchor=case.signed_at,
            text=begun(told),
            waiting_on=Side.VENDOR,
            owner_role=VendorRole.CS_MANAGER.value,
        ),
    )


def thin_map(context: StallContext) -> tuple[Watch, ...]:
    """SH-3, TH-20: a buying group has six to ten people; a much smaller stakeholder map lacks some."""
    needed = context.playbook.stakeholders.thin_below
    known = {person.id for people in context.state.holders.values() for person in people}
    known |= {person.id for person, role in context.state.unreadable if role}
    if len(known) >= needed:
        return ()
    return context.watch(
        "thin_map",
        Cause(
            anchor=context.case.signed_at,
            text=sentence("stalls.thin_map", known=len(known), needed=needed),
            waiting_on=Side.VENDOR,
            owner_role=VendorRole.CSM.value,
        ),
    )


RULES = (sponsor_missing, champion_missing, champion_left, nobody_to_write_to, owner_missing, thin_map)


def _is_named(context: StallContext, role: CustomerRole) -> bool:
    """Return whether a person is named for this role, readable or not."""
    return bool(context.state.holders.get(role)) or any(held is role for _, held in context.state.unreadable)


def _left(context: StallContext, role: CustomerRole) -> list[tuple[Person, datetime]]:
    """Return the people who had this role and left, with the time, the last to leave at the end."""
    people = [person for person, had in context.state.left if had is role]
    return sorted(((person, _left_at(context, person)) for person in people), key=lambda gone: (gone[1], gone[0].id))


def _left_at(context: StallContext, person: Person) -> datetime:
    """Return the day in the CRM, else when the last report said so, else when the onboarding was opened."""
    if person.left_on is not None:
        return datetime.combine(person.left_on, time(), UTC)
    told = [fact.at for fact in context.case.facts if _says_left(fact, person)]
    return max(told, default=context.progress.opened_at)


def _says_left(fact: Fact, person: Person) -> bool:
    if fact.kind != FactKind.STAKEHOLDER or not fact.value.get("left"):
        return False
    email = one_spelling(str(fact.value.get("email") or ""))
    return fact.value.get("person_id") == person.id or email in {
        one_spelling(person.email or ""),
        person.id,
    } - {""}


def _obstacle(person: Person) -> str:
    return sentence("stalls.address_bounced" if person.email else "stalls.no_address", person=person.name)
