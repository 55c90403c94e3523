"""What the server for assistants can say. Each answer names the facts and playbook versions it rests on. Reads only."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from database.onboardings import overview
from onboarding.explain.touchpoint_fate import explain_touchpoint
from onboarding.health.summary import is_of
from onboarding.metrics.page.stall_costs import stall_costs
from onboarding.model.vocabulary import Channel, EffectState, Stage
from tasks.reporting.portfolio import Question, asked_tier, read_portfolio
from tasks.runtime.clock import present
from tasks.runtime.context import RunContext
from tasks.views.forecast import with_forecast
from tasks.views.picture import Picture, picture_of
from tasks.views.what_if import asked_what_if
from web.assistant.quoting import NOTICE, quoted

Answer = dict[str, Any]
SHOWN = frozenset({EffectState.SENT, EffectState.UNKNOWN, EffectState.SENDING, EffectState.DEAD})
"""States of a message that left, may have left, or was refused for good."""


def accounts(context: RunContext, stage: str, owner: str, stalled: bool) -> Answer:
    """Return the lines of ``first90 status``, the most urgent first."""
    wanted = Stage(stage) if stage else None
    with context.database.reading() as conn:
        lines, counts = overview.status_lines(conn, wanted), overview.fact_counts(conn)
    chosen = [line for line in lines if (line["stalled_since"] or not stalled) and (not owner or is_of(line, owner))]
    facts = [
        {"deal_id": key, "count": counts[key][0], "since": counts[key][1]}
        for line in chosen
        if (key := line["deal_id"]) in counts
    ]
    return _answer(context, {"accounts": chosen, "of": len(lines)}, facts, (line["playbook"] for line in chosen))


def explain(context: RunContext, account: str, touchpoint: str) -> Answer:
    """Return what ``first90 explain`` says of an onboarding, or of one touchpoint. Raises NotFound and ValueError."""
    seen = picture(context, account)
    if touchpoint:
        said = explain_touchpoint(seen.case, seen.review, seen.playbook, touchpoint, seen.now).as_json()
    else:
        said = seen.explained().as_json()
    return _answer(context, said, facts_of(seen), [seen.case.progress.playbook], seen.now)


def forecast(context: RunContext, account: str, what_if: Sequence[str] = ()) -> Answer:
    """Return what ``first90 forecast`` says of an onboarding; with assumptions (MILESTONE=DATE) what would change.
    Raises NotFound and ValueError."""
    with context.database.reading() as conn:
        seen = picture_of(conn, account, context.wall_clock(), pilot=context.settings.only_accounts)
        if what_if:
            said = asked_what_if(conn, seen, what_if).as_json()
        else:
            seen = with_forecast(conn, seen)
            said = seen.forecast.as_json() if seen.forecast else {}
    return _answer(context, said or {}, facts_of(seen), [seen.case.progress.playbook], seen.now)


def what_was_sent(context: RunContext, account: str, channel: str) -> Answer:
    """Return the messages that left, may have left or were refused, with the reason for each; rows of the CRM are
    counted, and listed for that ``channel`` alone. Raises NotFound."""
    wanted = Channel(channel) if channel else None
    seen = picture(context, account)
    with context.database.reading() as conn:
        lines = overview.effect_lines(conn, onboarding_key=seen.case.key, channel=wanted)
    sent = [line for line in lines if line["state"] in SHOWN]
    rows = [line for line in sent if line["channel"] == Channel.CRM.value]
    shown = sent if wanted else [line for line in sent if line["channel"] != Channel.CRM.value]
    return _answer(
        context, {"messages": shown, "crm_rows": len(rows)}, facts_of(seen), [seen.case.progress.playbook], seen.now
    )


def metrics(context: RunContext, tier: str, since: str) -> Answer:
    """Return the metrics with their definitions, intervals and the accounts behind them, and what stalls cost."""
    from_day = datetime.fromisoformat(since) if since else None
    if from_day is not None and from_day.tzinfo is None:
        from_day = from_day.replace(tzinfo=UTC)
    wanted = asked_tier(context.database, tier, context.library) if tier else None
    question = Question(as_of=present(context), since=from_day, tier=wanted)
    figures = read_portfolio(context.database, question)
    portfolio = figures.as_json() | {"stalls": stall_costs(figures.accounts).as_json()}
    with context.database.reading() as conn:
        versions = {line["deal_id"]: line["playbook"] for line in overview.status_lines(conn)}
    keys = [one["deal_id"] for one in portfolio["accounts"]]
    facts = [{"deal_id": key} for key in keys]
    return _answer(context, portfolio, facts, (versions[key] for key in keys if key in versions), question.as_of)


def playbook(context: RunContext, tier: str) -> Answer:
    """Return the playbooks of the installation, whole: stages, milestones, steps, stalls, ladder."""
    wanted = context.library.tier_named(tier) if tier else None
    found = [one for name, one in context.library.playbook_versions.items() if wanted in (None, name)]
    said = [{"tier": one.playbook.tier, "hash": one.hash, "content": json.loads(one.content)} for one in found]
    return _answer(context, {"playbooks": said}, [], (one.hash for one in found))


def picture(context: RunContext, account: str) -> Picture:
    """Return the onboarding meant by an account's name or id, or a deal's id. Raises NotFound."""
    with context.database.reading() as conn:
        return picture_of(conn, account, context.wall_clock(), pilot=context.settings.only_accounts)


def facts_of(seen: Picture) -> list[Mapping[str, Any]]:
    """Return the deals as the CRM has them, and every fact that was recorded, in order of time."""
    deals = [
        {"key": one.id, "kind": "deal", "name": "signature", "at": one.signed_at, "source": "crm", "by": "crm"}
        for one in seen.case.deals
    ]
    reports = [
        {"key": one.key, "kind": one.kind.value, "name": one.name, "at": one.at, "source": one.source, "by": one.by}
        for one in seen.case.facts
    ]
    return [*deals, *reports]


def _answer(
    context: RunContext,
    said: Mapping[str, Any],
    facts: Iterable[Mapping[str, Any]],
    playbooks: Iterable[str],
    now: datetime | None = None,
) -> Answer:
    rests_on = {
        "as_of": now or present(context),
        "playbooks": sorted(set(playbooks)),
        "facts": list(facts),
    }
    return {"notice": NOTICE, "answer": quoted(said), "rests_on": quoted(rests_on)}


READERS: Mapping[str, Callable[..., Answer]] = {
    "accounts": accounts,
    "explain": explain,
    "forecast": forecast,
    "what_was_sent": what_was_sent,
    "metrics": metrics,
    "playbook": playbook,
}
"""The tools that only read, by name."""
