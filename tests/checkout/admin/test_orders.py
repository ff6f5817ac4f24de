"""Orders as staff see them: found, opened, and never edited."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from accounts.models import User
from checkout.admin import stripe_links
from checkout.models import DeliveryOption, Mail, Order, Payment, Timeline
from shop.models import StockMovement, Variant
from tests.conftest import logged_in
from tests.factories import ProductFactory, VariantFactory
from tests.orders import ADDRESS, DECLINED, NOW, hear, pay, place

ORDERS = "/admin/checkout/order/"


@pytest.fixture
def walden(db: None) -> Variant:
    return VariantFactory(product=ProductFactory(title="Walden"), sku="WALDEN-PB", price=1650, stock=50)


@pytest.fixture
def dracula(db: None) -> Variant:
    return VariantFactory(product=ProductFactory(title="Dracula"), sku="DRAC-HB", price=2200, stock=50)


@pytest.fixture
def order(alice: User, walden: Variant) -> Order:
    return place(alice, (walden, 2))


def staff_with(*codenames: str) -> Client:
    user = User.objects.create_user(f"{'-'.join(codenames) or 'none'}@example.org", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return logged_in(user)


def page_of(order: Order) -> str:
    return f"{ORDERS}{order.pk}/change/"


def text_of(client: Client, url: str) -> str:
    """Return a page's words, without its tags and with single spaces."""
    response = client.get(url)
    assert response.status_code == 200, url
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", response.content.decode()))


def found(client: Client, **query: str) -> set[str]:
    response = client.get(ORDERS, query)
    assert response.status_code == 200
    return {order.number for order in response.context["cl"].result_list}


# --- The list ---


def test_the_list_shows_who_ordered_what_it_costs_and_the_payment_that_counts(
    as_sam: Client, order: Order
) -> None:
    pay(order)
    text = text_of(as_sam, ORDERS)
    for words in (order.number, "alice@example.org", "Paid", "€37.50", order.payments.get().intent_id):
        assert words in text


def test_the_list_marks_orders_that_need_attention(as_sam: Client, order: Order) -> None:
    assert "tag bad" not in as_sam.get(ORDERS).content.decode()
    hear(order.payments.get(), amount_received=100)
    assert "tag bad" in as_sam.get(ORDERS).content.decode()


@pytest.mark.parametrize(
    "url", [ORDERS, "/admin/checkout/payment/", "/admin/checkout/timeline/", "/admin/checkout/mail/"]
)
def test_a_list_takes_the_same_statements_for_one_order_and_for_many(
    as_sam: Client, alice: User, bob: User, walden: Variant, url: str, django_assert_num_queries: Any
) -> None:
    statements = {
        ORDERS: 8,
        "/admin/checkout/payment/": 4,
        "/admin/checkout/timeline/": 5,
        "/admin/checkout/mail/": 4,
    }
    pay(place(alice, (walden, 1)))
    as_sam.get(url)
    with django_assert_num_queries(statements[url]):
        as_sam.get(url)
    for buyer in (alice, bob, alice, bob):
        pay(place(buyer, (walden, 1)))
    with django_assert_num_queries(statements[url]):
        as_sam.get(url)


def test_an_order_is_found_by_its_number_however_it_is_typed(
    as_sam: Client, alice: User, bob: User, order: Order
) -> None:
    number = order.number
    for typed in (
        number,
        number.lower(),
        number.replace("-", ""),
        number.replace("-", "").lower(),
        number[:6],
        number[5:],
    ):
        assert number in found(as_sam, q=typed), typed


