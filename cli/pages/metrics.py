"""The metrics on the screen: the two that predict most first, then the others, each with its interval."""

from collections.abc import Iterator

from cli.printing import console, text
from cli.tables import print_table, table
from onboarding.metrics.compute import Group, Metric, Portfolio
from onboarding.metrics.definition import Definition
from onboarding.metrics.wording import counted_words, figure_words, interval_words

FIRST = ("time_to_value", "activation_rate")
LEVELS = {"account": "Accounts", "user": "Users"}


def print_metrics(portfolio: Portfolio) -> None:
    """Print the metrics for a person, at 80 columns."""
    out = console()
    since = f", signed since {portfolio.since:%Y-%m-%d}" if portfolio.since else ""
    out.print(f"\n[bold]{len(portfolio.accounts)} onboardings[/bold] as of {portfolio.as_of:%Y-%m-%d %H:%M}Z{since}\n")
    for name in FIRST:
        metric = portfolio.metric(name)
        print_table(table(metric.definition.title, ("", "", "95 %", "counted", ""), _headline(metric)))
        out.print()
    for level, heading in LEVELS.items():
        for kind in ("outcome", "activity"):
            shown = [
                one
                for one in portfolio.metrics
                if (one.definition.level, one.definition.kind) == (level, kind)
                and one.name not in FIRST
                and one.estimate.value is not None
            ]
            if shown:
                rows = [_row(one.definition.title, one.definition, one) for one in shown]
                print_table(table(f"{heading}, {kind}", ("", "", "95 %", "counted", ""), rows))
                out.print()
    for metric in portfolio.metrics:
        if metric.definition.benchmark and metric.estimate.value is not None:
            benchmark = metric.definition.benchmark
            out.print(f"{metric.definition.title}: {benchmark.text} ({benchmark.source}: {benchmark.definition}).")
    for one in portfolio.movements:
        if one.alarming:
            out.print(f"[bold]![/bold] {text(one.words)}.")
    unknown = [one for one in portfolio.metrics if one.estimate.value is None]
    if unknown:
        rows = [(one.definition.title, one.why) for one in unknown]
        print_table(table("Not known", ("", ""), rows))
    out.print("\n[dim]first90 report --json has every definition, and the accounts behind each figure[/dim]")


def _headline(metric: Metric) -> Iterator[tuple[object, ...]]:
    yield _row("all", metric.definition, metric)
    yield from (_row(group.name, metric.definition, group) for group in metric.groups.get("tier", ()))


def _row(name: str, definition: Definition, shown: Metric | Group) -> tuple[object, ...]:
    estimate = shown.estimate
    note = shown.why or ("too few to say" if estimate.small else "")
    return name, figure_words(definition, estimate), interval_words(definition, estimate), counted_words(estimate), note
