"""Staff and outgoing events: endpoints are made, tested and switched, events are looked at and sent again."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from checkout.messages import webhook_endpoints
from checkout.models import Order, OutboundDelivery, OutboundEvent, WebhookEndpoint
from shop.models import Variant
from tests.checkout.admin.test_actions import said
from tests.checkout.admin.test_orders import staff_with, text_of
from tests.factories import VariantFactory
from tests.orders import NOW, pay, place
from tests.outbound import listen, secret_of, send
from tests.receiver import Receiver, is_signed, receiving

pytestmark = pytest.mark.django_db

ENDPOINTS = "/admin/checkout/webhookendpoint/"
EVENTS = "/admin/checkout/outboundevent/"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def walden(db: None) -> Variant:
    return VariantFactory(price=1650, stock=50)


@pytest.fixture
def endpoint(receiver: Receiver) -> WebhookEndpoint:
    return listen(receiver.url, note="Warehouse")


@pytest.fixture
def order(endpoint: WebhookEndpoint, alice: User, walden: Variant) -> Order:
    return place(alice, (walden, 2))


@pytest.fixture
def event(order: Order) -> OutboundEvent:
    return OutboundEvent.objects.get()


def page(endpoint: WebhookEndpoint) -> str:
    return f"{ENDPOINTS}{endpoint.pk}/change/"


def event_page(event: OutboundEvent) -> str:
    return f"{EVENTS}{event.pk}/change/"


def again(event: OutboundEvent) -> str:
    return f"{EVENTS}{event.pk}/send-again/{event.deliveries.get().pk}/"


def save(client: Client, where: str, **fields: Any) -> Any:
    return client.post(where, {"url": "https://example.org/hook", "note": "", "is_active": "on", **fields})


# --- Endpoints ---


def test_a_new_endpoint_shows_its_secret_once(as_sam: Client) -> None:
    response = save(as_sam, f"{ENDPOINTS}add/", note="Warehouse", event_types=["order.paid", "order.shipped"])
    endpoint = WebhookEndpoint.objects.get()
    assert (endpoint.url, endpoint.note) == ("https://example.org/hook", "Warehouse")
    assert endpoint.event_types == ["order.paid", "order.shipped"]
    assert secret_of(endpoint).startswith("whsec_")
    assert secret_of(endpoint) in response.content.decode()
    assert "no-store" in response["Cache-Control"]
    for url in (page(endpoint), ENDPOINTS):
        assert secret_of(endpoint) not in as_sam.get(url).content.decode()


def test_the_same_address_is_not_taken_twice(as_sam: Client) -> None:
    save(as_sam, f"{ENDPOINTS}add/")
    assert "already exists" in save(as_sam, f"{ENDPOINTS}add/").content.decode()
    assert WebhookEndpoint.objects.count() == 1


@pytest.mark.parametrize(
    "url",
    ["http://example.org/", "https://10.0.0.1/", "https://a:b@example.org/", "example.org", "nonsense", ""],
)
def test_an_address_that_may_not_be_posted_to_is_refused_with_a_sentence(
    as_sam: Client, settings: Any, url: str
) -> None:
    settings.WEBHOOKS_PRIVATE = False
    response = save(as_sam, f"{ENDPOINTS}add/", url=url)
    assert response.status_code == 200
    assert "errorlist" in response.content.decode()
    assert not WebhookEndpoint.objects.exists()


def test_an_event_that_there_is_not_is_refused(as_sam: Client) -> None:
    save(as_sam, f"{ENDPOINTS}add/", event_types=["order.eaten"])
    assert not WebhookEndpoint.objects.exists()


def test_saving_changes_what_the_form_has_and_nothing_else(as_sam: Client, endpoint: WebhookEndpoint) -> None:
    WebhookEndpoint.objects.update(failing_since=NOW)
    save(as_sam, page(endpoint), url=endpoint.url, note="Stock room")
    after = WebhookEndpoint.objects.get()
    assert (after.note, after.failing_since, after.secret) == ("Stock room", NOW, endpoint.secret)


def test_switching_an_endpoint_on_again_forgets_why_it_was_off(
    as_sam: Client, endpoint: WebhookEndpoint
) -> None:
    WebhookEndpoint.objects.update(is_active=False, failing_since=NOW, disabled_because="silent")
    assert "It took nothing for three days" in text_of(as_sam, page(endpoint))
    save(as_sam, page(endpoint), url=endpoint.url)
    after = WebhookEndpoint.objects.get()
    assert (after.is_active, after.failing_since, after.disabled_because) == (True, None, "")


def test_an_endpoint_is_not_deleted(as_sam: Client, endpoint: WebhookEndpoint) -> None:
    assert as_sam.post(f"{ENDPOINTS}{endpoint.pk}/delete/", {"post": "yes"}).status_code == 403
    assert WebhookEndpoint.objects.exists()


def test_a_new_secret_is_shown_once_and_the_old_one_signs_beside_it(
    as_sam: Client, endpoint: WebhookEndpoint, receiver: Receiver
) -> None:
    response = as_sam.post(f"{ENDPOINTS}{endpoint.pk}/roll-secret/")
    after = WebhookEndpoint.objects.get()
    assert after.secret != endpoint.secret == after.old_secret
    assert secret_of(after) in response.content.decode()
    assert secret_of(endpoint) not in response.content.decode()
    assert "Two secrets sign until" in text_of(as_sam, page(endpoint))
    as_sam.post(f"{ENDPOINTS}{endpoint.pk}/test/")
    [letter] = receiver.letters
    stamp = OutboundEvent.objects.get().created_at.timestamp()
    assert is_signed(letter, secret_of(after), now=stamp)
    assert is_signed(letter, secret_of(endpoint), now=stamp)


def test_a_secret_that_was_rotated_meanwhile_is_said_so(
    as_sam: Client, endpoint: WebhookEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: Any, **_kwargs: Any) -> str:
        raise webhook_endpoints.EndpointChangedError

    monkeypatch.setattr(webhook_endpoints, "roll_secret", refuse)
    response = as_sam.post(f"{ENDPOINTS}{endpoint.pk}/roll-secret/", follow=True)
    assert "error: Somebody else changed this endpoint just now." in said(response)


def test_a_test_event_is_sent_at_once_and_its_answer_is_shown(
    as_sam: Client, endpoint: WebhookEndpoint, receiver: Receiver
) -> None:
    response = as_sam.post(f"{ENDPOINTS}{endpoint.pk}/test/", follow=True)
    assert re.fullmatch(r"success: Taken: it answered 200 in \d+ ms\.", said(response))
    assert receiver.types == ["test"]
    assert "seen" in response.content.decode()
    receiver.answers = [503]
    assert "error: Not taken: it answered 503" in said(
        as_sam.post(f"{ENDPOINTS}{endpoint.pk}/test/", follow=True)
    )
    WebhookEndpoint.objects.update(url="http://127.0.0.1:9/")
    assert "error: Not taken: no answer. ConnectionRefusedError" in said(
        as_sam.post(f"{ENDPOINTS}{endpoint.pk}/test/", follow=True)
    )


def test_the_list_says_how_each_endpoint_is_doing(as_sam: Client, endpoint: WebhookEndpoint) -> None:
    listen("https://failing.example/", "order.paid", failing_since=NOW)
    listen("https://off.example/", is_active=False)
    text = text_of(as_sam, ENDPOINTS)
    for words in ("Warehouse", "all", "On", "order.paid", "Does not take events", "Off"):
        assert words in text


# --- Events ---


def test_an_event_shows_its_body_its_deliveries_and_every_try(
    as_sam: Client, event: OutboundEvent, order: Order, receiver: Receiver
) -> None:
    text = text_of(as_sam, event_page(event))
    assert "Not tried yet." in text
    receiver.answers = [500, 200]
    send(NOW)
    send(NOW + timedelta(hours=1))
    text = text_of(as_sam, event_page(event))
    for words in (event.event_id, order.number, "Warehouse", receiver.url, "Delivered", "500", "200", "seen"):
        assert words in text
    assert "Next try" not in text


def test_an_event_is_sent_again_and_staff_read_what_came_of_it(
    as_sam: Client, event: OutboundEvent, receiver: Receiver
) -> None:
    send(NOW)
    response = as_sam.post(again(event), follow=True)
    assert said(response).startswith("success: Taken: it answered 200")
    assert [letter.headers["Folio-Event"] for letter in receiver.letters] == [event.event_id] * 2


def test_to_an_endpoint_that_is_off_nothing_is_sent_again(
    as_sam: Client, event: OutboundEvent, receiver: Receiver
) -> None:
    WebhookEndpoint.objects.update(is_active=False)
    assert "error: This endpoint is switched off." in said(as_sam.post(again(event), follow=True))
    assert receiver.letters == []
    assert "The endpoint is switched off." in text_of(as_sam, event_page(event))


def found(client: Client, **query: str) -> list[str]:
    response = client.get(EVENTS, query)
    assert response.status_code == 200
    return [event.type for event in response.context["cl"].result_list]


def test_events_are_found_by_id_order_type_delivery_and_endpoint(
    as_sam: Client, order: Order, event: OutboundEvent, endpoint: WebhookEndpoint, receiver: Receiver
) -> None:
    send(NOW)
    pay(order)
    assert found(as_sam, q=event.event_id) == ["order.placed"]
    assert found(as_sam, q=order.number) == ["order.paid", "order.placed"]
    assert found(as_sam, q="nobody") == []
    assert found(as_sam, type="order.paid") == ["order.paid"]
    assert found(as_sam, delivery="delivered") == ["order.placed"]
    assert found(as_sam, delivery="given_up") == []
    assert found(as_sam, endpoint=str(endpoint.pk)) == ["order.paid", "order.placed"]
    assert found(as_sam, endpoint="999999999999999999999999") == []
    assert found(as_sam, endpoint="x") == []


def test_the_list_of_events_costs_the_same_for_one_and_for_many(
    as_sam: Client, order: Order, bob: User, walden: Variant
) -> None:
    with CaptureQueriesContext(connection) as one:
        as_sam.get(EVENTS)
    listen("https://second.example/")
    for _number in range(3):
        pay(place(bob, (walden, 1)))
    with CaptureQueriesContext(connection) as many:
        as_sam.get(EVENTS)
    assert len(many) == len(one)


# --- Who may ---


def test_only_staff_with_the_right_reach_endpoints_and_events(
    as_alice: Client,
    as_sam: Client,
    sam: User,
    endpoint: WebhookEndpoint,
    event: OutboundEvent,
    receiver: Receiver,
) -> None:
    acts = (f"{ENDPOINTS}{endpoint.pk}/test/", f"{ENDPOINTS}{endpoint.pk}/roll-secret/", again(event))
    looks = staff_with("view_webhookendpoint", "view_outboundevent")
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(sam)
    for url in acts:
        for client in (as_alice, Client()):
            assert client.post(url)["Location"].startswith("/admin/login/")
        assert looks.post(url).status_code == 403
        assert careful.post(url).status_code == 403
        assert as_sam.get(url).status_code == 405
    for url in (page(endpoint), event_page(event), ENDPOINTS, EVENTS):
        assert looks.get(url).status_code == 200
        assert staff_with("view_order").get(url).status_code == 403 if url == ENDPOINTS else True
    text = looks.get(page(endpoint)).content.decode() + looks.get(event_page(event)).content.decode()
    assert not [url for url in acts if url in text]
    assert receiver.letters == []
    assert WebhookEndpoint.objects.get().secret == endpoint.secret
    assert as_sam.post(f"{EVENTS}999999/send-again/{OutboundDelivery.objects.get().pk}/").status_code == 404
    assert as_sam.post(f"{ENDPOINTS}999999/test/").status_code == 404


def test_a_tester_without_a_right_to_see_events_is_sent_to_the_first_page(
    endpoint: WebhookEndpoint, receiver: Receiver
) -> None:
    response = staff_with("change_webhookendpoint").post(f"{ENDPOINTS}{endpoint.pk}/test/")
    assert response["Location"] == "/admin/"
    assert receiver.types == ["test"]


def test_events_are_facts_that_nobody_edits(as_sam: Client, event: OutboundEvent) -> None:
    assert as_sam.get(f"{EVENTS}add/").status_code == 403
    assert as_sam.post(event_page(event), {"type": "order.eaten"}).status_code == 403
    assert as_sam.post(f"{EVENTS}{event.pk}/delete/", {"post": "yes"}).status_code == 403
