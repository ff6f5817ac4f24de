"""A purchase without an account, and the ways back to its order."""

import re
from dataclasses import replace
from http import HTTPStatus
from typing import Any

import pytest
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from django.core import mail
from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounts.models import User
from checkout.models import Order
from checkout.orders import access
from checkout.payments import limits
from checkout.payments.limits import Limit
from shop.models import Variant
from stripe_standin.testing import Standin
from tests.factories import VariantFactory
from tests.orders import FORM

pytestmark = pytest.mark.django_db

CAROL = "carol@example.org"
GUEST = {"email": CAROL, **FORM, "total": "2450"}


@pytest.fixture
def variant() -> Variant:
    return VariantFactory(price=2000, stock=9)


@pytest.fixture(autouse=True)
def mails_leave_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test's transaction is never committed."""
    monkeypatch.setattr(transaction, "on_commit", lambda call, **_options: call())


@pytest.fixture
def carol(client: Client, variant: Variant, standin: Standin) -> Client:
    """A visitor with a book in her cart."""
    client.post("/cart/lines/", {"variant": variant.pk, "quantity": 1})
    return client


def place(client: Client, **changes: Any) -> Any:
    return client.post("/checkout/", {**GUEST, **changes})


def addresses_of(order: Order) -> list[str]:
    return [
        f"/checkout/{order.number}/pay/",
        f"/checkout/{order.number}/status/",
        f"/orders/{order.number}/",
    ]


def confirm(address: str) -> None:
    """Follow the link that proves an address."""
    row = EmailAddress.objects.get(email=address)
    Client().post(f"/accounts/confirm-email/{EmailConfirmationHMAC(row).key}/")


def test_the_form_of_a_guest_begins_with_the_e_mail_and_offers_to_log_in(carol: Client) -> None:
    page = carol.get("/checkout/").text
    fields = re.findall(r'<input type="(?:text|email)" name="(\w+)"', page)
    assert fields[:2] == ["email", "full_name"]
    assert "/accounts/login/?next=/checkout/" in page


def test_an_account_is_not_asked_for_its_address(as_alice: Client, variant: Variant) -> None:
    as_alice.post("/cart/lines/", {"variant": variant.pk, "quantity": 1})
    assert 'name="email"' not in as_alice.get("/checkout/").text


def test_a_guest_buys_and_sees_the_order_in_this_browser_alone(
    carol: Client, standin: Standin, as_bob: Client
) -> None:
    placed = place(carol)
    order = Order.objects.get()
    assert placed["Location"] == f"/checkout/{order.number}/pay/"
    assert (order.user, order.email, len(order.key)) == (None, CAROL, 32)
    for address in addresses_of(order):
        assert carol.get(address).status_code == HTTPStatus.OK, address
        for stranger in (Client(), as_bob):
            assert stranger.get(address).status_code == HTTPStatus.NOT_FOUND, address

    standin.pay(order.payments.get().intent_id)
    assert 'data-order-status="paid"' in carol.get(f"/checkout/{order.number}/status/").text
    assert [sent.to for sent in mail.outbox] == [[CAROL]]


@pytest.mark.parametrize("email", ["", "carol", "carol@", f"{'c' * 300}@example.org", "a\u202eb@example.org"])
def test_a_guest_without_a_good_address_is_told_so_and_nothing_is_lost(carol: Client, email: str) -> None:
    page = place(carol, email=email)
    assert page.status_code == HTTPStatus.BAD_REQUEST
    assert "Oudegracht 12" in page.text
    assert 'id="id_email_error"' in page.text
    assert not Order.objects.exists()


def test_the_mail_has_a_link_that_opens_the_order_in_any_browser(carol: Client, standin: Standin) -> None:
    place(carol)
    order = Order.objects.get()
    standin.pay(order.payments.get().intent_id)
    carol.get(f"/checkout/{order.number}/status/")
    link, invoice = re.findall(r"http://\S+(/orders/\S+)", str(mail.outbox[0].body))
    elsewhere = Client()
    assert elsewhere.get(invoice).status_code == HTTPStatus.OK
    assert elsewhere.get(invoice.partition("?")[0]).status_code == HTTPStatus.NOT_FOUND
    answer = elsewhere.get(link)

    assert link == f"/orders/{order.number}/{order.key}/"
    assert (answer.status_code, answer["Location"]) == (302, f"/orders/{order.number}/")
    assert (answer["Referrer-Policy"], answer["Cache-Control"]) == ("no-referrer", "no-store")
    assert order.number in elsewhere.get(answer["Location"]).text


