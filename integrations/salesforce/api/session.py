"""One shared client for an org: created at the first call, with at most one new login for each call."""

import re
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from threading import Lock
from typing import Any, NamedTuple
from urllib.parse import quote

import requests
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceError
from simple_salesforce.util import call_salesforce

from config.settings.salesforce_login import SalesforceCrm, SessionLogin
from integrations.far_clocks import hear
from integrations.ports import Allowance
from integrations.salesforce.api.errors import RequestRefused, refusal
from integrations.salesforce.api.http import CONNECT_TIMEOUT, READ_TIMEOUT, failure, open_http
from integrations.salesforce.api.login import log_in

TRIES = 3
WAITS = (1.0, 4.0)
"""Seconds before the second and third try of a read. Longer failures wait for the next run. This project's choice."""
MOST_LOGINS = 5
LOGIN_WINDOW = 600.0
"""At most ``MOST_LOGINS`` logins in so many seconds, because an org locks users out. This project's choice."""
PAGE = 2000
RESTARTS = 2
"""How often a query is started again after its locator was lost."""

_USAGE = re.compile(r"\bapi-usage=(\d+)/(\d+)")


class Answer(NamedTuple):
    """The response to a call: the HTTP status, and the body as parsed JSON, as text, or None."""

    status: int
    body: Any


