"""Slack messages to the vendor's people as neutral values; the Slack integration turns them into blocks.

All text is plain. A name from the CRM is never markup here, so it cannot mention a Slack user.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from typing import Any

from onboarding.account_plan.markdown import sections
from onboarding.account_plan.plan import AccountPlan
from onboarding.dates.wording import retold, short_day, short_moment
from onboarding.escalations.causes import role_of
from onboarding.escalations.digest_changes import DigestChanges
from onboarding.forms.buttons import Buttons, done_options, read_buttons, stall_buttons
from onboarding.forms.form import Option
from onboarding.model.case import Case, Episode, Stall
from onboarding.model.crm_records import Problem
from onboarding.model.phrases import day_words, name_words, span_words, stage_words
from onboarding.model.playbook import Step
from onboarding.model.state import OnboardingState
from onboarding.people.owners import owing_words, owner_of

MOST_LINES = 40
"""How many lines of a list are shown; the rest is counted. Slack allows fifty blocks. This project's choice."""
OF_THE_CRM = "Open in the CRM"
ITS_PAGE = "Open its page"
NEXT_STEP = "Next step: "
LEVELS = ("in the digest", "with the CSM", "with the manager", "with our executive sponsor")


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One Slack message. All text is plain: escaping, and cutting to Slack's limits, is up to the integration."""

    headline: str
    """One line, also the text of the notification."""
    facts: tuple[tuple[str, str], ...] = ()
    """Label and value, shown in two columns."""
    lines: tuple[str, ...] = ()
    footer: str = ""
    link: str | None = None
    """The URL of the record that it is about."""
    link_words: str = OF_THE_CRM
    """What the link opens."""
    page: str | None = None
    """The URL of a page of the board, by the reader's own link: only for a direct message to that reader."""
    page_words: str = ITS_PAGE
    """What the page is."""
    severity: str = ""
    """``critical``, ``warning``, ``low`` or ``over``, shown as a mark before the headline; empty for none."""
    buttons: Buttons | None = None


def read_post(kept: Mapping[str, Any]) -> Post:
    """Return a post from its stored dict (``asdict``). Raise KeyError, TypeError or ValueError for anything else."""
    buttons = kept.get("buttons")
    return Post(
        headline=str(kept["headline"]),
        facts=tuple((str(label), str(value)) for label, value in kept.get("facts") or ()),
        lines=tuple(str(line) for line in kept.get("lines") or ()),
        footer=str(kept.get("footer") or ""),
        link=kept.get("link"),
        link_words=str(kept.get("link_words") or OF_THE_CRM),
        page=kept.get("page"),
        page_words=str(kept.get("page_words") or ITS_PAGE),
        severity=str(kept.get("severity") or ""),
        buttons=read_buttons(buttons) if buttons else None,
    )


def in_zone(post: Post, zone: str) -> Post:
    """Return the post with the moments of stored reasons in the reader's zone (IANA)."""
    return replace(
        post,
        headline=retold(post.headline, zone),
        facts=tuple((label, retold(value, zone)) for label, value in post.facts),
        lines=tuple(retold(line, zone) for line in post.lines),
    )


def stall_post(
    case: Case,
    state: OnboardingState,
    episode: Episode,
    stalls: Sequence[Stall],
    now: datetime,
    link: str | None = None,
    *,
    answers: bool = False,
    zone: str = "UTC",
) -> Post:
    """Return the message of an episode at ``now``: cause, whose move, since when, next step, other stalls. With
    ``answers`` it has buttons. Dates are in the reader's ``zone``; an empty line begins another block."""
    others = [stall.cause for stall in stalls if (stall.kind, stall.since) != (episode.kind, episode.since)]
    lines = [episode.cause, "", f"{NEXT_STEP}{episode.next_step}"]
    if others:
        lines += ["", "Also open:"]
        lines += [f"• {cause}" for cause in others]
    if episode.acked_at is not None:
        lines += ["", f"Taken up by {_who(case, episode.acked_by)} on {short_moment(episode.acked_at, zone)}."]
    if episode.snoozed_until is not None and episode.snoozed_until > now:
        lines += ["", f"Rests until {short_moment(episode.snoozed_until, zone)}."]
    return Post(
        headline=f"{case.account.name}: {name_words(episode.kind)} ({episode.severity})",
        facts=(
            ("Account", case.account.name),
            ("Stage", f"{stage_words(case.progress.stage)}, day {_day(case, now)}"),
            ("Tier", state.tier),
            ("Whose move", owing_words(state, episode.waiting_on, role_of(episode))),
            ("Since", f"{short_day(episode.since, zone)} ({span_words(now - episode.since)})"),
            ("Owner", _owner(state)),
        ),
        lines=tuple(lines),
        footer=f"Stall {episode.number}, {LEVELS[episode.level]}.",
        link=link,
        severity=episode.severity,
        buttons=stall_buttons(case, state, episode) if answers else None,
    )


