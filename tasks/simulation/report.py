"""The report of a simulation: where each customer ended, and how many messages each person got."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from onboarding.health.summary import Summary
from onboarding.model.review import Decision
from onboarding.model.vocabulary import Channel, Stage, Status
from onboarding.review_case import Reviewed
from tasks.simulation.outbox import Sent

TITLE = "# Simulation"
TOLD = frozenset({"stage_left", "status", "tier", "escalated", "episode_closed"})
"""Kinds of decisions that are listed under a customer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulationResult:
    """The result of a simulation."""

    start: datetime
    days: int
    reviews: int
    """The number of reviews."""
    summaries: tuple[Summary, ...]
    """The state of each onboarding at the end, the most urgent first."""
    sent: tuple[Sent, ...]
    """Everything that was sent, by time."""
    journal: tuple[tuple[datetime, str, Decision], ...]
    """Each decision as (when, onboarding key, decision)."""
    ended: tuple[Reviewed, ...] = ()
    """The last review of each onboarding, with all that was learned."""
    gone: tuple[tuple[Status, Stage], ...] = ()
    """The status and stage of each onboarding that was churned or cancelled before the start: it is not simulated."""

    def places(self) -> Counter[tuple[Status, Stage]]:
        """Return the number of onboardings by status and stage at the end."""
        return Counter((one.status, one.stage) for one in self.summaries) + Counter(self.gone)


def as_markdown(result: SimulationResult) -> str:
    """Return the whole report as Markdown. The same result gives the same text."""
    end = result.start + timedelta(days=result.days)
    parts = [
        f"{TITLE}: {result.days} days from {result.start:%d %B %Y}",
        f"From {_moment(result.start)} to {_moment(end)}, in {result.reviews} reviews. "
        "Nothing left this machine. `mails` holds every mail, `slack.jsonl` every Slack post, `crm` the rows as they "
        "stand at the end, `timeline.csv` all of it in order.",
        "## Where they ended",
        _table(("status", "stage", "customers"), _places(result)),
        "## What was said",
        _table(("channel", "step", "messages"), _counts(result.sent)),
        "## Who heard most",
        _table(("reader", "channel", "messages", "most in a day"), _readers(result.sent)),
        "## Customers",
        _table(
            ("customer", "tier", "status", "stage", "activated", "mails", "Slack", "escalated", "stands still because"),
            _customers(result),
        ),
        "## What happened",
        *_lives(result),
    ]
    return "\n\n".join(parts) + "\n"


def _places(result: SimulationResult) -> Iterable[tuple[object, ...]]:
    return [(status.value, stage.value, count) for (status, stage), count in sorted(result.places().items())]


def _counts(sent: Sequence[Sent]) -> Iterable[tuple[object, ...]]:
    found = Counter((one.effect.channel.value, one.effect.kind) for one in sent)
    return [(*what, count) for what, count in sorted(found.items())]


def _readers(sent: Sequence[Sent]) -> Iterable[tuple[object, ...]]:
    """Count the messages of each person: a simulation is the cheapest place to notice that one would get too many."""
    people = [(one.recipient, one.effect.channel.value, one.at.date()) for one in sent if _to_a_person(one)]
    totals = Counter((who, channel) for who, channel, _ in people)
    busiest: dict[tuple[str, str], int] = {}
    for (who, channel, _), count in Counter(people).items():
        busiest[who, channel] = max(count, busiest.get((who, channel), 0))
    ranked = sorted(totals.items(), key=lambda item: (-item[1], item[0]))
    return [(*who, count, busiest[who]) for who, count in ranked[:10]]


def _to_a_person(one: Sent) -> bool:
    """Return whether a person is notified: an edit of a Slack message notifies no one."""
    return one.effect.channel is not Channel.CRM and one.effect.data.get("method") != "update"


def _customers(result: SimulationResult) -> Iterable[tuple[object, ...]]:
    messages = Counter((one.onboarding, one.effect.channel) for one in result.sent)
    escalated = Counter(key for _, key, decision in result.journal if decision.kind == "escalated")
    for one in _by_name(result):
        yield (
            one.account_name,
            one.tier,
            one.status.value,
            one.stage.value,
            f"{one.activated_at:%Y-%m-%d}" if one.activated_at else "",
            messages[one.deal_id, Channel.MAIL],
            messages[one.deal_id, Channel.SLACK],
            escalated[one.deal_id],
            one.stall_cause or "",
        )


def _lives(result: SimulationResult) -> Iterable[str]:
    for one in _by_name(result):
        told = [
            f"- {_moment(at)} {decision.kind.replace('_', ' ')}: {_one_line(decision.because)}"
            for at, key, decision in result.journal
            if key == one.deal_id and decision.kind in TOLD
        ]
        if told:
            yield f"### {_one_line(one.account_name)}"
            yield "\n".join(told)


def _by_name(result: SimulationResult) -> list[Summary]:
    return sorted(result.summaries, key=lambda one: (one.account_name, one.deal_id))


def _table(head: Sequence[str], body: Iterable[tuple[object, ...]]) -> str:
    lines = ["| " + " | ".join(_one_line(str(cell)) for cell in row) + " |" for row in body]
    rule = "| " + " | ".join("---" for _ in head) + " |"
    return "\n".join(["| " + " | ".join(head) + " |", rule, *lines])


def _one_line(text: str) -> str:
    """Return text of the CRM for use in Markdown: on one line, without column separators or tags."""
    return " ".join(text.replace("|", "\\|").replace("<", "&lt;").split())


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}Z"
