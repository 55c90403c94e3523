"""The events of the small company, as rules of a Hypothesis state machine (R12).

Each acts from outside: in the CRM's files, by a reader's link, by a command, by a run or its death. The company records
it in the model, and checks everything after each run.
"""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from integrations.ports import Guarantee
from onboarding.model.vocabulary import Channel
from tasks.commands import onboardings
from tests.reliability.company import Company
from tests.reliability.known import WHERE
from tests.tasks.conftest import ident

HOUR = timedelta(hours=1)
LATER = st.sampled_from(["", "", "at once", "after minutes", "after an hour", "next day", "next day"])
DEATHS = st.one_of(st.just(0), st.just(0), st.integers(1, 60))
"""The boundary at which a run dies; most have fewer than sixty."""
ACCOUNTS = st.sampled_from([1, 2])
DEALS = ACCOUNTS.map(lambda number: ident("006", number))
PEOPLE = st.runner().flatmap(lambda life: st.sampled_from(life.company.readers))
ACTIVATION = ("tasks_done_end_users", "tasks_done_admins", "activation")
MILESTONES = ("kickoff_held", "cadence_agreed", "plan_agreed", "security_review", "go_live", "activation")
FREE_DAYS = (datetime(2026, 3, 7, tzinfo=UTC), datetime(2026, 4, 3, tzinfo=UTC), datetime(2026, 5, 25, tzinfo=UTC))
"""A Saturday, Good Friday, and a day off in Britain and America."""
EDITS = st.sampled_from(
    [("Amount", value) for value in ("5000", "20000", "200000")]
    + [("First90_Kickoff_At__c", value) for value in ("", "2026-03-05T14:00:00Z", "2026-03-11T15:00:00Z")]
    + [("First90_Go_Live_On__c", value) for value in ("", "2026-03-20")]
    + [("First90_Goals__c", "")]
)
WEATHER = st.lists(
    st.sampled_from(["accept", "accept", "busy", "busy 7200", "break", "accept-and-break", "refuse"]), max_size=5
)
"""The provider's responses to one mail after the other, repeated from the start; all accepted where it is empty."""

Act = Callable[..., None]


def step(**drawn: Any) -> Callable[[Act], Any]:
    """Return a rule: an event, then perhaps a run, which may die."""

    def decorate(act: Act) -> Any:
        @wraps(act)
        def happens(self: "Life", it_runs: str, dies_at: int, **given: Any) -> None:
            act(self, **given)
            self.company.lives_on(it_runs, dies_at)

        return rule(it_runs=LATER, dies_at=DEATHS, **drawn)(happens)

    return decorate


