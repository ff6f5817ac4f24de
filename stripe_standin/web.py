"""The stand-in over HTTP: the API, the script, the frames, the bank's pages and the controls."""

import asyncio
import time
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from stripe_standin import challenge, control, dashboard, forms, idempotency, ids, script, versions
from stripe_standin.api import Outcome, Request
from stripe_standin.errors import Refusal
from stripe_standin.faults import Fault
from stripe_standin.settings import API_VERSION
from stripe_standin.state import Standin

MAX_BODY = 1_000_000
HANG_SECONDS = 3600.0
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST, DELETE, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Idempotency-Key, Stripe-Version, Stripe-Account",
    "Access-Control-Expose-Headers": "Request-Id, Stripe-Should-Retry, Idempotent-Replayed",
    "Access-Control-Max-Age": "300",
}
NO_STORE = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
FRAME_HEADERS = {**NO_STORE, "Content-Security-Policy": script.FRAME_POLICY}


class Dropped(Response):
    """No answer at all: the connection is cut."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ARG002 - ASGI's shape
        """Cut the connection; the transport is put into the scope by `server.Protocol`."""
        transport = scope.get("standin.transport")
        if transport is None:
            raise RuntimeError("connections can only be dropped under stripe_standin.server")
        transport.abort()
        while (await receive())["type"] != "http.disconnect":
            pass


async def read(http: HttpRequest) -> str | None:
    """Return a request's body as text, None when it is too long or not UTF-8."""
    body = b""
    async for chunk in http.stream():
        body += chunk
        if len(body) > MAX_BODY:
            return None
    try:
        return body.decode()
    except UnicodeDecodeError:
        return None


def _version(http: HttpRequest) -> str | None:
    """Return the version a request asks for; two headers make one value, as everywhere in HTTP."""
    return ", ".join(http.headers.getlist("stripe-version")) or None


def _echoed(http: HttpRequest) -> str:
    """Return the version to name in an answer: the one asked for, where there is such a one."""
    try:
        versions.date_of(_version(http))
    except Refusal:
        return API_VERSION
    return _version(http) or API_VERSION


class V1:
    """The endpoint for everything under `/v1`."""

    def __init__(self, standin: Standin) -> None:
        self.standin = standin

    async def __call__(self, http: HttpRequest) -> Response:
        """Answer one API request, as fault rules allow."""
        request_id = ids.new("req")
        if http.method == "OPTIONS":
            return Response(status_code=204, headers=CORS)
        body = await read(http)
        if body is None:
            return self._json(
                413,
                {"error": {"type": "invalid_request_error", "message": "Body too large."}},
                request_id,
                http,
            )
        request = Request(
            http.method, http.url.path, http.url.query, body, http.headers.get("authorization"),
            http.headers.get("idempotency-key"), request_id, _version(http),
        )  # fmt: skip
        started = time.perf_counter()
        response = await self._with_faults(http, request)
        self.standin.mailer.stir()
        if self.standin.settings.log:
            took = (time.perf_counter() - started) * 1000
            print(  # noqa: T201
                f"{request.method} {request.path} {response.status_code} {took:.1f} ms {request_id}",
                flush=True,
            )
        return response

    async def _with_faults(self, http: HttpRequest, request: Request) -> Response:
        fault = self.standin.faults.meet(request.method, request.path)
        if fault is None:
            return self._outcome(self.standin.api.answer(request), request, http)
        if fault.is_before and fault.action != "delay":
            return await self._spoiled(fault, request, http)
        if fault.action == "delay":
            return await self._slow(fault, request, http)
        self.standin.api.answer(request)
        if fault.action == "invalid_json":
            text = "<html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gatew"
            return HTMLResponse(text, headers={"Request-Id": request.request_id})
        return await self._spoiled(fault, request, http)

    async def _slow(self, fault: Fault, request: Request, http: HttpRequest) -> Response:
        """Answer late; meanwhile the request's idempotency key is in use."""
        keys, key = self.standin.api.keys, request.idempotency_key
        if key and request.method == "POST" and key in keys.running:
            return self._outcome(self.standin.api.answer(request), request, http)
        if key and request.method == "POST":
            keys.begin(key, idempotency.fingerprint(request.path, forms.decode(request.body)))
        try:
            await asyncio.sleep(fault.seconds)
        finally:
            if key:
                keys.end(key)
        return self._outcome(self.standin.api.answer(request), request, http)

    async def _spoiled(self, fault: Fault, request: Request, http: HttpRequest) -> Response:
        """Answer as a fault says, whether or not the work was done before."""
        if fault.action.endswith("hang"):
            await asyncio.sleep(fault.seconds or HANG_SECONDS)
        if fault.action.endswith(("hang", "drop")):
            return Dropped()
        if fault.stored and request.idempotency_key and request.method == "POST":
            self.standin.api.keep(request, fault.status, fault.error())
        headers = {}
        if fault.should_retry is not None:
            headers["Stripe-Should-Retry"] = "true" if fault.should_retry else "false"
        return self._json(fault.status, fault.error(), request.request_id, http, headers)

    def _outcome(self, outcome: Outcome, request: Request, http: HttpRequest) -> Response:
        return self._json(outcome.status, outcome.body, request.request_id, http, outcome.headers)

    def _json(
        self,
        status: int,
        body: Any,
        request_id: str,
        http: HttpRequest,
        headers: dict[str, str] | None = None,
    ) -> Response:
        usual = {**CORS, **NO_STORE, "Request-Id": request_id, "Stripe-Version": _echoed(http)}
        return JSONResponse(body, status, {**usual, **(headers or {})})


