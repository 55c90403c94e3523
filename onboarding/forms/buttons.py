"""What may be pressed under a message, as a neutral value."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from onboarding.facts.meetings import KICKOFF_CALL
from onboarding.forms.asked import forms_of, open_work
from onboarding.forms.form import FormKind, Option
from onboarding.model.case import Case, Episode
from onboarding.model.state import OnboardingState
from onboarding.sentences.sentence import of_playbook


@dataclass(frozen=True, slots=True, kw_only=True)
class Buttons:
    """The buttons of a message, where presses can be received."""

    episode: str = ""
    """``<onboarding>:<episode>`` of the stall that may be acknowledged or explained."""
    doable: tuple[tuple[str, ...], ...] = ()
    """What may be marked as done: ``<onboarding>:<milestone>``, its title and its stage, if it has one. A third part of
    the first, ``:call``: the time of the call is asked."""
    onboarding: str = ""
    """The onboarding that the forms are about, where there is no stall."""
    forms: tuple[FormKind, ...] = ()
    """The forms that may be opened, the most useful first."""
    draft: str = ""
    """The key of the mail that may be approved, edited or discarded."""
    draft_mark: str = ""
    """The mark of what was decided about that mail when the message was made; empty in messages of earlier versions."""
    approval: str = ""
    """The id of the request for a second person that may be confirmed or refused."""
    why: bool = False
    """Whether it can be explained where there is no stall."""


def read_buttons(kept: Mapping[str, Any]) -> Buttons:
    """Return the buttons from their stored dict; a kind of form that is unknown here is left out."""
    return Buttons(
        episode=str(kept.get("episode") or ""),
        doable=tuple(tuple(map(str, one)) for one in kept.get("doable") or ()),
        onboarding=str(kept.get("onboarding") or ""),
        forms=tuple(FormKind(kind) for kind in kept.get("forms") or () if kind in set(FormKind)),
        draft=str(kept.get("draft") or ""),
        draft_mark=str(kept.get("draft_mark") or ""),
        approval=str(kept.get("approval") or ""),
        why=bool(kept.get("why")),
    )


def stall_buttons(case: Case, state: OnboardingState, episode: Episode) -> Buttons:
    """Return the buttons of a stall, with the open work of this stage and of later ones."""
    return Buttons(
        episode=f"{case.key}:{episode.number}",
        doable=tuple(done_options(case.key, open_work(state, case.progress.stage))),
        forms=forms_of(case, state, episode),
    )


def done_options(key: str, work: Iterable[Option]) -> Iterator[tuple[str, str, str]]:
    """Yield the entries of the menu *Mark done* for open work of an onboarding."""
    for one in work:
        asks = f":{FormKind.CALL.value}" if one.value == KICKOFF_CALL else ""
        yield f"{key}:{one.value}{asks}", of_playbook(one.words), one.group


STEP_FORMS: Mapping[str, FormKind] = {"risk_review": FormKind.RENEWAL}
"""What the Slack message of a step asks, by the step's name."""


def step_buttons(case: Case, step: str, answers: bool) -> Buttons | None:
    """Return the buttons of a step's message; None if it asks nothing, or ``answers`` cannot be received."""
    asks = STEP_FORMS.get(step) if answers else None
    return Buttons(onboarding=case.key, forms=(asks,), why=True) if asks else None
