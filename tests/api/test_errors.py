"""Whatever goes wrong has one shape and a stable code, and bad input is never a 500."""

from itertools import product
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from shop.catalogue import product_page
from shop.models import Variant
from stripe_standin.testing import Standin
from tests.api.app import ROOT, App
from tests.config.test_errors import AWAY
from tests.factories import VariantFactory
from tests.orders import ADDRESS_JSON, fill_cart

pytestmark = pytest.mark.django_db
HUGE = 10**30


@pytest.fixture
def variant(db: None) -> Variant:
    return VariantFactory(price=2400, stock=5)


@pytest.fixture
def app(alice: User, variant: Variant, standin: Standin) -> App:
    fill_cart(alice, (variant, 2))
    app = App()
    app.log_in(alice)
    return app


def told(response: Any) -> tuple[int, str]:
    """Return status and code, once the shape is seen to be the one shape."""
    assert response["Content-Type"].startswith("application/json")
    assert set(response.json()) == {"error"}
    error = response.json()["error"]
    assert set(error) == {"code", "message", "fields", "lines"}
    assert error["message"]
    return response.status_code, error["code"]


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/", (404, "not_found")),
        ("GET", "/nothing", (404, "not_found")),
        ("GET", "/products/no-such-book", (404, "unknown_product")),
        ("GET", "/products/a%00b", (422, "invalid_request")),
        ("GET", "/products?category=none", (404, "unknown_category")),
        ("GET", "/products?category=a%00b", (422, "invalid_request")),
        ("GET", "/products?sort=colour", (422, "invalid_request")),
        ("GET", "/products?cursor=nonsense", (400, "invalid_cursor")),
        ("POST", "/products", (405, "method_not_allowed")),
        ("DELETE", "/cart", (405, "method_not_allowed")),
        ("DELETE", "/cart/lines/7", (404, "unknown_line")),
        ("DELETE", f"/cart/lines/{HUGE}", (422, "invalid_request")),
        ("DELETE", "/cart/lines/one", (422, "invalid_request")),
        ("GET", "/quote", (409, "empty_cart")),
        ("GET", "/orders", (401, "login_required")),
        ("GET", "/orders/FQ7K-3MWD", (401, "login_required")),
        ("GET", "/me", (401, "login_required")),
    ],
)
def test_what_a_visitor_may_get_wrong(method: str, path: str, expected: tuple[int, str]) -> None:
    assert told(App().ask(method, path)) == expected


def test_a_method_that_is_wrong_names_the_right_ones() -> None:
    assert App().ask("DELETE", "/cart")["Allow"] == "GET"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/orders/ZZZZ-ZZZZ", (404, "unknown_order")),
        ("/orders/a%00b", (404, "unknown_order")),
        ("/orders?cursor=ZZZZ-ZZZZ", (400, "invalid_cursor")),
        ("/quote?delivery=pigeon", (400, "unknown_delivery")),
        ("/quote?delivery=%00", (422, "invalid_request")),
    ],
)
def test_what_a_customer_may_get_wrong(app: App, path: str, expected: tuple[int, str]) -> None:
    assert told(app.ask("GET", path)) == expected


NO_QUANTITIES = [-1, 10**9, HUGE, "1e3", "2", 1.5, True, None, [], {}]


# To PATCH, 0 is a quantity: it takes the line out.
@pytest.mark.parametrize(("method", "quantity"), [*product(["POST", "PATCH"], NO_QUANTITIES), ("POST", 0)])
def test_a_quantity_that_is_none_is_a_400_as_on_the_pages(
    app: App, variant: Variant, method: str, quantity: Any
) -> None:
    [line] = app.get("/cart")["lines"]
    path = "/cart/lines" if method == "POST" else f"/cart/lines/{line['id']}"
    assert told(app.ask(method, path, {"variant": variant.pk, "quantity": quantity})) == (
        400,
        "invalid_quantity",
    )
    assert app.get("/cart")["count"] == 2


@pytest.mark.parametrize("variant_id", [0, -1, HUGE, "12", 1.5, True, None, []])
def test_a_variant_that_cannot_be_one_is_named(app: App, variant_id: Any) -> None:
    refused = app.ask("POST", "/cart/lines", {"variant": variant_id, "quantity": 1})
    assert told(refused) == (422, "invalid_request")
    assert list(refused.json()["error"]["fields"]) == ["variant"]


def test_a_variant_that_we_do_not_sell_is_not_found(app: App) -> None:
    assert told(app.ask("POST", "/cart/lines", {"variant": 999})) == (404, "unknown_variant")


