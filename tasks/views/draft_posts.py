"""The Slack message that shows a draft to its owner, as the mail that it will be."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

from config.mail_templates.render import CLOSING
from onboarding.drafts.decisions import Decided, DraftDecision, decided_on, shown_by
from onboarding.forms.buttons import Buttons
from onboarding.messages.posts import Post
from onboarding.model.effect import Effect, EffectLine, Leased
from onboarding.model.vocabulary import EffectState
from onboarding.review_case import Reviewed
from onboarding.sentences.sentence import quoted, sentence
from onboarding.sentences.terms import role_name


def draft_post(
    effect: Leased, found: Reviewed, link: str | None, answers: bool, compose: Callable[[Leased], Mapping[str, Any]]
) -> Post | None:
    """Return the message; None if its mail is gone. ``compose`` returns the mail's payload: the one that left, else as
    it would leave now. With ``answers`` the message has buttons. Dates are in its reader's zone."""
    line, case = shown_by(found.case, effect), found.case
    step = next((step for step in found.playbook.steps if line and step.name == line.kind), None)
    if line is None or step is None:
        return None
    shared = {one.name: getattr(line, one.name) for one in fields(Effect)}
    mail = compose(Leased(**shared, onboarding_key=case.key, lease_until=effect.lease_until))
    decided = decided_on(case.facts, line.key)
    because = _stands(line, decided)
    to = sentence("notes.draft_person", person=str(mail["to_name"]), role=role_name(line.role))
    body = str(mail["text"]).rpartition(CLOSING)[0].strip() or str(mail["text"])
    return Post(
        headline=sentence("notes.draft", account=case.account.name, step=quoted(step.title)),
        facts=(
            (sentence("labels.account"), case.account.name),
            (sentence("notes.draft_to"), to),
            (sentence("notes.draft_subject"), str(mail["subject"])),
        ),
        lines=tuple(body.splitlines()),
        footer=because,
        link=link,
        buttons=_buttons(case.key, line, decided) if answers else None,
    )


def _stands(line: EffectLine, decided: Decided) -> str:
    """Return how the draft stands, in a sentence."""
    if line.state is EffectState.SENT and line.sent_at is not None:
        if not decided.words:
            return sentence("notes.draft_undecided", at=line.sent_at)
        return sentence("notes.draft_sent", decided=_decided(decided), at=line.sent_at)
    return _decided(decided) if decided.words else line.because


def _decided(decided: Decided) -> str:
    """Return the decision as the phrase that it is."""
    key = "notes.draft_approved" if decided.decision is DraftDecision.APPROVED else "notes.draft_discarded"
    said = sentence(key, person=decided.by)
    return sentence("notes.draft_reason", said=said, reason=decided.reason) if decided.reason else said


def _buttons(onboarding: str, line: EffectLine, decided: Decided) -> Buttons:
    """Return the buttons of a draft that waits; one that is decided, or waits no more, offers only its why."""
    if decided.decision is not None or line.state is not EffectState.WITHHELD:
        return Buttons(onboarding=onboarding, why=True)
    return Buttons(onboarding=onboarding, draft=line.key, draft_mark=decided.mark, why=True)
