"""The reply to a pressed button, visible to that person only, through the response URL of the press."""

import logging
from http.client import HTTPException
from urllib.parse import urlsplit

from integrations.slack.client import TIMEOUT, Client, disabled_logger, proxy_for

logger = logging.getLogger(__name__)

ANSWER = 3000


def answer(client: Client, response_url: str, text: str) -> None:
    """Post the reply, ``text`` in Slack's format. A lost one is only logged, because the person can press again."""
    from slack_sdk.webhook import WebhookClient

    if not _is_slack_url(client, response_url):
        logger.warning("an answer was not given: Slack named no address of its own for it")
        return
    hook = WebhookClient(response_url, timeout=TIMEOUT, ssl=client.web.ssl, retry_handlers=[], logger=disabled_logger())
    hook.proxy = proxy_for(response_url, hook.proxy)
    try:
        status = hook.send(text=text, response_type="ephemeral", replace_original=False).status_code
    except (OSError, HTTPException, ValueError) as error:
        logger.warning("an answer was lost: %s", type(error).__name__)
        return
    if status != 200:
        logger.warning("an answer was refused: HTTP %s", status)


def _is_slack_url(client: Client, url: str) -> bool:
    """Return whether this is a URL of Slack, or of its replacement in tests; nothing is ever posted elsewhere."""
    try:
        given, known = urlsplit(url), urlsplit(client.api_url)
    except ValueError:
        return False
    if (given.scheme, given.netloc) == (known.scheme, known.netloc):
        return True
    return given.scheme == "https" and given.netloc == f"hooks.{known.hostname}"
