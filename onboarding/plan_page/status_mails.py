"""The status mails of a reader, and how often they may be wanted."""

from onboarding.forms.form import Option
from onboarding.model.playbook import Playbook
from onboarding.model.vocabulary import CustomerRole
from onboarding.shared_plan.pace import is_status_mail

RARER = (1, 2, 4)
"""Of the playbook's interval. This project's choice: never less than a mail in four."""


def paces(playbook: Playbook, roles: frozenset[CustomerRole]) -> tuple[Option, ...]:
    """Return the choices, in days; empty for a reader who gets no status mails."""
    cadences = [
        step.every.days
        for step in playbook.steps
        if is_status_mail(step) and step.every is not None and step.mail is not None
        if not roles.isdisjoint((*step.mail.to.roles, *step.mail.to.otherwise))
    ]
    if not cadences:
        return ()
    return tuple(Option(str(min(cadences) * rarer), _words(min(cadences) * rarer)) for rarer in RARER)


def _words(days: int) -> str:
    if days == 7:
        return "Every week"
    return f"Every {days // 7} weeks" if days % 7 == 0 else f"Every {days} days"
