"""The report as one HTML file: it loads nothing from elsewhere, and can be printed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from onboarding.audit import Audit
from onboarding.facts.ticket_topics import topics
from onboarding.metrics import estimates
from onboarding.metrics.compute import Portfolio, spans_of
from onboarding.metrics.definitions import BY_NAME
from onboarding.metrics.figures import Span
from onboarding.metrics.headlines import DWELL
from onboarding.metrics.movement import Turn
from onboarding.metrics.page import sections, stall_costs
from onboarding.metrics.page.goals import goals
from onboarding.metrics.period import Moved
from onboarding.metrics.wording import (
    chance_words,
    counted_words,
    days_words,
    figure_words,
    interval_words,
    percent_words,
)
from onboarding.model.phrases import (
    day_words,
    moment_words,
    month_words,
    name_words,
    role_words,
    side_words,
    stage_words,
)
from onboarding.model.vocabulary import STAGES, Side, Status, Tier
from tasks.reporting.pictures import clock_picture, curve_picture

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"
TURNS = {
    Turn.BETTER: "better",
    Turn.WORSE: "worse",
    Turn.SAME: "much the same",
    Turn.TOO_FEW: "too few to say",
    Turn.MISLEADING: "faster, fewer goals reached",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """The largest changes since an earlier report."""

    since: datetime
    changes: tuple[Moved, ...]


def report_page(
    portfolio: Portfolio, tier: Tier | None = None, compared: Compared | None = None, audit: Audit | None = None
) -> str:
    """Return the page: the figures that predict most, goals and effort beside them (ME-29), then the rest.

    Pure but for reading its template: the same figures give the same bytes.
    """
    accounts = [one for one in portfolio.accounts if one.status is not Status.CANCELLED]
    clocks = sections.clocks(accounts)
    values = {
        "portfolio": portfolio,
        "tier": tier,
        "movements": portfolio.movements,
        "alarms": [one for one in portfolio.movements if one.alarming],
        "changes": compared.changes if compared else (),
        "changes_since": compared.since if compared else None,
        "curve": _curve(portfolio),
        "funnel": sections.funnel(accounts),
        "phases": sections.phases(accounts),
        "clock": clock_picture(clocks) if clocks else "",
        "clocks": clocks,
        "dwell": {stage: portfolio.metric(f"{DWELL}{stage.value}") for stage in STAGES},
        "aims": sections.aims(accounts, portfolio.metric("time_to_value")),
        "check_ins": sections.check_ins(accounts),
        "roles": sections.roles(accounts),
        "health": sections.health_moves(accounts),
        "stalls": stall_costs.stall_costs(accounts),
        "stalls_defined": stall_costs.DEFINITION,
        "goals": goals(accounts),
        "promises": sections.counted(accounts, "promises"),
        "sent": sections.counted(accounts, "sent"),
        "topics": topics(((one.account_id, ticket) for one in accounts for ticket in one.tickets), portfolio.as_of),
        "audit": audit if audit and audit.before else None,
        "handoffs": audit,
        "definitions": BY_NAME,
        "turns": TURNS,
        "sides": list(Side),
    }
    return _environment().get_template("report.html").render(values)


def _curve(portfolio: Portfolio) -> str:
    """Return the picture of time to value by tier; empty where no account has reached it."""
    groups: dict[str, list[Span]] = {
        tier: spans_of(one.parts.get("time_to_value") for one in portfolio.accounts if one.tier == tier)
        for tier in sorted({one.tier for one in portfolio.accounts})
    }
    watched = [span.days for spans in groups.values() for span in spans]
    curves = {name: estimates.curve(spans) for name, spans in groups.items() if spans}
    if not any(curve.days for curve in curves.values()):
        return ""
    return curve_picture(curves, max(watched))


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals["style"] = (TEMPLATES / "report.css").read_text(encoding="utf-8")
    made.filters |= _FILTERS
    return made


_FILTERS: Mapping[str, Callable[..., object]] = {
    "figure": lambda found, definition: figure_words(definition, found),
    "interval": lambda found, definition: interval_words(definition, found),
    "counted": counted_words,
    "days": days_words,
    "percent": percent_words,
    "chance": chance_words,
    "day": day_words,
    "moment": moment_words,
    "month": month_words,
    "words": name_words,
    "stage": stage_words,
    "side": side_words,
    "amount": stall_costs.amount_words,
    "rests_on": stall_costs.counted_words,
    "role": role_words,
}
