"""The Slack message on a request for a second person, in the managers' channel, and its edit once that is decided or
has expired."""

from dataclasses import replace
from datetime import datetime

from onboarding.acts import Act
from onboarding.forms.buttons import Buttons
from onboarding.messages.notes import note
from onboarding.messages.posts import Post
from onboarding.model.effect import PlannedEffect
from onboarding.permissions.second_person import Approval, ApprovalState
from onboarding.sentences.sentence import sentence

APPROVAL = "approval"
REQUEST = "request"
"""The name under which the effect keeps the id of the request. What is asked is read when the message leaves."""
EXPIRY = "expired"
"""What tells the edit about a request that expired from the one about its decision."""


def asked_note(request: Approval) -> PlannedEffect:
    """Return the message that asks for a second person; the same request gives the same effect."""
    return _note(request, request.id, f"a second person has to confirm request {request.id}", request.asked_at)


def decided_note(request: Approval, at: datetime) -> PlannedEffect:
    """Return the edit of that message once the request is decided, which takes its buttons away."""
    edit = _note(request, f"{request.id}-decided", f"request {request.id} was decided", at)
    return replace(edit, data={**edit.data, "method": "update", "parent": asked_note(request).key})


def expired_note(request: Approval) -> PlannedEffect:
    """Return the edit that is due when the request expires; it is cancelled where the request was decided by then."""
    edit = _note(request, f"{request.id}-{EXPIRY}", f"request {request.id} expired", request.expires_at)
    return replace(edit, data={**edit.data, "method": "update", "parent": asked_note(request).key, EXPIRY: True})


def approval_post(request: Approval, now: datetime, *, answers: bool) -> Post:
    """Return the message on a request that waits or was decided; ``answers`` says whether Slack's presses and commands
    can be received.

    Whom an erasure is about is not told: the message would outlive it.
    """
    said = sentence("notes.erase_a_person") if request.act is Act.FORGET else request.said
    reason = request.reason if request.act is not Act.FORGET else ""
    facts = [(sentence("notes.asked_by"), request.asked_by), (sentence("notes.reason"), reason)]
    told = tuple((label, value) for label, value in facts if value)
    until = f"{request.expires_at:%Y-%m-%d %H:%M} UTC"
    if request.has_expired(now):
        lines = (sentence("notes.nobody_confirmed", until=until), sentence("notes.ask_again"))
        return Post(headline=sentence("notes.expired", what=said), facts=told, lines=lines, severity="over")
    if not request.is_open(now):
        key = "notes.refused_by" if request.state is ApprovalState.REFUSED else "notes.confirmed_by"
        by = sentence(key, person=str(request.decided_by))
        return Post(headline=sentence("notes.settled", what=said), facts=told, lines=(by,), severity="over")
    return Post(
        headline=sentence("notes.second_person", what=said),
        facts=told,
        lines=(sentence("notes.nothing_changed", until=until),),
        footer=sentence("notes.confirm_in_slack" if answers else "notes.confirm_elsewhere", id=request.id),
        severity="warning",
        buttons=Buttons(approval=request.id) if answers else None,
    )


def _note(request: Approval, occurrence: str, because: str, at: datetime) -> PlannedEffect:
    return replace(note(APPROVAL, occurrence, Post(headline=""), because, at), data={REQUEST: request.id})
