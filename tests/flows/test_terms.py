"""Country, voucher and files at the checkout: by page and by JSON."""

import re
from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from checkout.models import DeliveryOption, Order, TaxRate, Voucher
from checkout.payments import limits
from shop.models import Variant
from stripe_standin.testing import Standin
from tests.api.app import App
from tests.factories import VariantFactory
from tests.orders import ADDRESS_JSON, FORM, NOW, fill_cart

pytestmark = pytest.mark.django_db


@pytest.fixture
def walden() -> Variant:
    return VariantFactory(price=2000, stock=9)


@pytest.fixture
def spring() -> Voucher:
    voucher: Voucher = Voucher.objects.create(code="SPRING", kind="percent", value=1000)
    return voucher


@pytest.fixture
def buyer(as_alice: Client, alice: User, walden: Variant, standin: Standin) -> Client:
    fill_cart(alice, (walden, 1))
    return as_alice


def test_a_voucher_is_a_field_of_the_form_and_its_total_is_agreed_to(buyer: Client, spring: Voucher) -> None:
    asked = buyer.post("/checkout/", {**FORM, "voucher": "spring", "total": "2450"})
    assert asked.status_code == HTTPStatus.CONFLICT
    assert 'data-error="total_changed"' in asked.text
    assert 'name="total" value="2250"' in asked.text

    assert buyer.post("/checkout/", {**FORM, "voucher": "spring", "total": "2250"}).status_code == 302
    assert Order.objects.get().voucher_code == "SPRING"


def test_one_that_does_not_count_is_told_beside_its_field_and_nothing_is_lost(buyer: Client) -> None:
    asked = buyer.post("/checkout/", {**FORM, "voucher": "none", "total": "2450"})
    assert asked.status_code == HTTPStatus.BAD_REQUEST
    assert 'data-error="unknown_voucher"' in asked.text
    assert 'value="none"' in asked.text
    assert "Oudegracht 12" in asked.text
    assert not Order.objects.exists()


def test_guessing_vouchers_is_limited(buyer: Client, settings: Any) -> None:
    settings.RATE_LIMITS = True
    tries = limits.VOUCHERS[0].most + 1
    asked = [
        buyer.get("/checkout/summary/", {"voucher": f"GUESS{number}"}).status_code for number in range(tries)
    ]
    assert asked[-2:] == [HTTPStatus.OK, HTTPStatus.TOO_MANY_REQUESTS]


def test_the_summary_follows_country_way_and_voucher(buyer: Client, spring: Voucher) -> None:
    TaxRate.objects.create(country="DE", tax_class="reduced", rate=700, valid_from="2021-01-01")
    DeliveryOption.objects.filter(code="courier").update(countries=["NL"])
    shown = buyer.get(
        "/checkout/summary/",
        {"country": "DE", "delivery": "courier", "voucher": "SPRING", "offered": "post courier"},
    ).text
    assert "Voucher SPRING" in shown
    assert "including VAT 7%" in shown
    assert 'name="total" value="2250"' in shown
    assert 'id="offers" hx-swap-oob="true"' in shown
    assert "courier" not in shown


def test_a_country_that_nothing_reaches_is_told_beside_it(buyer: Client) -> None:
    DeliveryOption.objects.update(countries=["NL"])
    asked = buyer.post("/checkout/", {**FORM, "country": "DE", "postal_code": "10115", "total": "2450"})
    assert asked.status_code == HTTPStatus.BAD_REQUEST
    assert "We do not send to this country." in asked.text
    assert 'data-error="unknown_delivery"' in asked.text
    assert buyer.get("/checkout/summary/", {"country": "DE"}).status_code == HTTPStatus.OK


def test_files_alone_ask_for_name_address_and_country_and_nothing_else(
    client: Client, standin: Standin
) -> None:
    file = VariantFactory(price=700, is_digital=True)
    client.post("/cart/lines/", {"variant": file.pk, "quantity": 1})
    page = client.get("/checkout/").text
    assert all(f'name="{name}"' in page for name in ("email", "full_name", "country"))
    assert not any(f'name="{name}"' in page for name in ("line1", "city", "postal_code", "phone", "delivery"))

    form = {"email": "carol@example.org", "full_name": "Carol", "country": "NL", "total": "700"}
    assert client.post("/checkout/", form).status_code == HTTPStatus.FOUND
    order = Order.objects.get()
    assert (order.line1, order.delivery, order.delivery_name) == ("", 0, "")


