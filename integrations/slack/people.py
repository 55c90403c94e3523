"""Slack users: found by mail address to message them, and by user id when they press a button."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from integrations.slack.client import Client
from integrations.slack.errors import Trouble
from onboarding.sentences.sentence import sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceUser:
    """A user of the workspace."""

    id: str
    email: str | None
    zone: str
    refused: str | None
    """Why no press is accepted from them: a guest, a member of another company, a bot; None for a member."""


class UserDirectory:
    """Looks up users; results are cached for the life of the process."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._users: dict[str, str] = {}
        self._direct: dict[str, str] = {}
        self._team: str | None = None

    def direct(self, address: str) -> str:
        """Return the direct message channel of the user with this address. Raise Trouble: ``nowhere`` if Slack has no
        active user with it."""
        known = self._direct.get(address.casefold())
        if known is None:
            known = str(self._client.ask("conversations.open", users=self.user(address))["channel"]["id"])
            self._direct[address.casefold()] = known
        return known

    def user(self, address: str) -> str:
        """Return the id of the user with this address. Raise Trouble: ``nowhere`` if Slack has no active one."""
        known = self._users.get(address.casefold())
        if known is None:
            found = self._client.ask("users.lookupByEmail", email=address)["user"]
            if found.get("deleted") or found.get("is_bot"):
                raise Trouble("nowhere", "Slack has no active user of this address")
            known = self._users[address.casefold()] = str(found["id"])
        return known

    def known(self, address: str) -> str | None:
        """Return the same, or None for whom Slack does not know. Raise Trouble for any other problem."""
        try:
            return self.user(address)
        except Trouble as trouble:
            if trouble.kind != "nowhere":
                raise
            return None

    def forget(self, address: str) -> None:
        """Drop this address from the cache, because its channel did not work."""
        self._users.pop(address.casefold(), None)
        self._direct.pop(address.casefold(), None)

    def member(self, user_id: str) -> WorkspaceUser:
        """Return the user. Raise Trouble."""
        found = self._client.ask("users.info", user=user_id)["user"]
        return WorkspaceUser(
            id=user_id,
            email=(found.get("profile") or {}).get("email") or None,
            zone=str(found.get("tz") or "UTC"),
            refused=self._refused(found),
        )

    def team(self) -> str:
        """Return the id of the bot's workspace. Raise Trouble."""
        if self._team is None:
            self._team = str(self._client.ask("auth.test")["team_id"])
        return self._team

    def _refused(self, user: Mapping[str, Any]) -> str | None:
        if user.get("deleted"):
            return sentence("replies.account_deactivated")
        if user.get("is_bot"):
            return sentence("replies.a_bot")
        if user.get("is_restricted") or user.get("is_ultra_restricted") or user.get("is_stranger"):
            return sentence("replies.a_guest")
        teams = {user.get("team_id"), *((user.get("enterprise_user") or {}).get("teams") or ())}
        if self.team() not in teams:
            return sentence("replies.a_stranger")
        return None
