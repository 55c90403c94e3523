"""The answer to a pressed button: seen by that person alone, through the address that Slack gave with the press."""

import logging
from http.client import HTTPException
from urllib.parse import urlsplit

from integrations.slack.client import TIMEOUT, Client, proxy_for, silent

logger = logging.getLogger(__name__)

ANSWER = 3000


def answer(client: Client, response_url: str, text: str) -> None:
    """Post the answer, ``text`` as Slack takes it. One that is lost is logged, and nothing else: it may be repeated by
    pressing again."""
    from slack_sdk.webhook import WebhookClient

    if not _ours(client, response_url):
        logger.warning("an answer was not given: Slack named no address of its own for it")
        return
    hook = WebhookClient(response_url, timeout=TIMEOUT, ssl=client.web.ssl, retry_handlers=[], logger=silent())
    hook.proxy = proxy_for(response_url, hook.proxy)
    try:
        status = hook.send(text=text, response_type="ephemeral", replace_original=False).status_code
    except (OSError, HTTPException, ValueError) as error:
        logger.warning("an answer was lost: %s", type(error).__name__)
        return
    if status != 200:
        logger.warning("an answer was refused: HTTP %s", status)


def _ours(client: Client, url: str) -> bool:
    """Whether this is an address of Slack's, or of what stands in for it: nothing else is ever written to."""
    try:
        given, known = urlsplit(url), urlsplit(client.api_url)
    except ValueError:
        return False
    if (given.scheme, given.netloc) == (known.scheme, known.netloc):
        return True
    return given.scheme == "https" and given.netloc == f"hooks.{known.hostname}"
