"""The forms for one onboarding as it stands: which fields, which choices, and what is filled in already."""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta

from onboarding.dates.wording import short_moment
from onboarding.dates.working_time import zone_of
from onboarding.escalations.episodes import open_episode
from onboarding.forms.asked import Asked, goal_id
from onboarding.forms.form import FieldKind, Form, FormField, FormKind, Option
from onboarding.model.phrases import name_words
from onboarding.model.vocabulary import HandoffItem, RenewalOutlook

MOST_TEXT = 3000
"""Characters that a text field takes in Slack."""
RESUMES = (
    Option("shift", "Move all dates by the time on hold"),
    Option("catch-up", "Keep the dates, and catch up on what is due"),
    Option("skip", "Keep the dates, and skip what fell into the hold"),
)
OUTLOOKS = (
    Option(RenewalOutlook.RENEW.value, "They will renew"),
    Option(RenewalOutlook.EXPAND.value, "They will renew and expand"),
    Option(RenewalOutlook.AT_RISK.value, "At risk"),
)


def form_for(kind: FormKind, asked: Asked) -> Form | None:
    """Return the form; None where there is nothing to ask (``nothing_to_ask`` says why)."""
    return _FORMS[kind](asked)


def nothing_to_ask(kind: FormKind) -> str:
    """Return why a form has nothing to ask."""
    if kind is FormKind.GOAL_VALUE:
        return "there is no measurable goal yet; add one first"
    return "every call of this onboarding has been held"


def _snooze(asked: Asked) -> Form:
    rest = FormField(name="until", label="Rest until", kind=FieldKind.DAY, initial=_in_days(asked, 3))
    episode = open_episode(asked.case.episodes)
    return Form(
        kind=FormKind.SNOOZE,
        title="Snooze",
        submit="Snooze",
        intro=(f"{asked.case.account.name}: {episode.cause}",) if episode else (),
        fields=(rest,),
    )


def _hand_over(asked: Asked) -> Form:
    owner = asked.state.owner
    return Form(
        kind=FormKind.HAND_OVER,
        title="Hand over",
        submit="Hand over",
        intro=(
            f"{asked.case.account.name}, now with {owner.name if owner else 'no one'}. "
            "The new CSM signs the mails from here on, and is told.",
        ),
        fields=(
            FormField(name="to", label="New CSM", kind=FieldKind.PERSON),
            FormField(name="note", label="Note for the journal", kind=FieldKind.LINES, required=False),
        ),
    )


def _resolve(asked: Asked) -> Form:
    episode = open_episode(asked.case.episodes)
    return Form(
        kind=FormKind.RESOLVE,
        title="Resolve",
        submit="Resolve",
        intro=(f"{asked.case.account.name}: {episode.cause}",) if episode else (),
        fields=(
            FormField(
                name="reason",
                label="Why is it settled?",
                kind=FieldKind.LINES,
                hint="The same cause is not raised again until it changes.",
            ),
        ),
    )


def _hold(asked: Asked) -> Form:
    return Form(
        kind=FormKind.HOLD,
        title="Put on hold",
        submit="Put on hold",
        intro=(f"{asked.case.account.name}: nothing is sent and nothing stalls while it is on hold.",),
        fields=(
            FormField(name="reason", label="Why?", kind=FieldKind.LINES),
            FormField(
                name="until",
                label="Until",
                kind=FieldKind.DAY,
                required=False,
                hint="Without a day it stays on hold until you resume it.",
            ),
            FormField(
                name="resume", label="And then", kind=FieldKind.CHOICE, initial=RESUMES[0].value, options=RESUMES
            ),
        ),
    )


def _resume(asked: Asked) -> Form:
    stop = max(asked.case.holds, key=lambda one: one.since, default=None)
    then = next((option.words for option in RESUMES if stop and option.value == stop.resume), "")
    since = f"On hold since {short_moment(stop.since, asked.zone)}: {stop.reason}" if stop else ""
    return Form(
        kind=FormKind.RESUME,
        title="Resume",
        submit="Resume",
        intro=(f"{asked.case.account.name}: messages are sent again, and stalls are told.", since, then),
        fields=(FormField(name="note", label="Note for the journal", kind=FieldKind.LINES, required=False),),
    )


def _call(asked: Asked) -> Form | None:
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
                initial=local.date().isoformat() if local else _in_days(asked, 1),
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
        if step.calendar is None:
            continue
        pointless = any((found := asked.state.milestones.get(name)) and found.met for name in step.unless)
        if not pointless:
            meeting = asked.state.meetings.get(step.calendar.meeting)
            at = f" (now {short_moment(meeting.at, asked.zone)})" if meeting and meeting.at > asked.now else ""
            title = titles.get(step.calendar.meeting) or step.title.removeprefix("Calendar invitation to the ")
            yield Option(step.calendar.meeting, f"{title[:1].upper()}{title[1:]}{at}")


def _handoff(asked: Asked) -> Form:
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


def _goal(asked: Asked) -> Form:
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


def _goal_value(asked: Asked) -> Form | None:
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


def _renewal(asked: Asked) -> Form:
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


def _in_days(asked: Asked, days: int) -> str:
    return (asked.today + timedelta(days=days)).isoformat()


_FORMS: Mapping[FormKind, Callable[[Asked], Form | None]] = {
    FormKind.SNOOZE: _snooze,
    FormKind.HAND_OVER: _hand_over,
    FormKind.RESOLVE: _resolve,
    FormKind.HOLD: _hold,
    FormKind.RESUME: _resume,
    FormKind.CALL: _call,
    FormKind.HANDOFF: _handoff,
    FormKind.GOAL: _goal,
    FormKind.GOAL_VALUE: _goal_value,
    FormKind.RENEWAL: _renewal,
}
