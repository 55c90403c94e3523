"""The Slack message that shows a draft to its owner, as the mail that it will be."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

from config.mail_templates.render import CLOSING
from onboarding.dates.wording import retold
from onboarding.drafts.decisions import Decided, decided_on, shown_by
from onboarding.forms.buttons import Buttons
from onboarding.messages.posts import Post
from onboarding.model.effect import Effect, Leased
from onboarding.model.phrases import role_words
from onboarding.review_case import Reviewed


def draft_post(
    effect: Leased, found: Reviewed, link: str | None, answers: bool, compose: Callable[[Leased], Mapping[str, Any]]
) -> Post | None:
    """Return the message; None if its mail is gone. ``compose`` makes a mail's payload; with ``answers`` the message
    has buttons. Dates are in its reader's zone."""
    line, case = shown_by(found.case, effect), found.case
    step = next((step for step in found.playbook.steps if line and step.name == line.kind), None)
    if line is None or step is None:
        return None
    shared = {one.name: getattr(line, one.name) for one in fields(Effect)}
    mail = compose(Leased(**shared, onboarding_key=case.key, lease_until=effect.lease_until))
    decided = decided_on(case.facts, line.key)
    because = decided.words or line.because
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
        buttons=_buttons(case.key, line.key, decided) if answers else None,
    )


def _buttons(onboarding: str, draft: str, decided: Decided) -> Buttons:
    """Return the buttons of a draft that waits; one that is decided offers only its why."""
    if decided.decision is not None:
        return Buttons(onboarding=onboarding, why=True)
    return Buttons(onboarding=onboarding, draft=draft, draft_mark=decided.mark, why=True)
