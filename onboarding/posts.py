"""What we say to our own people on Slack, as neutral values; the chat integration turns them into blocks.

All text is plain. A name that comes from the CRM is never markup here, so it can ping nobody.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from onboarding.case import Case, Episode, Stall
from onboarding.digest import DigestLine
from onboarding.playbook import Step
from onboarding.records import Problem
from onboarding.standing import Standing
from onboarding.wording import day_words, moment_words, name_words, side_words, span_words, stage_words

MOST_LINES = 40
"""So many lines of a list are shown; the rest is counted. Slack takes fifty blocks. Ours."""
LEVELS = ("in the digest", "with the CSM", "with the manager", "with our executive sponsor")


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One Slack message. All text is plain: escaping and cutting to Slack's limits is the integration's
    work."""

    headline: str
    """One line, also the notification."""
    facts: tuple[tuple[str, str], ...] = ()
    """Label and value, shown in two columns."""
    lines: tuple[str, ...] = ()
    footer: str = ""
    link: str | None = None


def stall_post(
    case: Case,
    standing: Standing,
    episode: Episode,
    stalls: Sequence[Stall],
    now: datetime,
    link: str | None = None,
) -> Post:
    """The one message of an episode as it reads at ``now``: what, whose move, since when, what to do, what
    else."""
    others = [stall.cause for stall in stalls if (stall.kind, stall.since) != (episode.kind, episode.since)]
    lines = [episode.cause, f"Next step: {episode.next_step}"]
    if others:
        lines.append("Also open:")
        lines += [f"• {cause}" for cause in others]
    if episode.acked_at is not None:
        lines.append(f"Taken up by {episode.acked_by or 'somebody'} on {moment_words(episode.acked_at)}.")
    if episode.snoozed_until is not None and episode.snoozed_until > now:
        lines.append(f"Rests until {moment_words(episode.snoozed_until)}.")
    return Post(
        headline=f"{case.account.name}: {name_words(episode.kind)} ({episode.severity})",
        facts=(
            ("Account", case.account.name),
            ("Stage", f"{stage_words(case.progress.stage)}, day {_day(case, now)}"),
            ("Tier", standing.tier.value),
            ("Whose move", side_words(episode.waiting_on)),
            ("Since", f"{day_words(episode.since)} ({span_words(now - episode.since)})"),
            ("Owner", standing.owner.name if standing.owner else "nobody"),
        ),
        lines=tuple(lines),
        footer=(
            f"Stall {episode.number}, {LEVELS[episode.level]}. Answer: first90 ack {case.key}, "
            f"first90 snooze {case.key} --until DATE, first90 resolve {case.key} --reason WHY"
        ),
        link=link,
    )


def raised_post(case: Case, episode: Episode) -> Post:
    """The reply in the thread when the episode reached the next level."""
    return Post(headline=f"{case.account.name}: now also {LEVELS[episode.level]}", lines=(episode.cause,))


def closing_post(case: Case, episode: Episode, because: str, link: str | None = None) -> Post:
    """The end of an episode, as the message and as the reply in its thread. ``because`` as the journal has
    it."""
    closed = episode.closed_at or episode.opened_at
    return Post(
        headline=f"{case.account.name}: over: {name_words(episode.kind)}",
        facts=(
            ("Account", case.account.name),
            ("Open for", span_words(closed - episode.opened_at)),
        ),
        lines=(f"It was: {episode.cause}", f"Closed on {moment_words(closed)}: {because}."),
        footer=f"Stall {episode.number}",
        link=link,
    )


def step_post(case: Case, step: Step, text: str, now: datetime, link: str | None = None) -> Post:
    """The Slack message of a step, with its text as rendered."""
    return Post(
        headline=f"{case.account.name}: {step.title}",
        facts=(
            ("Account", case.account.name),
            ("Stage", f"{stage_words(case.progress.stage)}, day {_day(case, now)}"),
        ),
        lines=tuple(line.strip() for line in text.splitlines() if line.strip()),
        link=link,
    )


def digest_post(name: str, lines: Sequence[DigestLine], day: date) -> Post:
    """Somebody's digest of the day: most urgent account first, its lines together."""
    accounts: dict[str, list[DigestLine]] = {}
    for line in lines:
        accounts.setdefault(line.account, []).append(line)
    shown = [f"{account}: {line.text}" for account, mine in accounts.items() for line in mine]
    things = "1 thing" if len(lines) == 1 else f"{len(lines)} things"
    customers = "1 customer" if len(accounts) == 1 else f"{len(accounts)} customers"
    return Post(
        headline=f"Onboarding on {day_words(day)}: {things} at {customers}",
        lines=_cut(shown),
        footer=f"For {name}. Everything: first90 status",
    )


def set_aside_post(problems: Iterable[Problem]) -> Post:
    """What could not be read, for the people who run first90. It is taken in by itself once mended."""
    ordered = sorted(problems, key=lambda problem: (problem.source, problem.record, problem.field))
    shown = [
        f"{source}, {record}: " + "; ".join(f"{problem.field}: {problem.problem}" for problem in group)
        for (source, record), group in groupby(ordered, key=lambda problem: (problem.source, problem.record))
    ]
    records = "1 record" if len(shown) == 1 else f"{len(shown)} records"
    return Post(
        headline=f"{records} could not be read and {'was' if len(shown) == 1 else 'were'} set aside",
        lines=_cut(shown),
        footer="Each is taken in by itself once it is mended; nothing was sent on the strength of it.",
    )


def _cut(lines: Sequence[str]) -> tuple[str, ...]:
    more = len(lines) - MOST_LINES
    return (*lines[:MOST_LINES], *((f"and {more} more",) if more > 0 else ()))


def _day(case: Case, now: datetime) -> int:
    return max((now - case.signed_at).days, 0)
