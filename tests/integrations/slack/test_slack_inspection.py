"""``check`` of a workspace: the bot user, and what is missing with its remedy."""

from dataclasses import replace

import pytest

from config.settings.channels import SlackChat
from integrations.ports import Unreachable
from integrations.slack.inspection import inspect
from tests.integrations.slack.far_slack import MANAGERS, FarSlack

ALL = "; /first90, and the App Home where the app is subscribed to app_home_opened"


def test_all_is_well_and_nothing_was_posted(choice: SlackChat, slack: FarSlack) -> None:
    assert inspect(choice) == f"Vendor as first90, channel {MANAGERS}, buttons by `first90 slack`{ALL}"
    assert inspect(replace(choice, app_token=None)).endswith(f"buttons by `first90 web`{ALL}")
    assert "no buttons" in inspect(replace(choice, app_token=None, signing_secret=None))
    assert slack.messages == []
    assert {name for name, _ in slack.calls} == {"auth.test", "conversations.history", "apps.connections.open"}


@pytest.mark.parametrize("scope", ["chat:write", "users:read", "users:read.email", "im:write", "im:history"])
def test_a_missing_scope_is_named_with_what_it_is_for(choice: SlackChat, slack: FarSlack, scope: str) -> None:
    slack.scopes.discard(scope)
    with pytest.raises(Unreachable, match=rf"lacks {scope} \(to .*OAuth & Permissions"):
        inspect(choice)


def test_a_command_that_cannot_be_is_told_and_nothing_fails(choice: SlackChat, slack: FarSlack) -> None:
    slack.scopes.discard("commands")
    said = inspect(choice)
    assert "lacks the scope commands" in said
    assert "app_home_opened" in said
    assert "docs/slack.md" in said


def test_one_kind_of_history_is_enough(choice: SlackChat, slack: FarSlack) -> None:
    slack.scopes.discard("groups:history")
    assert "channel" in inspect(choice)
    slack.scopes.discard("channels:history")
    with pytest.raises(Unreachable, match="channels:history or groups:history"):
        inspect(choice)


def test_a_channel_that_we_are_not_in_is_told(choice: SlackChat, slack: FarSlack) -> None:
    slack.joined.clear()
    with pytest.raises(Unreachable, match=r"not_in_channel.*/invite"):
        inspect(choice)


def test_a_channel_by_name_is_told_to_be_better_an_id(choice: SlackChat) -> None:
    assert "better its id" in inspect(replace(choice, channel="#managers"))


@pytest.mark.parametrize("word", ["error token_revoked", "break", "page 502"])
def test_a_slack_that_does_not_let_us_in_is_told_without_the_token(
    choice: SlackChat, slack: FarSlack, word: str
) -> None:
    slack.mood = lambda method, number: word
    with pytest.raises(Unreachable) as caught:
        inspect(choice)
    assert "xoxb" not in str(caught.value)