def test_an_order_is_found_by_customer_book_and_payment(
    as_sam: Client, alice: User, bob: User, walden: Variant, dracula: Variant
) -> None:
    hers = pay(place(alice, (walden, 1)))
    his = pay(place(bob, (dracula, 1), address=replace(ADDRESS, full_name="Bob Cratchit")))
    payment = his.payments.get()
    for typed in (
        "bob@example.org",
        "BOB@",
        "cratchit",
        "Bob Cratchit",
        "drac-hb",
        "dracula",
        payment.intent_id,
        str(payment.pk),
    ):
        assert found(as_sam, q=typed) == {his.number}, typed
    assert found(as_sam, q="example.org") == {hers.number, his.number}
    assert found(as_sam, q="dracula liddell") == set()
    assert found(as_sam, q="pi_nobody") == set()


@pytest.mark.parametrize(
    "typed", ["%", "_", "'", '"', '"a', "\x00", "''", "pi_", "@", "-", "a " * 500, "é" * 200]
)
def test_odd_searches_are_answered(as_sam: Client, order: Order, typed: str) -> None:
    for url in (ORDERS, "/admin/checkout/payment/", "/admin/checkout/timeline/", "/admin/checkout/mail/"):
        assert as_sam.get(url, {"q": typed}).status_code == 200


def test_orders_are_filtered_by_state_attention_delivery_and_customer(
    as_sam: Client, alice: User, bob: User, walden: Variant
) -> None:
    waiting = place(alice, (walden, 1))
    flagged = hear(
        place(bob, (walden, 1), delivery="courier", total_shown=2550).payments.get(), amount_received=100
    )
    assert found(as_sam, status__exact="placed") == {waiting.number, flagged.number}
    assert found(as_sam, status__exact="paid") == set()
    assert found(as_sam, needs_attention="yes") == {flagged.number}
    assert found(as_sam, needs_attention="no") == {waiting.number}
    assert found(as_sam, needs_attention="amount_differs") == {flagged.number}
    assert found(as_sam, needs_attention="paid_twice") == set()
    assert found(as_sam, delivery="Courier") == {flagged.number}
    assert found(as_sam, delivery="-") == set()
    assert found(as_sam, customer=str(alice.pk)) == {waiting.number}


def test_the_dates_lead_from_years_to_a_day(as_sam: Client, alice: User, bob: User, walden: Variant) -> None:
    old = place(alice, (walden, 1), now=NOW - timedelta(days=400))
    new = place(bob, (walden, 1))
    local = timezone.localtime(new.placed_at)
    assert "placed_at__year=2025" in as_sam.get(ORDERS).content.decode()
    assert found(as_sam, placed_at__year=str(local.year)) == {new.number}
    year = as_sam.get(ORDERS, {"placed_at__year": str(local.year)}).content.decode()
    assert f"placed_at__month={local.month}&amp;placed_at__year={local.year}" in year
    month = {"placed_at__year": str(local.year), "placed_at__month": str(local.month)}
    assert found(as_sam, **month, placed_at__day=str(local.day)) == {new.number}
    assert found(as_sam, placed_at__year="2025") == {old.number}


@pytest.mark.parametrize(
    "query",
    [
        {"placed_at__year": "9999"},
        {"placed_at__year": "abc"},
        {"placed_at__year": "2026", "placed_at__month": "13"},
        {"placed_at__year": "2026", "placed_at__month": "2", "placed_at__day": "31"},
        {"placed_at__month": "2"},
        {"customer": "abc"},
        {"customer": "9" * 30},
        {"customer": "²"},
        {"needs_attention": "nonsense"},
        {"status__exact": "nonsense"},
        {"delivery": "nonsense"},
        {"p": "abc"},
        {"p": "999"},
        {"o": "99.-99"},
    ],
)
def test_odd_filters_are_answered(as_sam: Client, order: Order, query: dict[str, str]) -> None:
    assert as_sam.get(ORDERS, query, follow=True).status_code == 200


# --- One order ---


