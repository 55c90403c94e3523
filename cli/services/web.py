"""``first90 web``: the HTTP server for unsubscribe links, webhooks and the board."""

from typing import Annotated

import typer

from cli.options import Unusable


def web(
    host: Annotated[str, typer.Option("--host", metavar="ADDRESS", help="Where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", metavar="N", min=0, max=65535, help="0 takes a free one.")] = 8090,
) -> None:
    """Serve unsubscribe pages and webhooks, behind your own proxy with https.

    Example: [bold]first90 web --port 8090[/bold]
    """
    import uvicorn

    from cli.opening import run_context
    from cli.printing import say
    from config.settings.load import load_settings
    from tasks.runtime.termination import orderly_exit
    from web.app import build

    settings = load_settings()
    if settings.public_url is None:
        raise Unusable(
            "FIRST90_PUBLIC_URL and FIRST90_LINK_SECRET are not set, so no link leads here; set the address under "
            "which the outside reaches this (https://...) and a secret of 32 or more random characters"
        )
    with run_context() as context:
        # No access log: it would hold the links, and a link is a secret of its reader.
        config = uvicorn.Config(
            build(context),
            host=host,
            port=port,
            access_log=False,
            log_level="warning",
            server_header=False,
            lifespan="off",
            limit_concurrency=200,
            timeout_keep_alive=15,
            h11_max_incomplete_event_size=32_768,
        )
        try:
            listening = config.bind_socket()
        except SystemExit:
            raise Unusable(f"{host}:{port} is taken or not ours to listen on; choose another with --port") from None
        with listening:
            listening.listen()  # before the line is printed, whose reader may connect at once
            shown, number = listening.getsockname()[:2]
            say(f"listening on http://{shown}:{number}, reached from outside as {settings.public_url}")
            with orderly_exit():  # the server raises the signal again once it has answered all requests
                uvicorn.Server(config).run(sockets=[listening])
