"""The whole purchase in German: every page, form and mail on the way, with no English left."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from django.utils import timezone, translation

from accounts import countries
from accounts.models import User
from checkout.messages import mails, order_text
from checkout.models import Attention, Mail, Order, Payment
from checkout.purchase import placing
from shop.catalogue.count_text import counted
from shop.i18n.stored_text import translate_value
from shop.models import Category, Variant
from shop.money import written
from stripe_standin.testing import Standin
from tests.accounts.reading import Page
from tests.conftest import PASSWORD
from tests.factories import CategoryFactory, ProductFactory, VariantFactory
from tests.german import english_in
from tests.orders import ADDRESS, FORM, NOW, pay, place

pytestmark = pytest.mark.django_db

ALICE = "alice@example.org"


@pytest.fixture
def german() -> Iterator[None]:
    with translation.override("de"):
        yield


@pytest.fixture
def fiction() -> Category:
    category: Category = CategoryFactory(name="Fiction", slug="fiction")
    return category


@pytest.fixture
def variant(fiction: Category) -> Variant:
    product = ProductFactory(category=fiction, title="Middlemarch", slug="middlemarch")
    VariantFactory(product=product, name="Hardback", price=2400, stock=0)
    return VariantFactory(product=product, name="Paperback", price=123450, stock=3)


def shown(client: Client, address: str, status: int = 200) -> str:
    """Return a German page, after a look for what is not German."""
    response = client.get(address)
    assert response.status_code == status
    return german_page(response)


def german_page(response: Any) -> str:
    text: str = response.content.decode()
    assert '<html lang="de">' in text
    assert english_in(text) == []
    return text


def test_a_look_for_english_finds_it(client: Client, variant: Variant) -> None:
    found = english_in(
        client.get("/products/middlemarch/").content.decode().replace('lang="en"', 'lang="de"', 1)
    )
    assert {"Add to cart", "Only 3 left", "Your orders", "Paperback", "Quantity of Middlemarch"} <= set(found)


def test_a_visitor_buys_in_german(client: Client, standin: Standin, variant: Variant) -> None:
    home = shown(client, "/de/")
    assert "Romane" in home
    listing = shown(client, "/de/products/?category=fiction&in_stock=1&sort=price")
    assert "Romane" in listing.partition("</title>")[0]
    assert "1.234,50\xa0€" in listing
    product = shown(client, "/de/products/middlemarch/")
    assert "Nur noch 3\xa0da" in product
    assert "Ausverkauft" in product
    assert "Taschenbuch" in product

    added = client.post("/de/cart/lines/", {"variant": variant.pk, "quantity": "2"})
    assert added["Location"] == "/de/cart/new/"  # where it shows whether the browser kept the cart
    cart = shown(client, added["Location"])
    assert "In Ihrem Warenkorb. Middlemarch, Taschenbuch." in re.sub("<[^>]+>", "", cart)
    assert "Taschenbuch, je 1.234,50\xa0€" in cart
    too_many = german_page(client.post("/de/cart/lines/", {"variant": variant.pk, "quantity": "9"}))
    assert "Von Middlemarch, Taschenbuch sind nur noch 3 da." in re.sub("<[^>]+>", "", too_many)

    assert 'href="/de/accounts/login/?next=/de/checkout/"' in shown(client, "/de/checkout/")
    shown(client, "/de/accounts/login/?next=/de/checkout/")
    signup = "/de/accounts/signup/?next=/de/checkout/"
    assert "Geben Sie Ihre E-Mail-Adresse ein" in german_page(client.post(signup, {}))
    assert client.post(signup, {"email": ALICE, "password1": PASSWORD})["Location"] == "/de/checkout/"
    [welcome] = mail.outbox
    assert welcome.subject == "Willkommen bei Folio"
    assert "/de/accounts/confirm-email/" in str(welcome.body)

    checkout = shown(client, "/de/checkout/")
    assert "Österreich" in checkout
    assert "Zahlungspflichtig bestellen" in checkout
    wrong = german_page(
        client.post("/de/checkout/", {**FORM, "postal_code": "1", "city": "", "total": "246900"})
    )
    assert "Zwei Angaben bitte berichtigen" in wrong
    moved = client.post("/de/checkout/", {**FORM, "total": "1"})
    assert moved.status_code == 409
    assert "zahlungspflichtig bestellen" in german_page(moved)
    placed = client.post("/de/checkout/", {**FORM, "total": "246900"})
    order = Order.objects.get()
    assert placed["Location"] == f"/de/checkout/{order.number}/pay/"

    paying = shown(client, placed["Location"])
    form = Page(client.get(placed["Location"])).all("form", id="pay")[0].attrs
    assert form["data-locale"] == "de"
    assert form["data-return-url"] == f"http://testserver/de/checkout/{order.number}/status/"
    assert "2.469,00\xa0€ bezahlen" in paying
    intent = Payment.objects.get().intent_id
    standin.pay(intent, "pm_card_visa_chargeDeclinedInsufficientFunds")
    declined = shown(client, f"/de/checkout/{order.number}/status/")
    assert "Auf dieser Karte ist nicht genug Geld." in declined
    assert "Es wurde nichts abgebucht." in declined
    standin.pay(intent)
    mail.outbox.clear()
    paid = shown(client, f"/de/checkout/{order.number}/status/")
    assert "Bezahlt. Vielen Dank, Alice." in paid
    assert "Niederlande" in paid
    for page in (f"/de/orders/{order.number}/", "/de/orders/", "/de/accounts/", "/de/accounts/email/"):
        shown(client, page)
    assert (
        Page(client.get("/de/orders/")).all("a", class_="mono")[0].attrs["href"]
        == f"/de/orders/{order.number}/"
    )


@pytest.mark.parametrize(
    "address",
    [
        "/de/accounts/login/",
        "/de/accounts/signup/",
        "/de/accounts/password/reset/",
        "/de/cart/",
        "/de/products/?q=nothing",
    ],
)
def test_the_other_pages_of_a_visitor_are_german(client: Client, fiction: Category, address: str) -> None:
    shown(client, address)


@pytest.mark.parametrize("address", ["/de/nowhere/", "/de/products/none/", "/de/products/?category=none"])
def test_what_is_not_there_is_said_in_german(client: Client, fiction: Category, address: str) -> None:
    shown(client, address, 404)


@pytest.mark.parametrize(
    "address",
    ["/de/accounts/password/change/", "/de/accounts/logout/", "/de/accounts/email/", "/de/checkout/"],
)
def test_the_other_pages_of_a_customer_are_german(as_alice: Client, fiction: Category, address: str) -> None:
    german_page(as_alice.get(address, follow=True))


def sent(order: Order, kind: Mail.Kind) -> EmailMultiAlternatives:
    """Send the mail of a kind about an order, by somebody who reads English, and return it."""
    row, _new = Mail.objects.get_or_create(order=order, kind=kind, defaults={"queued_at": NOW})
    mails.send(row.pk, now=NOW)
    message = mail.outbox.pop()
    assert isinstance(message, EmailMultiAlternatives)
    return message


@pytest.fixture
def german_order(alice: User, variant: Variant) -> Order:
    with translation.override("de"):
        return place(alice, (variant, 1))


def test_mails_speak_the_language_that_the_order_was_placed_in(german_order: Order) -> None:
    waiting = sent(german_order, Mail.Kind.PLACED)
    pay(german_order)
    messages = [waiting, *(sent(german_order, kind) for kind in (Mail.Kind.PAID, Mail.Kind.SHIPPED))]
    assert [message.subject.split(" ·")[0] for message in messages] == [
        "Ihre Bücher warten.",
        "Bezahlt. Vielen Dank, Alice.",
        "Ihre Bücher sind unterwegs.",
    ]
    for message in messages:
        html = str(message.alternatives[0][0])
        assert [english_in(text) for text in (message.subject, str(message.body), html)] == [[], [], []]
        assert f"/de/orders/{german_order.number}/" in str(message.body)
        assert "1.234,50\xa0€" in str(message.body)
        assert '<html lang="de">' in html


def test_an_order_placed_in_english_is_written_to_in_english(alice: User, variant: Variant) -> None:
    order = place(alice, (variant, 1))
    with translation.override("de"):
        message = sent(order, Mail.Kind.PLACED)
    assert message.subject.startswith("Your books are waiting.")
    assert f"http://127.0.0.1:8000/orders/{order.number}/" in str(message.body)


def test_staff_are_written_to_in_the_shops_own_language(german_order: Order, sam: User) -> None:
    Order.objects.filter(pk=german_order.pk).update(needs_attention=Attention.AMOUNT_DIFFERS)
    message = sent(german_order, Mail.Kind.ATTENTION)
    assert message.subject.startswith(f"Order {german_order.number} needs you.")


def test_the_language_of_an_order_stays_when_it_is_placed_again(german_order: Order, alice: User) -> None:
    with translation.override("en"):
        again = placing.place(
            user=alice,
            cart=german_order.cart,
            address=ADDRESS,
            delivery="",
            total_shown=german_order.total,
            now=NOW,
        )
    assert (again.pk, again.language) == (german_order.pk, "de")


def test_money_numbers_and_times_are_written_as_germans_do(german: None) -> None:
    assert written(123450, "eur") == "1.234,50\xa0€"
    assert written(-50, "eur") == "−0,50\xa0€"
    assert written(500, "jpy") == "500\xa0¥"
    at = timezone.make_aware(datetime(2026, 3, 2, 15, 42))  # noqa: DTZ001 - made aware here
    assert order_text.clock(at) == "Montag, 2. März, 15:42 Uhr"
    assert counted(1000) == "1.000 Bücher"
    assert counted(1) == "1 Buch"


def test_countries_are_named_and_sorted_as_germans_do(german: None) -> None:
    names = [name for _code, name in countries.choices()]
    assert names.index("Norwegen") < names.index("Österreich") < names.index("Pakistan")
    assert countries.name("NL") == "Niederlande"


def test_a_title_with_its_edition_keeps_german_nouns_upright(variant: Variant) -> None:
    assert variant.full_title == "Middlemarch, paperback"
    with translation.override("de"):
        assert variant.full_title == "Middlemarch, Taschenbuch"


def test_a_word_that_no_catalogue_knows_is_shown_as_it_was_written(german: None) -> None:
    assert translate_value("Broadsides") == "Broadsides"
    assert translate_value("") == ""


def test_numbers_in_a_word_of_a_row_are_looked_past(german: None) -> None:
    assert translate_value("Sewn, 904 pages") == "Fadengeheftet, 904 Seiten"
    assert translate_value("2 to 4 working days") == "2 bis 4 Werktage"
    assert translate_value("100% rag, 3 maps, %d") == "100% rag, 3 maps, %d"
    with translation.override("en"):
        assert translate_value("Sewn, 904 pages") == "Sewn, 904 pages"
