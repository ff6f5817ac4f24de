"""The dashboard at `/`: for people, on this machine only."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from stripe_standin import (
    attempts,
    capturing,
    control,
    deliveries,
    disputes,
    errors,
    forms,
    intents,
    refunds,
    settling,
)
from stripe_standin import dashboard_pages as pages
from stripe_standin import webhook_endpoints as endpoints
from stripe_standin.call import Call
from stripe_standin.dashboard_parts import shell
from stripe_standin.markup import Markup, tag
from stripe_standin.script import FRAME_POLICY
from stripe_standin.state import Standin
from stripe_standin.store import Body

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": f"{FRAME_POLICY}; frame-ancestors 'none'; form-action 'self'",
    "Referrer-Policy": "no-referrer",
}
Form = dict[str, str]


def refund(call: Call, intent: Body, form: Form) -> None:
    """Refund what the form says of an intent, by default all that is left."""
    call.params = {"payment_intent": intent["id"]}
    if form.get("amount"):
        if not form["amount"].isdigit():
            raise errors.invalid(f"Invalid integer: {form['amount']}", "amount")
        call.params["amount"] = int(form["amount"])
    refunds.create(call)


def cancel(call: Call, intent: Body, _: Form) -> None:
    """Cancel an intent, as an impatient shop would."""
    intents.close(call, intent, "requested_by_customer")
    capturing.release(call, intent)


def dispute(call: Call, intent: Body, _: Form) -> None:
    """Dispute an intent's charge as fraudulent."""
    disputes.begin(
        call, call.find(intent["latest_charge"], "charge", "charge"), "fraudulent", "needs_response"
    )


ACTIONS: dict[str, tuple[str, Callable[[Call, Body, Form], object]]] = {
    "settle": ("processing", lambda call, intent, _: settling.finish_processing(call, intent, paid=True)),
    "fail": ("processing", lambda call, intent, _: settling.finish_processing(call, intent, paid=False)),
    "authorize": (
        "requires_action",
        lambda call, intent, _: attempts.finish_action(call, intent, passed=True),
    ),
    "refuse": ("requires_action", lambda call, intent, _: attempts.finish_action(call, intent, passed=False)),
    "capture": (
        "requires_capture",
        lambda call, intent, _: capturing.take(call, intent, intent["amount_capturable"]),
    ),
    "cancel": ("requires_", cancel),
    "refund": ("succeeded", refund),
    "dispute": ("succeeded", dispute),
}


