"""What the page of a flow run shows above all else."""

from dataclasses import replace
from datetime import UTC, datetime

from flows.artifact import as_markdown
from flows.reports import FlowReport
from onboarding.model.vocabulary import Channel
from onboarding.orders import Order
from tasks.commands import deliveries
from tasks.runtime.stopped import stops_in_words

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
REPORT = FlowReport(flow="deliver", as_of=NOW)


def test_a_stop_stands_in_big_words_on_top_and_shows_no_address(office):
    office.write()
    order = Order(by="jo@vendor.example", now=NOW, reason="wrong template <b>")
    with office.context() as context:
        deliveries.stop(context, order, None)
        deliveries.stop(context, replace(order, reason="asked by ann@customer1.example"), Channel.MAIL)
        page = as_markdown(REPORT, stops_in_words(context))
    first, second = (line for line in page.splitlines() if line.startswith("# STOPPED"))
    assert page.startswith(first)
    assert {first, second} == {"# STOPPED: NOTHING LEAVES, ON ANY CHANNEL", "# STOPPED: NO MAIL LEAVES"}
    assert page.index(second) < page.index("# deliver: Completed")
    assert "by jo: wrong template &lt;b>" in page
    assert "first90 start" in page
    assert "@" not in page


def test_without_a_stop_the_report_is_on_top(office):
    office.write()
    with office.context() as context:
        assert as_markdown(REPORT, stops_in_words(context)).startswith("# deliver: Completed")
