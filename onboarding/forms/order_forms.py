"""The forms that give an order: snooze and resolve a stall, hand over, put on hold and resume."""

from onboarding.dates.wording import short_moment
from onboarding.escalations.episodes import open_episode
from onboarding.forms.asked import Asked
from onboarding.forms.form import FieldKind, Form, FormField, FormKind, Option

RESUMES = (
    Option("shift", "Move all dates by the time on hold"),
    Option("catch-up", "Keep the dates, and catch up on what is due"),
    Option("skip", "Keep the dates, and skip what fell into the hold"),
)


def snooze(asked: Asked) -> Form:
    """Return the form that lets a stall rest until a day."""
    rest = FormField(name="until", label="Rest until", kind=FieldKind.DAY, initial=asked.day_in(3))
    episode = open_episode(asked.case.episodes)
    return Form(
        kind=FormKind.SNOOZE,
        title="Snooze",
        submit="Snooze",
        intro=(f"{asked.case.account.name}: {episode.cause}",) if episode else (),
        fields=(rest,),
    )


def hand_over(asked: Asked) -> Form:
    """Return the form that makes another person the CSM."""
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
            FormField(name="note", label="Note to them", kind=FieldKind.LINES, required=False),
        ),
    )


def resolve(asked: Asked) -> Form:
    """Return the form that closes a stall for a reason."""
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


def hold(asked: Asked) -> Form:
    """Return the form that puts the onboarding on hold."""
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


def resume(asked: Asked) -> Form:
    """Return the form that ends a hold, with what is known of it."""
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
