"""``first90 slack``: receives what people press and fill in in Slack over Socket Mode, without a public address."""

import signal
import threading

from cli.options import Unusable


def slack() -> None:
    """Listen for what people press and fill in in Slack, until it is ended. Several may run; each counts once.

    Example: [bold]first90 slack[/bold]
    """
    from cli.logs import write_logs
    from cli.opening import run_context
    from cli.printing import say
    from config.settings.channels import SlackChat
    from config.settings.load import load_settings
    from tasks.runtime.adapters import open_button_socket
    from tasks.runtime.termination import handling
    from tasks.slack.receiving import SlackReceiver

    settings = load_settings()
    write_logs(as_json=settings.logs_as_json)
    chat = settings.chat
    if not isinstance(chat, SlackChat) or chat.app_token is None:
        raise Unusable(
            "there is no Socket Mode to listen to: set FIRST90_CHAT=slack and FIRST90_SLACK_APP_TOKEN, the app-level "
            "token (xapp-...); with a public address, `first90 web` and FIRST90_SLACK_SIGNING_SECRET do the same"
        )
    ended = threading.Event()
    with (
        handling(lambda *_: ended.set(), signal.SIGTERM, signal.SIGINT),
        run_context() as context,
        open_button_socket(chat, SlackReceiver(context)),
    ):
        say("listening to Slack")
        ended.wait()
        say("finishing what was heard")