def test_the_page_of_an_order_tells_all_of_it(as_sam: Client, order: Order, walden: Variant) -> None:
    payment = order.payments.get()
    hear(payment, "requires_payment_method", error=DECLINED)
    payment.refresh_from_db()
    hear(payment)
    text = text_of(as_sam, page_of(order))
    for words in (
        *("Walden", "WALDEN-PB", "€16.50", "€33.00", "€4.50", "€37.50"),
        *("alice@example.org", "Oudegracht 12", "3511 AB Utrecht", "Netherlands"),
        *("Succeeded", "Visa ending 4242", payment.intent_id),
        *("Payment refused", "insufficient_funds", "card ending 9995", "Status page"),
        *("Taken for an order", "−2"),
    ):
        assert words in text, words
    assert Mail.objects.get(order=order).get_kind_display() in text


def test_the_page_of_an_order_takes_the_same_statements_whatever_is_on_it(
    as_sam: Client, order: Order, bob: User, walden: Variant, dracula: Variant, django_assert_num_queries: Any
) -> None:
    as_sam.get(page_of(order))
    with django_assert_num_queries(10):
        as_sam.get(page_of(order))
    bigger = place(bob, (walden, 1), (dracula, 3), (VariantFactory(), 1))
    hear(bigger.payments.get(), "requires_payment_method", error=DECLINED)
    pay(bigger)
    with django_assert_num_queries(10):
        as_sam.get(page_of(bigger))


def test_a_customers_words_are_never_markup(as_sam: Client, alice: User, walden: Variant) -> None:
    evil = "<script>alert(1)</script>"
    order = place(alice, (walden, 1), address=replace(ADDRESS, full_name=evil, line2=evil))
    for url in (page_of(order), ORDERS, f"{ORDERS}?q={evil}", f"{ORDERS}{order.pk}/cancel/"):
        assert evil not in as_sam.get(url).content.decode()


@pytest.mark.parametrize("action", ["change", "delete"])
def test_nobody_edits_or_deletes_an_order(as_sam: Client, order: Order, action: str) -> None:
    before = Order.objects.values().get(pk=order.pk)
    response = as_sam.post(f"{ORDERS}{order.pk}/{action}/", {"status": "paid", "total": "1", "post": "yes"})
    assert response.status_code == 403
    assert Order.objects.values().get(pk=order.pk) == before


def test_nobody_adds_an_order(as_sam: Client) -> None:
    assert as_sam.get(f"{ORDERS}add/").status_code == 403
    assert as_sam.post(f"{ORDERS}add/", {"number": "AAAA-AAAA"}).status_code == 403
    assert (
        as_sam.post(ORDERS, {"action": "delete_selected", "_selected_action": "1"}, follow=True).status_code
        == 200
    )


@pytest.mark.parametrize("model", [Payment, Timeline, Mail])
def test_what_was_written_down_is_only_looked_at(as_sam: Client, order: Order, model: Any) -> None:
    pay(order)
    row = model.objects.first()
    before = model.objects.values().get(pk=row.pk)
    address = f"/admin/checkout/{model._meta.model_name}/"
    assert as_sam.get(f"{address}{row.pk}/change/").status_code == 200
    assert (
        as_sam.post(f"{address}{row.pk}/change/", {"status": "canceled", "kind": "expired"}).status_code
        == 403
    )
    assert as_sam.post(f"{address}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert as_sam.get(f"{address}add/").status_code == 403
    assert model.objects.values().get(pk=row.pk) == before


def test_a_payment_leads_to_the_dashboard_where_the_money_is(settings: Any) -> None:
    at = replace(settings.STRIPE, api_base="http://127.0.0.1:12111", livemode=False)
    settings.STRIPE = at
    assert stripe_links.dashboard_url("pi_1") == "http://127.0.0.1:12111/payments/pi_1"
    settings.STRIPE = replace(at, api_base="https://api.stripe.com")
    assert stripe_links.dashboard_url("pi_1") == "https://dashboard.stripe.com/test/payments/pi_1"
    settings.STRIPE = replace(at, api_base="https://api.stripe.com", livemode=True)
    assert stripe_links.dashboard_url("pi_1") == "https://dashboard.stripe.com/payments/pi_1"
    assert stripe_links.dashboard_url("") == ""


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"amount_received": 1200}, "Stripe has €12.00, the order says €37.50"),
        ({"currency": "usd"}, "Stripe has $37.50, the order says €37.50"),
        ({"status": "paused"}, "Stripe says “paused”. We do not know it"),
        ({"livemode": True}, "Test and live are mixed up"),
    ],
)
def test_staff_read_why_an_order_needs_them(
    as_sam: Client, order: Order, changes: dict[str, Any], words: str
) -> None:
    hear(order.payments.get(), **changes)
    assert words in text_of(as_sam, page_of(order))


