"""A Slack workspace behind a real socket: as strict as the real one, with a record of messages, and faults on
request."""

import json
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any
from urllib.parse import parse_qsl

from tests.integrations.slack.block_rules import faults, markup, options_in, shown_by, units, view_faults

TEAM, BOT_TOKEN, APP_TOKEN, SECRET = "T0VENDOR", "xoxb-far-side", "xapp-far-side", "a signing secret of the far side"
MANAGERS = "C0MANAGERS"
SCOPES = {
    *("chat:write", "users:read", "users:read.email", "im:write", "im:history"),
    *("channels:history", "groups:history", "commands"),
}
NEEDS = {
    "chat.postMessage": "chat:write",
    "chat.update": "chat:write",
    "users.lookupByEmail": "users:read.email",
    "users.info": "users:read",
    "conversations.open": "im:write",
}
HISTORY = {"D": "im:history", "C": "channels:history", "G": "groups:history"}
BEGINNING = 1772442000
"""Slack's own clock at the start: 2 March 2026, 09:00 UTC."""
Mood = Callable[[str, int], str]
"""What happens to a method's n-th call, in a word: see ``FarSlack.answer``."""


def friendly(method: str, number: int) -> str:
    """Accept everything."""
    return "accept"


@dataclass
class Message:
    """A message in the workspace."""

    channel: str
    ts: str
    body: dict[str, Any]
    thread_ts: str | None = None
    edits: int = 0
    deleted: bool = False

    @property
    def key(self) -> str:
        """The key of its effect."""
        return str(self.body["metadata"]["event_payload"]["key"])

    @property
    def text(self) -> str:
        return json.dumps(self.body["blocks"], ensure_ascii=False)


@dataclass
class View:
    """An open modal, or a person's home tab."""

    id: str
    user: str
    body: dict[str, Any]
    closed: bool = False
    updates: int = 0
    submitted: int = 0
    """How many updates it had when it was last submitted."""

    @property
    def text(self) -> str:
        return json.dumps(self.body["blocks"], ensure_ascii=False)

    @property
    def title(self) -> str:
        return str(self.body["title"]["text"])

    @property
    def fields(self) -> dict[str, dict[str, Any]]:
        """Return the input elements by block id."""
        return {one["block_id"]: one["element"] for one in self.body["blocks"] if one["type"] == "input"}


TRIGGER_LIFE = 3.0
"""Seconds for which a trigger id works, once."""
MOST_ANSWERS = 5
"""How often a response URL may be used."""


class Refusal(Exception):
    """An error code in Slack's response."""

    def __init__(self, code: str, **more: Any) -> None:
        super().__init__(code)
        self.answer = {"ok": False, "error": code, **more}


