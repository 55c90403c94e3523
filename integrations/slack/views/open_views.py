"""Calls that open, change and publish views."""

from integrations.slack.client import Client
from integrations.slack.errors import Trouble
from integrations.slack.views.modals import View


class Views:
    """The views of a workspace: modals by their id, and the App Home of each person."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def open(self, trigger_id: str, view: View) -> str:
        """Open a modal for the person who pressed, and return its id. A trigger works once, for three seconds. Raise
        Trouble."""
        answer = self._client.post("views.open", {"trigger_id": trigger_id, "view": view})
        return str(answer["view"]["id"])

    def update(self, view_id: str, view: View) -> bool:
        """Replace an open modal; return False where it was closed meanwhile. Raise Trouble."""
        try:
            self._client.put("views.update", {"view_id": view_id, "view": view})
        except Trouble as trouble:
            if trouble.kind == "gone":
                return False
            raise
        return True

    def publish(self, user: str, view: View) -> None:
        """Set the App Home of a person. Raise Trouble."""
        self._client.put("views.publish", {"user_id": user, "view": view})
