"""Faults on demand: of whole calls, of single records, and changes by others at a chosen moment."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from sandbox.org.call_log import LoggedCall
from sandbox.schema.refusals import RecordError, Refusal

Moment = Literal["before", "after"]
"""Before the call is carried out, or after it was and before the response."""
_STATUS = {"REQUEST_LIMIT_EXCEEDED": 403, "INVALID_SESSION_ID": 401, "SERVER_UNAVAILABLE": 503, "NOT_FOUND": 404}
_MESSAGE = {
    "REQUEST_LIMIT_EXCEEDED": "TotalRequests Limit exceeded.",
    "QUERY_TIMEOUT": "Your query request was running for too long.",
    "UNABLE_TO_LOCK_ROW": "unable to obtain exclusive access to this record",
    "SERVER_UNAVAILABLE": "Server temporarily unavailable",
    "INVALID_SESSION_ID": "Session expired or invalid",
    "INVALID_QUERY_LOCATOR": "invalid query locator",
}


class Outage(Exception):
    """A response that is not Salesforce's: a load balancer's HTML page."""

    def __init__(self, status: int) -> None:
        super().__init__(str(status))
        self.status = status


class Cut(Exception):
    """The connection is reset without a response."""


@dataclass(slots=True)
class Fault:
    """One fault. ``kinds`` and ``sobject`` select the calls, ``skip`` is how many of them pass first."""

    act: Callable[[LoggedCall], None] | float
    """A function that raises or changes the org; a number is a delay in seconds."""
    kinds: frozenset[str]
    sobject: str | None
    moment: Moment
    skip: int
    times: int | None

    def meets(self, call: LoggedCall, moment: Moment) -> bool:
        """Return whether the fault applies to this call at this moment, and count it."""
        if moment != self.moment or self.times == 0 or (self.kinds and call.kind not in self.kinds):
            return False
        if self.sobject is not None and call.sobject != self.sobject:
            return False
        if self.skip:
            self.skip -= 1
            return False
        if self.times is not None:
            self.times -= 1
        return True


@dataclass(slots=True)
class RecordFault:
    """An error for the records that match."""

    error: RecordError
    matches: Callable[[str, Mapping[str, Any]], bool]
    times: int | None


@dataclass(slots=True)
class Faults:
    """The faults that are switched on. Kinds are those of ``LoggedCall``; no kind means every call but a login."""

    calls: list[Fault] = field(default_factory=list)
    records: list[RecordFault] = field(default_factory=list)

    def add(
        self,
        act: Callable[[LoggedCall], None] | float,
        *kinds: str,
        sobject: str | None = None,
        moment: Moment = "before",
        skip: int = 0,
        times: int | None = 1,
    ) -> None:
        """Do something at chosen calls: the next ``times`` (None: all) after the first ``skip`` that match."""
        self.calls.append(Fault(act, frozenset(kinds), sobject, moment, skip, times))

    def refuse(self, code: str, *kinds: str, status: int | None = None, message: str = "", **when: Any) -> None:
        """Respond with an error code for the whole call; ``when`` as for ``add``."""
        refusal = (status or _STATUS.get(code, 400), code, message or _MESSAGE.get(code, code))

        def act(_: LoggedCall) -> None:
            raise Refusal(*refusal)

        self.add(act, *kinds, **when)

    def outage(self, status: int, *kinds: str, **when: Any) -> None:
        """Respond with an HTML page: 500, 502, 503, 504."""

        def act(_: LoggedCall) -> None:
            raise Outage(status)

        self.add(act, *kinds, **when)

    def cut(self, *kinds: str, **when: Any) -> None:
        """Reset the connection; with ``moment="after"`` once the call was carried out."""

        def act(_: LoggedCall) -> None:
            raise Cut

        self.add(act, *kinds, **when)

    def slow(self, seconds: float, *kinds: str, **when: Any) -> None:
        """Respond late; other calls are not delayed."""
        self.add(seconds, *kinds, **when)

    def spoil(
        self,
        code: str,
        matches: Callable[[str, Mapping[str, Any]], bool] = lambda _sobject, _values: True,
        *,
        message: str = "",
        fields: tuple[str, ...] = (),
        times: int | None = None,
    ) -> None:
        """Refuse single records; ``matches`` gets the object's name and the values as they were sent."""
        self.records.append(RecordFault(RecordError(code, message or _MESSAGE.get(code, code), fields), matches, times))

    def clear(self) -> None:
        """Switch all faults off."""
        self.calls.clear()
        self.records.clear()

    async def meet(self, call: LoggedCall, moment: Moment) -> None:
        """Apply the faults of this call. Raises what they raise."""
        for fault in list(self.calls):
            if (fault.kinds or call.kind != "login") and fault.meets(call, moment):
                if callable(fault.act):
                    fault.act(call)
                else:
                    await asyncio.sleep(fault.act)

    def check_record(self, sobject: str, values: Mapping[str, Any]) -> None:
        """Raise RecordError where a fault is switched on for this record."""
        for fault in self.records:
            if fault.times != 0 and fault.matches(sobject, values):
                if fault.times is not None:
                    fault.times -= 1
                raise RecordError(fault.error.code, fault.error.message, fault.error.fields)
