"""Stripe beside ours, and what came from Stripe: refunds, disputes and events."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from checkout.admin import stripe_links
from checkout.models import Dispute, Order, Payment, Refund, StripeEvent
from checkout.payments import gateway
from shop.models import Variant
from stripe_standin.testing import Standin
from tests.checkout.admin.test_actions import said
from tests.checkout.admin.test_orders import ORDERS, page_of, staff_with, text_of
from tests.checkout.admin.test_refunds import paid_order
from tests.conftest import logged_in
from tests.factories import VariantFactory
from tests.orders import NOW, pay, place, write_refund
from tests.webhook import deliver, event

pytestmark = pytest.mark.django_db

EVENTS = "/admin/checkout/stripeevent/"
REFUNDS = "/admin/checkout/refund/"
DISPUTES = "/admin/checkout/dispute/"


@pytest.fixture
def walden(db: None) -> Variant:
    return VariantFactory(price=1650, stock=50)


@pytest.fixture
def order(alice: User, standin: Standin, walden: Variant) -> Order:
    return paid_order(alice, standin, (walden, 1))


def compare(order: Order) -> str:
    return f"{ORDERS}{order.pk}/compare/"


# --- Beside Stripe ---


def test_our_facts_stand_beside_stripes_and_nothing_changes(as_sam: Client, order: Order) -> None:
    before = Payment.objects.values().get(order=order)
    text = text_of(as_sam, compare(order))
    payment = order.payments.get()
    assert "All agrees." in text
    assert text.count(payment.intent_id) == 3
    assert "Received €21.00 €21.00 Agrees" in text
    assert Payment.objects.values().get(order=order) == before


def test_differences_are_marked_in_words(as_sam: Client, order: Order) -> None:
    Payment.objects.update(status="processing", amount_received=0)
    text = text_of(as_sam, compare(order))
    assert "2 things differ." in text
    assert "Status processing succeeded Differs" in text
    assert "Received €0.00 €21.00 Differs" in text
    assert "Amount €21.00 €21.00 Agrees" in text
    Payment.objects.update(status="succeeded", amount_received=2100)


def test_comparing_is_one_call_and_the_order_page_makes_none(
    as_sam: Client, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    ask = gateway.retrieve_intent
    monkeypatch.setattr(gateway, "retrieve_intent", lambda pk: asked.append(pk) or ask(pk))
    as_sam.get(page_of(order))
    assert asked == []
    as_sam.get(compare(order))
    assert len(asked) == 1


def test_comparing_without_an_answer_says_so(as_sam: Client, order: Order, standin: Standin) -> None:
    standin.add_fault(action="status", method="GET", path="/v1/payment_intents/*", times=0)
    response = as_sam.get(compare(order))
    assert response.status_code == 503
    assert "No answer from Stripe." in response.content.decode()


def test_there_may_be_nothing_to_compare(as_sam: Client, alice: User, walden: Variant) -> None:
    unheard = place(alice, (walden, 1))
    assert "nothing to compare" in text_of(as_sam, compare(unheard))
    assert as_sam.get(compare(unheard), {"payment": "x"}).status_code == 400
    other = pay(place(User.objects.create_user("carol@example.org"), (walden, 1))).payments.get()
    assert as_sam.get(compare(unheard), {"payment": str(other.pk)}).status_code == 404


def test_who_may_look_may_compare_and_only_who_may_act_may_settle(
    order: Order, as_sam: Client, as_alice: Client, as_bob: Client
) -> None:
    page = staff_with("view_order").get(compare(order)).content.decode()
    assert "All agrees." in page
    assert "ask-stripe" not in page
    assert "ask-stripe" in as_sam.get(compare(order)).content.decode()
    assert staff_with().get(compare(order)).status_code == 403
    assert as_sam.post(compare(order)).status_code == 405
    for client in (as_alice, as_bob, Client()):
        assert client.get(compare(order))["Location"].startswith("/admin/login/")


# --- Disputes and refunds ---


def disputed(order: Order, status: str = "needs_response", number: int = 1) -> Dispute:
    return Dispute.objects.create(
        dispute_id=f"dp_{order.pk}_{number}",
        order=order,
        payment=order.payments.get(),
        status=status,
        amount=order.total,
        currency="eur",
        reason="fraudulent",
        due_by=NOW + timedelta(days=7),
        created_at=NOW + timedelta(hours=number),
    )


def refunded(order: Order, number: int = 1, **changes: Any) -> Refund:
    facts = {"refund_id": f"re_{order.pk}_{number}", "status": "succeeded", "amount": 100, **changes}
    payment = order.payments.get()
    return write_refund(order=order, payment=payment, currency="eur", created_at=NOW, **facts)


def test_a_dispute_stands_on_its_order_with_when_to_answer(as_sam: Client, order: Order) -> None:
    row = disputed(order)
    page = as_sam.get(page_of(order)).content.decode()
    for words in ("Answer needed", row.dispute_id, "fraudulent", "21 Nov 2026, 15:12"):
        assert words in page, words
    assert f'href="{stripe_links.dispute_url(row.dispute_id)}"' in page


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("needs_response", "Answer needed"),
        ("under_review", "With the bank"),
        ("won", "Won"),
        ("lost", "Lost"),
        ("warning_closed", "Inquiry closed"),
        ("odd_word", "odd_word"),
    ],
)
def test_disputes_are_listed_in_words(as_sam: Client, order: Order, status: str, words: str) -> None:
    row = disputed(order, status)
    assert words in text_of(as_sam, DISPUTES)
    assert words in text_of(as_sam, f"{DISPUTES}{row.pk}/change/")


@pytest.mark.parametrize(
    ("status", "words"),
    [("succeeded", "Given back"), ("pending", "On its way"), ("failed", "Failed"), ("odd_word", "odd_word")],
)
def test_refunds_are_listed_in_words(as_sam: Client, order: Order, status: str, words: str) -> None:
    row = refunded(order, status=status, reason="Torn")
    assert words in text_of(as_sam, REFUNDS)
    text = text_of(as_sam, f"{REFUNDS}{row.pk}/change/")
    for said_there in (words, "Torn", str(row.pk), row.refund_id, "Stripe’s dashboard"):
        assert said_there in text


@pytest.mark.parametrize(
    ("url", "query", "rows"),
    [
        (REFUNDS, {"status": "succeeded"}, 1),
        (REFUNDS, {"status": "failed"}, 0),
        (REFUNDS, {"q": "re_none"}, 0),
        (REFUNDS, {"q": "alice"}, 1),
        (DISPUTES, {"status": "open"}, 1),
        (DISPUTES, {"status": "needs_response"}, 1),
        (DISPUTES, {"status": "won"}, 1),
        (DISPUTES, {"q": "bob"}, 0),
        (EVENTS, {"status__exact": "failed"}, 1),
        (EVENTS, {"type": "payment_intent.succeeded"}, 1),
        (EVENTS, {"q": "evt_1"}, 1),
        (EVENTS, {"q": "pi_1"}, 1),
        (EVENTS, {"q": "alice@example.org"}, 1),
        (EVENTS, {"q": "bob@example.org"}, 0),
        (EVENTS, {"q": "\x00"}, 1),
    ],
)
def test_lists_are_filtered_and_searched(
    as_sam: Client, order: Order, url: str, query: dict[str, str], rows: int
) -> None:
    refunded(order)
    disputed(order)
    disputed(order, "won", 2)
    stored("evt_1", order=order, status=StripeEvent.Status.FAILED)
    response = as_sam.get(url, query)
    assert response.status_code == 200
    assert response.context["cl"].result_count == rows


def test_one_refund_or_dispute_is_found_by_its_id(as_sam: Client, order: Order) -> None:
    row, dispute = refunded(order), disputed(order)
    assert as_sam.get(REFUNDS, {"q": row.refund_id}).context["cl"].result_count == 1
    assert as_sam.get(DISPUTES, {"q": dispute.dispute_id}).context["cl"].result_count == 1


@pytest.mark.parametrize(("url", "statements"), [(REFUNDS, 4), (DISPUTES, 4), (EVENTS, 4)])
def test_lists_take_the_same_statements_for_one_row_and_for_many(
    as_sam: Client, order: Order, url: str, statements: int, django_assert_num_queries: Any
) -> None:
    def write(number: int) -> None:
        refunded(order, number, user=User.objects.get(email="sam@example.org"))
        disputed(order, number=number)
        stored(f"evt_{number}", order=order)

    write(1)
    as_sam.get(url)
    with django_assert_num_queries(statements):
        as_sam.get(url)
    for number in range(2, 6):
        write(number)
    with django_assert_num_queries(statements):
        as_sam.get(url)


@pytest.mark.parametrize("url", [REFUNDS, DISPUTES, EVENTS])
def test_what_stripe_told_is_only_looked_at(as_sam: Client, as_alice: Client, order: Order, url: str) -> None:
    rows = {REFUNDS: refunded(order), DISPUTES: disputed(order), EVENTS: stored("evt_1", order=order)}
    row = rows[url]
    before = type(row).objects.values().get(pk=row.pk)
    assert as_sam.get(f"{url}{row.pk}/change/").status_code == 200
    assert as_sam.post(f"{url}{row.pk}/change/", {"status": "won", "amount": "1"}).status_code == 403
    assert as_sam.post(f"{url}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert as_sam.get(f"{url}add/").status_code == 403
    assert type(row).objects.values().get(pk=row.pk) == before
    assert as_alice.get(url)["Location"].startswith("/admin/login/")
    assert staff_with("view_order").get(url).status_code == 403


# --- Events ---


def stored(event_id: str, **changes: Any) -> StripeEvent:
    body = {"id": "pi_1", "object": "payment_intent", "description": "<script>alert(1)</script>"}
    facts = {"type": "payment_intent.succeeded", "object_id": "pi_1", "status": StripeEvent.Status.DONE}
    payload = event("payment_intent.succeeded", body, id=event_id)
    return StripeEvent.objects.create(
        **{"event_id": event_id, "payload": payload, "received_at": NOW, **facts, **changes}
    )


def handle(client: Client, row: StripeEvent) -> Any:
    return client.post(f"{EVENTS}{row.pk}/handle/", follow=True)


def failed_event(order: Order, standin: Standin) -> StripeEvent:
    """An event about an order that came while Stripe did not answer."""
    payment = order.payments.get()
    standin.add_fault(action="status", method="GET", path="/v1/payment_intents/*", times=0)
    body = {"id": payment.intent_id, "object": "payment_intent", "client_secret": "pi_secret"}
    assert deliver(event("payment_intent.succeeded", body)).status_code == 503
    standin.clear_faults()
    return StripeEvent.objects.get()


def test_a_failed_event_tells_its_error_and_its_body_without_secrets(
    as_sam: Client, order: Order, standin: Standin
) -> None:
    row = failed_event(order, standin)
    text = text_of(as_sam, f"{EVENTS}{row.pk}/change/")
    for words in ("It could not be handled.", "stripe_unavailable", "Could not be handled", row.event_id):
        assert words in text, words
    assert "pi_secret" not in text
    assert "&quot;object&quot;: &quot;payment_intent&quot;" in text


def test_a_failed_event_is_handled_again(as_sam: Client, order: Order, standin: Standin) -> None:
    row = failed_event(order, standin)
    response = handle(as_sam, row)
    assert response.redirect_chain == [(f"{EVENTS}{row.pk}/change/", 302)]
    assert said(response) == "success: Handled."
    row.refresh_from_db()
    assert (row.status, row.error, row.order) == ("done", "", order)


def test_what_cannot_be_handled_yet_keeps_its_error(as_sam: Client, order: Order, standin: Standin) -> None:
    row = failed_event(order, standin)
    standin.add_fault(action="status", method="GET", path="/v1/payment_intents/*", times=0)
    assert "error: It could not be handled: stripe_unavailable." in said(handle(as_sam, row))
    row.refresh_from_db()
    assert row.status == "failed"


def test_an_event_about_nothing_of_ours_is_looked_at(as_sam: Client) -> None:
    assert "not about an order of ours" in said(handle(as_sam, stored("evt_1")))


def test_only_staff_with_the_right_handle_events(
    as_alice: Client, as_bob: Client, as_sam: Client, sam: User, order: Order, standin: Standin
) -> None:
    row = failed_event(order, standin)
    url = f"{EVENTS}{row.pk}/handle/"
    for client in (as_alice, as_bob, Client()):
        assert client.post(url)["Location"].startswith("/admin/login/")
    viewer = staff_with("view_stripeevent", "view_order")
    assert viewer.post(url).status_code == 403
    assert "/handle/" not in viewer.get(f"{EVENTS}{row.pk}/change/").content.decode()
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(sam)
    assert careful.post(url).status_code == 403
    assert as_sam.get(url).status_code == 405
    assert as_sam.post(f"{EVENTS}999999/handle/").status_code == 404
    row.refresh_from_db()
    assert row.status == "failed"


def test_the_right_to_change_orders_is_enough_to_handle_events(order: Order, standin: Standin) -> None:
    row = failed_event(order, standin)
    client = staff_with("change_order")
    assert client.post(f"{EVENTS}{row.pk}/handle/")["Location"] == "/admin/"
    row.refresh_from_db()
    assert row.status == "done"


# --- Pages ---


def test_new_pages_need_no_inline_script_or_style(as_sam: Client, order: Order) -> None:
    row = stored("evt_1")
    urls = [
        *(REFUNDS, DISPUTES, EVENTS, page_of(order), compare(order), f"{EVENTS}{row.pk}/change/"),
        *(f"{REFUNDS}{refunded(order).pk}/change/", f"{DISPUTES}{disputed(order).pk}/change/"),
        *(f"{ORDERS}{order.pk}/refund/", f"{ORDERS}{order.pk}/refund/?money=1"),
    ]
    for url in urls:
        html = as_sam.get(url).content.decode()
        assert not re.search(r"<style|\sstyle=|<script(?![^>]*\bsrc=)|\son[a-z]+=", html), url
        assert html.count("<h1") == 1, url
        assert "<script>alert" not in html, url


def test_ids_lead_to_the_dashboard_where_they_are(settings: Any) -> None:
    here = replace(settings.STRIPE, api_base="http://127.0.0.1:12111", livemode=False)
    settings.STRIPE = here
    assert stripe_links.refund_url("re_1", "pi_1") == "http://127.0.0.1:12111/payments/pi_1"
    assert stripe_links.dispute_url("dp_1") == "http://127.0.0.1:12111/disputes"
    assert stripe_links.event_url("evt_1") == "http://127.0.0.1:12111/events/evt_1"
    settings.STRIPE = replace(here, api_base="https://api.stripe.com")
    assert stripe_links.refund_url("re_1", "pi_1") == "https://dashboard.stripe.com/test/refunds/re_1"
    assert stripe_links.dispute_url("dp_1") == "https://dashboard.stripe.com/test/disputes/dp_1"
    assert stripe_links.event_url("evt_1") == "https://dashboard.stripe.com/test/events/evt_1"


def test_staff_are_shown_every_list(sam: User) -> None:
    page = logged_in(sam).get("/admin/").content.decode()
    for url in (REFUNDS, DISPUTES, EVENTS):
        assert f'href="{url}"' in page
