"""What payloads are made with: the inputs of a batch, the envelope of a mail, and why one cannot be made."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from config.mail_templates.render import Rendered
from database.channels.stops import Stop
from onboarding.booking.diary import Diary
from onboarding.crm.projection import CrmRow
from onboarding.effects.notices import TOGETHER
from onboarding.effects.payloads import ChatMethod, ChatPayload, MailPayload
from onboarding.escalations.readers import CHANNEL, CHANNEL_ID
from onboarding.escalations.thread_lines import KIND
from onboarding.languages.language import Language
from onboarding.messages.posts import Post
from onboarding.model.effect import Leased, is_edit
from tasks.delivery.reader_links import BoardLinks
from tasks.runtime.context import RunContext


class NothingToSend(Exception):
    """The effect has become pointless; the message is the reason that is kept with it."""


class WaitsForParent(Exception):
    """The effect must wait for another one, whose key is the argument."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PayloadInputs:
    """What the payloads of one batch need besides the case: provider ids, written CRM rows, stops."""

    context: RunContext
    as_of: datetime
    provider_ids: Mapping[str, str] = field(default_factory=dict)
    """Provider's ids of effects sent before, by key: the Slack threads that exist."""
    left: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """The payloads of drafts that have left, by key, for the edits of their messages."""
    written: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """CRM rows as they were last written, by CRM key."""
    stopped: tuple[Stop, ...] = ()
    """The stops in force, read where a digest is about to leave."""
    diary: Diary = field(default_factory=Diary)
    """What is taken of our people's time. Each time that is offered is taken from then on."""
    projected: dict[str, Mapping[str, CrmRow]] = field(default_factory=dict)
    """CRM rows as they are now, by onboarding; projected once a batch."""
    tokens: dict[str, str] = field(default_factory=dict)
    """What signs the readers' links to the board, by address; made once a batch."""

    @property
    def links(self) -> BoardLinks:
        """Return the links of this batch's messages to the board."""
        return BoardLinks(context=self.context, as_of=self.as_of, tokens=self.tokens)


def enveloped(effect: Leased, recipient: str, mail: Rendered, context: RunContext, as_of: datetime) -> MailPayload:
    """Return a rendered mail with its two addresses: from the company's to its recipient, or where mail is redirected
    to the address that gets every mail. No other place addresses one."""
    settings = context.settings
    return MailPayload(
        key=effect.key,
        to=settings.mail_redirect or recipient,
        redirect_for=recipient if settings.mail_redirect else None,
        sender=settings.mail_from,
        subject=mail.subject,
        text=mail.text,
        html=mail.html,
        date=as_of,
    )


class Reader(NamedTuple):
    """Who reads a Slack message: the person's name, None for a channel, and the language."""

    name: str | None
    language: Language


def chat_payload(effect: Leased, post: Post, channel: str, inputs: PayloadInputs, reader: Reader) -> dict[str, Any]:
    """Return a Slack message for one person or channel: new, in a thread, or an edit of a message that was sent. The
    post is in the reader's language. Raises WaitsForParent."""
    parent = effect.data.get("parent")
    ts = inputs.provider_ids.get(str(parent)) if parent and parent != effect.key else None
    if parent and parent != effect.key and ts is None:
        raise WaitsForParent(str(parent))
    edits = is_edit(effect)
    message = ChatPayload(
        method=ChatMethod.UPDATE if edits else ChatMethod.POST,
        channel=inputs.context.settings.slack_channel or channel if channel == CHANNEL else channel,
        reader=reader.name,
        post=post,
        labels=reader.language.words.labels,
        ts=ts if edits else None,
        thread_ts=ts if effect.data.get("thread") else None,
        mentions=effect.kind in (KIND, TOGETHER) and not edits and effect.person_id != CHANNEL_ID,
        as_of=inputs.as_of,
    )
    return message.stored()
