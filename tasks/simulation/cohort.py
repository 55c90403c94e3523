"""The cohort over which policies are proved: the same customers each time, spread over a leap year and the world."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from config.company.calendars import calendar_of, years_around
from onboarding.model.case import Case, Progress
from onboarding.model.parties import Account, Deal, Owner, Person, Stakeholder
from onboarding.model.usage import Usage
from onboarding.model.vocabulary import CustomerRole, Stage, Tier, VendorRole
from onboarding.simulation.behaviour import Habits
from onboarding.simulation.policies import Habit, Policies
from onboarding.simulation.verdicts import Customer

YEAR = 2028
"""A leap year. It is the same whenever the policies are proved, so that the same files give the same result."""
DAYS_OF_YEAR = 366
MINUTE_STEP = 607
"""Minutes from one signature's time of day to the next one's: it has no divisor in common with the day's 1440, so the
signatures take all hours in turn."""
TURNS = (
    datetime(YEAR, 3, 12, 6, 59, tzinfo=UTC),  # one minute before clocks change in New York
    datetime(YEAR, 3, 26, 0, 59, tzinfo=UTC),  # in Berlin
    datetime(YEAR, 10, 29, 0, 30, tzinfo=UTC),  # the hour that comes twice in Berlin
    datetime(YEAR, 11, 5, 5, 30, tzinfo=UTC),  # in New York
    datetime(YEAR, 12, 29, 22, 30, tzinfo=UTC),  # a Friday night before the turn of the year
    datetime(YEAR, 12, 31, 22, 59, tzinfo=UTC),  # the last minute of the year in Berlin
)
PLACES = (
    ("Europe/Berlin", "DE"),
    ("America/New_York", "US"),
    ("Asia/Singapore", "SG"),
    ("Australia/Sydney", "AU"),
    ("Asia/Riyadh", "SA"),  # Friday and Saturday are its weekend
    ("Asia/Kolkata", "IN"),
    ("America/Sao_Paulo", "BR"),
)
HOME = PLACES[0]
"""Where the vendor's people work."""
WHOLE_DAYS = 120
"""For how long a customer is simulated whole: past the check-in of day 90."""
MOST_DAYS = 400
"""The longest that a customer is simulated; a policy over a longer time is not proved."""
START_DAYS = 4
"""For how long the others are, at least: past a weekend."""
LONGEST_START = 14
"""Longer spans after the signature are proved by the customers that are simulated whole."""
WHOLE_EVERY = 8
"""One in so many customers is simulated whole: it costs some fifteen times as much as the first days alone."""
HABITS = {
    Habit.IN_TIME: Habits(spread_days=0, users=20),  # as many as the tracks of the bundled playbooks ask for
    Habit.LATE: Habits(vendor_days=4, customer_days=14, spread_days=4, first_value_days=20, answers_after_hours=30),
    Habit.SILENT: Habits(quiet_from_day=0, users=0, answers_after_hours=None),
}
KEY, ACCOUNT = "006COHORT", "001COHORT"


def cohort(size: int, policies: Policies, tiers: Sequence[Tier]) -> Iterator[Customer]:
    """Yield so many customers, with tiers, habits and places in turn, some for all of their time and the others for
    the days that the policies on the signature need. The same arguments give the same customers."""
    first, whole = _days(policies)
    for number in range(size):
        turn, rest = divmod(number, WHOLE_EVERY)
        count = number - turn - 1 if rest else turn
        zone, country = PLACES[count % len(PLACES)]
        yield Customer(
            number=number + 1,
            signed_at=_signed_at(number, size),
            tier=tiers[count % len(tiers)],
            habit=list(Habit)[count // len(tiers) % len(Habit)],
            zone=zone,
            country=country,
            days=first if rest else whole,
        )


def case_of(customer: Customer, playbook: str) -> Case:
    """Return the customer on the day of its signature, under the playbook version with this hash. Each role of the
    customer and of the vendor is held by a person of its own."""
    at, years = customer.signed_at, years_around(customer.signed_at)
    deal = Deal(
        id=KEY, name="Cohort", signed_at=at, amount=60000.0, seats=100, seller_id=VendorRole.ACCOUNT_EXECUTIVE.value
    )
    return Case(
        key=KEY,
        version=1,
        account=Account(
            id=ACCOUNT,
            name=f"Customer {customer.number}",
            country=customer.country,
            zone=customer.zone,
            domain="customer.example",
            tier_override=customer.tier,
            csm_id=VendorRole.CSM.value,
            owner_id=VendorRole.ACCOUNT_EXECUTIVE.value,
        ),
        deals=(deal,),
        people=tuple(_person(role, customer) for role in CustomerRole),
        stakeholders=tuple(Stakeholder(person_id=_id(role), role=role) for role in CustomerRole),
        owners={role.value: _owner(role) for role in VendorRole},
        usage=Usage(known=True, read_at=at),
        progress=Progress(
            stage=Stage.HANDOFF,
            stage_times={Stage.HANDOFF: at},
            tier=customer.tier,
            tier_because="the cohort has all tiers",
            playbook=playbook,
            opened_at=at,
            assignments={role: role.value for role in VendorRole},
        ),
        calendars={country: calendar_of(country, years) for country in (customer.country, HOME[1])},
    )


def _days(policies: Policies) -> tuple[int, int]:
    """Return for how many days customers are simulated: most of them, and those that are simulated whole."""
    needed = [
        one.within.days + one.within.hours // 24 + one.within.working_days * 2 + 2
        for one in policies.policies
        if one.within and one.of
    ]
    starts = [days for days in needed if days <= LONGEST_START]
    return max(starts, default=START_DAYS), min(max((WHOLE_DAYS, *needed)), MOST_DAYS)


def _signed_at(number: int, size: int) -> datetime:
    """Return the signature of a customer: the turns of the clock and of the year first, the others spread evenly."""
    place = number % WHOLE_EVERY - 1 + number // WHOLE_EVERY * (WHOLE_EVERY - 1)
    if number % WHOLE_EVERY and place < len(TURNS):
        return TURNS[place]
    day = timedelta(days=number * DAYS_OF_YEAR // size)
    return datetime(YEAR, 1, 1, tzinfo=UTC) + day + timedelta(minutes=number * MINUTE_STEP % 1440)


def _person(role: CustomerRole, customer: Customer) -> Person:
    name = role.value.replace("_", " ").title()
    email = f"{role.value}@customer.example"
    return Person(id=_id(role), name=name, email=email, zone=customer.zone, country=customer.country)


def _id(role: CustomerRole) -> str:
    return f"customer_{role.value}"


def _owner(role: VendorRole) -> Owner:
    above = VendorRole.EXECUTIVE_SPONSOR if role is VendorRole.CS_MANAGER else VendorRole.CS_MANAGER
    return Owner(
        id=role.value,
        name=role.value.replace("_", " ").title(),
        email=f"{role.value}@vendor.example",
        zone=HOME[0],
        country=HOME[1],
        manager_id=None if role is VendorRole.EXECUTIVE_SPONSOR else above.value,
    )