def test_a_wrong_key_opens_nothing(carol: Client, standin: Standin) -> None:
    place(carol)
    order = Order.objects.get()
    for number, key in ((order.number, "x" * 32), ("ZZZZ-ZZZZ", order.key), (order.number, f"{order.key}x")):
        assert Client().get(f"/orders/{number}/{key}/").status_code == HTTPStatus.NOT_FOUND


def test_who_knows_number_and_address_gets_the_link_by_mail_and_all_get_the_same_answer(
    carol: Client,
) -> None:
    place(carol)
    order = Order.objects.get()

    def ask(number: str, email: str) -> Any:
        return Client().post("/orders/find/", {"number": number, "email": email})

    wrong = [ask(order.number, "bob@example.org"), ask("ZZZZ-ZZZZ", CAROL)]
    assert mail.outbox == []
    right = ask(order.number.lower().replace("-", " "), f" {CAROL.upper()} ")

    [sent] = mail.outbox
    assert sent.to == [CAROL]
    assert f"/orders/{order.number}/{order.key}/" in str(sent.body)
    assert {answer.status_code for answer in (*wrong, right)} == {HTTPStatus.OK}
    assert len({re.sub(r'value="[^"]*"', "", answer.text) for answer in (*wrong, right)}) == 1


def test_questions_for_an_order_are_limited(settings: Any) -> None:
    settings.RATE_LIMITS = True
    asked = [
        Client().post("/orders/find/", {"number": "ZZZZ-ZZZZ", "email": CAROL}).status_code
        for _time in range(limits.FINDING[0].most + 1)
    ]
    assert asked[-2:] == [HTTPStatus.OK, HTTPStatus.TOO_MANY_REQUESTS]


def test_an_account_gets_what_was_ordered_with_its_address_once_that_is_proven(
    carol: Client, variant: Variant
) -> None:
    place(carol)
    order = Order.objects.get()
    owner = Client()
    owner.post("/accounts/signup/", {"email": CAROL, "password1": "reads-many-books"})
    assert order.number not in owner.get("/orders/").text
    assert owner.get(f"/orders/{order.number}/").status_code == HTTPStatus.NOT_FOUND

    confirm(CAROL)

    assert order.number in owner.get("/orders/").text
    assert Order.objects.get().user == User.objects.get(email=CAROL)
    assert carol.get(f"/orders/{order.number}/").status_code == HTTPStatus.OK


def test_what_is_ordered_as_a_guest_with_a_proven_address_is_the_accounts_and_looks_the_same(
    carol: Client, variant: Variant, alice: User, as_alice: Client
) -> None:
    EmailAddress.objects.create(user=alice, email=alice.email, primary=True, verified=True)
    bob_of_nowhere = Client()
    bob_of_nowhere.post("/cart/lines/", {"variant": variant.pk, "quantity": 1})
    answers = [place(carol, email=alice.email), place(bob_of_nowhere, email="dave@example.org")]

    [of_alice] = Order.objects.filter(email=alice.email)
    assert of_alice.user == alice
    assert Order.objects.get(email="dave@example.org").user is None
    assert [re.sub(r"[A-Z0-9]{4}-[A-Z0-9]{4}", "", answer["Location"]) for answer in answers] == [
        "/checkout//pay/",
        "/checkout//pay/",
    ]
    assert of_alice.number in as_alice.get("/orders/").text


def test_an_unproven_account_gets_nothing_of_whoever_orders_with_its_address(
    carol: Client, alice: User, as_alice: Client
) -> None:
    EmailAddress.objects.create(user=alice, email=alice.email, primary=True, verified=False)
    place(carol, email=alice.email)
    assert Order.objects.get().user is None
    assert Order.objects.get().number not in as_alice.get("/orders/").text


def test_another_address_in_the_form_is_another_order(carol: Client) -> None:
    place(carol)
    place(carol, email="carol@example.com")
    assert sorted(Order.objects.values_list("email", "status")) == [
        ("carol@example.com", "placed"),
        (CAROL, "cancelled"),
    ]


