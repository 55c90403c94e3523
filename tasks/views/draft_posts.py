"""The Slack message that shows a draft to its owner, as the mail that it will be."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

from config.mail_templates.render import CLOSING
from onboarding.dates.wording import retold
from onboarding.drafts.decisions import Decided, decided_on, shown_by
from onboarding.forms.buttons import Buttons
from onboarding.messages.posts import Post
from onboarding.model.effect import Effect, EffectLine, Leased
from onboarding.model.phrases import moment_words, role_words
from onboarding.model.vocabulary import EffectState
from onboarding.review_case import Reviewed


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
    reader = case.owners.get(effect.person_id)
    body = str(mail["text"]).rpartition(CLOSING)[0].strip() or str(mail["text"])
    return Post(
        headline=f"{case.account.name}: your draft “{step.title}”",
        facts=(
            ("Account", case.account.name),
            ("To", f"{mail['to_name']} ({role_words(line.role)})"),
            ("Subject", str(mail["subject"])),
        ),
        lines=tuple(body.splitlines()),
        footer=retold(because, reader.zone) if reader else because,
        link=link,
        buttons=_buttons(case.key, line, decided) if answers else None,
    )


def _stands(line: EffectLine, decided: Decided) -> str:
    """Return how the draft stands, in a sentence."""
    if line.state is EffectState.SENT and line.sent_at is not None:
        return f"{decided.words or 'Not decided in time'}; it was sent on {moment_words(line.sent_at)}"
    return decided.words or line.because


def _buttons(onboarding: str, line: EffectLine, decided: Decided) -> Buttons:
    """Return the buttons of a draft that waits; one that is decided, or waits no more, offers only its why."""
    if decided.decision is not None or line.state is not EffectState.WITHHELD:
        return Buttons(onboarding=onboarding, why=True)
    return Buttons(onboarding=onboarding, draft=line.key, draft_mark=decided.mark, why=True)
