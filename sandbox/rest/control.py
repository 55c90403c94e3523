"""Switches faults and rights over HTTP, for rehearsals by hand; Salesforce has no such resource.

``curl --cacert CA -X POST URL/sandbox/faults -d '{"outage": 503, "kinds": ["query"], "times": 2}'``
"""

import json
from dataclasses import asdict
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.org.org import Org

_WHEN = ("sobject", "moment", "skip", "times")
_KNOWN = "refuse, spoil, outage, cut, slow, end_sessions, lose_locators, hide, show, allowance or clear"


def routes(org: Org) -> list[Route]:
    """Return the routes ``POST /sandbox/faults`` and ``GET /sandbox/calls``."""

    async def faults(request: Request) -> Response:
        try:
            with_faults(org, json.loads(await request.body()))
        except (ValueError, TypeError, AttributeError) as error:
            return JSONResponse({"error": str(error)}, 400)
        return JSONResponse({"faults": len(org.faults.calls), "spoilt": len(org.faults.records)})

    async def calls(_: Request) -> Response:
        return JSONResponse([asdict(call) for call in org.calls.calls])

    return [Route("/sandbox/faults", faults, methods=["POST"]), Route("/sandbox/calls", calls, methods=["GET"])]


def with_faults(org: Org, asked: dict[str, Any]) -> None:
    """Switch the fault or right that a JSON object names. Raises ValueError for an unknown one."""
    when = {name: asked[name] for name in _WHEN if name in asked}
    kinds = asked.get("kinds", [])
    with org.lock:
        match asked:
            case {"refuse": code}:
                org.faults.refuse(str(code), *kinds, **when)
            case {"spoil": code}:
                org.faults.spoil(str(code), times=asked.get("times"))
            case {"outage": status}:
                org.faults.outage(int(status), *kinds, **when)
            case {"cut": _}:
                org.faults.cut(*kinds, **when)
            case {"slow": seconds}:
                org.faults.slow(float(seconds), *kinds, **when)
            case {"end_sessions": _}:
                org.sessions.end_all()
            case {"lose_locators": _}:
                org.locators.lose()
            case {"hide": names}:
                org.rights.hidden.update(names)
            case {"show": names}:
                org.rights.hidden.difference_update(names)
            case {"allowance": calls}:
                org.allowance = int(calls)
            case {"clear": _}:
                org.faults.clear()
            case _:
                raise ValueError(f"say one of {_KNOWN}")