class Session:
    """All communication with one org. Thread-safe.

    Every method raises Refused. Reads are tried up to three times; a write never again, because it may have been done.
    """

    def __init__(
        self,
        choice: SalesforceCrm,
        *,
        wait: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        timeouts: tuple[float, float] = (CONNECT_TIMEOUT, READ_TIMEOUT),
    ) -> None:
        self.choice = choice
        self.allowance: Allowance | None = None
        """As in the last response; None before the first."""
        self._wait, self._clock = wait, clock
        self._http = open_http(connect=timeouts[0], read=timeouts[1])
        self._http.hooks["response"].append(self._store_allowance)
        self._lock = Lock()
        self._client: Salesforce | None = None
        self._logins: deque[float] = deque(maxlen=MOST_LOGINS)
        self._lasting_refusal: RequestRefused | None = None
        """A login that can never succeed; it is not tried again."""

    @property
    def instance(self) -> str:
        """Return the host of the org; empty before the first call."""
        return self._client.sf_instance if self._client else ""

    @property
    def org_id(self) -> str:
        """Return the id of the org, with which session ids begin; else its host. Empty before the first call."""
        org, mark, _ = (self._client.session_id if self._client else "").partition("!")
        return org if mark else self.instance

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def query_all(self, soql: str, *, include_deleted: bool = False) -> Iterator[dict[str, Any]]:
        """Yield the rows of a query, which selects Id, page by page.

        If the locator is lost, the query starts again, and rows already returned are skipped if they are unchanged.
        """
        path, where = ("queryAll" if include_deleted else "query"), f"query {_asked_object(soql)}"
        seen: set[tuple[Any, Any]] = set()
        for restart in range(RESTARTS + 1):
            try:
                for row in self._pages(path, soql, where):
                    version = row.get("Id"), row.get("SystemModstamp")
                    if version not in seen:
                        yield row
                        seen.add(version)
                return
            except RequestRefused as error:
                if error.code != "INVALID_QUERY_LOCATOR" or restart == RESTARTS:
                    raise

    def describe(self, name: str) -> dict[str, Any]:
        """Return what the org and this user's permissions show of an object."""
        return dict(self.get(f"sobjects/{quote(name, safe='')}/describe", where=f"describe {name}").body)

    def get(self, path: str, params: Mapping[str, str] | None = None, *, where: str = "") -> Answer:
        """Read; ``path`` is relative to the versioned base, or to the host if it begins with a slash."""
        return self.call("GET", path, params=params, repeat=True, where=where)

    def post(self, path: str, body: Any, *, where: str = "") -> Answer:
        """Write with POST."""
        return self.call("POST", path, json=body, where=where)

    def patch(self, path: str, body: Any, *, where: str = "") -> Answer:
        """Write with PATCH."""
        return self.call("PATCH", path, json=body, where=where)

    def call(self, method: str, path: str, *, repeat: bool = False, where: str = "", **options: Any) -> Answer:
        """Make one call; ``repeat`` if it may be made twice. ``options`` are those of requests (json, data,
        headers)."""
        where = where or f"{method} {'/'.join(path.partition('?')[0].split('/')[:3])}"
        tries = TRIES if repeat else 1
        for number in range(tries):
            answer = self._signed_in(method, path, where, options)
            if isinstance(answer, Answer):
                return answer
            if answer.kind not in ("transient", "doubt") or number + 1 == tries:
                raise answer
            self._wait(WAITS[number])
        raise AssertionError("unreachable")

    def _signed_in(self, method: str, path: str, where: str, options: Mapping[str, Any]) -> Answer | RequestRefused:
        """Make a call with a valid session; a refused session is renewed once."""
        for _ in range(2):
            client = self._current()
            answer = self._ask(client, method, path, where, options)
            if not (isinstance(answer, RequestRefused) and answer.kind == "session"):
                break
            if isinstance(self.choice.login, SessionLogin):
                mend = "give a new FIRST90_SALESFORCE_SESSION_ID, or a login that can renew it"
                return RequestRefused(answer.code, "session", where, status=answer.status, mend=mend)
            self._drop(client)
        return answer

    def _ask(
        self, client: Salesforce, method: str, path: str, where: str, options: Mapping[str, Any]
    ) -> Answer | RequestRefused:
        """Make one request and return the answer or the refusal, without the vendor's exceptions."""
        url = f"https://{client.sf_instance}{path}" if path.startswith("/") else client.base_url + path
        headers = {**client.headers, **(options.get("headers") or {})}
        headers.pop("X-PrettyPrint", None)
        rest = {name: value for name, value in options.items() if name != "headers" and value is not None}
        try:
            response = call_salesforce(url, method, self._http, headers, allow_redirects=False, **rest)
        except SalesforceError as error:
            return refusal(error.status, error.content, where)
        except requests.RequestException as error:
            return RequestRefused(type(error).__name__, failure(error), where)
        if not response.content:
            return Answer(response.status_code, None)
        if "json" not in response.headers.get("Content-Type", ""):
            if "html" in response.headers.get("Content-Type", ""):
                return RequestRefused("UNREADABLE_ANSWER", "doubt", where, status=response.status_code)
            return Answer(response.status_code, response.text)
        try:
            return Answer(response.status_code, response.json())
        except (ValueError, RecursionError):
            return RequestRefused("UNREADABLE_ANSWER", "doubt", where, status=response.status_code)

    def _current(self) -> Salesforce:
        """Return the shared client; one thread creates it for all."""
        with self._lock:
            if self._client is not None:
                return self._client
            if self._lasting_refusal is not None:
                raise self._lasting_refusal.with_traceback(None)
            now = self._clock()
            if len(self._logins) == MOST_LOGINS and now - self._logins[0] < LOGIN_WINDOW:
                mend = f"{MOST_LOGINS} logins in {LOGIN_WINDOW / 60:.0f} minutes did not last; the next waits"
                raise RequestRefused("INVALID_SESSION_ID", "limits", "login", mend=mend)
            if not isinstance(self.choice.login, SessionLogin):
                self._logins.append(now)
            try:
                self._client = log_in(self.choice, self._http)
            except RequestRefused as error:
                self._lasting_refusal = error if error.kind == "permanent" else None
                raise
            return self._client

    def _drop(self, client: Salesforce) -> None:
        """Drop a session that was refused."""
        with self._lock:
            if self._client is client:
                self._client = None

    def _pages(self, path: str, soql: str, where: str) -> Iterator[dict[str, Any]]:
        headers = {"Sforce-Query-Options": f"batchSize={PAGE}"}
        page = self.call("GET", path, params={"q": soql}, repeat=True, where=where, headers=headers).body
        while True:
            yield from page["records"]
            if page["done"]:
                return
            page = self.call("GET", page["nextRecordsUrl"], repeat=True, where=where, headers=headers).body

    def _store_allowance(self, response: requests.Response, *_: Any, **__: Any) -> None:
        """Store the allowance that every response carries, and its moment."""
        hear("Salesforce", response.headers)
        if found := _USAGE.search(response.headers.get("Sforce-Limit-Info", "")):
            self.allowance = Allowance(used=int(found[1]), limit=int(found[2]), floor=self.choice.api_floor)


def _asked_object(soql: str) -> str:
    found = re.search(r"\bFROM (\w+)", soql)
    return found[1] if found else ""
