"""``first90 mcp``: the server for assistants, by the Model Context Protocol."""

from typing import Annotated

import typer

from cli.options import By, Unusable


def mcp(
    by: By,
    http: Annotated[bool, typer.Option("--http", help="Serve HTTP instead of standard input and output.")] = False,
    host: Annotated[str, typer.Option("--host", metavar="ADDRESS", help="Where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", metavar="N", min=0, max=65535, help="0 takes a free one.")] = 8091,
) -> None:
    """Answer an assistant (Model Context Protocol): accounts, explanations, what was sent, metrics, playbooks.

    Example: [bold]first90 mcp --http --port 8091[/bold]
    """
    from dataclasses import replace

    from cli.authorized import person_at
    from cli.logs import write_logs
    from cli.opening import run_context
    from config.settings.load import load_settings
    from onboarding.permissions.identity import Identity, KnownBy
    from web.assistant.server import build

    settings = load_settings()
    write_logs(as_json=settings.logs_as_json)
    token = settings.mcp_token
    if http and token is None:
        raise Unusable(
            "FIRST90_MCP_TOKEN is not set, so anybody could ask over HTTP; set it (or FIRST90_MCP_TOKEN_FILE) to "
            "32 or more random characters, or leave --http away"
        )
    with run_context() as context:
        if http:  # whoever starts the server is another than the person who has the token
            person = Identity(name=by, known_by=KnownBy.MCP_TOKEN)
        else:
            person = replace(person_at(context.team, by), known_by=KnownBy.MCP_PIPE)
        server = build(context, person)
        if not http or token is None:
            server.run(transport="stdio")
            return
        import uvicorn

        from cli.printing import say
        from tasks.runtime.termination import orderly_exit
        from web.assistant.access import PATH, over_http
        from web.server import authority, configuration, listen

        try:
            listening = listen(host, port)  # before the line is printed, whose reader may connect at once
        except OSError:
            raise Unusable(f"{host}:{port} is taken or not ours to listen on; choose another with --port") from None
        with listening:
            shown, number = listening.getsockname()[:2]
            app = over_http(server, token, (shown, number), context.settings.public_url)
            config = configuration(app, host, port)
            config.lifespan = "on"  # the SDK's sessions begin and end with the server
            say(f"listening on http://{authority(shown, number)}{PATH}")
            with orderly_exit():  # the server raises the signal again once it has answered all requests
                uvicorn.Server(config).run(sockets=[listening])
