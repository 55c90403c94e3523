"""Socket Mode: presses, forms, commands and events come in over an outgoing connection, so no public URL is needed.

Each envelope is acknowledged at once (Slack allows three seconds) and processed afterwards; a modal is opened before
the processing may have to wait for others. One that could not be
acknowledged is sent again, perhaps to another process: several may be connected, and each press is carried out once.
The library reconnects when Slack renews a connection or it breaks.
"""

import logging
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from pydantic import SecretStr

from integrations.ports import Unreachable
from integrations.slack.client import Client, disabled_logger, proxy_for
from integrations.slack.errors import Trouble, refused

if TYPE_CHECKING:
    from slack_sdk.socket_mode.client import BaseSocketModeClient
    from slack_sdk.socket_mode.request import SocketModeRequest

logger = logging.getLogger(__name__)

WORKERS = 3
"""Presses processed at once: as many as there are pooled database connections."""
PING_SECONDS = 5.0

KINDS = frozenset({"interactive", "slash_commands", "events_api"})
"""The types of envelopes that are processed."""


class Receiver(Protocol):
    """Processes what people do in Slack; ``kind`` is one of ``KINDS``, ``payload`` is Slack's."""

    def reply(self, kind: str, payload: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Return what Slack is told with the acknowledgement, if anything. Must not take long."""

    def begin(self, kind: str, payload: Mapping[str, Any]) -> str:
        """Do what must be done within three seconds; return the id of the modal that was opened, if one was."""

    def work(self, kind: str, payload: Mapping[str, Any], view_id: str) -> None:
        """Do the rest."""


@contextmanager
def listening(app_token: SecretStr, api_url: str | None, receiver: Receiver) -> Iterator[None]:
    """Pass each envelope to ``receiver``, in other threads, while the context lasts. Acknowledged ones are finished
    before it ends. Raise Unreachable with the remedy if Slack refuses the connection."""
    from slack_sdk.socket_mode import SocketModeClient

    client = Client(None, api_url)
    connection = SocketModeClient(
        app_token=app_token.get_secret_value(),
        web_client=client.web,
        logger=disabled_logger(),
        ping_interval=PING_SECONDS,
    )
    connection.proxy = proxy_for(client.api_url, connection.proxy)
    with ThreadPoolExecutor(WORKERS, thread_name_prefix="press") as work:
        connection.socket_mode_request_listeners.append(_Listener(work, receiver))
        try:
            _connect(connection)
            yield
        finally:
            connection.close()


def is_refusal(told: Mapping[str, Any] | None) -> bool:
    """Return whether this reply refuses a form's answers, so that nothing is left to do."""
    return bool(told) and (told or {}).get("response_action") == "errors"


class _Listener:
    """Acknowledges envelopes, and passes them on to the workers."""

    def __init__(self, work: ThreadPoolExecutor, receiver: Receiver) -> None:
        self._work, self._receiver = work, receiver

    def __call__(self, connection: "BaseSocketModeClient", request: "SocketModeRequest") -> None:
        from slack_sdk.errors import SlackClientError

        ours = request.type in KINDS
        told = self._receiver.reply(request.type, request.payload) if ours else None
        try:
            answer = {"envelope_id": request.envelope_id} | ({"payload": told} if told else {})
            connection.send_socket_mode_response(answer)
        except (SlackClientError, OSError) as error:
            logger.warning("an envelope was not acknowledged (%s); it comes again", type(error).__name__)
        if ours and not is_refusal(told):
            view_id = self._receiver.begin(request.type, request.payload)
            self._work.submit(self._run, request.type, request.payload, view_id)

    def _run(self, kind: str, payload: Mapping[str, Any], view_id: str) -> None:
        try:
            self._receiver.work(kind, payload, view_id)
        except Exception as error:
            logger.error("a press could not be heard: %s", type(error).__name__)


def _connect(connection: Any) -> None:
    from slack_sdk.errors import SlackApiError

    try:
        connection.connect()
    except SlackApiError as error:
        trouble = refused("apps.connections.open", str(error.response.get("error")))
        raise Unreachable(_mend(trouble)) from None
    except OSError as error:
        raise Unreachable(f"Slack cannot be reached for Socket Mode: {type(error).__name__}") from None


def _mend(trouble: Trouble) -> str:
    return f"{trouble} [FIRST90_SLACK_APP_TOKEN is the app-level token, xapp-…, with the scope connections:write]"
