"""What was asked of the sandbox, call by call, for tests that count."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Call:
    """One request. ``kind``: login, describe, query, query_more, record, upsert, collection ... (``kinds`` of the
    routes); ``records``: how many it carried or got."""

    number: int
    method: str
    kind: str
    path: str
    sobject: str | None = None
    records: int = 0
    status: int | None = None
    """None: no answer left, because the connection was cut."""
    soql: str | None = None


@dataclass(slots=True)
class CallLog:
    """All calls in order."""

    calls: list[Call] = field(default_factory=list)

    def of(self, *kinds: str) -> list[Call]:
        """The calls of these kinds, or all."""
        return [call for call in self.calls if not kinds or call.kind in kinds]

    def count(self, *kinds: str) -> int:
        """How many calls of these kinds there were; logins count only when named."""
        return len(self.of(*kinds)) if kinds else sum(call.kind != "login" for call in self.calls)

    def logins(self) -> int:
        """How many logins were tried."""
        return self.count("login")

    def clear(self) -> None:
        """Forget them; the numbers begin anew."""
        self.calls.clear()
