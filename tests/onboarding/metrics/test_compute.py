"""A portfolio's figures, each computed again from the accounts by formulas written out here."""

import json
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cli.printing import plain
from onboarding.metrics.compute import compute
from onboarding.metrics.definition import Figure
from onboarding.metrics.definitions import BY_NAME, DEFINITIONS
from onboarding.metrics.figures import AccountFigures, Share, Span, Spans, Values
from onboarding.model.vocabulary import Side, Stage, Status
from tests.builders.tiers import BUNDLED_TIERS, HIGH, MID

AS_OF = datetime(2026, 11, 2, tzinfo=UTC)


def account(number, chance, status=Status.ACTIVE):
    """An account that contributes to every metric for which it has data."""

    def part(definition):
        if chance.random() < 0.2:
            return None
        match definition.figure:
            case Figure.MEDIAN_TIME:
                found = tuple(Span(float(chance.randint(-2, 120)), chance.random() < 0.6) for _ in range(3))
                return Spans(found) if definition.level == "user" else found[0]
            case Figure.PROPORTION:
                of = chance.randint(1, 30) if definition.level == "user" else 1
                return Share(chance.randint(0, of), of)
            case Figure.RATIO:
                return Share(chance.random() * 40, 40)
            case Figure.MEAN:
                return Values(tuple(float(chance.randint(0, 10)) for _ in range(chance.randint(1, 3))))

    parts = {one.name: found for one in DEFINITIONS if (found := part(one)) is not None}
    return AccountFigures(
        account_id=f"001-{number:04d}",
        account_name=f"Customer {number}",
        deal_id=f"006-{number:04d}",
        tier=chance.choice(BUNDLED_TIERS),
        product=chance.choice(["CRM", "ERP", ""]),
        owner=chance.choice(["a@v.example", "b@v.example", None]),
        status=status,
        stage=Stage.SETUP,
        adopted=False,
        signed_at=AS_OF - timedelta(days=chance.randint(0, 200)),
        target_at=AS_OF,
        parts=parts,
        clock={Stage.KICKOFF: {Side.VENDOR: 3.0, Side.CUSTOMER: chance.random() * 9}},
    )


@pytest.fixture(scope="module")
def accounts():
    chance = random.Random(11)
    return [account(number, chance) for number in range(400)]


@pytest.fixture(scope="module")
def told(accounts):
    return json.loads(json.dumps(compute(accounts, AS_OF).as_json(), default=plain))


def recounted(definition, accounts):
    """One metric from the accounts of the JSON alone: value, n, of."""
    parts = [one[definition.name] for one in accounts if one[definition.name] is not None]
    match definition.figure:
        case Figure.MEDIAN_TIME:
            spans = [span for part in parts for span in (part if isinstance(part, list) else [part])]
            share, value = 1.0, None
            for day in sorted({one["days"] for one in spans if one["reached"]}):
                at_risk = sum(1 for one in spans if one["days"] >= day)
                share *= 1 - sum(1 for one in spans if one["reached"] and one["days"] == day) / at_risk
                if value is None and share <= 0.5 + 1e-12:
                    value = day
            return value, sum(1 for one in spans if one["reached"]), len(spans)
        case Figure.MEAN:
            values = [value for part in parts for value in part["values"]]
            return sum(values) / len(values), len(values), len(accounts)
    met, of = sum(part["n"] for part in parts), sum(part["of"] for part in parts)
    return met / of, met, of


@pytest.mark.parametrize("name", list(BY_NAME))
def test_every_number_can_be_counted_again_from_the_accounts(told, name):
    metric = next(one for one in told["metrics"] if one["name"] == name)
    for by, none in (("tier", ""), ("product", "not named"), ("owner", "nobody")):
        for group in metric["groups"][by]:
            mine = [one for one in told["accounts"] if (one[by] or none) == group["group"]]
            found = (group["value"], group["n"], group["of"])
            assert found == pytest.approx(recounted(BY_NAME[name], mine), abs=0.01)
    found = (metric["value"], metric["n"], metric["of"])
    assert found == pytest.approx(recounted(BY_NAME[name], told["accounts"]), abs=0.01)


