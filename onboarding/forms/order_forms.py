"""The forms that give an order: snooze and resolve a stall, hand over, put on hold and resume."""

from onboarding.escalations.episodes import open_episode
from onboarding.forms.asked import Asked
from onboarding.forms.form import FieldKind, Form, FormField, FormKind, Option
from onboarding.sentences.sentence import Short, pattern, sentence

RESUMES = (
    Option("shift", sentence("forms.resume_shift")),
    Option("catch-up", sentence("forms.resume_catch_up")),
    Option("skip", sentence("forms.resume_skip")),
)


def snooze(asked: Asked) -> Form:
    """Return the form that lets a stall rest until a day."""
    rest = FormField(name="until", label=sentence("forms.rest_until"), kind=FieldKind.DAY, initial=asked.day_in(3))
    episode = open_episode(asked.case.episodes)
    return Form(
        kind=FormKind.SNOOZE,
        title=sentence("forms.snooze"),
        submit=sentence("forms.snooze"),
        intro=(pattern("{account}: {cause}", account=asked.case.account.name, cause=episode.cause),) if episode else (),
        fields=(rest,),
    )


def hand_over(asked: Asked) -> Form:
    """Return the form that makes another person the CSM."""
    owner = asked.state.owner
    return Form(
        kind=FormKind.HAND_OVER,
        title=sentence("forms.hand_over"),
        submit=sentence("forms.hand_over"),
        intro=(
            sentence(
                "forms.hand_over_intro",
                account=asked.case.account.name,
                owner=owner.name if owner else sentence("forms.no_one"),
            ),
        ),
        fields=(
            FormField(name="to", label=sentence("forms.new_csm"), kind=FieldKind.PERSON),
            FormField(name="note", label=sentence("forms.note_to_them"), kind=FieldKind.LINES, required=False),
        ),
    )


def resolve(asked: Asked) -> Form:
    """Return the form that closes a stall for a reason."""
    episode = open_episode(asked.case.episodes)
    return Form(
        kind=FormKind.RESOLVE,
        title=sentence("forms.resolve"),
        submit=sentence("forms.resolve"),
        intro=(pattern("{account}: {cause}", account=asked.case.account.name, cause=episode.cause),) if episode else (),
        fields=(
            FormField(
                name="reason",
                label=sentence("forms.why_settled"),
                kind=FieldKind.LINES,
                hint=sentence("forms.not_raised_again"),
            ),
        ),
    )


def hold(asked: Asked) -> Form:
    """Return the form that puts the onboarding on hold."""
    return Form(
        kind=FormKind.HOLD,
        title=sentence("forms.hold"),
        submit=sentence("forms.hold"),
        intro=(sentence("forms.hold_intro", account=asked.case.account.name),),
        fields=(
            FormField(name="reason", label=sentence("forms.why"), kind=FieldKind.LINES),
            FormField(
                name="until",
                label=sentence("forms.until"),
                kind=FieldKind.DAY,
                required=False,
                hint=sentence("forms.until_resumed"),
            ),
            FormField(
                name="resume",
                label=sentence("forms.then"),
                kind=FieldKind.CHOICE,
                initial=RESUMES[0].value,
                options=RESUMES,
            ),
        ),
    )


def resume(asked: Asked) -> Form:
    """Return the form that ends a hold, with what is known of it."""
    stop = max(asked.case.holds, key=lambda one: one.since, default=None)
    then = next((option.words for option in RESUMES if stop and option.value == stop.resume), "")
    at = Short(stop.since, asked.zone, has_time=True) if stop else ""
    since = sentence("forms.held_since", at=at, reason=stop.reason) if stop else ""
    return Form(
        kind=FormKind.RESUME,
        title=sentence("forms.resume"),
        submit=sentence("forms.resume"),
        intro=(sentence("forms.resume_intro", account=asked.case.account.name), since, then),
        fields=(FormField(name="note", label=sentence("forms.journal_note"), kind=FieldKind.LINES, required=False),),
    )
