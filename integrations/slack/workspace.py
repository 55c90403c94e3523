"""A Slack workspace as transport: to a user by mail address, to a channel, into a thread, or as an edit of a message.

Guarantee ``lookup``: Slack has no idempotency keys, but each message carries its effect's key as metadata, and after a
doubt it is looked up before anything is posted again. If the app may not read the history, nothing is posted again and
a person settles it. An edit sets the whole message, so a repeat of one is harmless.
"""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from threading import Lock
from typing import Any

from config.settings.channels import SlackChat
from integrations.ports import Guarantee, OutgoingMessage, Unreachable
from integrations.slack import elsewhere
from integrations.slack.answers import ANSWER, answer
from integrations.slack.blocks import blocks
from integrations.slack.client import Client
from integrations.slack.errors import NOT_SEEN, Trouble, channel_mend
from integrations.slack.lookup import find_message, metadata
from integrations.slack.mentions import mentioning
from integrations.slack.people import UserDirectory
from integrations.slack.text import escape
from integrations.slack.views.open_views import Views
from onboarding.effects.payloads import ChatMethod, ChatPayload, read_chat
from onboarding.effects.send_result import ResultState, SendResult

NOT_THERE = "Slack has no user of their mail address; it went to the channel of FIRST90_SLACK_CHANNEL"
DELETED = "nothing was left to change: the message was deleted in Slack, or its reader left"
SETTLES = 30.0
"""Seconds after a doubt before Slack is asked: by then a request has arrived or is lost. Three timeouts; this
project's choice."""

Kept = Callable[[str], Mapping[str, Any] | None]
"""Returns the frozen payload of an effect by its key; None if it was never sent."""


LOOK = "look for it in Slack, then use `first90 effects sent`"


