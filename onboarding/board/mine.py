"""The accounts of one of the vendor's people: who needs them, what is due this week, the next step of each. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from onboarding.escalations.causes import is_pressing
from onboarding.escalations.digest import lines_for
from onboarding.escalations.episodes import merged, open_episode, unresolved
from onboarding.escalations.thread_lines import KIND
from onboarding.explain.explanation import explain
from onboarding.facts.meetings import KICKOFF_CALL
from onboarding.forms.asked import forms_of, open_work
from onboarding.forms.buttons import Buttons, done_options
from onboarding.model.case import Case, Episode
from onboarding.model.parties import Owner
from onboarding.model.phrases import mark_of
from onboarding.model.playbook import Playbook
from onboarding.model.review import Review
from onboarding.model.state import Milestone
from onboarding.model.vocabulary import ON_ITS_WAY, Side
from onboarding.people.absences import holder
from onboarding.people.owners import responsible
from onboarding.sentences.sentence import Short, of_playbook, sentence

WEEK = timedelta(days=7)
MOST_DUE = 4
"""Lines on due work of one account."""
MOST_DOABLE = 12
"""Entries of the menu *Mark done* of one account; the message of a stall has all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MyAccount:
    """One account as its person should see it."""

    key: str
    account_id: str
    name: str
    mark: str
    """The mark of its severity; empty if nothing holds it up."""
    where: str
    """Stage and day."""
    cause: str
    """What holds it up, for a person to solve; empty if nothing does."""
    due: tuple[str, ...]
    """What this person owes within a week, and what is overdue."""
    next_step: str
    """Whose move it is, and the step: ``us: call them``."""
    needs_me: bool
    buttons: Buttons


@dataclass(frozen=True, slots=True, kw_only=True)
class MyAccounts:
    """All accounts of a person: those that need them first, then those with work due, then the rest."""

    accounts: tuple[MyAccount, ...]
    left_out: int = 0
    """How many more there are than are shown."""

    @property
    def needing(self) -> tuple[MyAccount, ...]:
        """Return the accounts that need the person now."""
        return tuple(one for one in self.accounts if one.needs_me)

    @property
    def with_work(self) -> tuple[MyAccount, ...]:
        """Return the others with work of this person due within a week."""
        return tuple(one for one in self.accounts if not one.needs_me and one.due)

    @property
    def quiet(self) -> tuple[MyAccount, ...]:
        """Return the accounts on which nothing is to be done this week."""
        return tuple(one for one in self.accounts if not one.needs_me and not one.due)


def arranged(found: Iterable[MyAccount], most: int) -> MyAccounts:
    """Return the accounts in order, at most ``most`` of them."""
    ordered = sorted(found, key=lambda one: (not one.needs_me, not one.due, one.mark, one.name))
    return MyAccounts(accounts=tuple(ordered[:most]), left_out=max(len(ordered) - most, 0))


def my_account(case: Case, review: Review, playbook: Playbook, me: Owner, now: datetime) -> MyAccount | None:
    """Return an onboarding as ``me`` should see it; None if it is none of theirs."""
    episode = open_episode(merged(case.episodes, review.episodes))
    told = episode is not None and _is_told(case, episode, me)
    mine = lines_for(case, review, playbook, now, lambda owner_id: owner_id == me.id)
    acts = review.state.owner is not None and review.state.owner.id == me.id
    owner = holder(review.state.owner, review.state.covers)
    away = not acts and owner is not None and owner.id == me.id
    owns = acts or away
    due = _due_work(case, review, playbook, me, now)
    if not (owns or told or mine or due):
        return None
    stalls = unresolved(merged(case.episodes, review.episodes), review.stalls)
    pressing = next((stall for stall in stalls if is_pressing(stall.severity)), None)
    resting = episode is not None and episode.snoozed_until is not None and episode.snoozed_until > now
    steps = explain(case, review, playbook, now).whose_move
    return MyAccount(
        key=case.key,
        account_id=case.account.id,
        name=case.account.name,
        mark=mark_of(pressing.severity) if pressing and not resting else "",
        where=sentence("home.where", stage=case.progress.stage, day=str(max((now - case.signed_at).days, 0))),
        cause=pressing.cause if pressing else "",
        due=_said(due, me, now),
        next_step=steps or "",
        needs_me=pressing is not None and not resting and not away and (owns or told),
        buttons=_buttons(case, review, episode if pressing and (owns or told) else None, due),
    )


def _is_told(case: Case, episode: Episode, me: Owner) -> bool:
    """Return whether a message of this episode was sent, or is about to be, to this person."""
    start = f"{episode.number}."
    mine = (line for line in case.effects if line.kind == KIND and line.person_id == me.id)
    return any(line.occurrence.startswith(start) and line.state in ON_ITS_WAY for line in mine)


def _due_work(case: Case, review: Review, playbook: Playbook, me: Owner, now: datetime) -> list[Milestone]:
    """Return the open work that this person owes within a week or longer since, the oldest first. What first90 proves
    itself is no one's work, but for the booking of a kickoff."""
    proved = {plan.name for plan in playbook.milestones() if plan.by_itself} - {KICKOFF_CALL}
    state = review.state
    open_now = {one.value for one in open_work(state, case.progress.stage)} - proved
    found = [
        one
        for one in state.milestones.values()
        if one.name in open_now
        and one.side is not Side.CUSTOMER
        and one.due_at is not None
        and one.due_at <= now + WEEK
        and (owes := responsible(state.team, one.owner_role)) is not None
        and owes.id == me.id
    ]
    return sorted(found, key=lambda one: (str(one.due_at), one.name))


def _said(work: Sequence[Milestone], me: Owner, now: datetime) -> tuple[str, ...]:
    said = [
        sentence(
            "home.was_due" if one.due_at < now else "home.due",
            title=of_playbook(one.title),
            day=Short(one.due_at, me.zone),
        )
        for one in work
        if one.due_at is not None
    ]
    more = len(said) - MOST_DUE
    return (*said[:MOST_DUE], *((sentence("posts.and_more", count=more),) if more > 0 else ()))


def _buttons(case: Case, review: Review, episode: Episode | None, due: Sequence[Milestone]) -> Buttons:
    urgent = {one.name for one in due}
    work = sorted(open_work(review.state, case.progress.stage), key=lambda one: one.value not in urgent)
    return Buttons(
        episode=f"{case.key}:{episode.number}" if episode else "",
        onboarding=case.key,
        doable=tuple(done_options(case.key, work[:MOST_DOABLE])),
        forms=forms_of(case, review.state, episode),
        why=True,
    )
