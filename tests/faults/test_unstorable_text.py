"""Text that PostgreSQL takes in no column (NUL, half of a surrogate pair), from every side that it may come from."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from accounts.text import storable
from checkout.models import Order, StripeEvent
from checkout.orders.transitions import CUSTOMER
from checkout.payments import paying, webhooks
from stripe_standin.testing import Standin
from tests.conftest import PASSWORD
from tests.factories import VariantFactory
from tests.orders import NOW, place
from tests.webhook import deliver, event

pytestmark = pytest.mark.django_db

BAD = ["\x00", "a\x00b", "\ud800", "x\udfff"]
PATHS = [
    "/orders/%00/", "/checkout/%00/pay/", "/checkout/%00/status/", "/products/%00/", "/products/a%00/", "/%00",
    "/de/orders/%00/", "/media/%00", "/social/a/%00.jpg", "/admin/checkout/order/%00/change/", "/language/%00/",
    "/accounts/confirm-email/%00/", "/accounts/password/reset/key/%00-%00/", "/api/v1/products/%00",
    "/api/v1/orders/%00", "/static/%00", "/sitemap-books-%00.xml",
]  # fmt: skip
QUERIES = [
    "/products/?q=%00", "/products/?q=a%00b&category=%00&author=%00&price=%00&sort=%00&page=%00",
    "/products/suggest/?q=%00", "/api/v1/products?q=%00&cursor=%00", "/api/v1/suggestions?q=%00",
    "/admin/checkout/order/?q=%00", "/admin/checkout/order/?status=%00&placed_at__gte=%00&customer=%00&delivery=%00",
    "/admin/checkout/payment/?q=%00&status=%00", "/admin/shop/product/?q=%00&category=%00", "/admin/shop/variant/?q=%00",
    "/admin/shop/variant/count/?ids=%00", "/admin/accounts/user/?q=%00", "/accounts/login/?next=%00",
    "/checkout/status/?payment_intent=%00&payment_intent_client_secret=%00", "/orders/?cursor=%00",
    "/products/?%00=%00",
]  # fmt: skip


@pytest.fixture
def order(alice: User, standin: Standin) -> Order:
    order = place(alice, (VariantFactory(price=2000, stock=5), 2))
    paying.start(order.payments.get(), actor=CUSTOMER, now=NOW)
    return order


@pytest.mark.parametrize("bad", [*BAD, {"a": ["\x00"]}, {"\x00": 1}], ids=ascii)
def test_what_is_storable_is_text_that_a_database_takes(bad: Any) -> None:
    assert "\ufffd" in json.dumps(storable(bad), ensure_ascii=False)
    json.dumps(storable(bad), ensure_ascii=False).encode()


@pytest.mark.parametrize("good", ["", "abc", "ſüß 🦊", {"a": [1, None, True, "é"]}], ids=ascii)
def test_all_other_text_stays(good: Any) -> None:
    assert storable(good) == good


@pytest.mark.parametrize("path", PATHS)
def test_f10_a_path_with_a_nul_leads_nowhere(as_sam: Client, path: str) -> None:
    assert as_sam.get(path).status_code in {404, 405, 422}


@pytest.mark.parametrize("path", QUERIES)
def test_f10_a_query_with_a_nul_is_answered(as_sam: Client, path: str) -> None:
    as_sam.raise_request_exception = False
    assert as_sam.get(path).status_code < 500


FORMS = [
    ("/checkout/", {"delivery": "%00", "full_name": "a\x00", "country": "N\x00", "total": "\x00"}),
    ("/cart/lines/", {"variant": "\x00", "quantity": "1\x00"}),
    ("/accounts/login/", {"login": "a\x00@example.org", "password": "\x00"}),
    ("/accounts/signup/", {"email": "a\x00@example.org", "password1": "\x00abcdefghij"}),
    ("/accounts/password/reset/", {"email": "\x00"}),
    ("/admin/login/", {"username": "\x00", "password": "\x00"}),
]


@pytest.mark.parametrize(("path", "data"), FORMS, ids=[path for path, _data in FORMS])
@pytest.mark.parametrize("multipart", [True, False])
def test_f10_a_form_with_a_nul_is_answered(
    as_alice: Client, path: str, data: dict[str, str], multipart: bool
) -> None:
    data = {name: value.replace("%00", "\x00") for name, value in data.items()}
    kind = {} if multipart else {"content_type": "application/x-www-form-urlencoded"}
    body: Any = (
        data
        if multipart
        else "&".join(f"{name}={value}" for name, value in data.items()).replace("\x00", "%00")
    )

    as_alice.raise_request_exception = False
    response = as_alice.post(path, body, headers={"Sec-Fetch-Site": "same-origin"}, **kind)

    assert response.status_code < 500


@pytest.mark.parametrize("bad", BAD, ids=ascii)
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/v1/orders", {"delivery": "X", "address": {"full_name": "X", "country": "X"}, "total": 1}),
        ("/api/v1/cart/lines", {"variant": "X", "quantity": 1}),
        ("/_allauth/app/v1/auth/login", {"email": "X@example.org", "password": "X"}),
        ("/_allauth/app/v1/auth/signup", {"email": "a@example.org", "password": "Xabcdefghijkl"}),
        ("/_allauth/app/v1/auth/password/request", {"email": "X"}),
    ],
)
def test_f09_json_with_such_text_is_refused(as_alice: Client, path: str, body: Any, bad: str) -> None:
    sent = json.dumps(body).replace("X", json.dumps(bad)[1:-1])

    response = as_alice.post(
        path, sent, content_type="application/json", headers={"Idempotency-Key": "k" * 9}
    )

    assert 400 <= response.status_code < 500


@pytest.mark.parametrize("bad", BAD, ids=ascii)
def test_f09_an_event_of_stripe_with_such_text_is_kept_and_done(
    order: Order, standin: Standin, bad: str
) -> None:
    paid = standin.pay(order.payments.get().intent_id)

    answer = deliver(event("payment_intent.succeeded", {**paid, "description": bad, "metadata": {bad: bad}}))

    assert answer.status_code == 200
    assert StripeEvent.objects.get().status == "done"
    assert Order.objects.get().status == "paid"


@pytest.mark.parametrize("bad", BAD, ids=ascii)
def test_f09_an_event_of_another_app_with_such_text_stops_no_sweep(
    order: Order, standin: Standin, bad: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = webhooks.gateway.events_since

    def events(*args: Any, **named: Any) -> Any:
        for found in real(*args, **named):
            yield type(found).read(
                {**found.payload, "id": f"evt_{bad}", "data": {"object": {"id": bad, "name": bad}}}
            )

    standin.pay(order.payments.get().intent_id)
    monkeypatch.setattr(webhooks.gateway, "events_since", events)

    _done, failed = webhooks.catch_up(since=NOW - timedelta(days=1), actor=CUSTOMER, now=NOW)

    assert failed == 0
    assert StripeEvent.objects.count() == 1


@pytest.mark.parametrize("about", [None, [], "pi_1", 5])
def test_f09_an_event_without_an_object_is_refused(order: Order, about: Any) -> None:
    assert deliver(event("payment_intent.succeeded", {}, data={"object": about})).status_code == 400


@pytest.mark.parametrize(
    "path", ["/", "/cart/", "/orders/", "/admin/", "/fragments/personal/", "/api/v1/cart", "/api/v1/me"]
)
@pytest.mark.parametrize("name", ["sessionid", "cart", "device", "messages", "language", "csrftoken"])
def test_f10_a_cookie_with_a_nul_is_refused(client: Client, name: str, path: str) -> None:
    """A quoted cookie may write any byte in octal digits, and Django unquotes it."""
    cookie = f'{name}="aaaaaaaaaaaaaaaa\\000bbbbbbbbbbbbbbbb"'
    assert client.get(path, HTTP_COOKIE=cookie).status_code == 400
    assert client.post("/cart/lines/", {"variant": 1, "quantity": 1}, HTTP_COOKIE=cookie).status_code == 400


def test_f10_who_logs_in_with_a_nul_for_a_programs_name_is_refused(client: Client, alice: User) -> None:
    facts = {"login": alice.email, "password": PASSWORD}
    assert client.post("/accounts/login/", facts, HTTP_USER_AGENT="a\x00b").status_code == 400
