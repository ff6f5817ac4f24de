"""`/_standin/…`: what tests use to steer the stand-in. Only programs on the same machine reach it."""

import ipaddress
import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from stripe_standin import errors

if TYPE_CHECKING:
    from stripe_standin.web import Standin

Handler = Callable[[Request], Awaitable[Response]]


def is_local(request: Request) -> bool:
    """Tell whether a request was made on this machine, and not by a foreign page in its browser."""
    host = request.client.host if request.client else ""
    try:
        local = ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = False
    return local and request.headers.get("sec-fetch-site", "none") in ("none", "same-origin")


def guarded(handler: Handler) -> Handler:
    """Refuse every request that does not come from this machine."""

    async def wrapper(request: Request) -> Response:
        if not is_local(request):
            body = errors.body(
                {"type": "invalid_request_error", "message": "Only for programs on this machine."}
            )
            return JSONResponse(body, 403)
        return await handler(request)

    return wrapper


async def given(request: Request) -> Any:
    """Return the JSON of a request's body. Raises `Refusal` 400."""
    try:
        return json.loads(await request.body() or b"{}")
    except ValueError:
        raise errors.invalid("The body is not JSON.") from None


def routes(standin: "Standin") -> list[Route]:
    """Return the routes that steer one stand-in."""

    async def reset(_: Request) -> Response:
        standin.reset()
        return JSONResponse({"reset": True})

    async def list_faults(_: Request) -> Response:
        return JSONResponse({"data": standin.faults.listed()})

    async def add_fault(request: Request) -> Response:
        body = await given(request)
        made = [standin.faults.add(item) for item in (body if isinstance(body, list) else [body])]
        return JSONResponse({"data": [rule.id for rule in made]}, 201)

    async def remove_faults(request: Request) -> Response:
        return JSONResponse({"removed": standin.faults.remove(request.path_params.get("id"))})

    async def clock(request: Request) -> Response:
        seconds = (await given(request)).get("advance", 0)
        if not isinstance(seconds, int | float) or seconds < 0:
            raise errors.invalid("advance is a number of seconds, 0 or more.", "advance")
        standin.clock.advance(seconds)
        return JSONResponse({"now": standin.clock.now()})

    return [
        Route("/_standin/reset", guarded(reset), methods=["POST"]),
        Route("/_standin/faults", guarded(list_faults), methods=["GET"]),
        Route("/_standin/faults", guarded(add_fault), methods=["POST"]),
        Route("/_standin/faults", guarded(remove_faults), methods=["DELETE"]),
        Route("/_standin/faults/{id}", guarded(remove_faults), methods=["DELETE"]),
        Route("/_standin/clock", guarded(clock), methods=["POST"]),
    ]
