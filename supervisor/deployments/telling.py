"""Where a Prefect server tells operators: blocks that hold the address and the login, and the action that uses them."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from prefect.blocks.core import Block
from prefect.blocks.notifications import SlackWebhook
from prefect.blocks.webhook import Webhook
from prefect.client.orchestration import SyncPrefectClient
from prefect.events.actions import ActionTypes, CallWebhook, SendNotification
from prefect.exceptions import ObjectNotFound
from pydantic import SecretStr

from config.company.team import load_team
from config.settings.channels import SlackChat
from config.settings.load import Settings
from config.settings.mail_senders import HttpMail, SmtpMail
from supervisor.deployments.automations import Told
from supervisor.deployments.changes import ChangeKind, ServerChange
from tasks.monitoring.ops_mail import apprise_url, provider_request

IN_SLACK, BY_MAIL = "first90-ops", "first90-ops-mail"
"""The blocks that hold where operators are told, with the bot token and the login of the mail."""
SLACK = "https://slack.com/api"
_TEXT = "first90-text"


@dataclass(frozen=True, slots=True)
class Way:
    """One way to tell operators: what happened to its block, and the action of an automation; None where that is told
    in another way."""

    change: ServerChange
    action: Callable[[Told], ActionTypes | None]


def ways(client: SyncPrefectClient, settings: Settings, *, dry: bool) -> Iterator[Way]:
    """Yield how operators are told by the settings: in Slack, and by mail to the team file's addresses for ops.

    Blocks are brought to the settings unless ``dry``. Safe to repeat: one that holds the same is left alone. A folder
    or file as mail or chat is on the worker's machine, where the server cannot write. In a rehearsal mail goes to its
    reader.
    """
    if isinstance(settings.chat, SlackChat):
        yield _slack(client, settings.chat, dry=dry)
    ops = tuple(sorted({one.casefold(): one for one in load_team(settings.team).ops_addresses}.values()))
    ops = (settings.mail_redirect,) if ops and settings.mail_redirect else ops
    if ops and isinstance(settings.mail, HttpMail | SmtpMail):
        yield _mail(client, settings, ops, dry=dry)


def _slack(client: SyncPrefectClient, chat: SlackChat, *, dry: bool) -> Way:
    block = Webhook(
        url=SecretStr(f"{(chat.api_url or SLACK).rstrip('/')}/chat.postMessage"),
        headers={
            "Authorization": f"Bearer {chat.token.get_secret_value()}",
            "Content-Type": "application/json; charset=utf-8",
        },
    )
    kind, found = _kept(client, IN_SLACK, block, dry=dry)
    change = ServerChange(kind, "block", f"webhook/{IN_SLACK}", (f"operators are told in {chat.channel}",))
    return Way(change, lambda told: CallWebhook(block_document_id=found, payload=_post(told.text, chat.channel)))


def _mail(client: SyncPrefectClient, settings: Settings, ops: tuple[str, ...], *, dry: bool) -> Way:
    """Return the way by mail. What first90 mails itself (``Told.is_mailed``) is not mailed from the server too."""
    mail, sender, details = settings.mail, settings.mail_from, (f"operators are mailed at {', '.join(ops)}",)
    if isinstance(mail, HttpMail):
        request = provider_request(mail, sender, ops, "", _TEXT)
        headers = {**request.headers, "Content-Type": "application/json; charset=utf-8"}
        kind, found = _kept(client, BY_MAIL, Webhook(url=SecretStr(request.url), headers=headers), dry=dry)

        def called(told: Told) -> ActionTypes | None:
            body = provider_request(mail, sender, ops, told.name, _TEXT).body
            return None if told.is_mailed else CallWebhook(block_document_id=found, payload=_letter(told.text, body))

        return Way(ServerChange(kind, "block", f"webhook/{BY_MAIL}", details), called)
    assert isinstance(mail, SmtpMail)
    # Prefect has no block for a mail server; this one gives whatever is no address of Slack's to Apprise as it is.
    kind, found = _kept(client, BY_MAIL, SlackWebhook(url=SecretStr(apprise_url(mail, sender, ops))), dry=dry)

    def notified(told: Told) -> ActionTypes | None:
        return None if told.is_mailed else SendNotification(block_document_id=found, subject=told.name, body=told.text)

    return Way(ServerChange(kind, "block", f"slack-webhook/{BY_MAIL}", details), notified)


def _kept(client: SyncPrefectClient, name: str, block: Block, *, dry: bool) -> tuple[ChangeKind, UUID]:
    """Return what happens to the block, and its id; zero in a dry run where it does not exist."""
    try:
        found = client.read_block_document_by_name(name, block.get_block_type_slug(), include_secrets=True)
    except ObjectNotFound:
        return ChangeKind.CREATED, UUID(int=0) if dry else _saved(block, name)
    same = all(found.data.get(field) == value for field, value in _told_by(block).items())
    if same or dry:
        return ChangeKind.AS_BEFORE if same else ChangeKind.CHANGED, found.id
    return ChangeKind.CHANGED, _saved(block, name)


def _told_by(block: Block) -> Mapping[str, object]:
    """Return the fields that we set, with the secrets in clear."""
    return {name: getattr(block, name).get_secret_value() for name in ("url", "headers") if hasattr(block, name)}


def _saved(block: Block, name: str) -> UUID:
    return UUID(str(block.save(name, overwrite=True)))


def _post(text: str, channel: str) -> str:
    """Return the template of Slack's JSON. The sentence is put together before it is quoted, as errors hold quotes, and
    what Slack reads as a mention or a link is escaped."""
    plain = "said|replace('&', '&amp;')|replace('<', '&lt;')|replace('>', '&gt;')|tojson"
    return f'{{% set said %}}{text}{{% endset %}}{{"channel": {json.dumps(channel)}, "text": {{{{ {plain} }}}}}}'


def _letter(text: str, body: Mapping[str, object]) -> str:
    """Return the template of a mail provider's JSON. An address is no template, whatever it holds."""
    before, _, after = json.dumps(body).partition(json.dumps(_TEXT))
    raw = "{{% raw %}}{}{{% endraw %}}"
    return f"{{% set said %}}{text}{{% endset %}}{raw.format(before)}{{{{ said|tojson }}}}{raw.format(after)}"
