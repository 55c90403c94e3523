"""Reads the raw body of a request up to a limit."""

from starlette.exceptions import HTTPException
from starlette.requests import Request


async def read_body(request: Request, most: int) -> bytes:
    """Return the bytes as received, over which signatures are made. Raises HTTPException 413 above ``most`` bytes."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > most:
            raise HTTPException(413, f"more than {most} bytes")
    return bytes(body)
