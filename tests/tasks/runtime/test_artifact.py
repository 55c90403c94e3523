"""The artifact of the report's flow."""

from dataclasses import replace
from datetime import timedelta

from flows.artifact import as_markdown
from flows.reports import FlowReport
from onboarding.metrics.figures import StallTime
from onboarding.metrics.page.stall_costs import DEFINITION, stall_costs
from tasks.runtime.reports import MetricsReport
from tests.builders.figures import build_figures
from tests.tasks.reporting.portfolio import AS_OF, MAY


def test_it_tells_what_stalls_cost_in_days_and_in_money_and_what_that_counts():
    one = build_figures(1, MAY)
    one = build_figures(1, MAY)
    stall = StallTime(
        kind="champion_left",
        waiting_on="customer",
        since=one.signed_at,
        until=one.signed_at + timedelta(days=10),
        open=True,
    )
    costs = stall_costs([replace(one, amount=36_500.0, stalls=(stall,))])
    part = MetricsReport(name="weekly-2026-W24", stalls=costs.rows, stalls_defined=DEFINITION)
    page = as_markdown(FlowReport(flow="report-metrics", as_of=AS_OF, parts=(part,)))
    assert "| champion left | the customer | 1 | 10 | 1,000 | 1 of 1 account, few |" in page
    assert "| in all |  |  |  | 1,000 | 1 of 1 account, few |" in page
    assert DEFINITION in page
