"""The status mails of a reader, and how often they may be wanted."""

from onboarding.forms.form import Option
from onboarding.plan_page.context import PageContext
from onboarding.shared_plan.pace import is_status_mail

RARER = (1, 2, 4)
"""Of the playbook's interval. This project's choice: never less than a mail in four."""


def paces(page: PageContext) -> tuple[Option, ...]:
    """Return the choices, in days; empty for a reader who gets no status mails."""
    cadences = [
        step.every.days
        for step in page.playbook.steps
        if is_status_mail(step) and step.every is not None and step.mail is not None
        if not page.roles.isdisjoint((*step.mail.to.roles, *step.mail.to.otherwise))
    ]
    if not cadences:
        return ()
    return tuple(Option(str(days), _words(page, days)) for days in (min(cadences) * rarer for rarer in RARER))


def _words(page: PageContext, days: int) -> str:
    if days % 7 == 0:
        return page.language.count(page.answers.every_weeks, days // 7)
    return page.language.count(page.answers.every_days, days)
