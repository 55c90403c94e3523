"""What an effect carries: a mail, a Slack message or a CRM row. Stored as JSON, and read back here alone. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from typing import Any

from onboarding.booking.offer import Offer, read_offer
from onboarding.effects.invitation import Invitation, read_invitation
from onboarding.messages.posts import Post, read_post
from onboarding.model.message_policy import Purpose
from onboarding.sentences.label_phrases import LABELS, LabelPhrases


@dataclass(frozen=True, slots=True, kw_only=True)
class MailPayload:
    """A mail as it was composed. A sender checks and cleans it (``integrations.mail.parts``)."""

    key: str
    """The effect's."""
    to: str
    to_name: str = ""
    redirect_for: str | None = None
    """The intended recipient of a redirected mail."""
    sender: str
    sender_name: str = ""
    reply_to: str | None = None
    reply_to_name: str = ""
    subject: str
    text: str
    html: str | None = None
    date: datetime
    """Aware."""
    purpose: Purpose = Purpose.SERVICE
    """``promotional`` adds how to unsubscribe."""
    unsubscribe_url: str | None = None
    """For one click; None: by mail."""
    calendar: Invitation | None = None
    offer: Offer | None = None
    """The times for a call that it names."""

    def stored(self) -> dict[str, Any]:
        """Return the payload as JSON can hold it."""
        calendar = None if self.calendar is None else self.calendar.stored()
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "offer"}
        offer = {} if self.offer is None else {"offer": self.offer.stored()}
        return plain | {"date": self.date.isoformat(), "calendar": calendar} | offer


def read_mail(stored: Mapping[str, Any]) -> MailPayload:
    """Return the mail of a stored payload. Raise ValueError with the field that is missing or cannot be read."""
    return MailPayload(
        key=_text(stored, "key"),
        to=_text(stored, "to"),
        to_name=str(stored.get("to_name") or ""),
        redirect_for=_optional(stored, "redirect_for"),
        sender=_text(stored, "sender"),
        sender_name=str(stored.get("sender_name") or ""),
        reply_to=_text(stored, "reply_to") if stored.get("reply_to") else None,
        reply_to_name=str(stored.get("reply_to_name") or ""),
        subject=_text(stored, "subject"),
        text=_text(stored, "text"),
        html=_text(stored, "html") if stored.get("html") else None,
        date=_instant(stored),
        purpose=Purpose(stored.get("purpose") or Purpose.SERVICE),
        unsubscribe_url=_optional(stored, "unsubscribe_url"),
        calendar=_calendar(stored),
        offer=read_offer(stored.get("offer")),
    )


def is_redirected_to(stored: Mapping[str, Any], address: str | None) -> bool:
    """Return whether a stored mail goes to this address in place of its recipient; with None: to its recipient."""
    return (_optional(stored, "to") if stored.get("redirect_for") else None) == address


class ChatMethod(StrEnum):
    """What is done in Slack."""

    POST = "chat.postMessage"
    UPDATE = "chat.update"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatPayload:
    """A Slack message: new, a reply, or the edit of one that is out."""

    method: ChatMethod
    channel: str
    """A channel, or the mail address of a person."""
    reader: str | None = None
    """The name of the person it is for."""
    post: Post
    ts: str | None = None
    """With ``UPDATE``: the provider's id of the message that is edited."""
    thread_ts: str | None = None
    """The provider's id of the message that it answers."""
    labels: LabelPhrases = LABELS
    """The words on what may be pressed, in its reader's language."""
    mentions: bool = False
    """Whether it mentions the person it is for, so that they are notified."""
    as_of: datetime

    def stored(self) -> dict[str, Any]:
        """Return the payload as JSON can hold it."""
        kept: dict[str, Any] = {
            "method": self.method.value,
            "channel": self.channel,
            "for": self.reader,
            "post": asdict(self.post),
            "ts": self.ts,
            "thread_ts": self.thread_ts,
            "as_of": self.as_of.isoformat(),
        }
        if self.labels != LABELS:
            kept["labels"] = asdict(self.labels)
        return kept | ({"mentions": True} if self.mentions else {})


def read_chat(stored: Mapping[str, Any]) -> ChatPayload:
    """Return the Slack message of a stored payload. Raise KeyError, TypeError or ValueError for anything else."""
    method, ts, post = ChatMethod(stored["method"]), stored.get("ts"), stored["post"]
    if not isinstance(post, Mapping):
        raise TypeError("post")
    if not stored["channel"] or (method is ChatMethod.UPDATE and not (isinstance(ts, str) and ts)):
        raise ValueError("channel or ts")
    return ChatPayload(
        method=method,
        channel=str(stored["channel"]),
        reader=_optional(stored, "for"),
        post=read_post(post),
        ts=ts,
        thread_ts=_optional(stored, "thread_ts"),
        labels=_labels(stored.get("labels") or {}),
        mentions=bool(stored.get("mentions")),
        as_of=datetime.fromisoformat(stored["as_of"]),
    )


def _labels(stored: Mapping[str, Any]) -> LabelPhrases:
    """Return the stored words of buttons; English for those that an earlier version did not have."""
    known = {one.name for one in fields(LabelPhrases)}
    return LabelPhrases(**{name: str(said) for name, said in stored.items() if name in known})


def chat_channel(stored: Mapping[str, Any]) -> str:
    """Return where a stored Slack message goes, also of one that cannot be read whole: its sender refuses that one, and
    the others of the channel still leave."""
    return str(stored.get("channel") or "")


@dataclass(frozen=True, slots=True, kw_only=True)
class RowPayload:
    """A CRM row to be written."""

    object: str
    key: str
    fields: Mapping[str, Any]
    base: Mapping[str, Any] = field(default_factory=dict)
    """The row as it was last known: a field of both sides that says something else by now was edited by a person."""

    def stored(self) -> dict[str, Any]:
        """Return the payload as JSON can hold it."""
        return {"object": self.object, "key": self.key, "fields": dict(self.fields), "base": dict(self.base)}


def read_row(stored: Mapping[str, Any]) -> RowPayload:
    """Return the CRM row of a stored payload. Raise KeyError, TypeError or ValueError for anything else."""
    key, fields, base = stored["key"], stored["fields"], stored.get("base") or {}
    if not isinstance(key, str) or not key or not isinstance(fields, Mapping) or not isinstance(base, Mapping):
        raise ValueError("key, fields or base")
    return RowPayload(object=str(stored["object"]), key=key, fields=dict(fields), base=dict(base))


def _text(stored: Mapping[str, Any], name: str) -> str:
    value = stored.get(name)
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{name}: is missing")
    return value


def _optional(stored: Mapping[str, Any], name: str) -> str | None:
    return str(stored[name]) if stored.get(name) else None


def _instant(stored: Mapping[str, Any]) -> datetime:
    text = _text(stored, "date")
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("date: is no ISO 8601 instant") from None
    if at.tzinfo is None:
        raise ValueError("date: has no zone")
    return at


def _calendar(stored: Mapping[str, Any]) -> Invitation | None:
    try:
        return read_invitation(stored.get("calendar"))
    except ValueError as error:
        raise ValueError(f"calendar: {error}") from None