# --- Who may look ---


def everything(order: Order) -> list[str]:
    return ["/admin/", ORDERS, page_of(order), f"{ORDERS}{order.pk}/cancel/", "/admin/checkout/payment/"]


def test_customers_and_visitors_are_sent_to_the_log_in(
    as_alice: Client, as_bob: Client, order: Order
) -> None:
    for client in (as_alice, as_bob, Client()):
        for url in everything(order):
            response = client.get(url)
            assert response.status_code == 302, url
            assert response["Location"].startswith("/admin/login/")
            assert order.number not in response.content.decode()


def test_staff_who_may_only_look_see_no_way_to_act(order: Order) -> None:
    viewer = staff_with("view_order")
    page = viewer.get(page_of(order)).content.decode()
    assert order.number in page
    assert "ask-stripe" not in page
    assert "/cancel/" not in page
    assert viewer.get(ORDERS).status_code == 200


def test_staff_without_rights_see_no_order_anywhere(order: Order) -> None:
    nobody = staff_with()
    assert nobody.get(ORDERS).status_code == 403
    assert nobody.get(page_of(order)).status_code == 403
    board = text_of(nobody, "/admin/")
    assert "Needs attention" not in board
    assert "paid today" not in board


# --- The first page ---


def test_the_dashboard_counts_what_is_true(as_sam: Client, alice: User, bob: User, walden: Variant) -> None:
    now = timezone.now()
    paid = place(alice, (walden, 1), now=now)
    pay(paid, now=now)
    pay(place(bob, (walden, 1), now=now - timedelta(days=3)), now=now - timedelta(days=3))
    place(alice, (walden, 1), now=now)
    hear(place(bob, (walden, 1), now=now).payments.get(), amount_received=100, now=now)
    text = text_of(as_sam, "/admin/")
    for words in (
        "€21.00 paid today, 1 order",
        "2 orders to send",
        "1 order needs attention",
        "0 editions nearly gone",
    ):
        assert words in text, words


def test_every_figure_leads_to_a_list_with_as_many_rows(
    as_sam: Client, alice: User, bob: User, walden: Variant
) -> None:
    now = timezone.now()
    pay(place(alice, (walden, 1), now=now), now=now)
    hear(place(bob, (walden, 1), now=now).payments.get(), amount_received=100, now=now)
    place(alice, (walden, 1), now=now)
    VariantFactory(stock=2)
    VariantFactory(stock=2, product=ProductFactory(is_published=False))
    VariantFactory(stock=0)
    urls = re.findall(r'<ul class="figures">.*?</ul>', as_sam.get("/admin/").content.decode(), re.DOTALL)[0]
    links = [link.replace("&amp;", "&") for link in re.findall(r'href="([^"]+)"', urls)]
    assert [as_sam.get(link).context["cl"].result_count for link in links] == [1, 1, 1, 1]


def test_who_waits_longest_stands_first(as_sam: Client, alice: User, bob: User, walden: Variant) -> None:
    later = hear(place(alice, (walden, 1)).payments.get(), amount_received=100, now=NOW + timedelta(hours=2))
    sooner = hear(place(bob, (walden, 1)).payments.get(), amount_received=200, now=NOW + timedelta(hours=1))
    text = text_of(as_sam, "/admin/")
    assert text.index(sooner.number) < text.index(later.number)
    assert "Stripe has €2.00, the order says €21.00" in text


