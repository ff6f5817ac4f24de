"""`Idempotency-Key` for API operations: the decorator around a handler."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from checkout.models import IdempotencyKey
from checkout.purchase import idempotency
from shop.api.auth import identify
from shop.cart import session

Run = Callable[..., HttpResponse]

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
# It is written into no database. A payment may be asked for again without a key: Stripe has one intent for it.
_SECRET = b'"client_secret"'


def claim_of(request: HttpRequest) -> IdempotencyKey | None:
    """Return the claim under which a request is handled."""
    return cast("IdempotencyKey | None", request.META.get("checkout.claim"))


def once(run: Run) -> Run:
    """Let an operation of the API that is sent again with its Idempotency-Key answer the same again."""

    @wraps(run)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        key = request.headers.get(HEADER)
        owner = _owner(request) if key is not None and request.method == "POST" else ""
        if key is None or not owner:
            return run(request, *args, **kwargs)
        row = idempotency.claim(owner, key, f"POST {request.path}"[:200], request.body, now=timezone.now())
        if row.status is not None:
            return HttpResponse(
                row.answer, status=row.status, content_type="application/json", headers={REPLAYED: "true"}
            )
        request.META["checkout.claim"] = row
        return _answered(row, lambda: run(request, *args, **kwargs))

    return answer


def _owner(request: HttpRequest) -> str:
    """Return whose the key is; "" for a visitor without a cart, whom nothing tells from another."""
    user = identify(request)
    if user is not None:
        return f"user {user.pk}"
    cart = session.find_cart(request)
    return f"cart {cart.pk}" if cart else ""


def _answered(row: IdempotencyKey, run: Callable[[], HttpResponse]) -> HttpResponse:
    try:
        response = run()
    except BaseException:
        idempotency.give_back(row)
        raise
    if response.status_code < HTTPStatus.MULTIPLE_CHOICES and _SECRET not in response.content:
        idempotency.keep_answer(row, response.status_code, response.content.decode())
    else:
        idempotency.give_back(row)
    return response


def required(run: Run) -> Run:
    """Let an operation that changes a customer's things begin only with an Idempotency-Key."""

    @wraps(run)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if HEADER not in request.headers:
            raise idempotency.KeyRequiredError
        return run(request, *args, **kwargs)

    return checked