def test_more_than_there_are_is_refused_and_says_how_many(app: App, variant: Variant) -> None:
    refused = app.ask("POST", "/cart/lines", {"variant": variant.pk, "quantity": 4})
    assert told(refused) == (409, "not_enough_stock")
    assert "There are only 5 of" in refused.json()["error"]["message"]


@pytest.mark.parametrize("body", ["", "{", "[]", "nonsense", '"text"', "1", "null", "[" * 100_000])
def test_a_body_that_is_no_object_is_refused(app: App, body: str) -> None:
    response = Client().post(
        f"{ROOT}/cart/lines", body, "application/json", headers={"X-Session-Token": app.session_token}
    )
    assert told(response) in {(400, "bad_request"), (422, "invalid_request")}


def test_a_body_that_is_not_utf_8_is_refused() -> None:
    assert told(Client().post(f"{ROOT}/cart/lines", b'{"variant": "\xff"}', "application/json")) == (
        400,
        "bad_request",
    )


def test_a_form_is_refused(variant: Variant) -> None:
    response = Client().post(f"{ROOT}/cart/lines", {"variant": variant.pk, "quantity": 1})
    assert told(response) == (415, "unsupported_media_type")


def test_a_body_that_is_too_large_is_refused(settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    response = Client().post(f"{ROOT}/cart/lines", {"variant": "x" * 200}, "application/json")
    assert told(response) == (413, "too_large")


def order(app: App, **changes: Any) -> Any:
    body = {"address": ADDRESS_JSON, "delivery": "post", "voucher": "", "total": 5250, **changes}
    return app.ask("POST", "/orders", body, key="k1")


def test_an_address_that_cannot_be_one_says_which_fields(app: App) -> None:
    refused = order(app, address={**ADDRESS_JSON, "city": " ", "postal_code": "12"})
    assert told(refused) == (422, "invalid_address")
    assert refused.json()["error"]["fields"] == {
        "address.city": ["Enter the city"],
        "address.postal_code": ["Write the postal code as 1234 AB"],
    }


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"address": "at home"}, "address"),
        ({"address": {**ADDRESS_JSON, "city": "Utr\0echt"}}, "address.city"),
        ({"address": {**ADDRESS_JSON, "city": "Utr\ud800echt"}}, "address.city"),
        ({"address": {**ADDRESS_JSON, "city": 7}}, "address.city"),
        ({"total": "5250"}, "total"),
        ({"total": -1}, "total"),
        ({"total": HUGE}, "total"),
        ({"delivery": "x" * 41}, "delivery"),
        ({"delivery": None}, "delivery"),
    ],
)
def test_what_does_not_fit_the_schema_is_named(app: App, changes: dict[str, Any], field: str) -> None:
    refused = order(app, **changes)
    assert told(refused) == (422, "invalid_request")
    assert list(refused.json()["error"]["fields"]) == [field]


def test_a_total_that_is_not_what_it_costs_is_refused_with_what_it_costs(app: App) -> None:
    refused = order(app, total=5200)
    assert told(refused) == (409, "total_changed")
    assert refused.json()["error"]["fields"] == {
        "total": ["The total is now €52.50, it was €52.00."],
    }


def test_what_changed_in_the_cart_is_told_line_by_line(app: App, variant: Variant) -> None:
    Variant.objects.filter(pk=variant.pk).update(price=2500)
    refused = order(app)
    assert told(refused) == (409, "cart_changed")
    title = f"{variant.product.title}, paperback"
    assert refused.json()["error"]["lines"] == [
        {"kind": "price", "title": title, "before": 2400, "after": 2500}
    ]


def test_a_voucher_that_we_do_not_know_is_refused(app: App) -> None:
    assert told(order(app, voucher="HALF")) == (409, "unknown_voucher")


def test_our_own_errors_tell_nothing_of_what_broke(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(product_page, "by_slug", lambda _slug: 1 / 0)
    response = App().ask("GET", "/products/walden")
    assert told(response) == (500, "server_error")
    assert "division" not in response.text


@pytest.mark.parametrize("error", AWAY)
def test_a_database_that_is_gone_is_a_503_that_may_be_tried_again(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def gone(_slug: str) -> None:
        raise error

    monkeypatch.setattr(product_page, "by_slug", gone)
    response = App().ask("GET", "/products/walden")
    assert told(response) == (503, "unavailable")
    assert response["Retry-After"] == "60"


def test_the_words_are_in_the_language_that_was_asked_for() -> None:
    response = App().ask("GET", "/products/none", headers={"Accept-Language": "de"})
    assert response["Content-Language"] == "de"
    assert "Accept-Language" in response["Vary"]
