"""Sessions, and the credentials that open one."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

ORG_ID = "00D5fQw00000001EBA"


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """The credentials of this sandbox for every kind of login. Not secret: they open this machine's org only."""

    username: str = "integration@first90-sandbox.example"
    password: str = "sandbox password & <token>"
    security_token: str = "SandboxSecurityToken"
    consumer_key: str = "3MVG9.sandbox.consumer.key"
    consumer_secret: str = "sandbox-consumer-secret"
    public_key: str = ""
    """PEM, with which JWT bearer assertions are verified."""


@dataclass(slots=True)
class Sessions:
    """The valid access tokens. ``life``: how long one lasts without use (None: until ended)."""

    clock: Callable[[], datetime]
    life: timedelta | None = None
    refuse_all: bool = False
    """Refuse every session, also a new one."""
    soap_login: bool = True
    """Whether SOAP login() is enabled; in new orgs it is not."""
    preauthorised: bool = True
    """Whether the user may use the connected app by JWT."""
    tells_who: bool = True
    """Whether the app has the scope for ``userinfo``."""
    skew: timedelta = timedelta(0)
    """How far Salesforce's clock, by which assertions are judged, is ahead of this machine's."""
    run_as: bool = True
    """Whether the app has a user for client credentials."""
    _used: dict[str, datetime] = field(default_factory=dict)
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    def open(self) -> str:
        """Return a new access token; the caller has checked the credentials."""
        token = f"{ORG_ID[:15]}!sandbox.session.{next(self._numbers)}"
        self._used[token] = self.clock()
        return token

    def holds(self, token: str) -> bool:
        """Return whether the token is valid now; a check counts as use."""
        used, now = self._used.get(token), self.clock()
        if self.refuse_all or used is None or (self.life is not None and now - used > self.life):
            self._used.pop(token, None)
            return False
        self._used[token] = now
        return True

    def end_all(self) -> None:
        """Let all sessions expire."""
        self._used.clear()