def test_the_names_that_stay(told):
    names = {one["name"] for one in told["metrics"]}
    assert {
        *("time_to_value", "time_to_first_value", "completion_rate", "activation_rate", "user_activation_rate"),
        *("effort_score", "early_churn_90", "early_churn_180", "adoption_depth", "goal_attainment", "ticket_volume"),
        *(f"stage_dwell_{stage}" for stage in ("handoff", "kickoff", "setup", "training", "first_value")),
        *("clock_vendor", "clock_customer", "clock_third_party"),
    } <= names
    fields = {"id", "name", "level", "kind", "unit", "value", "n", "of", "interval", "small", "definition", "groups"}
    fields |= {"window"}
    assert all(fields <= one.keys() for one in told["metrics"])
    assert [one["name"] for one in told["metrics"]][:2] == ["time_to_value", "activation_rate"]


def test_a_benchmark_stands_only_where_it_compares_like_with_like(told):
    found = {one["name"]: one["benchmark"] for one in told["metrics"] if "benchmark" in one}
    assert found.keys() == {"completion_rate", "user_activation_rate", "customisation_share"}
    levels = {one["name"]: one["level"] for one in told["metrics"]}
    assert all(benchmark["level"] == levels[name] for name, benchmark in found.items())
    assert all(benchmark["definition"] and benchmark["source"] for benchmark in found.values())


@pytest.mark.slow
def test_the_order_of_the_accounts_changes_nothing(accounts):
    shuffled = random.Random(3).sample(accounts, len(accounts))
    assert compute(shuffled, AS_OF).as_json() == compute(accounts, AS_OF).as_json()


@pytest.mark.slow
def test_an_unrelated_account_changes_no_group_that_it_is_not_in(accounts):
    some = [one for one in accounts if one.tier != HIGH]
    stranger = next(one for one in accounts if one.tier == HIGH)
    before, after = compute(some, AS_OF), compute([*some, stranger], AS_OF)
    assert [one for one in after.accounts if one != stranger] == list(before.accounts)
    for one, other in zip(before.metrics, after.metrics, strict=True):
        same = {group.name: group.estimate for group in one.groups.get("tier", ())}
        now = {group.name: group.estimate for group in other.groups.get("tier", ())}
        assert {name: now[name] for name in same} == same


@pytest.mark.slow
def test_a_cancelled_onboarding_is_shown_and_not_counted(accounts):
    cancelled = account(999, random.Random(1), Status.CANCELLED)
    found = compute([*accounts, cancelled], AS_OF)
    assert found.metrics == compute(accounts, AS_OF).metrics
    assert cancelled in found.accounts


def test_no_ticket_at_all_is_a_missing_source_and_not_a_figure_of_nought():
    chance = random.Random(6)
    some = [account(number, chance) for number in range(4)]
    for one in some:
        one.parts["ticket_volume"] = Values((0.0,))
    assert compute(some, AS_OF).metric("ticket_volume").estimate.value is None
    some[0].parts["ticket_volume"] = Values((2.0,))
    assert compute(some, AS_OF).metric("ticket_volume").estimate.value == 0.5


@pytest.mark.slow
def test_a_group_without_tickets_has_none_where_others_have_some(accounts):
    for one in accounts:
        one.parts["ticket_volume"] = Values((float(one.tier == MID),))
    tiers = {one.name: one for one in compute(accounts, AS_OF).metric("ticket_volume").groups["tier"]}
    assert (tiers["mid"].estimate.value, tiers["high"].estimate.value, tiers["high"].why) == (1, 0, None)


