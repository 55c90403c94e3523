"""The forms that record a fact: the time of a call, handoff items, a goal and where it stands, the outlook."""

from collections.abc import Iterator

from onboarding.dates.working_time import zone_of
from onboarding.facts.goal_words import goal_itself
from onboarding.facts.meetings import is_over
from onboarding.forms.asked import Asked, goal_id
from onboarding.forms.form import FieldKind, Form, FormField, FormKind, Option
from onboarding.model.vocabulary import HandoffItem, RenewalOutlook
from onboarding.sentences.sentence import Short, begun, of_playbook, sentence

MOST_TEXT = 3000
"""Characters that a text field takes in Slack."""
OUTLOOKS = (
    Option(RenewalOutlook.RENEW.value, sentence("forms.outlook_renew")),
    Option(RenewalOutlook.EXPAND.value, sentence("forms.outlook_expand")),
    Option(RenewalOutlook.AT_RISK.value, sentence("forms.outlook_at_risk")),
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
        title=sentence("forms.call"),
        submit=sentence("forms.call_submit"),
        intro=(sentence("forms.call_intro", account=asked.case.account.name),),
        fields=(
            FormField(
                name="call", label=sentence("forms.call_label"), kind=FieldKind.CHOICE, initial=chosen, options=options
            ),
            FormField(
                name="day",
                label=sentence("forms.day"),
                kind=FieldKind.DAY,
                initial=local.date().isoformat() if local else asked.day_in(1),
            ),
            FormField(
                name="time",
                label=sentence("forms.time", zone=asked.zone.replace("_", " ")),
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
            title = titles.get(step.calendar.meeting) or step.title.removeprefix("Calendar invitation to the ")
            call = begun(of_playbook(title))
            if meeting and meeting.at > asked.now:
                call = sentence("forms.call_now", call=call, at=Short(meeting.at, asked.zone, has_time=True))
            yield Option(step.calendar.meeting, call)


def handoff(asked: Asked) -> Form:
    """Return the form for the handoff items, with what sales said of them."""
    known = asked.state.handoff
    return Form(
        kind=FormKind.HANDOFF,
        title=sentence("forms.handoff"),
        submit=sentence("forms.save"),
        intro=(sentence("forms.handoff_intro", account=asked.case.account.name),),
        fields=tuple(
            FormField(
                name=item.value,
                label=begun(sentence(f"terms.item_{item.value}")),
                kind=FieldKind.LINES,
                required=False,
                initial=text if len(text := known.get(item, "")) <= MOST_TEXT else "",
                hint=sentence("forms.metrics_hint") if item is HandoffItem.SUCCESS_METRICS else "",
            )
            for item in HandoffItem
        ),
    )


def goal(asked: Asked) -> Form:
    """Return the form for a measurable goal."""
    return Form(
        kind=FormKind.GOAL,
        title=sentence("forms.goal"),
        submit=sentence("forms.goal_submit"),
        intro=(sentence("forms.goal_intro", account=asked.case.account.name),),
        fields=(
            FormField(
                name="metric", label=sentence("forms.metric"), kind=FieldKind.LINE, hint=sentence("forms.metric_hint")
            ),
            FormField(name="baseline", label=sentence("forms.baseline"), kind=FieldKind.NUMBER),
            FormField(name="target", label=sentence("forms.target"), kind=FieldKind.NUMBER),
            FormField(name="unit", label=sentence("forms.unit"), kind=FieldKind.LINE, hint=sentence("forms.unit_hint")),
            FormField(
                name="due",
                label=sentence("forms.by"),
                kind=FieldKind.DAY,
                initial=asked.state.target_at.date().isoformat(),
            ),
        ),
    )


def goal_value(asked: Asked) -> Form | None:
    """Return the form for the value that a goal has now; None without a goal."""
    goals = asked.state.goals
    if not goals:
        return None
    return Form(
        kind=FormKind.GOAL_VALUE,
        title=sentence("forms.goal_value"),
        submit=sentence("forms.save"),
        intro=(asked.case.account.name,),
        fields=(
            FormField(
                name="goal",
                label=sentence("forms.goal_label"),
                kind=FieldKind.CHOICE,
                initial=goal_id(goals[0].metric),
                options=tuple(Option(goal_id(goal.metric), goal_itself(goal)) for goal in goals),
            ),
            FormField(name="value", label=sentence("forms.value_now"), kind=FieldKind.NUMBER),
        ),
    )


def renewal(asked: Asked) -> Form:
    """Return the form for what is expected at the renewal."""
    return Form(
        kind=FormKind.RENEWAL,
        title=sentence("forms.renewal"),
        submit=sentence("forms.save"),
        intro=(sentence("forms.renewal_intro", account=asked.case.account.name),),
        fields=(
            FormField(name="outlook", label=sentence("forms.outlook"), kind=FieldKind.CHOICE, options=OUTLOOKS),
            FormField(name="why", label=sentence("forms.why"), kind=FieldKind.LINES),
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
        title=sentence("forms.draft"),
        submit=sentence("forms.save"),
        intro=(sentence("forms.draft_intro", account=asked.case.account.name),),
        fields=(
            FormField(
                name="subject", label=sentence("forms.draft_subject"), kind=FieldKind.LINE, initial=asked.subject
            ),
            FormField(name="text", label=sentence("forms.draft_text"), kind=FieldKind.LINES, initial=asked.text),
            FormField(
                name="then",
                label=sentence("forms.then"),
                kind=FieldKind.CHOICE,
                initial=SEND,
                options=(Option(SEND, sentence("forms.draft_send")), Option("wait", sentence("forms.draft_wait"))),
            ),
        ),
    )
