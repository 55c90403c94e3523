"""Who may reach the server for assistants over HTTP: whoever has the token, under the names it is served as."""

from typing import Any
from urllib.parse import urlsplit

from mcp.server import MCPServer
from mcp.server.transport_security import TransportSecuritySettings
from pydantic import SecretStr
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from web.bearer import has_token
from web.server import authority

PATH = "/mcp"
_NO = PlainTextResponse("no valid token\n", 401, {"WWW-Authenticate": "Bearer"})


class TokenRequired:
    """Lets requests with the bearer token pass; compared in constant time."""

    def __init__(self, app: ASGIApp, token: SecretStr) -> None:
        self._app = app
        self._token = token.get_secret_value()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer 401; whatever else comes is refused without the token, but for the server's own
        start and end."""
        if scope["type"] == "lifespan" or has_token(scope["headers"], self._token):
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await _NO(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})


def over_http(server: MCPServer[Any], token: SecretStr, address: tuple[str, int], public_url: str | None) -> ASGIApp:
    """Return the application. A request under another Host than this address or the public one, or from a page of
    another origin, is refused: a page in a browser here must not reach it by a name that it chose."""
    host, port = address
    hosts = [authority(name, port) for name in dict.fromkeys((host, "127.0.0.1", "localhost"))]
    origins = [f"http://{one}" for one in hosts]
    if public_url is not None:
        hosts.append(urlsplit(public_url).netloc)
        origins.append(f"{urlsplit(public_url).scheme}://{urlsplit(public_url).netloc}")
    security = TransportSecuritySettings(allowed_hosts=hosts, allowed_origins=origins)
    app = server.streamable_http_app(
        streamable_http_path=PATH, stateless_http=True, json_response=True, transport_security=security, host=host
    )
    return TokenRequired(app, token)
