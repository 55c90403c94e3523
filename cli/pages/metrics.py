"""The metrics on the screen: the two that predict most first, then the others, each with its interval."""

from collections.abc import Iterator

from cli.printing import console, text
from cli.tables import print_table, table
from onboarding.audit import Audit, SellerGaps
from onboarding.metrics.compute import Group, Metric, Portfolio
from onboarding.metrics.definition import Definition
from onboarding.metrics.definitions import BY_NAME
from onboarding.metrics.page.stall_costs import stall_costs
from onboarding.metrics.wording import counted_words, days_words, figure_words, interval_words, percent_words
from onboarding.model.phrases import name_words

SHARE = BY_NAME["activation_rate"]
MOST_SELLERS = 20
FIRST = ("time_to_value", "activation_rate")
STALLS = ("cause", "waits on", "times", "days", "cost", "counted")
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
    if stalls := stall_costs(portfolio.accounts).rows:
        out.print()
        print_table(table("Stalls and what they cost", STALLS, stalls, counted=1))
        out.print("Cost: paid days before activation, in the currency of the tier rules.")
        out.print()
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


def print_audit(audit: Audit) -> None:
    """Print what the CRM's history shows of deals that were not followed, and what handoffs lack by seller."""
    out = console()
    if audit.before:
        rows = [
            ("to the first use", days_words(audit.to_first_use)),
            ("to the kickoff, where dated", days_words(audit.to_kickoff)),
            *((f"left within {days} days", percent_words(found)) for days, found in audit.early_churn.items()),
            ("stages", "unknown: nobody kept them"),
        ]
        out.print()
        print_table(table(f"Before first90: {audit.before} of {audit.deals} won deals", ("", ""), rows))
    gaps = [one for one in audit.sellers if one.missing or one.without_people]
    if gaps:
        lines = [
            (one.seller, one.deals, figure_words(SHARE, one.complete), ", ".join(_missing(one)))
            for one in gaps[:MOST_SELLERS]
        ]
        out.print()
        print_table(
            table("What handoffs lack, by seller", ("seller", "deals", "answered", "missing"), lines, missing=1)
        )


def _missing(one: SellerGaps) -> list[str]:
    said = [f"{name_words(item)} {count}" for item, count in one.missing.items()]
    return said + ([f"nobody named {one.without_people}"] if one.without_people else [])
