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
    said = "erase a person" if request.act is Act.FORGET else request.said
    facts = [("Asked by", request.asked_by), ("Why", request.reason if request.act is not Act.FORGET else "")]
    told = tuple((label, value) for label, value in facts if value)
    until = f"{request.expires_at:%Y-%m-%d %H:%M} UTC"
    if request.has_expired(now):
        lines = (f"Nobody confirmed it by {until}, so nothing was changed.", "If it is still wanted, ask for it again.")
        return Post(headline=f"Expired: {said}", facts=told, lines=lines, severity="over")
    if not request.is_open(now):
        word = "Refused" if request.state is ApprovalState.REFUSED else "Confirmed"
        return Post(
            headline=f"Settled: {said}", facts=told, lines=(f"{word} by {request.decided_by}.",), severity="over"
        )
    return Post(
        headline=f"A second person is needed: {said}",
        facts=told,
        lines=(f"Nothing was changed yet. It waits until {until} for somebody else who may do it.",),
        footer=f"Or write /first90 confirm {request.id}."
        if answers
        else f"At the command line: first90 approvals confirm {request.id}, or refuse in place of confirm.",
        severity="warning",
        buttons=Buttons(approval=request.id) if answers else None,
    )


def _note(request: Approval, occurrence: str, because: str, at: datetime) -> PlannedEffect:
    return replace(note(APPROVAL, occurrence, Post(headline=""), because, at), data={REQUEST: request.id})
