"""The context of a batch of onboardings: accounts, deals, people, owners, suppressions and product usage."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, select

from database.crm.owners import MANAGERS, in_line, read_owners
from database.crm.people import BatchPeople, read_people
from database.events import usage
from database.events.periods import had_one_before, has_one_later
from database.privacy import suppressions
from database.tables import AccountRow, DealRow, StakeholderRow
from onboarding.model.case import Fact
from onboarding.model.identity import one_spelling
from onboarding.model.parties import Account, Deal, Owner, Person, Stakeholder
from onboarding.model.reports import CORRECTIONS
from onboarding.model.suppressions import Suppression
from onboarding.model.usage import Usage
from onboarding.model.vocabulary import CustomerRole, FactKind, HandoffItem, Tier
from onboarding.newcomers.joining import first_seen
from onboarding.people.buying import bought_as
from onboarding.people.stakeholders import person_named
from onboarding.values import dataclass, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """The context of a batch, read once; each case takes its part of it."""

    accounts: Mapping[str, Account]
    deals: Mapping[str, tuple[Deal, ...]]
    """By onboarding key, the first signature first."""
    people: BatchPeople
    parts: Mapping[str, tuple[Stakeholder, ...]]
    """By deal id."""
    former: Mapping[str, tuple[Stakeholder, ...]]
    """By deal id, those that the CRM has no longer."""
    owners: Mapping[str, Owner]
    usage: Mapping[str, Usage]
    """By onboarding key."""
    suppressions: tuple[Suppression, ...]

    def stakeholders_of(self, deals: Sequence[Deal]) -> tuple[Stakeholder, ...]:
        """Return all roles of people in any of the deals, each once with the deals that name it, and with the person's
        first reading in any of them, and whether any of them names the person as its primary contact."""
        parts = [part for deal in deals for part in self.parts.get(deal.id, ())]
        since = first_seen((part.person_id, part.since) for part in parts)
        primary = {part.person_id for part in parts if part.primary}
        named: dict[Stakeholder, list[str]] = {}
        for part in parts:
            one = replace(part, since=since[part.person_id], deals=(), primary=part.person_id in primary)
            named.setdefault(one, []).extend(part.deals)
        return tuple(replace(part, deals=tuple(dict.fromkeys(ids))) for part, ids in named.items())

    def former_of(self, deals: Sequence[Deal]) -> tuple[Stakeholder, ...]:
        """Return the roles that people had in any of the deals and that the CRM has no longer."""
        return tuple(part for deal in deals for part in self.former.get(deal.id, ()))

    def suppressions_among(self, people: Iterable[Person], facts: Iterable[Fact]) -> tuple[Suppression, ...]:
        """Return the suppressions of these people, of their addresses, and of people known from facts only."""
        if not self.suppressions:
            return ()
        theirs = {name for person in people for name in (person.id, (person.email or "").lower())}
        theirs |= _addresses(facts)
        return tuple(one for one in self.suppressions if one.subject in theirs)

    def owners_of(
        self, row: Row[Any], account: Account, deals: Sequence[Deal], facts: Sequence[Fact], told: Collection[str]
    ) -> Mapping[str, Owner]:
        """Return the owners that this case may name, with their managers; ``told`` are ids of those with a message."""
        found: dict[str, Owner] = {}
        for start in (*_named(row, account, deals, facts), *told):
            owner_id: str | None = start
            for _ in range(MANAGERS + 1):
                owner = self.owners.get(owner_id or "")
                if owner is None:
                    break
                found[owner.id] = owner
                owner_id = owner.manager_id
        return found | in_line(found.values(), self.owners)


def read(
    conn: Connection,
    rows: Sequence[Row[Any]],
    facts: Mapping[str, Sequence[Fact]],
    told: Mapping[str, Collection[str]],
    now: datetime,
) -> Surroundings:
    """Read the context of the onboardings in ``rows``, usage up to ``now``, in at most two statements a table.

    A row is an onboarding and its ``neighbours``. ``facts`` and ``told`` (ids of the
    owners who got a message about it) are by onboarding key.
    """
    account_ids = sorted({row.account_id for row in rows})
    shown = conn.execute(select(AccountRow).where(AccountRow.id.in_(account_ids))).all()
    accounts = {row.id: read_account(row) for row in shown}
    gone = {row.id for row in shown if row.gone_at is not None}
    deals: defaultdict[str, list[Deal]] = defaultdict(list)
    query = select(DealRow).where(DealRow.onboarding_key.in_([row.key for row in rows]))
    for row in conn.execute(query):
        deals[row.onboarding_key].append(read_deal(row, account_gone=row.account_id in gone))
    in_order = {
        # The deal that opened it stays first, even if its date in the CRM changes.
        key: tuple(sorted(found, key=lambda deal: (deal.id != key, deal.signed_at, deal.id)))
        for key, found in deals.items()
    }
    parts, former = _parts(conn, [deal.id for found in in_order.values() for deal in found])
    people = read_people(conn, accounts, parts)
    named = {
        owner_id
        for row in rows
        for owner_id in _named(row, accounts[row.account_id], in_order.get(row.key, ()), facts.get(row.key, ()))
    }
    corrected = {row.account_id for row in rows if any(one.kind in CORRECTIONS for one in facts.get(row.key, ()))}
    return Surroundings(
        accounts=accounts,
        deals=in_order,
        people=people,
        parts=parts,
        former=former,
        owners=read_owners(conn, named.union(*told.values())),
        usage=used_by(conn, rows, accounts, corrected, now),
        suppressions=suppressions.current(conn, account_ids, _subjects(people).union(*map(_addresses, facts.values()))),
    )


def used_by(
    conn: Connection,
    rows: Sequence[Row[Any]],
    accounts: Mapping[str, Account],
    corrected: Collection[str],
    now: datetime,
) -> Mapping[str, Usage]:
    """Return the product usage of each onboarding of ``rows`` (key, ``account_id``, ``neighbours``) up to ``now``.

    ``accounts`` is by account id; ``corrected`` are the ids of those of which a person took a milestone back.
    """
    used, no_usage = usage.read(conn, accounts, now, corrected)
    several = {row.key: accounts[row.account_id] for row in rows if row.returned or row.followed}
    own = usage.read_by_period(conn, several, now, corrected)
    return {
        row.key: own.get(row.key, no_usage) if row.key in several else used.get(row.account_id, no_usage)
        for row in rows
    }


def neighbours() -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Return whether the customer of an onboarding had one before, as ``returned``, and one later, as ``followed``."""
    return had_one_before().label("returned"), has_one_later().label("followed")


