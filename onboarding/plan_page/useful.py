"""The resources that fit a reader's next work, on the plan page and in mails."""

from collections.abc import Iterable

from onboarding.messages.resources import IN_A_MAIL, LEARNING, ON_THE_PAGE, ResourcePart, fitting, seeker
from onboarding.model.message_policy import Topic
from onboarding.plan_page.context import PageContext
from onboarding.plan_page.work import Work, next_work, work_of


def resources_of_page(context: PageContext, yours: Iterable[Work]) -> tuple[ResourcePart, ...]:
    """Return those that the page shows beside the reader's next work."""
    return _fitting(context, yours, ON_THE_PAGE)


def resources_of_mail(context: PageContext, topic: Topic) -> tuple[ResourcePart, ...]:
    """Return those that a mail with this topic names to its reader: none where it asks for no next step."""
    if topic not in LEARNING or not context.resources.resources:
        return ()
    return _fitting(context, next_work(context, work_of(context), ours=False), IN_A_MAIL)


def _fitting(context: PageContext, yours: Iterable[Work], most: int) -> tuple[ResourcePart, ...]:
    work, stage = frozenset(one.name for one in yours), context.review.progress.stage
    return fitting(
        context.resources, seeker(context.case, context.state, context.roles, stage, work), context.language, most
    )
