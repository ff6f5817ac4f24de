"""Folio's JSON API, spoken with two headers instead of cookies: `X-Session-Token` and `X-Cart-Token`."""

import hashlib
import json
import uuid
from typing import Any, Self

import httpx

from folio_terminal.pocket import Pocket

Json = dict[str, Any]
TIMEOUT = httpx.Timeout(20, connect=5)


class ApiError(Exception):
    """A refusal: the stable `code`, words for the customer, and what is wrong field by field and line by line."""

    def __init__(self, status: int, error: Json) -> None:
        super().__init__(error.get("message", f"The shop answered {status}."))
        self.status = status
        self.code: str = error.get("code", "unknown")
        self.fields: Json = error.get("fields") or {}
        self.lines: list[Any] = error.get("lines") or []
        self.facts = error


class Shop:
    """The shop, as one customer's app talks to it. Money is in minor units of the shop's currency."""

    def __init__(self, url: str, pocket: Pocket) -> None:
        self.url = url.rstrip("/")
        self.pocket = pocket
        self._http = httpx.Client(base_url=self.url, timeout=TIMEOUT)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._http.close()

    # --- who you are: django-allauth's API for apps ---

    def sign_up(self, email: str, password: str) -> None:
        """Make an account and be logged in to it. Raises ApiError."""
        self._enter("signup", {"email": email, "password": password})

    def log_in(self, email: str, password: str) -> None:
        """Log in; the visitor's cart comes along with the next look at the cart. Raises ApiError."""
        self._enter("login", {"email": email, "password": password})

    def log_out(self) -> None:
        """End the session here and at the shop."""
        self._http.delete("/_allauth/app/v1/auth/session", headers=self._headers())
        self.pocket.session_token = ""
        self.pocket.keep()

    def _enter(self, door: str, who: Json) -> None:
        answer = self._http.post(f"/_allauth/app/v1/auth/{door}", json=who)
        body = _json(answer)
        token = body.get("meta", {}).get("session_token")
        if not answer.is_success or not token:
            raise ApiError(answer.status_code, _allauth_error(body))
        self.pocket.session_token = token
        self.pocket.keep()

    def me(self) -> Json:
        """Return who is logged in. Raises ApiError `login_required` for a visitor."""
        return self.get("/me")

    # --- what is for sale ---

    def config(self) -> Json:
        """Return the shop's name, currency, publishable key and where Stripe is."""
        return self.get("/config")

    def categories(self) -> list[Json]:
        """Return every category."""
        return list(self.get("/categories")["items"])

    def products(self, **wanted: str) -> Json:
        """Return a part of a listing: `items`, and `next`, the cursor of the part after it."""
        return self.get("/products", params={name: value for name, value in wanted.items() if value})

    def product(self, slug: str) -> Json:
        """Return a book with its editions. Raises ApiError `unknown_product`."""
        return self.get(f"/products/{slug}")

    def picture(self, address: str) -> str:
        """Return a cover's drawing as text, or nothing where it is a photograph or cannot be had."""
        answer = self._http.get(httpx.URL(self.url).join(address))
        is_drawing = answer.headers.get("Content-Type", "").startswith("image/svg")
        return answer.text if answer.is_success and is_drawing else ""

    # --- the cart ---

    def cart(self) -> Json:
        """Return the cart as it is worth now, with what changed since the last look."""
        return self._remember_cart(self.get("/cart"))

    def add(self, variant: int, quantity: int = 1) -> Json:
        """Put books into the cart and return it. A visitor's first answer carries the token of the cart."""
        return self._remember_cart(
            self.send("POST", "/cart/lines", {"variant": variant, "quantity": quantity})
        )

    def change(self, line: int, quantity: int) -> Json:
        """Set the quantity of a line (0 takes it out) and return the cart."""
        return self._remember_cart(self.send("PATCH", f"/cart/lines/{line}", {"quantity": quantity}))

    def _remember_cart(self, cart: Json) -> Json:
        token = cart["token"] or ""
        if token != self.pocket.cart_token:
            self.pocket.cart_token = token
            self.pocket.keep()
        return cart

    # --- orders ---

    def delivery_options(self) -> list[Json]:
        """Return the ways to send books."""
        return list(self.get("/delivery-options")["items"])

    def quote(self, delivery: str = "") -> Json:
        """Return what the cart would cost, ordered now. Raises ApiError `empty_cart`."""
        return self.get("/quote", params={"delivery": delivery})

    def place(self, address: Json, delivery: str, total: int) -> Json:
        """Place the cart for the total that the customer agreed to, and return the order.

        May be called again after any silence: the same order goes out with the same key until the shop has answered.
        Raises ApiError, `total_changed` with the new total in `facts` among them.
        """
        order = {"address": address, "delivery": delivery, "voucher": "", "total": total}
        digest = hashlib.sha256(json.dumps(order, sort_keys=True).encode()).hexdigest()
        key = self._placing_key(digest)
        try:
            placed = self.send("POST", "/orders", order, {"Idempotency-Key": key})
        except ApiError as error:
            if error.code != "idempotency_key_in_use":
                self._forget_placing_key()
            raise
        self._forget_placing_key()
        return placed

    def _placing_key(self, digest: str) -> str:
        """Return the key for this very order, written down before it is sent: what dies now asks with it again."""
        if self.pocket.placing.get("order") != digest:
            self.pocket.placing = {"order": digest, "key": str(uuid.uuid4())}
            self.pocket.keep()
        return self.pocket.placing["key"]

    def _forget_placing_key(self) -> None:
        self.pocket.placing = {}
        self.pocket.keep()

    def payment(self, number: str) -> Json:
        """Return what Stripe needs to take the money: `client_secret` and `publishable_key`. Raises ApiError."""
        return self.send("POST", f"/orders/{number}/payment", {})

    def status(self, number: str) -> Json:
        """Return the order after the shop asked Stripe about it. Raises ApiError `unknown_order`."""
        return self.get(f"/orders/{number}/status")

    def order(self, number: str) -> Json:
        """Return an order with its story."""
        return self.get(f"/orders/{number}")

    def orders(self) -> list[Json]:
        """Return the newest orders."""
        return list(self.get("/orders")["items"])

    # --- how it is said ---

    def get(self, path: str, params: Json | None = None) -> Json:
        """Ask for something."""
        return _answer(self._http.get(f"/api/v1{path}", params=params, headers=self._headers()))

    def send(self, method: str, path: str, body: Json, headers: dict[str, str] | None = None) -> Json:
        """Change something."""
        return _answer(
            self._http.request(
                method, f"/api/v1{path}", json=body, headers={**self._headers(), **(headers or {})}
            )
        )

    def _headers(self) -> dict[str, str]:
        tokens = {
            "X-Session-Token": self.pocket.session_token,
            "X-Cart-Token": self.pocket.cart_token,
        }
        return {name: token for name, token in tokens.items() if token}


def _answer(response: httpx.Response) -> Json:
    body = _json(response)
    if response.is_success:
        return body
    raise ApiError(response.status_code, body.get("error", {}))


def _json(response: httpx.Response) -> Json:
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _allauth_error(body: Json) -> Json:
    """Return django-allauth's list of errors in the shape that the rest of the API has; or what the shop says itself."""
    own = body.get("error") or {"code": "refused", "message": "The shop did not let you in."}
    errors = body.get("errors") or [own]
    fields = {error["param"]: error["message"] for error in errors if "param" in error}
    return {"code": errors[0]["code"], "message": errors[0]["message"], "fields": fields}
