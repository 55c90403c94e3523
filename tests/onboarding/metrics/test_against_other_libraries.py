"""A large portfolio computed a second time by other libraries: lifelines for times, pandas for everything else."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from onboarding.metrics.compute import compute
from onboarding.metrics.definition import Figure
from onboarding.metrics.definitions import DEFINITIONS
from onboarding.metrics.figures import AccountFigures, Share, Span, Spans, Values
from onboarding.model.vocabulary import Stage, Status
from tests.builders.tiers import BUNDLED_TIERS, HIGH, MID, TECH

lifelines = pytest.importorskip("lifelines")
pandas = pytest.importorskip("pandas")
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]
AS_OF = datetime(2026, 11, 2, tzinfo=UTC)
ACCOUNTS = 1200
TIMES = [one.name for one in DEFINITIONS if one.figure is Figure.MEDIAN_TIME]
OTHERS = [one.name for one in DEFINITIONS if one.figure is not Figure.MEDIAN_TIME]
GROUPS = ("tier", "product", "month", "owner")


def account(number, chance):
    """An account that reached some of it, was watched for a time, and contributes to most metrics."""
    tier = chance.choice(BUNDLED_TIERS)
    pace = {HIGH: 70, MID: 40, TECH: 12}[tier]

    def span():
        reached, watched = round(chance.expovariate(1 / pace), 3), round(chance.uniform(0, 120), 3)
        return Span(min(reached, watched), reached <= watched)

    def part(one):
        match one.figure:
            case Figure.MEDIAN_TIME:
                return Spans((span(), span())) if one.level == "user" else span()
            case Figure.PROPORTION:
                of = chance.randint(1, 30) if one.level == "user" else 1
                return Share(sum(chance.random() < 0.4 for _ in range(of)), of)
            case Figure.RATIO:
                return Share(chance.random() * 40, 40 + chance.random())
            case Figure.MEAN:
                return Values(tuple(float(chance.randint(0, 10)) for _ in range(chance.randint(1, 3))))

    return AccountFigures(
        account_id=f"001-{number:05d}",
        account_name=f"Customer {number}",
        deal_id=f"006-{number:05d}",
        tier=tier,
        product=chance.choice(["CRM", "ERP", ""]),
        owner=chance.choice(["a@v.example", "b@v.example", None]),
        status=Status.CANCELLED if chance.random() < 0.02 else Status.ACTIVE,
        stage=Stage.SETUP,
        adopted=False,
        signed_at=AS_OF - timedelta(days=chance.randint(0, 300)),
        target_at=AS_OF,
        parts={one.name: part(one) for one in DEFINITIONS if chance.random() > 0.1},
    )


@pytest.fixture(scope="module")
def told():
    chance = random.Random(90)
    return compute([account(number, chance) for number in range(ACCOUNTS)], AS_OF).as_json()


@pytest.fixture(scope="module")
def frame(told):
    """The accounts of the JSON as a table, with the names of their groups."""
    found = pandas.DataFrame(told["accounts"])
    found = found[found["status"] != "cancelled"].copy()
    found["tier"] = found["tier"].map(str)
    found["product"] = found["product"].replace("", "not named")
    found["owner"] = found["owner"].fillna("nobody")
    found["month"] = found["signed_at"].map(lambda at: at.strftime("%Y-%m"))
    return found


def long(frame, name):
    """One row a span, an answer or a share, with the account's groups."""
    rows = []
    for groups, part in zip(frame[[*GROUPS]].to_dict("records"), frame[name], strict=True):
        for one in part if isinstance(part, list) else [part] if isinstance(part, dict) else []:
            rows += [groups | {"values": value} for value in one["values"]] if "values" in one else [groups | one]
    return pandas.DataFrame(rows)


def fitted(rows):
    return lifelines.KaplanMeierFitter().fit(rows["days"], rows["reached"])


def reached_by(fit, open_share):
    """Return the first time at which no more than this share is open: lifelines multiplies floats, and its exact half
    may be a half and a little."""
    return fit.percentile(open_share + 1e-9)


@pytest.mark.parametrize("name", TIMES)
def test_times_are_those_of_lifelines(told, frame, name):
    metric, rows = next(one for one in told["metrics"] if one["name"] == name), long(frame, name)
    fit = fitted(rows)
    assert metric["value"] == pytest.approx(reached_by(fit, 0.5), abs=1e-3)
    band = lifelines.utils.median_survival_times(fit.confidence_interval_).iloc[0].tolist()
    assert metric["interval"] == pytest.approx(sorted(band), abs=1e-3)
    assert (metric["n"], metric["of"]) == (rows["reached"].sum(), len(rows))
    if "proposed_target" in metric:
        assert metric["proposed_target"] == pytest.approx(reached_by(fit, 0.75), abs=1e-3)
    for by in GROUPS:
        assert {one["group"] for one in metric["groups"][by]} == set(rows[by])
        for group in metric["groups"][by]:
            inside = rows[by] == group["group"]
            median = reached_by(fitted(rows[inside]), 0.5)
            assert group["value"] == (pytest.approx(median, abs=1e-3) if median != float("inf") else None)
            test = lifelines.statistics.logrank_test(
                rows[inside]["days"], rows[~inside]["days"], rows[inside]["reached"], rows[~inside]["reached"]
            )
            if "log_rank_p" in group:
                assert group["log_rank_p"] == pytest.approx(test.p_value, abs=1e-6)


@pytest.mark.parametrize("name", OTHERS)
def test_shares_and_means_are_those_of_pandas(told, frame, name):
    metric, rows = next(one for one in told["metrics"] if one["name"] == name), long(frame, name)
    if "values" in rows:
        figure = lambda some: some["values"].mean()  # noqa: E731
    else:
        figure = lambda some: some["n"].sum() / some["of"].sum()  # noqa: E731
    assert metric["value"] == pytest.approx(figure(rows), abs=1e-3)
    for by in GROUPS:
        found = rows.groupby(by).apply(figure)
        assert {one["group"]: one["value"] for one in metric["groups"][by]} == pytest.approx(dict(found), abs=1e-3)