def read_account(row: Row[Any]) -> Account:
    """Return the account as the rules take it."""
    return Account(
        id=row.id,
        name=row.name,
        country=row.country,
        zone=row.zone,
        domain=row.domain,
        industry=row.industry,
        tier_override=Tier(row.tier) if row.tier else None,
        unknown_tier=row.unknown_tier,
        csm_id=row.csm_id,
        specialist_id=row.specialist_id,
        owner_id=row.owner_id,
        churned_on=row.churned_on,
        language=row.language,
        fields=row.fields,
    )


def read_deal(row: Row[Any], *, account_gone: bool = False) -> Deal:
    """Return the deal as the rules take it; one that is gone from the CRM, or whose account is, is not won."""
    return Deal(
        id=row.id,
        name=row.name,
        signed_at=row.signed_at,
        won=row.won and row.removed_at is None and not account_gone,
        **({"lost": "the deal's account is no longer to be seen"} if row.won and account_gone else {}),
        amount=row.amount,
        seats=row.seats,
        product=row.product,
        products=tuple(row.products),
        fields=row.fields,
        seller_id=row.seller_id,
        handoff={HandoffItem(item): said for item, said in row.handoff.items()},
        handoff_seen_at=row.handoff_seen_at,
        goal_values=row.goal_values,
        kickoff_at=row.kickoff_at,
        kickoff_seen_at=row.kickoff_seen_at,
        go_live_on=row.go_live_on,
    )


Parts = Mapping[str, tuple[Stakeholder, ...]]


def _parts(conn: Connection, deal_ids: Sequence[str]) -> tuple[Parts, Parts]:
    """Return the roles in these deals, by deal id: those that the CRM has, and those that it has no longer."""
    there: defaultdict[str, list[Stakeholder]] = defaultdict(list)
    former: defaultdict[str, list[Stakeholder]] = defaultdict(list)
    row = StakeholderRow
    wanted = (row.deal_id, row.person_id, row.role, row.seen_at, row.is_primary, row.gone_at)
    query = select(*wanted).where(row.deal_id.in_(deal_ids)).order_by(row.person_id, row.spelling)
    for deal_id, person_id, role, seen_at, primary, gone_at in conn.execute(query).all():
        known = CustomerRole(role) if role else None
        part = Stakeholder(
            person_id=person_id,
            role=known,
            buyer=bought_as(known),
            since=seen_at,
            deals=(deal_id,),
            primary=primary,
        )
        (there if gone_at is None else former)[deal_id].append(part)
    return {name: tuple(parts) for name, parts in there.items()}, {name: tuple(parts) for name, parts in former.items()}


def _subjects(people: BatchPeople) -> frozenset[str]:
    """Return ids and addresses of the people who are not contacts of the accounts: suppressions may name them."""
    contacts = {person.id for found in people.at.values() for person in found}
    others = [person for person in people.by_id.values() if person.id not in contacts]
    return frozenset(name for person in others for name in (person.id, (person.email or "").lower()) if name)


def _addresses(facts: Iterable[Fact]) -> frozenset[str]:
    """Return the addresses in stakeholder facts, in lower case, and the ids of people known from such facts only."""
    told = {one_spelling(str(fact.value.get("email") or "")) for fact in facts if fact.kind == FactKind.STAKEHOLDER}
    return frozenset(told | {person_named(address) for address in told if address})


def _named(row: Row[Any], account: Account, deals: Sequence[Deal], facts: Sequence[Fact]) -> tuple[str, ...]:
    found = [account.csm_id, account.specialist_id, account.owner_id, *(deal.seller_id for deal in deals)]
    found += row.assignments.values()
    for fact in facts:
        if fact.kind == FactKind.REASSIGN:
            found += [value for value in fact.value.values() if isinstance(value, str)]
    return tuple(dict.fromkeys(owner_id for owner_id in found if owner_id))
