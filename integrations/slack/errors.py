"""Slack's errors as one exception, and what each kind means for an effect.

Slack returns errors as HTTP 200 with ``ok: false`` and a code. A code that is not listed here is a refusal for an
unknown reason: it is retried by the schedule, and reported.
"""

from typing import Literal

from onboarding.effects.send_result import ResultState, SendResult

Kind = Literal["busy", "setting", "nowhere", "gone", "ours", "doubt"]

SETTING = {
    "invalid_auth": "FIRST90_SLACK_TOKEN is not (or no longer) valid; install the app again and set its new bot token",
    "not_authed": "FIRST90_SLACK_TOKEN was not taken; set the app's bot token (xoxb-…)",
    "token_revoked": "the bot token was revoked; install the app again and set its new one in FIRST90_SLACK_TOKEN",
    "token_expired": "the bot token has expired; set a new one in FIRST90_SLACK_TOKEN, without token rotation",
    "account_inactive": "the bot's account or the workspace is deactivated; install the app again",
    "not_allowed_token_type": "this needs a bot token (xoxb-…) in FIRST90_SLACK_TOKEN, and an xapp-… in _APP_TOKEN",
    "access_denied": "an admin of the workspace does not let this app do that; ask them to approve it",
    "team_access_not_granted": "the app is not installed in this workspace; install it there",
    "org_login_required": "the workspace is being moved; it needs an admin",
    "ekm_access_denied": "an admin of the workspace has suspended its keys; ask them",
    "missing_scope": "the app lacks a scope; add it under OAuth & Permissions and install the app again",
}
"""Codes with which nothing can be sent until a person fixes the setting, with the remedy."""
NOWHERE = frozenset(
    {
        *("channel_not_found", "is_archived", "not_in_channel", "channel_is_limited_access", "restricted_action"),
        *("restricted_action_read_only_channel", "restricted_action_non_threadable_channel"),
        *("restricted_action_thread_only_channel", "messages_tab_disabled", "as_user_not_supported"),
        *("user_not_found", "users_not_found", "user_not_visible", "user_disabled", "cannot_dm_bot"),
        *("user_not_in_channel", "is_inactive", "invalid_user_combination"),
    }
)
"""Codes that mean: no such user, or no channel that the app may write to."""
_MENDS = {
    "is_archived": "the channel of FIRST90_SLACK_CHANNEL is archived: restore it in Slack, or name another one there",
    "restricted_action": "the workspace lets only some people post in the channel of FIRST90_SLACK_CHANNEL: have an "
    "admin allow the app there, or name another one",
    "channel_is_limited_access": "the channel of FIRST90_SLACK_CHANNEL is open to some people only: have an admin "
    "allow the app there, or name another one",
}
_INVITE = "invite the app to the channel of FIRST90_SLACK_CHANNEL (/invite), or name another one there"
NOT_SEEN = "channel_not_found"
"""The workspace has no such channel, or does not show it to the app."""
GONE = frozenset(
    {
        *("message_not_found", "thread_not_found", "cant_update_message", "edit_window_closed"),
        *("cannot_reply_to_message", "msg_not_found"),
        *("not_found", "view_not_found"),
    }
)
"""Codes that mean: the message or the modal to change or reply to no longer exists, or may no longer be changed."""
OURS = frozenset(
    {
        *("invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long", "no_text"),
        *("metadata_too_large", "invalid_metadata_format", "invalid_metadata_schema", "metadata_must_be_sent_from_app"),
        *("invalid_arguments", "invalid_arg_name", "invalid_array_arg", "invalid_json", "json_not_object"),
        *("invalid_charset", "invalid_form_data", "invalid_post_type", "missing_post_type", "too_many_attachments"),
    }
)
"""Codes of faults in this program: the same message can never be accepted."""
DOUBT = frozenset({"internal_error", "fatal_error"})
"""Codes with which, by Slack's documentation, part of the request may have been done."""


class Trouble(Exception):
    """A failed call. The message is for people: a code and a remedy, without addresses, texts or secrets."""

    def __init__(
        self, kind: Kind, said: str, retry_after: float | None = None, *, rest: bool = False, code: str = ""
    ) -> None:
        """``code``: Slack's own, if it is one of those about where a message can go."""
        super().__init__(said)
        self.kind, self.retry_after, self.rest, self.code = kind, retry_after, rest, code

    def result(self) -> SendResult:
        """Return the result for the effect; for ``nowhere`` the other channel has been tried by then."""
        match self.kind:
            case "ours":
                return SendResult(state=ResultState.PERMANENT, error=str(self))
            case "doubt":
                return SendResult(state=ResultState.UNKNOWN, error=str(self))
            case "setting":
                return SendResult(state=ResultState.TRANSIENT, error=str(self), channel_down=True)
            case _:
                return SendResult(
                    state=ResultState.TRANSIENT, error=str(self), retry_after=self.retry_after, rest=self.rest
                )


def channel_mend(code: str) -> str:
    """Return what makes a channel accept messages again after this code."""
    return next((mend for known, mend in _MENDS.items() if code.startswith(known)), _INVITE)


def refused(method: str, code: str, needed: str = "", retry_after: float | None = None) -> Trouble:
    """Return the trouble of a response with this error code. ``needed`` is the scope that Slack names."""
    said = f"Slack refused {method}: {code}"
    if code in SETTING:
        scope = f" (needed: {needed})" if needed else ""
        return Trouble("setting", f"{said}{scope}; {SETTING[code]}")
    if code in DOUBT:
        return Trouble("doubt", f"Slack failed at {method}: {code}")
    for kind, codes in (("nowhere", NOWHERE), ("gone", GONE), ("ours", OURS)):
        if code in codes:
            return Trouble(kind, said, code=code)  # type: ignore[arg-type]
    return Trouble("busy", said, retry_after)