@dataclass
class FarSlack:
    """The content of the workspace, and its requests. ``messages`` decides what arrived, independent of first90."""

    port: int = 0
    mood: Mood = friendly
    scopes: set[str] = field(default_factory=lambda: set(SCOPES))
    token: str = BOT_TOKEN
    users: dict[str, dict[str, Any]] = field(default_factory=dict)
    archived: set[str] = field(default_factory=set)
    joined: set[str] = field(default_factory=lambda: {MANAGERS})
    messages: list[Message] = field(default_factory=list)
    created: Counter[str] = field(default_factory=Counter)
    """How often each effect was posted as a new message."""
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    answers: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    """What was posted to response URLs, with the URL."""
    views: dict[str, View] = field(default_factory=dict)
    homes: dict[str, View] = field(default_factory=dict)
    """The home tab of each user who has one."""
    triggers: dict[str, tuple[str, float]] = field(default_factory=dict)
    """The unused trigger ids: the user, and since when (monotonic)."""
    spent: set[str] = field(default_factory=set)
    deaf: bool = False
    """Whether it breaks off requests to response URLs."""
    ws_url: str = ""
    connections: int = 0
    page: int = 200
    release: threading.Event = field(default_factory=threading.Event)
    """Set when hanging requests may continue."""
    reached: threading.Event = field(default_factory=threading.Event)
    """Set when a request began to hang."""
    _numbers: Counter[str] = field(default_factory=Counter)
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _clock: Iterator[int] = field(default_factory=lambda: count(BEGINNING * 1_000_000, 100))

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/api"

    def person(self, name: str, email: str | None = None, **more: Any) -> str:
        """Add a user and return the id."""
        user_id = f"U{len(self.users) + 1:04d}"
        profile = {"email": email} if email else {}
        self.users[user_id] = {
            "id": user_id,
            "name": name,
            "team_id": TEAM,
            "deleted": False,
            "is_bot": False,
            "is_restricted": False,
            "is_ultra_restricted": False,
            "tz": "Europe/London",
            "profile": profile,
        } | more
        return user_id

    def count(self, method: str) -> int:
        """Return how often a method was called."""
        return sum(1 for name, _ in self.calls if name == method)

    def inbox(self, email: str) -> list[Message]:
        """Return the direct messages of a user."""
        user = self._by_mail(email)
        return [one for one in self.messages if one.channel == f"D{user['id']}" and not one.deleted]

    def within(self, channel: str) -> list[Message]:
        return [one for one in self.messages if one.channel == channel and not one.deleted]

    # Requests

    def answer(self, method: str, token: str, given: dict[str, Any]) -> tuple[int, dict[str, str], bytes] | None:
        """Return status, headers and body; None: the connection breaks."""
        with self._lock:
            self.calls.append((method, given))
            self._numbers[method] += 1
            word, _, more = self.mood(method, self._numbers[method]).partition(" ")
        match word:
            case "accept":
                return self._json(self._carried_out(method, token, given))
            case "accept-and-break":
                self._carried_out(method, token, given)
                return None
            case "break":
                return None
            case "accept-and-hang":
                self._carried_out(method, token, given)
                self.reached.set()
                self.release.wait(30)
                return None
            case "accept-and-half":
                body = json.dumps(self._carried_out(method, token, given)).encode()
                return 200, {"content-type": "application/json"}, body[: len(body) // 2]
            case "accept-and-page":
                self._carried_out(method, token, given)
                return int(more or 502), {"content-type": "text/html"}, b"<html>Bad gateway</html>"
            case "accept-and-error":
                self._carried_out(method, token, given)
                return self._json({"ok": False, "error": more})
            case "page":
                return int(more or 502), {"content-type": "text/html"}, b"<html>Bad gateway</html>"
            case "busy":
                wait = {"retry-after": more} if more else {}
                body = json.dumps({"ok": False, "error": "ratelimited"}).encode()
                return 429, {"content-type": "application/json", **wait}, body
            case "error":
                return self._json({"ok": False, "error": more})
            case "hang":
                self.release.wait(30)
                return None
        raise AssertionError(word)

    def _json(self, found: Mapping[str, Any]) -> tuple[int, dict[str, str], bytes]:
        headers = {"content-type": "application/json; charset=utf-8", "x-oauth-scopes": ",".join(sorted(self.scopes))}
        return 200, headers, json.dumps(found).encode()

    def _carried_out(self, method: str, token: str, given: dict[str, Any]) -> dict[str, Any]:
        with self._lock:
            try:
                return {"ok": True, **self._call(method, token, given)}
            except Refusal as refusal:
                return refusal.answer

    def _call(self, method: str, token: str, given: dict[str, Any]) -> dict[str, Any]:
        if method == "apps.connections.open":
            if token != APP_TOKEN:
                raise Refusal("invalid_auth")
            return {"url": self.ws_url}
        if token != self.token:
            raise Refusal("invalid_auth")
        self._need(NEEDS.get(method))
        match method:
            case "auth.test":
                return {"team_id": TEAM, "team": "Vendor", "user": "first90", "user_id": "UBOT"}
            case "users.lookupByEmail":
                return {"user": self._by_mail(given["email"])}
            case "users.info":
                if given["user"] not in self.users:
                    raise Refusal("user_not_found")
                return {"user": self._seen(self.users[given["user"]])}
            case "conversations.open":
                if self.users.get(given["users"], {"deleted": True})["deleted"]:
                    raise Refusal("user_not_found")
                return {"channel": {"id": f"D{given['users']}"}}
            case "conversations.history" | "conversations.replies":
                return self._history(method, given)
            case "chat.postMessage":
                return self._post(given)
            case "chat.update":
                return self._update(given)
            case "views.open" | "views.update" | "views.publish":
                return self._view(method, given)
        raise Refusal("unknown_method")

    def _need(self, scope: str | None) -> None:
        if scope and scope not in self.scopes:
            raise Refusal("missing_scope", needed=scope, provided=",".join(sorted(self.scopes)))

    def _by_mail(self, email: str) -> dict[str, Any]:
        found = [one for one in self.users.values() if one["profile"].get("email", "").lower() == email.lower()]
        if not found or found[0]["deleted"]:
            raise Refusal("users_not_found")
        return self._seen(found[0])

    def _seen(self, user: dict[str, Any]) -> dict[str, Any]:
        return user if "users:read.email" in self.scopes else user | {"profile": {}}

    def _channel(self, channel: str) -> str:
        if channel.startswith("U"):
            channel = f"D{channel}"
        if channel.startswith("D"):
            if channel[1:] not in self.users:
                raise Refusal("channel_not_found")
            return channel
        if channel not in self.joined:
            raise Refusal("channel_not_found" if channel.startswith("G") else "not_in_channel")
        if channel in self.archived:
            raise Refusal("is_archived")
        return channel

    def _post(self, given: dict[str, Any]) -> dict[str, Any]:
        channel = self._channel(given["channel"])
        self._check(given, 40_000)
        thread = given.get("thread_ts")
        if thread is not None and not any(one.ts == thread for one in self.within(channel)):
            raise Refusal("thread_not_found")
        number = next(self._clock)
        ts = f"{number // 1_000_000}.{number % 1_000_000:06d}"
        self.messages.append(Message(channel=channel, ts=ts, body=given, thread_ts=thread))
        self.created[self.messages[-1].key] += 1
        return {"channel": channel, "ts": ts, "message": given}

    def _update(self, given: dict[str, Any]) -> dict[str, Any]:
        channel = self._channel(given["channel"])
        if not isinstance(given["ts"], str):
            raise Refusal("invalid_arguments")
        self._check(given, 4_000)
        found = [one for one in self.within(channel) if one.ts == given["ts"]]
        if not found:
            raise Refusal("message_not_found")
        found[0].body, found[0].edits = given, found[0].edits + 1
        return {"channel": channel, "ts": given["ts"], "text": given["text"]}

    def _view(self, method: str, given: dict[str, Any]) -> dict[str, Any]:
        body = given["view"]
        told = view_faults(body)
        if told or body["type"] != ("home" if method == "views.publish" else "modal"):
            raise Refusal("invalid_arguments", response_metadata={"messages": told})
        if len(json.dumps(body)) > 250_000:
            raise Refusal("view_too_large")
        if method == "views.publish":
            if given["user_id"] not in self.users:
                raise Refusal("user_not_found")
            home = self.homes.setdefault(given["user_id"], View(f"VH{given['user_id']}", given["user_id"], body))
            home.body, home.updates = body, home.updates + 1
            return {"view": {"id": home.id}}
        if method == "views.open":
            trigger = given["trigger_id"]
            if trigger in self.spent:
                raise Refusal("exchanged_trigger_id")
            if trigger not in self.triggers:
                raise Refusal("invalid_trigger_id")
            user, since = self.triggers.pop(trigger)
            self.spent.add(trigger)
            if time.monotonic() - since > TRIGGER_LIFE:
                raise Refusal("expired_trigger_id")
            made = View(f"V{len(self.views) + 1:04d}", user, body)
            self.views[made.id] = made
            return {"view": {"id": made.id, **body}}
        found = self.views.get(given["view_id"])
        if found is None or found.closed:
            raise Refusal("not_found")
        found.body, found.updates = body, found.updates + 1
        return {"view": {"id": found.id, **body}}

    # Modals

    def trigger(self, user: str, age: float = 0) -> str:
        """Return a new trigger id of a user's click, ``age`` seconds after it."""
        made = f"{next(self._clock)}.1.a"
        self.triggers[made] = (user, time.monotonic() - age)
        return made

    @property
    def modal(self) -> View:
        """Return the modal that was opened last."""
        return list(self.views.values())[-1]

    def submit(self, view: View, by: str | None = None, **answers: str) -> dict[str, Any]:
        """Return the payload of a person submitting a modal with these answers; other fields as they were filled in."""
        assert "submit" in view.body, f"nothing to submit: {view.text}"
        fields = view.fields
        assert not answers.keys() - fields.keys(), (answers, list(fields))
        values = {}
        for name, element in fields.items():
            filled = _filled(element, answers.get(name))
            optional = next(one["optional"] for one in view.body["blocks"] if one.get("block_id") == name)
            assert optional or any(filled.values()), f"Slack would not submit it without {name}"
            values[name] = {element["action_id"]: {"type": element["type"], **filled}}
        view.submitted = view.updates
        return {
            "type": "view_submission",
            "team": {"id": TEAM},
            "user": {"id": by or view.user, "team_id": TEAM},
            "api_app_id": "A1",
            "trigger_id": self.trigger(by or view.user),
            "view": {"id": view.id, **view.body, "state": {"values": values}, "hash": f"{view.updates}.x"},
            "response_urls": [],
        }

    def replied(self, view: View, told: Mapping[str, Any] | None) -> dict[str, str]:
        """Take the reply to a submission as Slack does; return the errors that the person sees at the fields."""
        action = (told or {}).get("response_action")
        if action == "errors":
            assert told is not None
            assert told["errors"].keys() <= view.fields.keys(), told
            return dict(told["errors"])
        if action == "update":
            assert told is not None
            assert not view_faults(told["view"]), view_faults(told["view"])
            if view.updates == view.submitted:  # the reply left before any update of the work that follows it
                view.body = told["view"]
            return {}
        assert action in (None, "clear"), told
        view.closed = True
        return {}

    def _check(self, given: dict[str, Any], most: int) -> None:
        if not given.get("text"):
            raise Refusal("no_text")
        if units(given["text"]) > most:
            raise Refusal("msg_too_long")
        told = faults(given.get("blocks"))
        for block in given.get("blocks", ()):
            shown = [one for one in shown_by(block) if one.get("type") == "mrkdwn"]
            told += [fault for one in shown for fault in markup(one["text"])]
        if told or markup(given["text"]):
            raise Refusal("invalid_blocks", response_metadata={"messages": told})
        if units(json.dumps(given.get("blocks"), ensure_ascii=False)) > 40_000:
            raise Refusal("msg_blocks_too_long")
        kept = given.get("metadata")
        if not isinstance(kept, dict) or set(kept) != {"event_type", "event_payload"} or len(json.dumps(kept)) > 8_000:
            raise Refusal("invalid_metadata_format")

    def _history(self, method: str, given: dict[str, Any]) -> dict[str, Any]:
        if not re.fullmatch(r"[CDG][A-Z0-9]+", given["channel"]):
            raise Refusal("channel_not_found")
        channel = self._channel(given["channel"])
        self._need(HISTORY[channel[0]])
        oldest, whole = (
            float(given.get("oldest", 0)),
            str(given.get("include_all_metadata", "")) in ("1", "True", "true"),
        )
        there = [one for one in self.within(channel) if float(one.ts) > oldest]
        if method == "conversations.replies":
            if not any(one.ts == given["ts"] for one in self.within(channel)):
                raise Refusal("thread_not_found")
            there = [one for one in there if given["ts"] in (one.ts, one.thread_ts)]
        else:
            there = [one for one in reversed(there) if one.thread_ts is None]
        start, size = int(given.get("cursor") or 0), min(int(given.get("limit", 100)), self.page)
        found = [
            {"ts": one.ts, "text": one.body["text"], **({"metadata": one.body["metadata"]} if whole else {})}
            for one in there[start : start + size]
        ]
        more = {"next_cursor": str(start + size)} if start + size < len(there) else {"next_cursor": ""}
        return {"messages": found, "has_more": bool(more["next_cursor"]), "response_metadata": more}

    # Presses

    def press(
        self, place: Message | View, user: str, action: str, chosen: str = "", about: str = "", **more: Any
    ) -> dict[str, Any]:
        """Return the payload of a user pressing a button of a message or a home tab, or choosing ``chosen``.

        The button must exist; ``about`` is a part of its value, where there are several.
        """
        for block in place.body["blocks"]:
            for element in block.get("elements", ()) if block["type"] == "actions" else ():
                if element["action_id"] == f"first90.{action}" and about in json.dumps(element):
                    pressed = {
                        "type": element["type"],
                        "action_id": element["action_id"],
                        "block_id": block["block_id"],
                        "action_ts": f"{next(self._clock) / 1e6:.6f}",
                        **_chosen(element, chosen),
                    }
                    return self._pressed(place, user, pressed) | more
        raise AssertionError(f"the message has no {action}")

    def _pressed(self, place: Message | View, user: str, pressed: dict[str, Any]) -> dict[str, Any]:
        told = {
            "type": "block_actions",
            "team": {"id": TEAM},
            "user": {"id": user, "team_id": TEAM},
            "api_app_id": "A1",
            "trigger_id": self.trigger(user),
            "actions": [pressed],
        }
        if isinstance(place, View):
            return told | {"container": {"type": "view", "view_id": place.id}, "view": {"id": place.id, **place.body}}
        return told | {
            "container": {"message_ts": place.ts, "channel_id": place.channel},
            "response_url": self.response_url(),
        }

    def response_url(self) -> str:
        """Return a new response URL."""
        return f"http://127.0.0.1:{self.port}/actions/{next(self._clock)}"

    def command(self, user: str, text: str) -> dict[str, str]:
        """Return the payload of ``/first90 TEXT``, as Slack escapes it; without the scope there is no such command."""
        assert "commands" in self.scopes
        entities = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
        text = re.sub(r"<mailto:[^>]*>|[&<>]", lambda found: entities.get(found[0], found[0]), text)
        return {
            "token": "an old verification token",
            "team_id": TEAM,
            "team_domain": "vendor",
            "channel_id": "C0ANY",
            "channel_name": "directmessage",
            "user_id": user,
            "user_name": self.users[user]["name"],
            "command": "/first90",
            "text": text,
            "api_app_id": "A1",
            "is_enterprise_install": "false",
            "response_url": self.response_url(),
            "trigger_id": self.trigger(user),
        }

    def home_opened(self, user: str, tab: str = "home") -> dict[str, Any]:
        """Return the event of a user opening the app's tab."""
        return {
            "type": "event_callback",
            "event_id": f"Ev{next(self._clock)}",
            "event_time": BEGINNING,
            "team_id": TEAM,
            "api_app_id": "A1",
            "event": {"type": "app_home_opened", "user": user, "channel": f"D{user}", "tab": tab, "event_ts": "1.1"},
        }

    @property
    def said(self) -> list[str]:
        """Return the replies to presses."""
        return [given["text"] for _, given in self.answers]


def _chosen(element: Mapping[str, Any], chosen: str) -> dict[str, Any]:
    match element["type"]:
        case "button":
            return {"value": element["value"]}
        case "datepicker":
            return {"selected_date": chosen}
        case "users_select":
            return {"selected_user": chosen}
    options = options_in(dict(element))
    option = next((one for one in options if one["value"].endswith(chosen)), None)
    option = option or next(one for one in options if chosen in one["value"])
    return {"selected_option": option}


def _filled(element: Mapping[str, Any], answer: str | None) -> dict[str, Any]:
    """Return the state of an input with this answer; None: as it was filled in."""
    match element["type"]:
        case "datepicker":
            return {"selected_date": element.get("initial_date") if answer is None else answer or None}
        case "timepicker":
            return {"selected_time": element.get("initial_time") if answer is None else answer or None}
        case "users_select":
            return {"selected_user": answer}
        case "static_select":
            if answer is None:
                return {"selected_option": element.get("initial_option")}
            return {"selected_option": next(one for one in options_in(dict(element)) if one["value"] == answer)}
        case "number_input":
            assert answer is None or re.fullmatch(r"-?\d+(\.\d+)?|", answer), "Slack lets only numbers be entered"
    text = element.get("initial_value") if answer is None else answer
    assert len(text or "") <= element.get("max_length", 3000), "Slack lets no more be entered"
    return {"value": text or None}


@contextmanager
def far_slack() -> Iterator[FarSlack]:
    """A workspace that listens on this machine."""
    there = FarSlack()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            with there._lock:
                there.connections += 1

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"] or 0))
            if self.path.startswith("/actions/") and there.deaf:
                self.close_connection = True
                return
            if self.path.startswith("/actions/"):
                if sum(1 for path, _ in there.answers if path == self.path) >= MOST_ANSWERS:
                    self._give(404, {"content-type": "text/plain"}, b"used_url")
                    return
                there.answers.append((self.path, json.loads(body)))
                self._give(200, {"content-type": "text/plain"}, b"ok")
                return
            kind = self.headers.get("content-type", "")
            given = json.loads(body or b"{}") if "json" in kind else dict(parse_qsl(body.decode()))
            token = self.headers.get("authorization", "").removeprefix("Bearer ")
            found = there.answer(self.path.removeprefix("/api/"), token, given)
            if found is not None:
                self._give(*found)
            self.close_connection |= found is None

        def _give(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            half = there.mood is not friendly and body[:1] == b"{" and body[-1:] != b"}"
            self.send_header("content-length", str(len(body) * (2 if half else 1)))
            self.end_headers()
            self.wfile.write(body)
            self.close_connection |= half

        def log_message(self, format: str, *args: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

    with Server(("127.0.0.1", 0), Handler) as server:
        there.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield there
        finally:
            there.release.set()
            server.shutdown()
            thread.join()
