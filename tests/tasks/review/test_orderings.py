"""Facts in any order, late or twice, end in the same state; many reviews send each mail once, in working hours."""

from collections import Counter
from datetime import UTC, datetime, time, timedelta
from itertools import count, zip_longest

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.company.calendars import calendar_of
from config.settings.load import load_settings
from database.events import signals
from database.onboardings import facts, openings
from database.onboardings.overview import status_lines
from onboarding.dates.working_time import is_open
from onboarding.model.case import Fact
from onboarding.model.schedule import Hours
from onboarding.model.usage import SignalRecord
from onboarding.model.vocabulary import STAGES, FactKind
from tasks.intake.sources import take_in_deals
from tasks.review.escalations import escalate_stalled
from tasks.review.stages import review_stage
from tasks.runtime.context import open_run_context
from tasks.runtime.scope import Scope
from tests.builders.lines import goal_lines, milestone_lines
from tests.examples import examples

SIGNED = datetime(2026, 3, 2, tzinfo=UTC)
MODEST = settings(
    max_examples=examples(8),
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
OF_FACTS = ("status", "stage", "stage_entered_at", "stage_due_at", "target_at", "go_live_at", "activated_at", "owner")


def happened(day, kind, name, number=1, **value):
    """Return a fact of so many days after the signature."""
    at = SIGNED + timedelta(days=day, hours=9)
    return (f"{kind}:{name}:{number}", kind, name, at, value)


POOL = [
    happened(1, "handoff", "goals", text="faster quotes"),
    happened(2, "handoff", "commitments", text="single sign-on in April"),
    happened(2, "meeting", "kickoff_booked", meeting_at="2026-03-06T14:00:00+00:00"),
    happened(3, "meeting", "kickoff_booked", number=2, meeting_at="2026-03-09T14:00:00+00:00"),
    happened(7, "milestone", "kickoff_held"),
    happened(8, "milestone", "kickoff_held", number=2),
    happened(7, "milestone", "cadence_agreed"),
    happened(9, "milestone", "plan_agreed"),
    happened(8, "goal", "onboarding time", metric="ramp", baseline=30, target=10, unit="days", due="2026-06-30"),
    happened(9, "milestone_due", "security_review", due_on="2026-03-25"),
    happened(11, "milestone_due", "security_review", number=2, due_on="2026-03-20"),
    *(
        happened(12 + context, "milestone", name)
        for context, name in enumerate(
            ("requirements_documented", "integrations_connected", "access_configured", "validation_passed")
        )
    ),
    happened(13, "milestone_waived", "security_review", reason="their parent company did it"),
    happened(4, "stakeholder", "it_security", email="iris@customer.example", role="it_security", left=False),
    happened(14, "stakeholder", "it_security", number=2, email="iris@customer.example", role="it_security", left=True),
    happened(5, "reassign", "csm", owner_id="005-0003", reason="load"),
    happened(10, "reassign", "csm", number=2, owner_id="005-0002", reason="back"),
    happened(18, "milestone", "go_live"),
    happened(20, "signal", "task_completed", user="ana"),
    happened(20, "signal", "task_completed", number=2, user="ben"),
    happened(21, "signal", "task_completed", number=3, user="eva"),
    happened(22, "signal", "content_shared", user="ana"),
    happened(22, "goal_value", "ramp", value=14),
    happened(22, "goal_value", "quote turnaround", number=2, value=30),
    happened(23, "milestone", "goals_checked"),
    happened(23, "milestone", "next_plan_agreed"),
]
END = SIGNED + timedelta(days=40, hours=10)
numbers = count(1)


def learn(context, key, told, at):
    """Store these facts at a moment, as from people and the product."""
    people = [
        Fact(key=mark, kind=FactKind(kind), name=name, at=when, learned_at=at, source="person", by="jo", value=value)
        for mark, kind, name, when, value in told
        if kind != "signal"
    ]
    account = key.replace("006-", "001-")
    used = [
        SignalRecord(key=f"{key}:{mark}", account=account, name=name, at=when, user=value["user"])
        for mark, kind, name, when, value in told
        if kind == "signal"
    ]
    with context.database.writing() as conn:
        facts.add(conn, key, people, at)
        if signals.take_signals(conn, used).new:
            openings.touch(conn, [key], at)


def look(context, at):
    """Run all reviewing tasks; nothing is delivered, so that nothing depends on when it was sent."""
    found = [review_stage(context, at, Scope(), stage) for stage in STAGES]
    assert [report.failures for report in (*found, escalate_stalled(context, at, Scope()))] == [()] * 6


def outcome(context, key):
    with context.database.reading() as conn:
        (line,) = status_lines(conn, keys=[key])
        stones = {
            stone["name"]: (stone["status"], stone["done_at"], stone["done_by"], stone["due_at"], stone["reason"])
            for stone in milestone_lines(conn, key)
        }
        goals = [
            {name: value for name, value in goal.items() if name != "onboarding_key"} for goal in goal_lines(conn, key)
        ]
    return {name: line[name] for name in OF_FACTS}, stones, goals


@pytest.fixture
def context(office, database_url):
    """Return an open run context on either database."""
    office.setenv("FIRST90_DATABASE_URL", database_url)
    office.write()
    with open_run_context(load_settings(env_file=None)) as opened:
        yield opened


@pytest.mark.slow
@MODEST
@given(data=st.data())
def test_facts_in_any_order_late_or_twice_end_in_the_same_state(office, context, data):
    orderly, shuffled = f"006-{next(numbers):04}", f"006-{next(numbers):04}"
    for key in (orderly, shuffled):
        office.customer(int(key[4:]), First90_Goals__c="", First90_Commitments__c="")
    office.write()
    take_in_deals(context, SIGNED + timedelta(hours=10), Scope())

    for fact in sorted(POOL, key=lambda fact: (fact[3], fact[0])):
        learn(context, orderly, [fact], fact[3] + timedelta(hours=1))
    order = data.draw(st.permutations([*POOL, *data.draw(st.lists(st.sampled_from(POOL), max_size=6))]), "order")
    cuts = sorted(data.draw(st.lists(st.integers(0, len(order)), max_size=5), "batches"))
    at = max(fact[3] for fact in POOL) + timedelta(hours=1)
    for begin, end in zip([0, *cuts], [*cuts, len(order)], strict=True):
        learn(context, shuffled, order[begin:end], at)
        look(context, at)
        at += timedelta(hours=data.draw(st.sampled_from([0, 1, 30]), "later"))
    look(context, END)
    assert outcome(context, shuffled) == outcome(context, orderly)


WHERE = {
    1: ("GB", "Europe/London", "5000"),
    2: ("IN", "Asia/Kolkata", "20000"),
    3: ("US", "America/Denver", "200000"),
    4: ("NZ", "Pacific/Auckland", "20000"),
}
HOURS = (Hours(start=time(9), end=time(17)),)
WORK = (
    ["kickoff_held", "cadence_agreed", "plan_agreed"],
    ["requirements_documented", "security_review", "integrations_connected", "access_configured", "validation_passed"],
    ["tasks_done_end_users", "tasks_done_admins", "tasks_done_managers", "go_live"],
    ["activation", "goals_checked", "next_plan_agreed", "owner_transferred", "account_plan_recorded"],
)


@pytest.mark.slow
@settings(MODEST, max_examples=examples(4))
@given(
    hours=st.lists(st.integers(0, 120 * 24), min_size=3, max_size=16, unique=True).map(sorted),
    workers=st.lists(st.sampled_from([0, *WHERE]), max_size=16),
)
def test_looks_at_any_moments_over_120_days_send_each_mail_once_and_in_working_hours(
    office, new_database_url, tmp_path, hours, workers
):
    number = next(numbers)
    office.home = tmp_path / f"home{number}"
    office.folder = tmp_path / f"crm{number}"
    office.tables |= {name: [] for name in office.tables if name != "User.csv"}
    office.setenv("FIRST90_HOME", str(office.home))
    office.setenv("FIRST90_CRM", f"csv:{office.folder}")
    dialect = "postgres" if number % 4 == 0 else "sqlite"
    office.setenv("FIRST90_DATABASE_URL", new_database_url(dialect))
    for one, (country, zone, amount) in WHERE.items():
        office.customer(one, Amount=amount)
        office.contact(one + 10, account=one, role="Technical Buyer")
        office.change(f"001-{one:04}", BillingCountryCode=country, First90_Time_Zone__c=zone)
    office.write()
    start, work = SIGNED + timedelta(hours=10), {one: list(WORK) for one in WHERE}
    with open_run_context(load_settings(env_file=None)) as context:
        office.cycle(context, start)
        for hour, one in zip_longest(hours, workers[: len(hours)], fillvalue=0):
            at = start + timedelta(hours=hour)
            if work.get(one):
                done = [(f"{name}:{at}", "milestone", name, at, {}) for name in work[one].pop(0)]
                done.append((f"value:{at}", "goal_value", "quote turnaround", at, {"value": 12}))
                learn(context, f"006-{one:04}", done, at)
            assert office.cycle(context, at).failures == []
            again = office.cycle(context, at)
            assert (again.planned, again.sent, again.failures) == (0, 0, [])
    seen = Counter()
    for mail in office.mails:
        _, step, occurrence, _, _ = mail["X-First90-Effect"].split(":")
        address = mail["To"].addresses[0]
        seen[address.addr_spec, step, occurrence] += 1
        country, zone, _ = WHERE[int(address.domain.removeprefix("customer").removesuffix(".example"))]
        sent_at = mail["Date"].datetime.astimezone(UTC)
        assert is_open(sent_at, zone, calendar_of(country, range(2025, 2028)), HOURS), (step, sent_at, zone)
    assert seen
    assert max(seen.values()) == 1
    told = [post for post in office.posts if post["method"] == "chat.postMessage" and "@" in post["channel"]]
    for post in told:
        said_at = datetime.fromtimestamp(float(post["ts"]), UTC)
        assert is_open(said_at, "Europe/London", calendar_of("GB", range(2025, 2028)), HOURS), post
    digests = Counter((post["channel"], post["text"][:40]) for post in told if post["text"].startswith("Onboarding on"))
    assert not digests or max(digests.values()) == 1
