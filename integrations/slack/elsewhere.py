"""Messages in another chat than the current one: a chat file, or a workspace used before.

An edit of such a message changes nothing and counts as done, with a note. A reply to one is sent as a separate message.
"""

from dataclasses import asdict, replace

from integrations.ports import OutgoingMessage
from onboarding.effects.send_result import ResultState, SendResult
from onboarding.messages.posts import read_post

ELSEWHERE = "nothing was left to change: the message stands in another chat, which was used before"
ON_ITS_OWN = "the message it answers stands in another chat, which was used before; it went out as a message of its own"
CONTEXT = "This belongs to a message in another chat, which was used before."


def given_up(provider_id: str) -> SendResult:
    """Return the result of an edit of such a message."""
    return SendResult(state=ResultState.SENT, provider_id=provider_id, error=ELSEWHERE)


def on_its_own(outgoing: OutgoingMessage) -> OutgoingMessage:
    """Return a reply to such a message as a separate message that names its subject."""
    post = read_post(outgoing.payload["post"])
    post = replace(post, lines=(CONTEXT, *post.lines))
    return replace(outgoing, payload={**outgoing.payload, "post": asdict(post), "thread_ts": None})