def test_the_interval_of_a_mean_stays_on_its_scale():
    chance = random.Random(6)
    some = [account(number, chance) for number in range(2)]
    for one, score in zip(some, (4.0, 7.0), strict=True):
        one.parts["effort_score"], one.parts["ticket_volume"] = Values((score,)), Values((score - 4,))
    found = compute(some, AS_OF)
    effort, tickets = (found.metric(name).estimate for name in ("effort_score", "ticket_volume"))
    assert (effort.value, effort.low, effort.high) == (5.5, 1, 7)
    assert (tickets.value, tickets.low) == (1.5, 0)


def test_an_empty_portfolio_says_why_nothing_is_known():
    found = compute([], AS_OF)
    assert all(one.estimate.value is None and one.why for one in found.metrics)


def test_too_few_have_reached_it_is_another_reason_than_none_has_it():
    chance = random.Random(2)
    slow = [account(number, chance) for number in range(20)]
    for one in slow:
        one.parts["time_to_value"] = Span(10.0, False)
        one.parts.pop("csat", None)
    found = compute(slow, AS_OF)
    assert found.metric("time_to_value").why == "fewer than half have reached it so far"
    assert found.metric("csat").why == "nobody was asked or answered yet"


def test_the_proposed_target_is_the_time_of_the_fastest_quarter():
    chance = random.Random(4)
    some = [account(number, chance) for number in range(8)]
    for number, one in enumerate(some):
        one.parts["time_to_value"] = Span(10.0 * (number + 1), True)
    assert compute(some, AS_OF).metric("time_to_value").proposed == 20.0


def test_a_tier_and_a_product_have_a_proposal_of_their_own_and_other_groups_have_none():
    chance = random.Random(4)
    some = [replace(account(number, chance), tier=MID if number < 8 else HIGH) for number in range(16)]
    for number, one in enumerate(some):
        one.parts["time_to_value"] = Span(10.0 * (number + 1), True)
    told = compute(some, AS_OF).metric("time_to_value").as_json()
    assert {one["group"]: one["proposed_target"] for one in told["groups"]["tier"]} == {"mid": 20, "high": 100}
    assert all("proposed_target" not in one for by in ("month", "owner") for one in told["groups"][by])


@pytest.mark.slow
def test_many_users_of_few_accounts_are_a_small_figure_and_no_test_between_groups():
    chance = random.Random(4)
    some = [account(number, chance) for number in range(20)]
    for number, one in enumerate(some):
        one.parts["time_to_value"] = Span(10.0 * (number + 1), True)
        one.parts["user_time_to_value"] = Spans((Span(5.0, number < 4),) * 30)
    found = compute(some, AS_OF)
    accounts, users = found.metric("time_to_value"), found.metric("user_time_to_value")
    assert (accounts.estimate.small, users.estimate.small, users.estimate.n) == (False, True, 120)
    assert any(one.differs is not None for one in accounts.groups["tier"])
    assert [one.differs for by in users.groups.values() for one in by if one.differs is not None] == []
    some[4].parts["user_time_to_value"] = Spans((Span(5.0, True), Span(9.0, False)))
    assert not compute(some, AS_OF).metric("user_time_to_value").estimate.small, "five of twenty accounts reached it"


def test_there_is_no_group_by_product_where_nothing_names_one():
    chance = random.Random(4)
    some = [replace(account(number, chance), product="") for number in range(8)]
    assert "product" not in compute(some, AS_OF).metric("time_to_value").groups
    assert "product" in compute([*some, replace(some[0], deal_id="x", product="CRM")], AS_OF).metric("nps").groups


def test_the_page_on_metrics_has_the_definitions_that_are_computed():
    page = (Path(__file__).parents[3] / "docs" / "metrics.md").read_text(encoding="utf-8")
    for one in DEFINITIONS:
        row = f"| `{one.name}` | {one.id} | {one.level} | {one.kind} | {one.unit} | {one.definition} | {one.window} |"
        assert row in page.splitlines(), f"docs/metrics.md lacks: {row}"
