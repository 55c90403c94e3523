"""Socket Mode: presses come in over an outgoing connection, so no public URL is needed.

Each envelope is acknowledged at once (Slack allows three seconds) and processed afterwards. One that could not be
acknowledged is sent again, perhaps to another process: several may be connected, and each press is carried out once.
The library reconnects when Slack renews a connection or it breaks.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

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

Handle = Callable[[Mapping[str, Any]], None]


@contextmanager
def listening(app_token: SecretStr, api_url: str | None, handle: Handle) -> Iterator[None]:
    """Call ``handle`` with the payload of each interaction, in other threads, while the context lasts. Acknowledged
    ones are finished before it ends. Raise Unreachable with the remedy if Slack refuses the connection."""
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
        connection.socket_mode_request_listeners.append(_Receiver(work, handle))
        try:
            _connect(connection)
            yield
        finally:
            connection.close()


class _Receiver:
    """Acknowledges envelopes, and passes interactions on to the workers."""

    def __init__(self, work: ThreadPoolExecutor, handle: Handle) -> None:
        self._work, self._handle = work, handle

    def __call__(self, connection: "BaseSocketModeClient", request: "SocketModeRequest") -> None:
        from slack_sdk.errors import SlackClientError

        try:
            connection.send_socket_mode_response({"envelope_id": request.envelope_id})
        except (SlackClientError, OSError) as error:
            logger.warning("an envelope was not acknowledged (%s); it comes again", type(error).__name__)
        if request.type == "interactive":
            self._work.submit(self._run, request.payload)

    def _run(self, payload: Mapping[str, Any]) -> None:
        try:
            self._handle(payload)
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
