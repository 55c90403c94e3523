"""Makes and revokes links to the plan page, as one of the vendor's people orders it."""

from dataclasses import dataclass

from onboarding.model.case import Case, Fact
from onboarding.model.parties import Person
from onboarding.model.vocabulary import FactKind
from onboarding.orders import FactReport
from onboarding.review_case import review_without_writes
from onboarding.shared_plan.links import link_number, page_closed, page_readers_at
from onboarding.shared_plan.named import waiting_for_us
from tasks.commands.erasure import refuse_forgotten
from tasks.commands.fact_entry import FactEntry, need_address, open_entry
from tasks.runtime.context import RunContext
from tasks.runtime.journal_entries import enter
from tasks.runtime.links import Link, plan_address
from tasks.runtime.refusals import Refused

SOURCE = "plan link"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanLink:
    """A link that was made; ``confirmed`` where its person was only named before."""

    onboarding: str
    account: str
    person: str
    email: str
    url: str
    confirmed: bool = False


def make_link(context: RunContext, report: FactReport, wanted: str, email: str) -> PlanLink:
    """Return the link of one of the customer's people: the same on the same day, until it is revoked.

    Who was named on a plan page is confirmed by it: from then on they are a stakeholder. Raises Refused where the
    person is unknown or may have no page, and NotFound. ``url`` is empty where no public address is set.
    """
    address = need_address(email)
    with context.database.writing() as conn:
        entry = open_entry(context, conn, report, wanted)
        people, confirmed = _readers(entry, address), False
        if not people:
            refuse_forgotten(conn, address)
            confirmed = _confirm(entry, address)
            people = _readers(open_entry(context, conn, report, entry.case.key), address) if confirmed else ()
        if not people:
            raise Refused(
                f"nobody at {entry.case.account.name} with this address may have a page; name them first: "
                f"`first90 record {entry.case.key} stakeholder EMAIL --role ROLE`"
            )
        case, person = entry.case, people[0]
    url = plan_address(
        context.settings, Link(person.id, case.key), link_number(case.facts, person.id, report.now), report.now
    )
    return PlanLink(
        onboarding=case.key,
        account=case.account.name,
        person=person.name,
        email=person.email or "",
        url=url,
        confirmed=confirmed,
    )


def revoke_links(context: RunContext, report: FactReport, wanted: str, email: str) -> str:
    """Make all links of a person useless; return the person's name. Further ones can be made, and mails hold new ones.

    Raises Refused for an unknown address. A repeat revokes what was made since.
    """
    address = need_address(email)
    with context.database.writing() as conn:
        entry = open_entry(context, conn, report, wanted)
        people = _anybody(entry.case, address) or _readers(entry, address)
        if not people:
            raise Refused(f"{entry.case.account.name} has nobody with this address")
        enter(conn, {entry.case.key: [_revocation(entry.case, one, report) for one in people]}, report.now)
    return people[0].name


def _revocation(case: Case, person: Person, report: FactReport) -> Fact:
    return Fact(
        key=f"{FactKind.PLAN_LINK.value}:{person.id}:{link_number(case.facts, person.id, report.now) + 1}",
        kind=FactKind.PLAN_LINK,
        name=person.id,
        at=report.now,
        learned_at=report.now,
        source=SOURCE,
        by=report.by,
        value={"revoked": True},
    )


def _confirm(entry: FactEntry, address: str) -> bool:
    """Record a person who was named as a stakeholder; return False where nobody named them."""
    named = next(
        (one for one in waiting_for_us(entry.case.facts, entry.report.now) if one.email == address.lower()), None
    )
    if named is None:
        return False
    value = {"email": address, "role": named.role.value, "left": False, "name": named.name}
    entry.keep(FactKind.STAKEHOLDER, named.role.value, value)
    return True


def _readers(entry: FactEntry, address: str) -> tuple[Person, ...]:
    found = review_without_writes(entry.case, entry.playbook, entry.report.now, frozenset()).review
    if page_closed(found.progress, entry.report.now):
        raise Refused(f"the onboarding of {entry.case.account.name} is over, and its plan page is closed")
    return page_readers_at(entry.case, found.state, address, entry.report.now)


def _anybody(case: Case, address: str) -> tuple[Person, ...]:
    """Return the contacts with this address, whether or not they may open the page now."""
    return tuple(one for one in case.people if (one.email or "").strip().lower() == address.lower())