def raised_post(case: Case, episode: Episode) -> Post:
    """Return the reply in the thread for the next level of the episode."""
    return Post(headline=f"{case.account.name}: now also {LEVELS[episode.level]}", lines=(episode.cause,))


def closing_post(
    case: Case, state: OnboardingState, episode: Episode, because: str, link: str | None = None, zone: str = "UTC"
) -> Post:
    """Return the message at the end of an episode, also the reply in its thread. ``because`` as in the journal."""
    closed = episode.closed_at or episode.opened_at
    return Post(
        headline=f"{case.account.name}: over: {name_words(episode.kind)}",
        facts=(
            ("Account", case.account.name),
            ("Open for", span_words(closed - episode.opened_at)),
            ("Owner", _owner(state)),
        ),
        lines=(f"It was: {episode.cause}", "", f"Closed on {short_moment(closed, zone)}: {because}."),
        footer=f"Stall {episode.number}",
        link=link,
        severity="over",
    )


def step_post(
    case: Case, step: Step, text: str, now: datetime, *, link: str | None = None, more: Iterable[str] = ()
) -> Post:
    """Return the Slack message of a step, with its text as rendered and the lines that follow it."""
    return Post(
        headline=f"{case.account.name}: {step.title}",
        facts=(
            ("Account", case.account.name),
            ("Stage", f"{stage_words(case.progress.stage)}, day {_day(case, now)}"),
        ),
        lines=(*(line.strip() for line in text.splitlines() if line.strip()), *more),
        link=link,
    )


def account_plan_lines(plan: AccountPlan) -> tuple[str, ...]:
    """Return the account plan as lines of a Slack message: a block for each heading with its entries (CT-2)."""
    return tuple(
        line
        for heading, entries in sections(plan)
        for line in ("", f"{heading}:", *(f"• {entry}" for entry in entries))
    )


def digest_post(found: DigestChanges, last: date | None, day: date, *, answers: bool = False) -> Post:
    """Return a person's digest of the day: what changed since the ``last`` one, by what kind of change it is, and how
    much did not. With ``answers`` it has buttons that mark its work as done."""
    lines: list[str] = []
    for section, mine in found.sections.items():
        if mine:
            lines += [*([""] if lines else []), section.value, *(f"• {line.account}: {line.text}" for line in mine)]
    if found.left:
        lines += ["", f"and {found.left} more with the next digest"]
    if found.unchanged:
        things = "1 thing stands" if found.unchanged == 1 else f"{found.unchanged} things stand"
        lines += ["", f"{things} as on {day_words(last)}." if last else f"{things} besides."]
    doable = tuple(
        (what, f"{line.account}: {title}")
        for line in found.shown
        if line.work
        for what, title, _ in done_options(line.onboarding, [Option(*line.work)])
    )
    count, customers = len(found.shown), len({line.onboarding for line in found.shown})
    things = "1 thing" if count == 1 else f"{count} things"
    at = "1 customer" if customers == 1 else f"{customers} customers"
    return Post(
        headline=f"Onboarding on {day_words(day)}: {f'{things} at {at}' if count else 'nothing new'}",
        lines=tuple(lines),
        buttons=Buttons(doable=doable) if answers and doable else None,
    )


def set_aside_post(problems: Iterable[Problem]) -> Post:
    """Return the message to operators about records that could not be read. Each is read again once it is fixed."""
    ordered = sorted(problems, key=lambda problem: (problem.source, problem.record, problem.field))
    shown = [
        f"{source}, {record}: " + "; ".join(": ".join(filter(None, (one.field, one.problem))) for one in group)
        for (source, record), group in groupby(ordered, key=lambda problem: (problem.source, problem.record))
    ]
    records = "1 record" if len(shown) == 1 else f"{len(shown)} records"
    return Post(
        headline=f"{records} could not be read and {'was' if len(shown) == 1 else 'were'} set aside",
        lines=_cut(shown),
        footer="Each is read again once it is corrected in its source; until then nothing is decided or sent from it.",
    )


def _owner(state: OnboardingState) -> str:
    return state.owner.name if state.owner else "nobody"


def waiting_post(waiting: Iterable[tuple[str, str]]) -> Post:
    """Return the message about onboardings that need a decision, each as (account name, reason and commands)."""
    shown = [f"{name}: {because}" for name, because in waiting]
    one = len(shown) == 1
    return Post(
        headline=f"{'1 onboarding waits' if one else f'{len(shown)} onboardings wait'} for a decision of yours",
        lines=_cut(shown),
        footer="Nothing is sent to these customers until then; what they do is followed all the same.",
    )


def _who(case: Case, by: str | None) -> str:
    """Return the name of the person with this address, or the given text."""
    known = owner_of(case.owners, by or "")
    return known.name if known else by or "somebody"


def _cut(lines: Sequence[str]) -> tuple[str, ...]:
    more = len(lines) - MOST_LINES
    return (*lines[:MOST_LINES], *((f"and {more} more",) if more > 0 else ()))


def _day(case: Case, now: datetime) -> int:
    return max((now - case.signed_at).days, 0)
