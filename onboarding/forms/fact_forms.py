"""The forms that record a fact: the time of a call, handoff items, a goal and where it stands, the outlook."""

from collections.abc import Iterator

from onboarding.dates.wording import short_moment
from onboarding.dates.working_time import zone_of
from onboarding.facts.meetings import is_over
from onboarding.forms.asked import Asked, goal_id
from onboarding.forms.form import FieldKind, Form, FormField, FormKind, Option
from onboarding.model.phrases import name_words
from onboarding.model.vocabulary import HandoffItem, RenewalOutlook

MOST_TEXT = 3000
"""Characters that a text field takes in Slack."""
OUTLOOKS = (
    Option(RenewalOutlook.RENEW.value, "They will renew"),
    Option(RenewalOutlook.EXPAND.value, "They will renew and expand"),
    Option(RenewalOutlook.AT_RISK.value, "At risk"),
)


def call(asked: Asked) -> Form | None:
    """Return the form for the time of a call; None where every call was held."""
    options = tuple(_calls(asked))
    if not options:
        return None
    chosen = asked.about if asked.about in {one.value for one in options} else options[0].value
    meeting = asked.state.meetings.get(chosen)
    local = meeting.at.astimezone(zone_of(asked.zone)) if meeting and meeting.at > asked.now else None
    return Form(
        kind=FormKind.CALL,
        title="Time of a call",
        submit="Agree and invite",
        intro=(f"{asked.case.account.name}: the invitation goes out at once.",),
        fields=(
            FormField(name="call", label="Call", kind=FieldKind.CHOICE, initial=chosen, options=options),
            FormField(
                name="day",
                label="Day",
                kind=FieldKind.DAY,
                initial=local.date().isoformat() if local else asked.day_in(1),
            ),
            FormField(
                name="time",
                label=f"Time ({asked.zone.replace('_', ' ')})",
                kind=FieldKind.TIME,
                initial=f"{local:%H:%M}" if local else "10:00",
            ),
        ),
    )


def _calls(asked: Asked) -> Iterator[Option]:
    """Yield the calls that may still be held, the kickoff first."""
    titles = {plan.name: plan.title for plan in asked.playbook.milestones()}
    for step in asked.playbook.steps:
        if step.calendar is not None and not is_over(step, asked.state):
            meeting = asked.state.meetings.get(step.calendar.meeting)
            at = f" (now {short_moment(meeting.at, asked.zone)})" if meeting and meeting.at > asked.now else ""
            title = titles.get(step.calendar.meeting) or step.title.removeprefix("Calendar invitation to the ")
            yield Option(step.calendar.meeting, f"{title[:1].upper()}{title[1:]}{at}")


def handoff(asked: Asked) -> Form:
    """Return the form for the handoff items, with what sales said of them."""
    known = asked.state.handoff
    return Form(
        kind=FormKind.HANDOFF,
        title="Handoff items",
        submit="Save",
        intro=(f"{asked.case.account.name}: what sales knows. Only what you change is recorded.",),
        fields=tuple(
            FormField(
                name=item.value,
                label=name_words(item.value).capitalize(),
                kind=FieldKind.LINES,
                required=False,
                initial=text if len(text := known.get(item, "")) <= MOST_TEXT else "",
                hint="metric | baseline | target | unit | date" if item is HandoffItem.SUCCESS_METRICS else "",
            )
            for item in HandoffItem
        ),
    )


def goal(asked: Asked) -> Form:
    """Return the form for a measurable goal."""
    return Form(
        kind=FormKind.GOAL,
        title="Measurable goal",
        submit="Add the goal",
        intro=(f"{asked.case.account.name}: what gets better for them, from where, to where, by when?",),
        fields=(
            FormField(
                name="metric", label="What is measured", kind=FieldKind.LINE, hint="Quote turnaround, for example."
            ),
            FormField(name="baseline", label="Today (a number)", kind=FieldKind.NUMBER),
            FormField(name="target", label="Target (a number)", kind=FieldKind.NUMBER),
            FormField(name="unit", label="Unit", kind=FieldKind.LINE, hint="hours, %, quotes a week"),
            FormField(name="due", label="By", kind=FieldKind.DAY, initial=asked.state.target_at.date().isoformat()),
        ),
    )


def goal_value(asked: Asked) -> Form | None:
    """Return the form for the value that a goal has now; None without a goal."""
    goals = asked.state.goals
    if not goals:
        return None
    return Form(
        kind=FormKind.GOAL_VALUE,
        title="Where a goal stands",
        submit="Save",
        intro=(asked.case.account.name,),
        fields=(
            FormField(
                name="goal",
                label="Goal",
                kind=FieldKind.CHOICE,
                initial=goal_id(goals[0].metric),
                options=tuple(Option(goal_id(goal.metric), str(goal)) for goal in goals),
            ),
            FormField(name="value", label="Its value now (a number)", kind=FieldKind.NUMBER),
        ),
    )


def renewal(asked: Asked) -> Form:
    """Return the form for what is expected at the renewal."""
    return Form(
        kind=FormKind.RENEWAL,
        title="Risk review",
        submit="Save",
        intro=(f"{asked.case.account.name}: what do you expect at the renewal?",),
        fields=(
            FormField(name="outlook", label="I expect", kind=FieldKind.CHOICE, options=OUTLOOKS),
            FormField(name="why", label="Why?", kind=FieldKind.LINES),
        ),
    )


SEND = "send"
"""The answer that an edited draft is approved."""
MOST_LETTERS = 3000
"""Letters of a text that Slack lets a person edit."""


def draft(asked: Asked) -> Form | None:
    """Return the form for the words of a draft; None if its text is too long for one."""
    if not asked.text or len(asked.text) > MOST_LETTERS:
        return None
    return Form(
        kind=FormKind.DRAFT,
        title="Edit the draft",
        submit="Save",
        intro=(f"{asked.case.account.name}: the closing lines of the mail stay as they are.",),
        fields=(
            FormField(name="subject", label="Subject", kind=FieldKind.LINE, initial=asked.subject),
            FormField(name="text", label="Text", kind=FieldKind.LINES, initial=asked.text),
            FormField(
                name="then",
                label="And then",
                kind=FieldKind.CHOICE,
                initial=SEND,
                options=(Option(SEND, "Approve: send it with these words"), Option("wait", "Let it wait")),
            ),
        ),
    )