def test_what_is_nearly_gone_is_named_and_what_is_gone_is_not(as_sam: Client) -> None:
    VariantFactory(product=ProductFactory(title="Candide"), stock=1)
    VariantFactory(product=ProductFactory(title="Emma"), stock=0)
    VariantFactory(product=ProductFactory(title="Utopia"), stock=500)
    text = text_of(as_sam, "/admin/")
    assert "Candide, paperback" in text
    assert "Emma" not in text
    assert "Utopia" not in text


def test_the_dashboard_takes_the_same_statements_whatever_waits(
    as_sam: Client, alice: User, bob: User, walden: Variant, django_assert_num_queries: Any
) -> None:
    hear(place(alice, (walden, 1)).payments.get(), amount_received=100)
    as_sam.get("/admin/")
    with django_assert_num_queries(19):
        as_sam.get("/admin/")
    hear(place(bob, (walden, 1)).payments.get(), amount_received=100)
    pay(place(User.objects.create_user("carol@example.org"), (VariantFactory(stock=3), 1)))
    with django_assert_num_queries(19):
        as_sam.get("/admin/")


# --- Ways to send ---


def test_s1_the_price_of_delivery_is_typed_as_money(as_sam: Client) -> None:
    post = DeliveryOption.objects.get(code="post")
    page = as_sam.get(f"/admin/checkout/deliveryoption/{post.pk}/change/").content.decode()
    assert "Price (€):" in page
    assert 'name="price" value="4.50"' in page
    assert 'name="free_from" value="60.00"' in page
    assert "€9.00" in text_of(as_sam, "/admin/checkout/deliveryoption/")


def test_a_way_to_send_changes_its_price_and_keeps_its_code(as_sam: Client, order: Order) -> None:
    post = DeliveryOption.objects.get(code="post")
    form = {
        "name": "Post",
        "code": "other",
        "note": "",
        "price": "5,00",
        "free_from": "",
        "position": "1",
        "is_active": "on",
    }
    assert as_sam.post(f"/admin/checkout/deliveryoption/{post.pk}/change/", form).status_code == 302
    post.refresh_from_db()
    assert (post.price, post.free_from, post.code) == (500, None, "post")
    assert Order.objects.get(pk=order.pk).delivery == 450


# --- The content policy ---


def test_no_page_needs_an_inline_script_or_style(as_sam: Client, order: Order) -> None:
    hear(order.payments.get(), amount_received=100)
    payment = order.payments.get()
    pages = [
        *everything(order),
        *(
            "/admin/checkout/",
            "/admin/checkout/timeline/",
            "/admin/checkout/mail/",
            "/admin/password_change/",
        ),
        *(f"/admin/checkout/payment/{payment.pk}/change/", "/admin/checkout/deliveryoption/add/"),
    ]
    for url, client in [*((url, as_sam) for url in pages), ("/admin/login/", Client())]:
        html = client.get(url, follow=True).content.decode()
        assert not re.search(r"<style|\sstyle=|<script(?![^>]*\bsrc=)|\son[a-z]+=", html), url
        assert html.count("<h1") == 1, url


def test_the_frame_names_the_shop_and_leads_back_to_it(as_sam: Client, settings: Any) -> None:
    settings.STORE_NAME = "Marginalia"
    page = as_sam.get("/admin/").content.decode()
    assert "Marginalia <small>staff</small>" in page
    assert '<a href="/">View site</a>' in page


def test_an_adjustment_that_names_an_order_is_not_shown_as_its_stock(
    as_sam: Client, order: Order, walden: Variant
) -> None:
    from shop import stock

    stock.set_level(walden.pk, 60, reason=order.number, now=NOW)
    assert StockMovement.objects.filter(reference=order.number).count() == 2
    assert "Counted or corrected" not in text_of(as_sam, page_of(order))