def test_a_shop_that_sends_abroad_alone_shows_its_checkout_before_a_country_is_known(
    client: Client, walden: Variant, standin: Standin
) -> None:
    DeliveryOption.objects.filter(code="post").update(countries=["DE"])
    DeliveryOption.objects.filter(code="courier").update(countries=["US"])
    client.post("/cart/lines/", {"variant": walden.pk, "quantity": 1})

    page = client.get("/checkout/").text
    assert 'value="post"' in page
    assert 'value="courier"' in page
    assert client.get("/checkout/summary/", {"country": "FR"}).status_code == HTTPStatus.OK


def test_a_form_that_is_wrong_is_no_way_to_guess_vouchers(
    buyer: Client, spring: Voucher, settings: Any
) -> None:
    settings.RATE_LIMITS = True
    wrong = {**FORM, "city": "", "total": "2450"}
    for number in range(limits.VOUCHERS[0].most):
        buyer.post("/checkout/", {**wrong, "voucher": f"GUESS{number}"})
    answer = buyer.post("/checkout/", {**wrong, "voucher": "SPRING"})

    assert answer.status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert 'data-error="too_many_tries"' in answer.text
    assert 'value="SPRING"' in answer.text
    assert "Oudegracht 12" in answer.text
    assert "−€2.00" not in answer.text


def test_what_a_country_demands_is_not_called_optional(buyer: Client) -> None:
    page = buyer.get("/checkout/").text
    labels = re.findall(r'<label for="id_(\w+)">[^<]*<span class="optional">', page)
    assert {"line2", "region", "phone"} <= set(labels)
    assert not {"postal_code", "city", "line1"} & set(labels)


# --- JSON ---


@pytest.fixture
def app(alice: User, walden: Variant, standin: Standin) -> App:
    fill_cart(alice, (walden, 1))
    app = App()
    app.log_in(alice)
    return app


def test_a_quote_says_what_a_country_takes_and_what_a_voucher_takes_off(app: App, spring: Voucher) -> None:
    TaxRate.objects.create(country="DE", tax_class="reduced", rate=700, valid_from="2021-01-01")
    quote = app.get("/quote?country=DE&voucher=spring&delivery=post")
    assert (quote["country"], quote["voucher"], quote["discount"], quote["total"]) == (
        "DE",
        "SPRING",
        200,
        2250,
    )
    assert quote["tax_included"] is True
    assert quote["taxes"] == [{"rate": 700, "net": 2250 - 118 - 29, "tax": 118 + 29}]


def test_an_order_has_its_voucher_and_its_taxes(app: App, spring: Voucher) -> None:
    TaxRate.objects.create(country="NL", tax_class="reduced", rate=900, valid_from="2019-01-01")
    wanted = {"address": ADDRESS_JSON, "delivery": "post", "voucher": "SPRING", "total": 2250}
    placed = app.post("/orders", wanted, status=201, key="one")
    assert (placed["voucher"], placed["discount"], placed["tax"]) == ("SPRING", 200, 149 + 37)
    assert placed["taxes"] == [{"rate": 900, "net": 2250 - 186, "tax": 186}]
    [line] = placed["lines"]
    assert (line["discount"], line["tax_rate"], line["tax"]) == (200, 900, 149)


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"limit": 0}, "voucher_used_up"),
        ({"minimum": 9999}, "voucher_minimum"),
        ({"ends_at": NOW}, "voucher_over"),
    ],
)
def test_a_refused_voucher_has_a_code(app: App, spring: Voucher, facts: dict[str, Any], code: str) -> None:
    Voucher.objects.filter(pk=spring.pk).update(**facts)
    refused = app.get("/quote?voucher=SPRING", status=409)
    assert refused["error"]["code"] == code
    assert list(refused["error"]["fields"]) == ["voucher"]


def test_files_alone_need_no_street_in_json(alice: User, standin: Standin) -> None:
    fill_cart(alice, (VariantFactory(price=700, is_digital=True), 1))
    app = App()
    app.log_in(alice)
    wanted = {"address": {"full_name": "Alice", "country": "NL"}, "total": 700}
    assert app.post("/orders", wanted, status=201, key="one")["delivery"] == 0
