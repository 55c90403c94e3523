"""A file of JSON lines in place of Slack: each line is one call, as Slack would receive it."""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from integrations.locks import Busy, locked, sync_folder
from integrations.ports import Guarantee, OutgoingMessage
from integrations.slack import elsewhere
from integrations.slack.blocks import blocks
from integrations.slack.mentions import mentioning, stand_in
from onboarding.effects.payloads import ChatMethod, ChatPayload, read_chat
from onboarding.effects.send_result import ResultState, SendResult

EVENT = "first90_effect"


@dataclass
class _Index:
    """The content of the file up to ``read``: effect key to ``ts``, and the newest ``ts`` in microseconds."""

    file: tuple[int, int] | None = None
    read: int = 0
    by_key: dict[str, str] = field(default_factory=dict)
    newest: int = 0


class ChatFile:
    """Posts into a file. The effect's key is in the metadata, so a repeat of a message adds nothing."""

    guarantee: Guarantee = Guarantee.KEYED
    embedded = True
    batch = 200
    slots = 1
    key_life: timedelta | None = None

    def __init__(self, path: Path) -> None:
        self._path, self._index = path, _Index()

    def send(self, messages: Sequence[OutgoingMessage]) -> Sequence[SendResult]:
        """Append the calls.

        A payload is a stored ``ChatPayload``; ``ts`` and ``thread_ts`` are the ``ts`` of an earlier message.
        """
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with locked(self._path.with_name(f".{self._path.name}.lock")):
                return self._append(messages)
        except Busy as error:
            return [SendResult(state=ResultState.TRANSIENT, error=f"chat file: {error}")] * len(messages)
        except OSError as error:
            # Messages that did arrive are found by their key at the next try.
            self._index = _Index()
            return [
                SendResult(state=ResultState.TRANSIENT, error=f"chat file cannot be written: {error.strerror}")
            ] * len(messages)

    def find(self, key: str) -> str | None:
        """Return the ``ts`` of the message of this effect, or None."""
        try:
            with self._path.open("rb") as file:
                self._catch_up(file.fileno())
        except OSError:
            return None
        return self._index.by_key.get(key)

    def _append(self, messages: Sequence[OutgoingMessage]) -> list[SendResult]:
        new_file = not self._path.exists()
        with self._path.open("a+b") as file:
            self._mend_end(file.fileno())
            self._catch_up(file.fileno())
            answers: list[SendResult] = []
            lines: list[bytes] = []
            for outgoing in messages:
                try:
                    answers.append(self._take(outgoing, lines))
                except (KeyError, TypeError, ValueError) as error:
                    problem = f"the Slack message is malformed: {type(error).__name__}"
                    answers.append(SendResult(state=ResultState.PERMANENT, error=problem))
            file.write(b"".join(lines))
            file.flush()
            os.fsync(file.fileno())
            self._index.read += sum(map(len, lines))
        if new_file:
            sync_folder(self._path.parent)
        return answers

    def _take(self, outgoing: OutgoingMessage, lines: list[bytes]) -> SendResult:
        known = self._index.by_key.get(outgoing.key)
        note = None
        if known is None:
            payload = read_chat(outgoing.payload)
            if payload.ts and payload.method is ChatMethod.UPDATE and not _is_of_a_file(payload.ts):
                return elsewhere.given_up(payload.ts)
            if payload.thread_ts and not _is_of_a_file(payload.thread_ts):
                payload, note = elsewhere.on_its_own(payload), elsewhere.ON_ITS_OWN
            line = self._line(outgoing.key, payload)
            lines.append(json.dumps(line, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace") + b"\n")
            known = self._index.by_key[outgoing.key] = line["ts"]
            self._index.newest = max(self._index.newest, _micros(known))
        return SendResult(state=ResultState.SENT, provider_id=known, error=note)

    def _line(self, key: str, payload: ChatPayload) -> dict[str, Any]:
        text, built = blocks(payload.post, key, payload.labels)
        if payload.mentions:
            text, built = mentioning(stand_in(payload.channel), text, built)
        line: dict[str, Any] = {
            "method": payload.method.value,
            "ts": payload.ts if payload.method is ChatMethod.UPDATE else self._next_ts(payload.as_of),
            "channel": payload.channel,
            "text": text,
            "blocks": built,
        }
        if not isinstance(line["ts"], str) or not _micros(line["ts"]):
            raise ValueError("ts")
        if payload.thread_ts:
            line["thread_ts"] = payload.thread_ts
        line["metadata"] = {"event_type": EVENT, "event_payload": {"key": key}}
        return line | {"unfurl_links": False, "unfurl_media": False}

    def _next_ts(self, at: datetime) -> str:
        """Return a ``ts``, unique and increasing like Slack's; from the payload's time, so that a replay gives the
        same."""
        if at.tzinfo is None:
            raise ValueError("as_of")
        micros = max(int(at.timestamp()) * 1_000_000 + 100, self._index.newest + 100)
        return f"{micros // 1_000_000}.{micros % 1_000_000:06d}"

    def _mend_end(self, handle: int) -> None:
        """Mend the half line that a crash may leave: complete it if only its end is missing, else remove it.

        Such a line was never reported as sent, so its effect is sent again.
        """
        size = os.fstat(handle).st_size
        if not size or os.pread(handle, 1, size - 1) == b"\n":
            return
        start = size
        tail = b""
        while start and b"\n" not in tail:
            start = max(0, start - 65536)
            tail = os.pread(handle, size - start, start)
        last = tail.rpartition(b"\n")[2]
        if _key_and_ts(last) is None:
            os.ftruncate(handle, size - len(last))
        else:
            os.write(handle, b"\n")

    def _catch_up(self, handle: int) -> None:
        """Read what others appended since the last read; everything if the file is another one."""
        status = os.fstat(handle)
        if self._index.file != (status.st_dev, status.st_ino) or status.st_size < self._index.read:
            self._index = _Index(file=(status.st_dev, status.st_ino))
        fresh = os.pread(handle, status.st_size - self._index.read, self._index.read)
        whole = fresh[: fresh.rfind(b"\n") + 1]
        for line in whole.splitlines():
            if found := _key_and_ts(line):
                key, ts = found
                self._index.newest = max(self._index.newest, _micros(ts))
                if key:
                    self._index.by_key.setdefault(key, ts)
        self._index.read += len(whole)


def _key_and_ts(line: bytes) -> tuple[str, str] | None:
    """Return key and ``ts`` of a line, the key empty if it is not first90's; None if it is not a whole call."""
    try:
        call = json.loads(line)
        key = ((call.get("metadata") or {}).get("event_payload") or {}).get("key") or ""
        return str(key), str(call["ts"])
    except (ValueError, KeyError, AttributeError, RecursionError):
        return None


def _micros(ts: str) -> int:
    seconds, _, fraction = ts.partition(".")
    return int(seconds) * 1_000_000 + int(fraction.ljust(6, "0")[:6]) if seconds.isdigit() else 0


def _is_of_a_file(ts: str) -> bool:
    """Return whether a message can be in a chat file; one in a workspace has its channel before."""
    return "/" not in ts
