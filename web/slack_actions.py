"""Slack over HTTP: buttons and forms, commands, events. The work follows the response, due within three seconds."""

import hashlib
import hmac
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

from pydantic import SecretStr
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from config.settings.channels import SlackChat
from tasks.runtime.context import RunContext
from tasks.slack.receiving import COMMAND, EVENT, INTERACTIVE, SlackReceiver, is_refusal
from web.body import read_body
from web.writing import write_in_thread

MOST_BYTES = 512 * 1024
WINDOW = 300
"""Seconds for which a signature is valid, as Slack recommends."""
Endpoint = Callable[[Request], Awaitable[Response]]
REFUSED = PlainTextResponse("not signed by our Slack app\n", 401)


def routes(context: RunContext) -> list[Route]:
    """Return the routes for buttons and forms, ``/first90`` and events; none without a signing secret."""
    chat = context.settings.chat
    secret = chat.signing_secret if isinstance(chat, SlackChat) else None
    if secret is None:
        return []
    receiver = SlackReceiver(context)

    def signed(read: Callable[[bytes], Mapping[str, Any] | None], kind: str) -> Endpoint:
        async def answer(request: Request) -> Response:
            body = await read_body(request, MOST_BYTES)
            if not is_signed(secret, request.headers, body, time.time()):
                return REFUSED
            payload = read(body)
            if payload is None:
                return PlainTextResponse("nothing of Slack's\n", 400)
            if payload.get("type") == "url_verification":
                return PlainTextResponse(str(payload.get("challenge") or ""))
            told = await write_in_thread(request, receiver.reply, kind, payload)
            rest = None if is_refusal(told) else BackgroundTask(_work, receiver, kind, payload)
            return JSONResponse(told, background=rest) if told else Response(status_code=200, background=rest)

        return answer

    return [
        Route("/slack/actions", signed(_interaction, INTERACTIVE), methods=["POST"]),
        Route("/slack/commands", signed(_command, COMMAND), methods=["POST"]),
        Route("/slack/events", signed(_event, EVENT), methods=["POST"]),
    ]


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


def _interaction(body: bytes) -> Mapping[str, Any] | None:
    form = _form(body)
    return _object(form["payload"]) if form and "payload" in form else None


def _command(body: bytes) -> Mapping[str, Any] | None:
    form = _form(body)
    return form if form and "command" in form else None


def _event(body: bytes) -> Mapping[str, Any] | None:
    return _object(body)


def _form(body: bytes) -> Mapping[str, str] | None:
    try:
        given = parse_qs(body.decode("utf-8"), strict_parsing=True, keep_blank_values=True, errors="strict")
    except ValueError:
        return None
    return {name: values[0] for name, values in given.items()}


def _object(text: str | bytes) -> Mapping[str, Any] | None:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _work(receiver: SlackReceiver, kind: str, payload: Mapping[str, Any]) -> None:
    receiver.work(kind, payload, receiver.begin(kind, payload))
