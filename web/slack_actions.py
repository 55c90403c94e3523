"""Buttons pressed in Slack, over HTTP: ``/slack/actions``. The work follows the response, due within three seconds."""

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from pydantic import SecretStr
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from config.settings.channels import SlackChat
from tasks.runtime.context import RunContext
from tasks.slack.receiving import INTERACTIVE, SlackReceiver, is_refusal
from web.body import read_body

MOST_BYTES = 512 * 1024
WINDOW = 300
"""Seconds for which a signature is valid, as Slack recommends."""
REFUSED = PlainTextResponse("not signed by our Slack app\n", 401)


def routes(context: RunContext) -> list[Route]:
    """Return the route; none without a signing secret."""
    chat = context.settings.chat
    secret = chat.signing_secret if isinstance(chat, SlackChat) else None
    if secret is None:
        return []

    receiver = SlackReceiver(context)

    async def actions(request: Request) -> Response:
        body = await read_body(request, MOST_BYTES)
        if not is_signed(secret, request.headers, body, time.time()):
            return REFUSED
        payload = _payload(body)
        if payload is None:
            return PlainTextResponse("no interaction of Slack's\n", 400)
        told = await run_in_threadpool(receiver.reply, INTERACTIVE, payload)
        rest = None if is_refusal(told) else BackgroundTask(_work, receiver, INTERACTIVE, payload)
        return JSONResponse(told, background=rest) if told else Response(status_code=200, background=rest)

    return [Route("/slack/actions", actions, methods=["POST"])]


def is_signed(secret: SecretStr, headers: Mapping[str, str], body: bytes, now: float) -> bool:
    """Return whether Slack signed exactly these bytes within the last five minutes; ``now`` in seconds since 1970.

    The comparison takes the same time wherever the first wrong character is.
    """
    stamp, given = headers.get("x-slack-request-timestamp", ""), headers.get("x-slack-signature", "")
    if not (stamp.isascii() and stamp.isdecimal() and len(stamp) <= 12) or abs(now - int(stamp)) > WINDOW:
        return False
    signed = b"v0:" + stamp.encode() + b":" + body
    wanted = "v0=" + hmac.new(secret.get_secret_value().encode(), signed, hashlib.sha256).hexdigest()
    return hmac.compare_digest(wanted.encode(), given.encode("utf-8", "replace"))


def _payload(body: bytes) -> Mapping[str, Any] | None:
    try:
        found = json.loads(parse_qs(body.decode("utf-8"), strict_parsing=True)["payload"][0])
    except (KeyError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _work(receiver: SlackReceiver, kind: str, payload: Mapping[str, Any]) -> None:
    receiver.work(kind, payload, receiver.begin(kind, payload))
