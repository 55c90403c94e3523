"""Sessions and the secrets that open one."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

ORG_ID = "00D5fQw00000001EBA"


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """Every way to log in to this sandbox. Not secret at all: they open nothing but this machine's own org."""

    username: str = "integration@first90-sandbox.example"
    password: str = "sandbox password & <token>"
    security_token: str = "SandboxSecurityToken"
    consumer_key: str = "3MVG9.sandbox.consumer.key"
    consumer_secret: str = "sandbox-consumer-secret"
    public_key: str = ""
    """PEM; JWT bearer assertions are verified with it."""


@dataclass(slots=True)
class Sessions:
    """Access tokens that are alive. ``life``: how long one lasts without use (None: until ended)."""

    clock: Callable[[], datetime]
    life: timedelta | None = None
    refuse_all: bool = False
    """Every session is refused, also one that was just made."""
    soap_login: bool = True
    """New orgs have it off."""
    preauthorised: bool = True
    """The user may use the connected app by JWT."""
    tells_who: bool = True
    """The app has the scope to ask who is logged in."""
    skew: timedelta = timedelta(0)
    """How far Salesforce's real time is ahead of this machine's, which assertions are judged by."""
    run_as: bool = True
    """The app has a user for client credentials."""
    _used: dict[str, datetime] = field(default_factory=dict)
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    def open(self) -> str:
        """A new access token. Raises nothing: who may have one was decided before."""
        token = f"{ORG_ID[:15]}!sandbox.session.{next(self._numbers)}"
        self._used[token] = self.clock()
        return token

    def holds(self, token: str) -> bool:
        """Whether the token is good now; using it keeps it alive."""
        used, now = self._used.get(token), self.clock()
        if self.refuse_all or used is None or (self.life is not None and now - used > self.life):
            self._used.pop(token, None)
            return False
        self._used[token] = now
        return True

    def end_all(self) -> None:
        """Every session has expired."""
        self._used.clear()
