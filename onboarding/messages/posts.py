"""Slack messages to the vendor's people as neutral values; the Slack integration turns them into blocks.

All text is plain. A name from the CRM is never markup here, so it cannot mention a Slack user.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from onboarding.account_plan.markdown import sections
from onboarding.account_plan.plan import AccountPlan
from onboarding.escalations.causes import role_of
from onboarding.forms.buttons import Buttons, read_buttons, stall_buttons
from onboarding.languages.language import Language
from onboarding.model.case import Case, Episode, Stall
from onboarding.model.playbook import Step
from onboarding.model.state import OnboardingState
from onboarding.people.owners import owing_words, owner_of
from onboarding.sentences.sentence import Short, of_playbook, pattern, sentence
from onboarding.sentences.stored import stored_parts, with_parts
from onboarding.sentences.terms import cause_name, level_name, severity_name

MOST_LINES = 40
"""How many lines of a list are shown; the rest is counted. Slack allows fifty blocks. This project's choice."""
OF_THE_CRM = sentence("posts.of_the_crm")
ITS_PAGE = sentence("posts.its_page")


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One Slack message. All text is plain: escaping, and cutting to Slack's limits, is up to the integration.

    Texts are English until ``worded`` says them in the language of their reader.
    """

    headline: str
    """One line, also the text of the notification."""
    facts: tuple[tuple[str, str], ...] = ()
    """Label and value, shown in two columns."""
    lines: tuple[str, ...] = ()
    brief: tuple[str, ...] = ()
    """The lines as they are told together with the news of other messages; empty for as they stand."""
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


PARTS = "parts"
"""In a stored post: what its sentences were made of."""


def stored_post(post: Post) -> dict[str, Any]:
    """Return a post as JSON can hold it: English, with the parts of its sentences, so that it can be worded when it
    leaves."""
    parts: dict[str, Any] = {}

    def noted(text: str) -> str:
        parts.update(stored_parts([text]))
        return str(text)

    kept = asdict(_with_texts(post, noted))
    return kept | {PARTS: parts} if parts else kept


def read_post(kept: Mapping[str, Any]) -> Post:
    """Return a post from its stored dict (``asdict``, or ``stored_post``). Raise KeyError, TypeError or ValueError for
    anything else."""
    buttons, parts = kept.get("buttons"), kept.get(PARTS) or {}
    post = Post(
        headline=str(kept["headline"]),
        facts=tuple((str(label), str(value)) for label, value in kept.get("facts") or ()),
        lines=tuple(str(line) for line in kept.get("lines") or ()),
        brief=tuple(str(line) for line in kept.get("brief") or ()),
        footer=str(kept.get("footer") or ""),
        link=kept.get("link"),
        link_words=str(kept.get("link_words") or OF_THE_CRM),
        page=kept.get("page"),
        page_words=str(kept.get("page_words") or ITS_PAGE),
        severity=str(kept.get("severity") or ""),
        buttons=read_buttons(buttons) if buttons else None,
    )
    return _with_texts(post, lambda text: with_parts(text, parts)) if parts else post


def worded(post: Post, language: Language, zone: str | None) -> Post:
    """Return the post in its reader's language, with its moments in their zone (IANA)."""
    return _with_texts(post, lambda text: language.sentence(text, zone))


