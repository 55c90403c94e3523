"""One onboarding that is easy to bend: ``replace(CASE, facts=...)`` is another one.

Signed on Monday 2 March 2026, 09:00 UTC, by a company in Berlin; its handoff is complete and holds one measurable goal,
everybody has an address, and nothing else has happened yet.
"""

from datetime import UTC, datetime, timedelta

from onboarding.model.case import Case, Progress
from onboarding.model.parties import Account, Deal, Owner, Person, Stakeholder
from onboarding.model.usage import Usage
from onboarding.model.vocabulary import CustomerRole, HandoffItem, Stage
from tests.builders.tiers import MID

SIGNED = datetime(2026, 3, 2, 9, tzinfo=UTC)
KEY = "006000000000001AAA"

OWNERS = {
    "005SELLER": Owner(id="005SELLER", name="Sam Seller", email="sam@vendor.test", zone="Europe/Berlin"),
    "005CSM": Owner(
        id="005CSM",
        name="Cleo Santos",
        email="cleo@vendor.test",
        zone="Europe/Berlin",
        country="DE",
        manager_id="005MANAGER",
        booking_url="https://book.vendor.test/cleo",
    ),
    "005MANAGER": Owner(
        id="005MANAGER",
        name="Mona Grant",
        email="mona@vendor.test",
        zone="Europe/London",
        manager_id="005EXEC",
    ),
    "005EXEC": Owner(id="005EXEC", name="Eve Xu", email="eve@vendor.test", zone="America/New_York"),
}

PEOPLE = tuple(
    Person(
        id=f"003{role.name}",
        name=name,
        email=f"{name.split()[0].lower()}@kunde.test",
        zone="Europe/Berlin",
        country="DE",
    )
    for role, name in (
        (CustomerRole.CHAMPION, "Hanna Weber"),
        (CustomerRole.EXECUTIVE_SPONSOR, "Erik Brandt"),
        (CustomerRole.TECHNICAL_ADMIN, "Tom Adler"),
        (CustomerRole.IT_SECURITY, "Ina Sommer"),
        (CustomerRole.MANAGER, "Max Krause"),
        (CustomerRole.ECONOMIC_BUYER, "Franka Berg"),
        (CustomerRole.END_USER, "Ulla Nolte"),
    )
)

HANDOFF = {
    HandoffItem.GOALS: "Answer quotes faster than the two competitors",
    HandoffItem.SUCCESS_METRICS: "Quote turnaround | 48 | 4 | hours | 2026-04-30",
    HandoffItem.COMMITMENTS: "Single sign-on before go-live",
    HandoffItem.TECHNICAL_REQUIREMENTS: "SAP connection, EU hosting",
    HandoffItem.TIMELINE: "Live before the spring fair",
}

DEAL = Deal(
    id=KEY,
    name="Kunde GmbH 2026",
    signed_at=SIGNED,
    amount=60000.0,
    seats=120,
    seller_id="005SELLER",
    handoff=HANDOFF,
    handoff_seen_at=SIGNED,
)

ACCOUNT = Account(
    id="001000000000001AAA",
    name="Kunde GmbH",
    country="DE",
    zone="Europe/Berlin",
    domain="kunde.test",
    csm_id="005CSM",
    owner_id="005SELLER",
)

CASE = Case(
    key=KEY,
    version=1,
    account=ACCOUNT,
    deals=(DEAL,),
    people=PEOPLE,
    stakeholders=tuple(
        Stakeholder(person_id=person.id, role=CustomerRole[person.id.removeprefix("003")]) for person in PEOPLE
    ),
    owners=OWNERS,
    usage=Usage(known=True, read_at=SIGNED),
    progress=Progress(
        stage=Stage.HANDOFF,
        stage_times={Stage.HANDOFF: SIGNED},
        tier=MID,
        tier_because="120 seats",
        playbook="0" * 64,
        opened_at=SIGNED + timedelta(minutes=10),
    ),
)