class Life(RuleBasedStateMachine):
    """The state machine of one company. Set ``open_company`` in a subclass; ``told`` counts over all runs."""

    open_company: Callable[[], Company]
    told: Counter[str]

    @initialize(
        guarantee=st.sampled_from(["keyed", "lookup", "plain"]),
        weather=WEATHER,
        activated=st.sets(ACCOUNTS),
        silent=st.sets(ACCOUNTS),
    )
    def begins(self, guarantee: Guarantee, weather: list[str], activated: set[int], silent: set[int]) -> None:
        """Begin with two signed customers; some have reached first value, some of their sponsors have unsubscribed."""
        self.company = self.open_company()
        self.company.sends_through(guarantee)
        self.company.weather = weather
        for account in WHERE:
            self.company.signs(account)
        self.company.runs()
        for account in sorted(activated):
            self.company.reports(ident("006", account), *ACTIVATION)
        for account in sorted(silent):
            self.company.unsubscribes(ident("003", 10 * account + 2))

    # The CRM

    @step(account=ACCOUNTS, days_ago=st.sampled_from([0, 0, 20]))
    def a_deal_appears(self, account: int, days_ago: int) -> None:
        self.company.signs(account, days_ago)

    @step(deal=DEALS, edit=EDITS)
    def a_deal_changes(self, deal: str, edit: tuple[str, str]) -> None:
        self.company.writes(deal, *edit)

    @step(deal=DEALS, how=st.sampled_from(["lost", "deleted"]))
    def a_deal_is_withdrawn(self, deal: str, how: str) -> None:
        if how == "lost":
            self.company.writes(deal, "IsWon", "false")
        else:
            self.company.deletes(deal)

    @step(person=PEOPLE, how=st.sampled_from(["leaves", "deleted", "one@a.example", "two@a.example"]))
    def a_contact_changes(self, person: str, how: str) -> None:
        match how:
            case "leaves":
                self.company.writes(person, "First90_Left_On__c", "2026-03-01")
            case "deleted":
                self.company.deletes(person)
            case address:
                self.company.writes(person, "Email", address)

    @step(person=PEOPLE)
    def a_contact_opts_out(self, person: str) -> None:
        self.company.writes(person, "HasOptedOutOfEmail", "true")

    # Readers and people

    @step(person=PEOPLE, again=st.sampled_from([False, False, True]))
    def somebody_unsubscribes(self, person: str, again: bool) -> None:
        """Unsubscribe a reader, or subscribe them again."""
        (self.company.subscribes_again if again else self.company.unsubscribes)(person)

    @step(person=PEOPLE)
    def an_address_bounces(self, person: str) -> None:
        self.company.bounces(person)

    @step(
        account=ACCOUNTS,
        hours=st.sampled_from([None, 5, 80]),
        how=st.sampled_from(["shift", "catch-up", "skip"]),
    )
    def an_account_is_held(self, account: int, hours: int | None, how: str) -> None:
        self.company.holds(account, hours and self.company.now + hours * HOUR, how)

    @step(person=PEOPLE)
    def a_person_is_held(self, person: str) -> None:
        self.company.holds_person(person)

    @step(channel=st.sampled_from([None, *Channel]))
    def all_is_stopped(self, channel: Channel | None) -> None:
        self.company.stops(channel)

    @step(account=ACCOUNTS)
    def a_customer_is_activated(self, account: int) -> None:
        self.company.reports(ident("006", account), *ACTIVATION)

    @step(deal=DEALS, name=st.sampled_from(MILESTONES), how=st.sampled_from(["reported", "undone", "Done", "Open"]))
    def a_milestone_changes(self, deal: str, name: str, how: str) -> None:
        """Change a milestone as a person, by a command or in our row in the CRM."""
        if how in ("reported", "undone"):
            self.company.reports(deal, name, undo=how == "undone")
        else:
            self.company.ticks_off(deal, name, how)

    @step(deal=DEALS, stages=st.sampled_from([1, 5]))
    def stages_are_skipped(self, deal: str, stages: int) -> None:
        for _ in range(stages):
            self.company.orders(onboardings.skip_stage, deal, reason="x")

    @step(account=ACCOUNTS, how=st.sampled_from(["closed", "the customer leaves"]))
    def an_onboarding_ends(self, account: int, how: str) -> None:
        if how == "closed":
            self.company.closes(account)
        else:
            self.company.writes(ident("001", account), "First90_Churned_On__c", "2026-03-02")

    @step()
    def all_is_well_again(self) -> None:
        """End everything that holds messages back and can end."""
        self.company.starts()
        for account in WHERE:
            self.company.mends(account)

    # Time, and what fails

    @step(by=st.sampled_from([-HOUR, -HOUR / 4, HOUR, 5 * HOUR, 30 * 24 * HOUR]))
    def the_clock_jumps(self, by: timedelta) -> None:
        self.company.now += by

    @step(day=st.sampled_from(FREE_DAYS))
    def it_is_a_holiday(self, day: datetime) -> None:
        self.company.now = max(self.company.now, day + 11 * HOUR)

    @step(weather=WEATHER)
    def the_weather_changes(self, weather: list[str]) -> None:
        self.company.weather = weather

    @precondition(lambda self: self.company.aside)
    @step(data=st.data(), how=st.sampled_from(["retry", "sent", "cancel"]))
    def a_doubt_is_settled(self, data: Any, how: str) -> None:
        self.company.settles(data.draw(st.sampled_from(self.company.aside)), how)

    @rule(days=st.integers(1, 3))
    def days_pass(self, days: int) -> None:
        for _ in range(days):
            self.company.lives_on("next day")

    @rule()
    def it_runs_twice(self) -> None:
        self.company.runs_twice()

    def teardown(self) -> None:
        if hasattr(self, "company") and self.company.sound:
            self.company.ends_well()
            self.told.update(self.company.told)
