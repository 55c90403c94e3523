"""The log of all calls to the sandbox, for tests that count them."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class LoggedCall:
    """One request. ``kind``: login, describe, query, query_more, record ... (those of the routes); ``records``: how
    many it sent or got."""

    number: int
    method: str
    kind: str
    path: str
    sobject: str | None = None
    records: int = 0
    status: int | None = None
    """None: no response was sent, because the connection was cut."""
    soql: str | None = None


@dataclass(slots=True)
class CallLog:
    """All calls in order."""

    calls: list[LoggedCall] = field(default_factory=list)

    def of(self, *kinds: str) -> list[LoggedCall]:
        """Return the calls of these kinds, or all."""
        return [call for call in self.calls if not kinds or call.kind in kinds]

    def count(self, *kinds: str) -> int:
        """Return how many calls of these kinds there were; without kinds all but logins."""
        return len(self.of(*kinds)) if kinds else sum(call.kind != "login" for call in self.calls)

    def logins(self) -> int:
        """Return how many logins were tried."""
        return self.count("login")

    def clear(self) -> None:
        """Delete all calls; numbers begin again."""
        self.calls.clear()