def test_guests_are_held_to_less_than_accounts_whatever_address_they_type(
    carol: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.RATE_LIMITS = True
    day = 24 * 3600
    few = replace(limits.OF_GUESTS, placing=(Limit(2, day), Limit(90, day)))
    monkeypatch.setattr(limits, "OF_GUESTS", few)
    # The first makes the session that the others are counted by.
    answers = [place(carol, email=f"carol{number}@example.org") for number in range(4)]
    assert [answer.status_code for answer in answers] == [302, 302, 302, 429]
    for of_guests, of_accounts in zip(
        (limits.OF_GUESTS.paying, limits.OF_GUESTS.declines),
        (limits.OF_ACCOUNTS.paying, limits.OF_ACCOUNTS.declines),
        strict=True,
    ):
        assert all(guest.most < account.most for guest, account in zip(of_guests, of_accounts, strict=True))


def test_declines_of_a_guest_count_by_address_and_by_session(
    carol: Client, standin: Standin, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.RATE_LIMITS = True
    monkeypatch.setattr(
        limits, "OF_GUESTS", replace(limits.OF_GUESTS, declines=(Limit(1, 3600), Limit(9, 3600)))
    )
    place(carol)
    first = Order.objects.get()
    standin.pay(first.payments.get().intent_id, "pm_card_visa_chargeDeclined")
    carol.get(f"/checkout/{first.number}/status/")
    place(carol, email="carol@example.com")
    second = Order.objects.get(email="carol@example.com")

    assert carol.get(f"/checkout/{second.number}/pay/").status_code == HTTPStatus.TOO_MANY_REQUESTS


@pytest.fixture
def order_in_alices_name(carol: Client, alice: User) -> Order:
    """What a stranger ordered as a guest with Alice's address, which she has proven to be hers."""
    EmailAddress.objects.create(user=alice, email=alice.email, primary=True, verified=True)
    place(carol, email=alice.email, full_name="Mallory", line1="Elsewhere 1")
    return Order.objects.get()


def test_a_stranger_who_orders_with_an_accounts_address_does_not_write_into_its_next_form(
    order_in_alices_name: Order, as_alice: Client, variant: Variant
) -> None:
    as_alice.post("/cart/lines/", {"variant": variant.pk, "quantity": 1})
    assert order_in_alices_name.number in as_alice.get("/orders/").text
    assert "Elsewhere 1" not in as_alice.get("/checkout/").text
    assert as_alice.get("/api/v1/addresses").json() == {"items": []}

    as_alice.post("/checkout/", {**FORM, "total": "2450"})
    as_alice.post("/cart/lines/", {"variant": variant.pk, "quantity": 1})
    assert "Oudegracht 12" in as_alice.get("/checkout/").text


def test_a_strangers_declines_lock_no_account_out(
    order_in_alices_name: Order,
    carol: Client,
    as_alice: Client,
    variant: Variant,
    standin: Standin,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.RATE_LIMITS = True
    for kind in ("OF_ACCOUNTS", "OF_GUESTS"):
        few = replace(getattr(limits, kind), declines=(Limit(2, 3600), Limit(9, 3600)))
        monkeypatch.setattr(limits, kind, few)
    for _card in range(2):
        standin.pay(order_in_alices_name.payments.get().intent_id, "pm_card_visa_chargeDeclined")
        carol.get(f"/checkout/{order_in_alices_name.number}/status/")
    as_alice.post("/cart/lines/", {"variant": variant.pk, "quantity": 1})
    page = as_alice.post("/checkout/", {**FORM, "total": "2450"}, follow=True)

    assert page.status_code == HTTPStatus.OK
    assert "_secret_" in page.text
    assert carol.get(f"/checkout/{order_in_alices_name.number}/pay/").status_code == 429
    [stopped] = [row for row in standin.intents() if row["metadata"]["order"] == order_in_alices_name.number]
    assert stopped["status"] == "canceled"


def without_names(page: Any, order: Order) -> str:
    """Return what a page says, whoever's order it is."""
    payment = order.payments.get()
    names = [order.number, order.email, str(payment.pk), payment.intent_id, f"{payment.intent_id}_secret_"]
    text = str(page.text)
    for name in names:
        text = text.replace(name, "")
    return re.sub(r'value="[^"]*"|\w{20,}|\d\d:\d\d[.:\d]*', "", text)


def test_no_page_of_a_guest_tells_whether_the_address_is_an_accounts(
    order_in_alices_name: Order, carol: Client, variant: Variant
) -> None:
    dave = Client()
    dave.post("/cart/lines/", {"variant": variant.pk, "quantity": 1})
    place(dave, email="dave@example.org", full_name="Mallory", line1="Elsewhere 1")
    of_nobody = Order.objects.get(email="dave@example.org")
    for of_alice, other in zip(addresses_of(order_in_alices_name), addresses_of(of_nobody), strict=True):
        assert without_names(carol.get(of_alice), order_in_alices_name) == without_names(
            dave.get(other), of_nobody
        )


def test_who_logs_out_on_a_shared_computer_leaves_no_order_behind(carol: Client, alice: User) -> None:
    place(carol)
    order = Order.objects.get()
    carol.force_login(alice)
    assert carol.get(f"/orders/{order.number}/").status_code == HTTPStatus.OK
    carol.post("/accounts/logout/")
    for address in addresses_of(order):
        assert carol.get(address).status_code == HTTPStatus.NOT_FOUND, address


def test_a_session_that_somebody_knew_before_opens_nothing_that_is_ordered_in_it(
    carol: Client, variant: Variant
) -> None:
    """Whoever sat at the computer before ordered too, and took the cookie along."""
    place(carol)
    first = Order.objects.get()
    before = Client()
    before.cookies["sessionid"] = carol.cookies["sessionid"].value
    assert before.get(f"/orders/{first.number}/").status_code == HTTPStatus.OK

    carol.post("/cart/lines/", {"variant": variant.pk, "quantity": 1})
    place(carol, total="4450")
    second = Order.objects.exclude(pk=first.pk).get()
    assert carol.get(f"/orders/{second.number}/").status_code == HTTPStatus.OK
    assert carol.get(f"/orders/{first.number}/").status_code == HTTPStatus.OK
    assert before.get(f"/orders/{second.number}/").status_code == HTTPStatus.NOT_FOUND


def test_a_mailbox_is_not_filled_with_links_that_a_stranger_asks_for(carol: Client) -> None:
    place(carol)
    order = Order.objects.get()
    for _time in range(access.MOST_LINKS + 2):
        asked = Client().post("/orders/find/", {"number": order.number, "email": CAROL})
        assert asked.status_code == HTTPStatus.OK
    assert len(mail.outbox) == access.MOST_LINKS

    later = timezone.now() + access.LINKS_OF
    access.send_link(order.number, CAROL, now=later)
    assert len(mail.outbox) == access.MOST_LINKS + 1


def test_a_stranger_does_not_place_on_and_on_in_the_name_of_one_mailbox(
    standin: Standin, variant: Variant, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.RATE_LIMITS = True
    monkeypatch.setattr(limits, "PLACING_FOR_MAILBOX", Limit(2, 24 * 3600))
    answers = []
    for note in ("", "+a", "+b"):
        stranger = Client()
        stranger.post("/cart/lines/", {"variant": variant.pk, "quantity": 1})
        answers.append(place(stranger, email=f"Carol{note}@example.org").status_code)
    assert answers == [302, 302, 429]


def test_who_looks_on_and_on_takes_stripe_from_nobody_and_sees_what_is_known(
    carol: Client, standin: Standin, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.RATE_LIMITS = True
    monkeypatch.setattr(limits, "LOOKING", (Limit(2, 24 * 3600), Limit(9, 24 * 3600)))
    place(carol)
    order = Order.objects.get()
    status = f"/checkout/{order.number}/status/"
    for _look in range(2):
        carol.get(status)
    standin.pay(order.payments.get().intent_id)

    for page in (carol.get(status), carol.get(f"/api/v1/orders/{order.number}/status")):
        assert page.status_code == HTTPStatus.OK
    assert Order.objects.get().status == "placed"

    monkeypatch.setattr(limits, "LOOKING", (Limit(9, 24 * 3600), Limit(9, 24 * 3600)))
    assert 'data-order-status="paid"' in carol.get(status).text
