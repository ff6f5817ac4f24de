"""`/_standin/…`: what tests use to steer the stand-in. Only programs on the same machine reach it."""

import asyncio
import ipaddress
import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from stripe_standin import deliveries, disputes, errors, settling, timers, webhook_endpoints
from stripe_standin.state import Standin

Handler = Callable[[Request], Awaitable[Response]]


def is_local(request: Request) -> bool:
    """Tell whether a request was made on this machine, to a name of this machine."""
    host = request.client.host if request.client else ""
    try:
        local = ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = False
    return local and request.url.hostname in ("localhost", "127.0.0.1", "::1", host)


def is_own(request: Request) -> bool:
    """Tell whether a request was not made by a foreign page in a browser."""
    return request.headers.get("sec-fetch-site", "none") in ("none", "same-origin")


def local_only(handler: Handler) -> Handler:
    """Refuse every request that does not come from this machine."""

    async def wrapper(request: Request) -> Response:
        return await handler(request) if is_local(request) else refused()

    return wrapper


def guarded(handler: Handler) -> Handler:
    """Refuse every request that does not come from this machine, or that a foreign page makes a browser send."""

    async def wrapper(request: Request) -> Response:
        return await handler(request) if is_local(request) and is_own(request) else refused()

    return wrapper


def refused() -> Response:
    """Return what strangers get."""
    body = errors.body({"type": "invalid_request_error", "message": "Only for programs on this machine."})
    return JSONResponse(body, 403)


async def given(request: Request) -> Any:
    """Return the JSON of a request's body. Raises `Refusal` 400."""
    try:
        return json.loads(await request.body() or b"{}")
    except ValueError:
        raise errors.invalid("The body is not JSON.") from None


class Control:
    """The requests that steer one stand-in."""

    def __init__(self, standin: Standin) -> None:
        self.standin = standin

    async def reset(self, _: Request) -> Response:
        """Forget all objects, keys, faults, moved time and manners; endpoints given at the start stay."""
        self.standin.reset()
        return JSONResponse({"reset": True})

    async def list_faults(self, _: Request) -> Response:
        """Show the rules in force."""
        return JSONResponse({"data": self.standin.faults.listed()})

    async def add_fault(self, request: Request) -> Response:
        """Add one rule, or each of a list."""
        body = await given(request)
        made = [self.standin.faults.add(item) for item in (body if isinstance(body, list) else [body])]
        return JSONResponse({"data": [rule.id for rule in made]}, 201)

    async def remove_faults(self, request: Request) -> Response:
        """Remove one rule, or all."""
        return JSONResponse({"removed": self.standin.faults.remove(request.path_params.get("id"))})

    async def clock(self, request: Request) -> Response:
        """Move the time forward and do what became due."""
        seconds = (await given(request)).get("advance", 0)
        if not isinstance(seconds, int | float) or seconds < 0:
            raise errors.invalid("advance is a number of seconds, 0 or more.", "advance")
        self.standin.clock.advance(seconds)
        done = timers.run(self.standin.call())
        self.standin.mailer.stir()
        return JSONResponse({"now": self.standin.clock.now(), "done": done})

    async def webhooks(self, request: Request) -> Response:
        """Change and show how deliveries misbehave."""
        for name, value in (await given(request)).items():
            old = getattr(self.standin.mailer.manners, name, None)
            if old is None or isinstance(value, bool) != isinstance(old, bool) or value < 0:
                raise errors.invalid(f"Invalid {name}", name)
            setattr(self.standin.mailer.manners, name, value)
        self.standin.mailer.stir()
        return JSONResponse(self.standin.mailer.manners.listed())

    async def delivered(self, request: Request) -> Response:
        """Answer once every delivery that is due was tried."""
        self.standin.mailer.stir()
        try:
            await asyncio.wait_for(
                self.standin.mailer.idle.wait(), float(request.query_params.get("seconds", 10))
            )
        except TimeoutError:
            return JSONResponse({"idle": False}, 504)
        return JSONResponse({"idle": True})

    async def list_deliveries(self, request: Request) -> Response:
        """Show tries, newest first."""
        limit = int(request.query_params.get("limit", 100))
        return JSONResponse(
            {"data": deliveries.listed(self.standin.call(), limit, request.query_params.get("event"))}
        )

    async def resend(self, request: Request) -> Response:
        """Send an event once more."""
        body = await given(request)
        with self.standin.store.transaction():
            count = deliveries.resend(self.standin.call(), str(body.get("event", "")), body.get("endpoint"))
        self.standin.mailer.stir()
        return JSONResponse({"planned": count})

    async def add_endpoint(self, request: Request) -> Response:
        """Send events to an address, signed with one or more secrets."""
        body = await given(request)
        secrets = tuple(str(secret) for secret in body.get("secrets", []))
        if not secrets or not body.get("url"):
            raise errors.missing("url" if secrets else "secrets")
        with self.standin.store.transaction():
            wanted = [str(kind) for kind in body.get("enabled_events", ["*"])]
            made = webhook_endpoints.make(self.standin.call(), str(body["url"]), wanted, secrets)
        return JSONResponse(made, 201)

    async def settle(self, request: Request) -> Response:
        """End `processing`, paid or not."""
        body = await given(request)
        with self.standin.store.transaction():
            call = self.standin.call()
            intent = call.find(str(body.get("payment_intent", "")), "payment_intent", "payment_intent")
            if intent["status"] != "processing":
                raise errors.invalid(
                    f"This PaymentIntent has a status of {intent['status']}, not processing."
                )
            settling.finish_processing(call, intent, paid=bool(body.get("paid", True)))
        self.standin.mailer.stir()
        return JSONResponse(intent)

    async def dispute(self, request: Request) -> Response:
        """Open a dispute about a charge."""
        body = await given(request)
        with self.standin.store.transaction():
            call = self.standin.call()
            charge = call.find(str(body.get("charge", "")), "charge", "charge")
            made = disputes.begin(
                call, charge, body.get("reason", "fraudulent"), body.get("status", "needs_response")
            )
        self.standin.mailer.stir()
        return JSONResponse(made, 201)


def routes(standin: Standin) -> list[Route]:
    """Return the routes that steer one stand-in."""
    control = Control(standin)
    return [
        Route("/_standin/reset", guarded(control.reset), methods=["POST"]),
        Route("/_standin/faults", guarded(control.list_faults), methods=["GET"]),
        Route("/_standin/faults", guarded(control.add_fault), methods=["POST"]),
        Route("/_standin/faults", guarded(control.remove_faults), methods=["DELETE"]),
        Route("/_standin/faults/{id}", guarded(control.remove_faults), methods=["DELETE"]),
        Route("/_standin/clock", guarded(control.clock), methods=["POST"]),
        Route("/_standin/webhooks", guarded(control.webhooks), methods=["GET", "POST"]),
        Route("/_standin/deliveries", guarded(control.list_deliveries), methods=["GET"]),
        Route("/_standin/deliveries/wait", guarded(control.delivered), methods=["POST"]),
        Route("/_standin/resend", guarded(control.resend), methods=["POST"]),
        Route("/_standin/endpoints", guarded(control.add_endpoint), methods=["POST"]),
        Route("/_standin/settle", guarded(control.settle), methods=["POST"]),
        Route("/_standin/dispute", guarded(control.dispute), methods=["POST"]),
    ]