class SlackWorkspace:
    """The transport over a workspace. Sends one message at a time; thread-safe."""

    guarantee: Guarantee = Guarantee.LOOKUP
    embedded = False
    batch = 1
    slots = 4
    key_life: timedelta | None = None

    def __init__(self, choice: SlackChat, kept: Kept, settles: float = SETTLES) -> None:
        self.client = Client(choice.token, choice.api_url)
        self.people, self.views = UserDirectory(self.client), Views(self.client)
        self._channel, self._kept, self._settles = choice.channel, kept, settles
        self._ids: dict[str, str] = {}
        self._doubts: dict[str, float] = {}
        self._lock = Lock()

    def send(self, messages: Sequence[OutgoingMessage]) -> Sequence[SendResult]:
        """Post or edit each message.

        A payload is a stored ``ChatPayload``: ``channel`` a mail address, a channel's id or name; ``ts`` and
        ``thread_ts`` the provider id of an earlier message, ``CHANNEL/TS`` (of another form if it is in a chat file).
        """
        return [self._send(outgoing) for outgoing in messages]

    def find(self, key: str) -> str | None:
        """Return ``CHANNEL/TS`` of the effect's message; None if it is not there, and for an edit, which may be
        repeated.

        Raise Unreachable if Slack cannot be asked, refuses the lookup, or may still be processing the message.
        """
        payload = self._payload(key)
        if payload.method is ChatMethod.UPDATE:
            return None
        with self._lock:
            since = self._doubts.get(key)
        if since is not None and time.monotonic() - since < self._settles:
            raise Unreachable("Slack may still be at work on it; it is asked later")
        try:
            return self._find(key, payload)
        except Trouble as trouble:
            raise Unreachable(f"Slack cannot tell whether it arrived: {trouble}") from None

    def _payload(self, key: str) -> ChatPayload:
        stored = self._kept(key)
        if stored is None:
            raise Unreachable(f"nothing is kept of this message; {LOOK}")
        try:
            return read_chat(stored)
        except (KeyError, TypeError, ValueError):
            raise Unreachable(f"what is kept of this message cannot be read; {LOOK}") from None

    def answer(self, response_url: str, said: str) -> None:
        """Reply to the person who pressed a button, visibly to them only. May be lost: the message shows what was
        done."""
        answer(self.client, response_url, escape(said, ANSWER))

    def _find(self, key: str, payload: ChatPayload) -> str | None:
        since, answered = payload.as_of, payload.thread_ts
        if place := answered and _place(answered):
            channel, thread = place
            try:
                found = find_message(self.client, key, channel, since, thread)
                return f"{channel}/{found}" if found else None
            except Trouble as trouble:
                if trouble.code != NOT_SEEN:
                    raise
        for channel in self._where(payload):
            if found := find_message(self.client, key, channel, since):
                return f"{channel}/{found}"
        return None

    def _where(self, payload: ChatPayload) -> list[str]:
        """Return every channel in which it may be, because the Slack users of an address may have changed since."""
        channel = payload.channel
        if "@" not in channel:
            return [self._id(channel)]
        try:
            return [self.people.direct(channel), self._id(self._channel)]
        except Trouble as trouble:
            if trouble.kind != "nowhere":
                raise
            return [self._id(self._channel)]

    def _id(self, channel: str) -> str:
        """Return a channel's id, which the history needs. That of a name is known once something was posted there."""
        if re.fullmatch(r"[CDG][A-Z0-9]+", channel):
            return channel
        if known := self._ids.get(channel):
            return known
        raise Trouble(
            "setting", "history is read by a channel's id only; set FIRST90_SLACK_CHANNEL to that (C…, in its details)"
        )

    def _send(self, outgoing: OutgoingMessage) -> SendResult:
        try:
            with self.client.one_message():
                payload = read_chat(outgoing.payload)
                if payload.ts and payload.method is ChatMethod.UPDATE:
                    return self._edit(outgoing.key, payload, payload.ts)
                return self._post(outgoing.key, payload)
        except Trouble as trouble:
            if trouble.kind == "doubt":
                with self._lock:
                    self._doubts[outgoing.key] = time.monotonic()
            return trouble.result()
        except (KeyError, TypeError, ValueError) as error:
            return SendResult(
                state=ResultState.PERMANENT, error=f"the Slack message is malformed: {type(error).__name__}"
            )

    def _edit(self, key: str, payload: ChatPayload, edited: str) -> SendResult:
        place = _place(edited)
        if place is None:
            return elsewhere.given_up(edited)
        channel, ts = place
        try:
            self.client.put(
                "chat.update", {"channel": channel, "ts": ts, **self._said(key, _shown_in(channel, payload))}
            )
        except Trouble as trouble:
            wanted = payload.channel
            if trouble.code == NOT_SEEN and self._ids.get(wanted, wanted) != channel:
                return elsewhere.given_up(f"{channel}/{ts}")
            return _of_deleted(channel, ts, trouble)
        return SendResult(state=ResultState.SENT, provider_id=f"{channel}/{ts}")

    def _post(self, key: str, payload: ChatPayload) -> SendResult:
        if not payload.thread_ts:
            return self._new(key, payload)
        if place := _place(payload.thread_ts):
            channel, ts = place
            try:
                user = self.people.known(payload.channel) if payload.mentions else None
                said = self._said(key, _shown_in(channel, payload), user)
                return self._posted({"channel": channel, "thread_ts": ts, **said})
            except Trouble as trouble:
                if trouble.code != NOT_SEEN:
                    return _of_deleted(channel, ts, trouble)
        found = self._new(key, elsewhere.on_its_own(payload))
        return replace(found, error=found.error or elsewhere.ON_ITS_OWN)

    def _new(self, key: str, payload: ChatPayload) -> SendResult:
        wanted = payload.channel
        if "@" not in wanted:
            return self._to_channel(wanted, self._said(key, payload))
        try:
            user = self.people.user(wanted) if payload.mentions else None
            return self._posted({"channel": self.people.direct(wanted), **self._said(key, payload, user)})
        except Trouble as trouble:
            if trouble.kind != "nowhere":
                raise
            self.people.forget(wanted)
            return self._to_channel(self._channel, self._said(key, _shown_in(self._channel, payload)), note=NOT_THERE)

    def _to_channel(self, channel: str, said: Mapping[str, Any], note: str | None = None) -> SendResult:
        try:
            return self._posted({"channel": channel, **said}, note)
        except Trouble as trouble:
            if trouble.kind != "nowhere":
                raise
            raise _channel_refusal(trouble) from None

    def _posted(self, body: Mapping[str, Any], note: str | None = None) -> SendResult:
        answer = self.client.post("chat.postMessage", {**body, "unfurl_links": False, "unfurl_media": False})
        channel = str(answer["channel"])
        self._ids[str(body["channel"])] = channel
        return SendResult(state=ResultState.SENT, provider_id=f"{channel}/{answer['ts']}", error=note)

    def _said(self, key: str, payload: ChatPayload, user: str | None = None) -> dict[str, Any]:
        text, built = blocks(payload.post, key, payload.labels)
        text, built = mentioning(user, text, built) if user else (text, built)
        return {"text": text, "blocks": built, "metadata": metadata(key)}


def _shown_in(channel: str, payload: ChatPayload) -> ChatPayload:
    """Return the message as this channel may show it: one to a person who is not reached directly names them there, and
    holds no link that is theirs alone."""
    if "@" not in payload.channel or channel.startswith("D"):
        return payload
    labels = payload.labels
    told = labels.not_reached.format(reader=payload.reader or labels.one_of_us)
    return replace(payload, post=replace(payload.post, page=None, lines=(told, *payload.post.lines)))


def _of_deleted(channel: str, ts: str, trouble: Trouble) -> SendResult:
    """Return the result of an edit or a reply whose message was deleted: nothing more is posted about it."""
    if trouble.kind == "gone" or (trouble.kind == "nowhere" and channel.startswith("D")):
        return SendResult(state=ResultState.SENT, provider_id=f"{channel}/{ts}", error=DELETED)
    raise _channel_refusal(trouble) if trouble.kind == "nowhere" else trouble


def _channel_refusal(trouble: Trouble) -> Trouble:
    return Trouble("busy", f"{trouble}; {channel_mend(trouble.code)}")


def _place(provider_id: str) -> tuple[str, str] | None:
    """Return channel and ``ts`` of an earlier message; None if it is in no workspace."""
    channel, slash, ts = provider_id.partition("/")
    return (channel, ts) if channel and slash and ts else None
