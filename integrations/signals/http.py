"""Product usage from a URL as JSON lines, with the columns of the CSV file as keys."""

import logging
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cached_property
from urllib.parse import quote, urlsplit

import httpx
from pydantic import SecretStr

from integrations.instants import instant
from integrations.ports import Unreachable
from integrations.signals import cursor as signal_cursor
from integrations.signals.records import BEGINNING, USAGE, Layout, Sorting
from integrations.signals.spool import Spool, spooled
from integrations.tls import trust
from onboarding.model.usage import SignalBatch

TIMEOUT = httpx.Timeout(30, connect=10)
"""Seconds. One read of some ten thousand events takes a second. This project's choice."""
MOST_SECONDS = 120.0
"""The limit for one response, however steadily it arrives, so that a slow server delays no sweep. This project's
choice."""
SINCE = "{since}"
OVERLAP = timedelta(days=2)
"""The time before the newest event that is read again, because events arrive late. Known events change nothing. This
project's choice."""
MOST_TAG = 1024
"""Characters of a tag that is sent back. This project's choice."""


class SignalAddress:
    """A signal source behind an ``https://`` URL (checked by the settings).

    If the URL contains ``{since}``, the newest event's time less two days is put there; else all is read. The
    server's ETag is sent back, so that unchanged usage is not transferred. To be closed at the end.
    """

    def __init__(self, url: SecretStr, layout: Layout = USAGE) -> None:
        self._url = url
        self._layout = layout

    @cached_property
    def _client(self) -> httpx.Client:
        """The client of all reads. Redirects are not followed: they could lead the token in the URL to another host."""
        for library in ("httpx", "httpcore"):  # they log whole URLs
            logging.getLogger(library).setLevel(logging.WARNING)
        return httpx.Client(timeout=TIMEOUT, verify=trust(), follow_redirects=False)

    def close(self) -> None:
        """Close the connections. Safe to repeat."""
        if "_client" in vars(self):
            self._client.close()

    def read(self, cursor: str | None) -> Iterator[SignalBatch]:
        """Yield the events since the cursor, or ``unchanged``. Raise Unreachable, without the URL."""
        before = self._known(cursor)
        with spooled(self._host()) as spool:
            tag, until = self._fetch(before, spool)
            digest = before.get("digest", "") if tag is None else spool.digest()
            if digest == before.get("digest"):
                kept = self._kept(before["since"], digest, tag or before.get("tag", ""))
                yield SignalBatch(source=self._host(), cursor=kept, unchanged=True)
                return
            sorting = Sorting(self._host(), self._layout, until)

            def moved() -> str:
                return self._kept(max(before["since"], sorting.newest.isoformat()), digest, tag or "")

            yield from sorting.parts(spool.sort_json_lines(sorting), moved, whole=False)

    def _fetch(self, before: dict[str, str], spool: Spool) -> tuple[str | None, datetime | None]:
        """Write the content into ``spool``; return tag and the server's time. The tag is None if the server says that
        nothing changed."""
        since = before["since"]
        if since != BEGINNING.isoformat():
            since = (datetime.fromisoformat(since) - OVERLAP).isoformat()
        url = self._url.get_secret_value().replace(SINCE, quote(since))
        headers = {"Accept": "application/x-ndjson, application/jsonl, */*;q=0.5"}
        if before.get("tag"):
            headers["If-None-Match"] = before["tag"]
        try:
            with self._client.stream("GET", url, headers=headers) as answer:
                if answer.status_code == httpx.codes.NOT_MODIFIED and before.get("tag"):
                    return None, None
                if answer.status_code != httpx.codes.OK:
                    mend = f"correct {self._layout.setting}" if answer.status_code < 500 else "it is tried again"
                    raise Unreachable(f"signals from {self._host()}: the answer was {answer.status_code}; {mend}")
                self._write(answer, spool)
                return _fit_tag(answer.headers.get("ETag", "")), _server_time(answer)
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            problem = f"{type(error).__name__}; check the address and the network, it is tried again"
            raise Unreachable(f"signals from {self._host()}: {problem}") from None

    def _write(self, answer: httpx.Response, spool: Spool) -> None:
        began = time.monotonic()
        for part in answer.iter_bytes():
            spool.write(part)
            if time.monotonic() - began > MOST_SECONDS:
                told = f"not all there after {MOST_SECONDS:g} seconds; use {SINCE}, it is tried again"
                raise Unreachable(f"signals from {self._host()}: {told}")

    def _known(self, cursor: str | None) -> dict[str, str]:
        """Return the values stored by an earlier read of this URL; the beginning if there are none or they are
        unusable."""
        kept = dict(signal_cursor.read(cursor, self._made_for))
        try:
            since = instant(kept.pop("since", BEGINNING.isoformat())).isoformat()
        except ValueError:
            signal_cursor.dropped()
            return {"since": BEGINNING.isoformat()}
        return {"since": since, "digest": kept.get("digest", ""), "tag": _fit_tag(kept.get("tag", ""))}

    def _kept(self, since: str, digest: str, tag: str) -> str:
        return signal_cursor.written(self._made_for, since=since, digest=digest, tag=tag)

    @property
    def _made_for(self) -> str:
        return signal_cursor.fit("https", self._url.get_secret_value())

    def _host(self) -> str:
        return urlsplit(self._url.get_secret_value()).hostname or "an unnamed host"


def _server_time(answer: httpx.Response) -> datetime | None:
    try:
        return parsedate_to_datetime(answer.headers["Date"]).astimezone(UTC)
    except (KeyError, ValueError, OverflowError):
        return None


def _fit_tag(tag: str) -> str:
    """Return the tag, or "" if it cannot be sent as a header."""
    return tag if tag.isascii() and tag.isprintable() and len(tag) <= MOST_TAG else ""
