"""Messages in another chat than the current one: a chat file, or a workspace used before.

An edit of such a message changes nothing and counts as done, with a note. A reply to one is sent as a separate message.
"""

from dataclasses import replace

from onboarding.effects.payloads import ChatPayload
from onboarding.effects.send_result import ResultState, SendResult

ELSEWHERE = "nothing was left to change: the message stands in another chat, which was used before"
ON_ITS_OWN = "the message it answers stands in another chat, which was used before; it went out as a message of its own"
CONTEXT = "This belongs to a message in another chat, which was used before."


def given_up(provider_id: str) -> SendResult:
    """Return the result of an edit of such a message."""
    return SendResult(state=ResultState.SENT, provider_id=provider_id, error=ELSEWHERE)


def on_its_own(payload: ChatPayload) -> ChatPayload:
    """Return a reply to such a message as a separate message that names its subject."""
    post = replace(payload.post, lines=(CONTEXT, *payload.post.lines))
    return replace(payload, post=post, thread_ts=None)
