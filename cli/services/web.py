"""``first90 web``: the HTTP server for unsubscribe links, surveys, webhooks and the board."""

from typing import Annotated

import typer

from cli.options import Unusable


def web(
    host: Annotated[str, typer.Option("--host", metavar="ADDRESS", help="Where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", metavar="N", min=0, max=65535, help="0 takes a free one.")] = 8090,
) -> None:
    """Serve unsubscribe pages, surveys, webhooks, Slack and the board, behind your own proxy with https.

    Example: [bold]first90 web --port 8090[/bold]
    """
    import uvicorn

    from cli.logs import write_logs
    from cli.opening import run_context
    from cli.printing import say
    from config.settings.load import load_settings
    from tasks.runtime.termination import orderly_exit
    from web.app import build
    from web.server import authority, configuration, listen

    settings = load_settings()
    write_logs(as_json=settings.logs_as_json)
    if settings.public_url is None:
        raise Unusable(
            "FIRST90_PUBLIC_URL and FIRST90_LINK_SECRET are not set, so no link leads here; set the address under "
            "which the outside reaches this (https://...) and a secret of 32 or more random characters"
        )
    with run_context() as context:
        config = configuration(build(context), host, port)
        try:
            listening = listen(host, port)  # before the line is printed, whose reader may connect at once
        except OSError:
            raise Unusable(f"{host}:{port} is taken or not ours to listen on; choose another with --port") from None
        with listening:
            shown, number = listening.getsockname()[:2]
            say(f"listening on http://{authority(shown, number)}, reached from outside as {settings.public_url}")
            with orderly_exit():  # the server raises the signal again once it has answered all requests
                uvicorn.Server(config).run(sockets=[listening])