class Dashboard:
    """The pages and buttons of one stand-in."""

    def __init__(self, standin: Standin) -> None:
        self.standin = standin

    def show(self, title: str, body: Markup, here: str, status: int = 200) -> Response:
        """Return a page."""
        return HTMLResponse(shell(title, body, here), status, headers=HEADERS)

    def find(self, kind: str, object_id: str) -> Body:
        """Return an object. Raises `Refusal` 404."""
        return self.standin.call().find(object_id, kind, "id")

    async def payments(self, request: Request) -> Response:
        """Show the payments."""
        before = request.query_params.get("before", "")
        call, status = self.standin.call(), request.query_params.get("status", "")
        return self.show(
            "Payments", pages.payments(call, status, int(before) if before.isdigit() else None), "/"
        )

    async def payment(self, request: Request) -> Response:
        """Show one payment."""
        intent = self.find("payment_intent", request.path_params["id"])
        return self.show("Payment", pages.payment(self.standin.call(), intent), "/")

    async def act(self, request: Request) -> Response:
        """`POST /payments/{id}/{action}`; a button that no longer fits changes nothing."""
        form = forms.decode((await request.body()).decode())
        url = f"/payments/{request.path_params['id']}"
        status, action = ACTIONS.get(request.path_params["action"], ("none", cancel))
        with self.standin.store.transaction():
            intent = self.find("payment_intent", request.path_params["id"])
            if intent["status"].startswith(status):
                action(self.standin.call(), intent, form)
        return self.done(url)

    def done(self, url: str) -> Response:
        """Go back to a page after a button."""
        self.standin.mailer.stir()
        return RedirectResponse(url, 303)

    async def disputes(self, _: Request) -> Response:
        """Show the disputes."""
        return self.show("Disputes", pages.dispute_list(self.standin.call()), "/disputes")

    async def judge(self, request: Request) -> Response:
        """`POST /disputes/{id}/{verdict}`."""
        with self.standin.store.transaction():
            found = self.find("dispute", request.path_params["id"])
            if found["status"] in disputes.ANSWERABLE:
                disputes.end(self.standin.call(), found, request.path_params["verdict"])
        return self.done("/disputes")

    async def customers(self, _: Request) -> Response:
        """Show the customers."""
        return self.show("Customers", pages.customer_list(self.standin.call()), "/customers")

    async def customer(self, request: Request) -> Response:
        """Show one customer."""
        body = self.find("customer", request.path_params["id"])
        return self.show("Customer", pages.customer(self.standin.call(), body), "/customers")

    async def events(self, _: Request) -> Response:
        """Show events and deliveries."""
        return self.show("Events", pages.event_list(self.standin.call()), "/events")

    async def event(self, request: Request) -> Response:
        """Show one event."""
        body = self.find("event", request.path_params["id"])
        return self.show(body["type"], pages.event(self.standin.call(), body), "/events")

    async def resend(self, request: Request) -> Response:
        """`POST /events/{id}/resend`."""
        with self.standin.store.transaction():
            deliveries.resend(self.standin.call(), request.path_params["id"])
        return self.done(f"/events/{request.path_params['id']}")

    async def webhooks(self, _: Request) -> Response:
        """Show the endpoints."""
        return self.show("Webhooks", pages.webhook_list(self.standin.call()), "/webhooks")

    async def add_webhook(self, request: Request) -> Response:
        """`POST /webhooks`."""
        form = forms.decode((await request.body()).decode())
        with self.standin.store.transaction():
            secrets = tuple(str(form.get("secret", "")).split(","))
            endpoints.make(
                self.standin.call(), endpoints.checked_url(str(form.get("url", ""))), ["*"], secrets
            )
        return self.done("/webhooks")

    async def change_webhook(self, request: Request) -> Response:
        """`POST /webhooks/{id}/{action}`."""
        action = request.path_params["action"]
        call = self.standin.call(path={"webhook_endpoint": request.path_params["id"]})
        call.params = {"disabled": action == "disable"}
        with self.standin.store.transaction():
            endpoints.delete(call) if action == "delete" else endpoints.update(call)
        return self.done("/webhooks")

    async def faults(self, _: Request) -> Response:
        """Show the fault rules."""
        return self.show("Faults", pages.fault_list(self.standin.faults.rules), "/faults")

    async def add_fault(self, request: Request) -> Response:
        """`POST /faults`."""
        form = forms.decode((await request.body()).decode())
        rule = {name: form[name] for name in ("action", "method", "path") if form.get(name)}
        try:
            numbers = {name: int(form[name]) for name in ("nth", "times", "status") if form.get(name)}
            self.standin.faults.add({**rule, **numbers, "seconds": float(form.get("seconds") or 0)})
        except ValueError:
            raise errors.invalid("From, times, status and seconds are numbers.") from None
        return self.done("/faults")

    async def remove_fault(self, request: Request) -> Response:
        """`POST /faults/{id}/remove`."""
        self.standin.faults.remove(request.path_params["id"])
        return self.done("/faults")


def routes(standin: Standin) -> list[Route]:
    """Return the dashboard's routes."""
    board = Dashboard(standin)
    seen = {
        "/": board.payments, "/payments/{id}": board.payment, "/disputes": board.disputes, "/customers": board.customers,
        "/customers/{id}": board.customer, "/events": board.events, "/events/{id}": board.event,
        "/webhooks": board.webhooks, "/faults": board.faults,
    }  # fmt: skip
    done = {
        "/payments/{id}/{action}": board.act, "/disputes/{id}/{verdict}": board.judge, "/events/{id}/resend": board.resend,
        "/webhooks": board.add_webhook, "/webhooks/{id}/{action}": board.change_webhook, "/faults": board.add_fault,
        "/faults/{id}/remove": board.remove_fault,
    }  # fmt: skip
    return [
        *(Route(path, control.local_only(told(board, page)), methods=["GET"]) for path, page in seen.items()),
        *(Route(path, control.guarded(told(board, act)), methods=["POST"]) for path, act in done.items()),
    ]


def told(board: Dashboard, handler: control.Handler) -> control.Handler:
    """Show a refusal as a page."""

    async def wrapper(request: Request) -> Response:
        try:
            return await handler(request)
        except errors.Refusal as refusal:
            return board.show("That did not work", tag("p", str(refusal)), "", refusal.status)

    return wrapper