def _with_texts(post: Post, said: Callable[[str], str]) -> Post:
    """Return the post with all that its reader sees passed through a function."""
    buttons = post.buttons
    if buttons is not None and buttons.doable:
        doable = tuple((value, *map(said, words)) for value, *words in buttons.doable)
        buttons = replace(buttons, doable=doable)
    return replace(
        post,
        headline=said(post.headline),
        facts=tuple((said(label), said(value)) for label, value in post.facts),
        lines=tuple(map(said, post.lines)),
        brief=tuple(map(said, post.brief)),
        footer=said(post.footer),
        link_words=said(post.link_words),
        page_words=said(post.page_words),
        buttons=buttons,
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
    lines = [episode.cause, "", sentence("posts.next_step", step=episode.next_step)]
    if others:
        lines += ["", sentence("posts.also_open")]
        lines += [pattern("• {cause}", cause=cause) for cause in others]
    if episode.acked_at is not None:
        at = Short(episode.acked_at, zone, has_time=True)
        lines += ["", sentence("posts.taken_up", person=_who(case, episode.acked_by), at=at)]
    if episode.snoozed_until is not None and episode.snoozed_until > now:
        lines += ["", sentence("posts.rests", at=Short(episode.snoozed_until, zone, has_time=True))]
    name, severity = cause_name(episode.kind), severity_name(episode.severity)
    since = Short(episode.since, zone)
    return Post(
        headline=sentence("posts.stall", account=case.account.name, cause=name, severity=severity),
        facts=(
            *_place(case, now),
            (sentence("posts.tier"), state.tier),
            (sentence("posts.whose_move"), owing_words(state, episode.waiting_on, role_of(episode))),
            (sentence("posts.since"), sentence("posts.since_for", day=since, span=now - episode.since)),
            (sentence("posts.owner"), _owner(state)),
        ),
        lines=tuple(lines),
        footer=sentence("posts.footer", number=episode.number, level=level_name(episode.level)),
        link=link,
        severity=episode.severity,
        buttons=stall_buttons(case, state, episode) if answers else None,
    )


def raised_post(case: Case, episode: Episode) -> Post:
    """Return the reply in the thread for the next level of the episode."""
    raised = sentence("posts.raised", account=case.account.name, level=level_name(episode.level))
    return Post(headline=raised, lines=(episode.cause,))


def closing_post(
    case: Case, state: OnboardingState, episode: Episode, because: str, link: str | None = None, zone: str = "UTC"
) -> Post:
    """Return the message at the end of an episode, also the reply in its thread. ``because`` as in the journal."""
    closed = episode.closed_at or episode.opened_at
    at = Short(closed, zone, has_time=True)
    return Post(
        headline=sentence("posts.over", account=case.account.name, cause=cause_name(episode.kind)),
        facts=(
            (sentence("labels.account"), case.account.name),
            (sentence("posts.open_for"), pattern("{span}", span=closed - episode.opened_at)),
            (sentence("posts.owner"), _owner(state)),
        ),
        lines=(sentence("posts.it_was", cause=episode.cause), "", sentence("posts.closed", at=at, why=because)),
        footer=sentence("posts.footer_over", number=episode.number),
        link=link,
        severity="over",
    )


def step_post(
    case: Case, step: Step, text: str, now: datetime, *, link: str | None = None, more: Iterable[str] = ()
) -> Post:
    """Return the Slack message of a step, with its text as rendered and the lines that follow it."""
    return Post(
        headline=pattern("{account}: {step}", account=case.account.name, step=of_playbook(step.title)),
        facts=_place(case, now),
        lines=(*(line.strip() for line in text.splitlines() if line.strip()), *more),
        link=link,
    )


def account_plan_lines(plan: AccountPlan) -> tuple[str, ...]:
    """Return the account plan as lines of a Slack message: a block for each heading with its entries (CT-2)."""
    return tuple(
        line
        for heading, entries in sections(plan)
        for line in ("", pattern("{heading}:", heading=heading), *(pattern("• {entry}", entry=one) for one in entries))
    )


def _place(case: Case, now: datetime) -> tuple[tuple[str, str], ...]:
    """Return the facts about the account and where its onboarding is."""
    at = sentence("posts.stage_day", stage=case.progress.stage, day=max((now - case.signed_at).days, 0))
    return (sentence("labels.account"), case.account.name), (sentence("posts.stage"), at)


def _owner(state: OnboardingState) -> str:
    return state.owner.name if state.owner else sentence("terms.nobody")


def _who(case: Case, by: str | None) -> str:
    """Return the name of the person with this address, or the given text."""
    known = owner_of(case.owners, by or "")
    return known.name if known else by or sentence("terms.somebody")


def at_most(lines: Sequence[str]) -> tuple[str, ...]:
    """Return as many lines as a message shows, and how many more there are."""
    more = len(lines) - MOST_LINES
    return (*lines[:MOST_LINES], *([sentence("posts.and_more", count=more)] if more > 0 else []))