class Bank:
    """The pages of the bank: asked in a frame over the shop, or as a whole page."""

    def __init__(self, standin: Standin) -> None:
        self.standin = standin

    async def over(self, http: HttpRequest) -> Response:
        """Show the sheet with the bank's frame, or with `full=1` the bank's own page."""
        if http.query_params.get("full"):
            return self._ask(http, full=True)
        return HTMLResponse(
            challenge.wrapper(http.path_params["intent"], http.path_params["token"]), headers=FRAME_HEADERS
        )

    async def bank(self, http: HttpRequest) -> Response:
        """Show the bank's question inside the frame."""
        return self._ask(http, full=False)

    def _ask(self, http: HttpRequest, *, full: bool) -> Response:
        call = self.standin.call()
        intent = challenge.pending(call, http.path_params["intent"], http.path_params["token"])
        text = challenge.question(call, intent, full=full) if intent else challenge.over(framed=not full)
        return HTMLResponse(text, headers=FRAME_HEADERS)

    async def verdict(self, http: HttpRequest) -> Response:
        """Take the shopper's answer; a second press changes nothing."""
        form = forms.decode(await read(http) or "")
        full = form.get("full") == "1"
        call = self.standin.call(request_id=ids.new("req"))
        with self.standin.store.transaction():
            intent = challenge.pending(call, http.path_params["intent"], http.path_params["token"])
            target = (
                challenge.answer(call, intent, passed=form.get("result") == "authorize") if intent else None
            )
        if full and target:
            return RedirectResponse(target, 303, headers={"Referrer-Policy": "no-referrer"})
        return HTMLResponse(challenge.over(framed=not full), headers=FRAME_HEADERS)


def build(standin: Standin) -> Starlette:
    """Return the ASGI application of a stand-in."""
    v1, bank = V1(standin), Bank(standin)
    methods = ["GET", "POST", "DELETE", "OPTIONS", "PUT", "PATCH", "HEAD"]
    return Starlette(
        routes=[
            Route("/v1/{rest:path}", v1.__call__, methods=methods),
            Route("/{name}/stripe.js", script.serve_script),
            Route("/v3", script.serve_script),
            Route("/v3/", script.serve_script),
            Route("/frames/{name}", script.serve_frame),
            Route("/challenge/{intent}/{token}", bank.over),
            Route("/challenge/{intent}/{token}", bank.verdict, methods=["POST"]),
            Route("/challenge/{intent}/{token}/bank", bank.bank),
            Route("/challenge/{intent}/{token}/bank", bank.verdict, methods=["POST"]),
            *control.routes(standin),
            *dashboard.routes(standin),
            Route("/healthz", lambda _: PlainTextResponse("ok\n")),
        ],
        exception_handlers={Refusal: refused},
    )


async def refused(_: HttpRequest, error: Exception) -> Response:
    """Turn a refusal outside `/v1` into JSON."""
    assert isinstance(error, Refusal)  # noqa: S101 - Starlette hands over nothing else
    return JSONResponse(error.body, error.status)
