"""Status mails in the interval that their reader chose on the plan page. Pure."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from onboarding.model.message_policy import Topic
from onboarding.model.playbook import Step
from onboarding.model.vocabulary import ON_ITS_WAY, Channel
from onboarding.people.audience import Audience, LeftOut, Recipient
from onboarding.review_context import ReviewContext
from onboarding.shared_plan.said import mail_pace

TOPICS = frozenset({Topic.PROGRESS_UPDATE, Topic.EXECUTIVE_UPDATE})


def is_status_mail(step: Step) -> bool:
    """Return whether a step regularly tells where things stand, which a reader may want more seldom."""
    return step.every is not None and step.mail is not None and step.mail.topic in TOPICS


def paced(audience: Audience, step: Step, context: ReviewContext) -> Audience:
    """Return the audience of a status mail without those who want it more seldom and had one lately."""
    resting = {one.id: one for one in _resting(audience, step, context)}
    if not resting:
        return audience
    to = tuple(one for one in audience.to if one.id not in resting)
    because = "" if to else "; ".join(f"{one.name} {one.because}" for one in resting.values())
    return Audience(to=to, left_out=(*audience.left_out, *resting.values()), because=audience.because or because)


def _resting(audience: Audience, step: Step, context: ReviewContext) -> Iterator[LeftOut]:
    for one in audience.to:
        days = mail_pace(context.case.facts, one.id, context.now)
        if step.every is None or days is None or days <= step.every.days:
            continue
        # Half an interval earlier still counts: working hours and caps move mails by some days.
        rests = timedelta(days=days - step.every.days / 2)
        if any(context.now < at + rests for at in _sent(one, step, context)):
            because = f"wants status mails every {days} days only"
            yield LeftOut(id=one.id, name=one.name, role=one.role, reason="paced", because=because)


def _sent(reader: Recipient, step: Step, context: ReviewContext) -> Iterator[datetime]:
    for line in context.case.effects:
        mine = line.kind == step.name and line.channel is Channel.MAIL and line.person_id == reader.id
        if mine and line.state in ON_ITS_WAY:
            yield line.sent_at or line.due_at
