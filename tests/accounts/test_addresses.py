"""The address book: pages, JSON and the checkout; one default always; nobody else's address."""

from typing import Any

import pytest
from django.test import Client

from accounts import addresses, countries
from accounts.models import Address, User
from checkout.models import Order
from stripe_standin.testing import Standin
from tests.api.app import App
from tests.conftest import logged_in
from tests.factories import VariantFactory
from tests.orders import ADDRESS_JSON, FORM, fill_cart, offer_delivery
from tests.races.together import at_once, met
from tests.shop.pages import words

pytestmark = pytest.mark.django_db

HOME = ADDRESS_JSON
WORK = {**HOME, "line1": "Domplein 1"}
BOOK = "/accounts/addresses/"


def defaults(user: User) -> list[str]:
    return list(user.addresses.filter(is_default=True).values_list("line1", flat=True))


def by_line(line1: str) -> Address:
    return Address.objects.get(line1=line1)


@pytest.fixture
def app(alice: User) -> App:
    app = App()
    app.log_in(alice)
    return app


# --- Pages ---


def test_a_customer_adds_changes_and_removes_addresses_and_one_is_the_default(
    alice: User, as_alice: Client
) -> None:
    assert "There are none yet." in words(as_alice.get(BOOK))
    for address in (HOME, WORK):
        assert as_alice.post(f"{BOOK}add/", address).headers["Location"] == BOOK
    assert defaults(alice) == [HOME["line1"]]

    as_alice.post(f"{BOOK}{by_line('Domplein 1').pk}/default/")
    assert defaults(alice) == ["Domplein 1"]
    as_alice.post(f"{BOOK}{by_line('Domplein 1').pk}/", {**WORK, "line1": "Domplein 2"})
    assert defaults(alice) == ["Domplein 2"]
    assert "Domplein 2, 3511 AB Utrecht, Netherlands" in words(as_alice.get(BOOK))
    as_alice.post(f"{BOOK}{by_line('Domplein 2').pk}/remove/")
    assert defaults(alice) == [HOME["line1"]]
    as_alice.post(f"{BOOK}{by_line(HOME['line1']).pk}/remove/")
    assert not Address.objects.exists()


def test_somebody_elses_address_is_as_if_it_were_not_there(alice: User, as_bob: Client, bob: User) -> None:
    address = addresses.add(alice, HOME)
    app = App()
    app.log_in(bob)
    for pk in (address.pk, address.pk + 1):
        answers = [
            as_bob.get(f"{BOOK}{pk}/"),
            as_bob.post(f"{BOOK}{pk}/", WORK),
            as_bob.post(f"{BOOK}{pk}/remove/"),
            as_bob.post(f"{BOOK}{pk}/default/"),
            app.ask("PATCH", f"/addresses/{pk}", {"line1": "Mine"}),
            app.ask("DELETE", f"/addresses/{pk}"),
        ]
        assert [answer.status_code for answer in answers] == [404] * 6
    assert list(Address.objects.values_list("user", "line1")) == [(alice.pk, HOME["line1"])]


def test_a_visitor_has_no_book(client: Client) -> None:
    assert client.get(BOOK).headers["Location"] == f"/accounts/login/?next={BOOK}"
    assert App().ask("GET", "/addresses").status_code == 401


def test_the_form_has_what_the_country_needs(as_alice: Client) -> None:
    shown = {
        country: as_alice.get(f"{BOOK}add/?country={country}").text for country in ("NL", "US", "HK", "")
    }
    assert 'name="region"' not in shown["NL"]
    assert "State</label>" in shown["US"].replace(" <", "<")
    assert 'name="postal_code"' not in shown["HK"]
    assert 'name="region"' in shown[""]
    assert all(page.index('name="country"') < page.index('name="full_name"') for page in shown.values())


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"postal_code": "12345"}, "postal_code"),
        ({"postal_code": ""}, "postal_code"),
        ({"city": ""}, "city"),
        ({"country": "US", "postal_code": "95014"}, "region"),
        ({"country": "US", "postal_code": "95014", "region": "Atlantis"}, "region"),
        ({"country": "XX"}, "country"),
        ({"full_name": ""}, "full_name"),
    ],
)
def test_what_the_country_demands_is_asked_for(
    as_alice: Client, app: App, changes: dict[str, str], wrong: str
) -> None:
    answer = as_alice.post(f"{BOOK}add/", {**HOME, **changes})
    assert (answer.status_code, f'id="id_{wrong}_error"' in answer.text) == (400, True)
    told = app.post("/addresses", {**HOME, **changes}, status=422)["error"]
    assert (told["code"], list(told["fields"])) == ("invalid_address", [wrong])
    assert not Address.objects.exists()


@pytest.mark.parametrize(
    ("country", "fields", "stored"),
    [
        ("US", {"region": "california", "postal_code": "95014"}, "CA"),
        ("NL", {"region": "Utrecht", "postal_code": "3511 ab"}, ""),
        ("IE", {"region": "", "postal_code": ""}, ""),
        ("HK", {"region": "Kowloon", "postal_code": "", "city": ""}, "Kowloon"),
    ],
)
def test_a_region_is_stored_in_one_spelling(
    alice: User, as_alice: Client, country: str, fields: dict[str, str], stored: str
) -> None:
    assert as_alice.post(f"{BOOK}add/", {**HOME, **fields, "country": country}).status_code == 302
    assert Address.objects.get().region == stored


def test_every_country_that_is_offered_has_rules() -> None:
    for code, _name in countries.choices():
        assert "line1" in countries.rules(code).required or countries.rules(code) is countries.ANY


def test_the_book_ends_somewhere(
    alice: User, app: App, as_alice: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(addresses, "MOST", 1)
    addresses.add(alice, HOME)
    assert "You have as many addresses as we keep." in words(as_alice.post(f"{BOOK}add/", WORK))
    assert app.post("/addresses", WORK, status=409)["error"]["code"] == "too_many_addresses"
    assert app.post("/addresses", HOME, status=201)["line1"] == HOME["line1"]


# --- JSON ---


def test_programs_keep_the_book_too(app: App, alice: User) -> None:
    first = app.post("/addresses", HOME, status=201)
    second = app.post("/addresses", {**WORK, "is_default": True}, status=201)
    assert (first["is_default"], second["is_default"]) == (True, True)
    assert [each["id"] for each in app.get("/addresses")["items"]] == [second["id"], first["id"]]

    changed = app.patch(f"/addresses/{first['id']}", {"city": "Zeist", "is_default": True})

    assert changed == {**HOME, "city": "Zeist", "id": first["id"], "is_default": True}
    assert defaults(alice) == [HOME["line1"]]
    assert app.ask("DELETE", f"/addresses/{first['id']}").status_code == 204
    assert app.get("/addresses")["items"] == [{**WORK, "id": second["id"], "is_default": True}]


# --- Checkout ---


def typed(**changes: str) -> dict[str, str]:
    return {**FORM, "total": "2450", **changes}


@pytest.fixture
def cart(alice: User, standin: Standin) -> Any:
    return fill_cart(alice, (VariantFactory(price=2000, stock=9), 1))


def test_the_checkout_begins_with_the_default(alice: User, as_alice: Client, cart: Any) -> None:
    addresses.add(alice, WORK)
    addresses.add(alice, HOME)
    page = as_alice.get("/checkout/").text
    assert f'name="address" value="{by_line("Domplein 1").pk}" checked' in page
    assert 'value="Domplein 1"' in page


def test_an_order_goes_to_the_saved_address_that_was_chosen(alice: User, as_alice: Client, cart: Any) -> None:
    addresses.add(alice, WORK)
    answer = as_alice.post(
        "/checkout/", {"address": by_line("Domplein 1").pk, "delivery": "post", "total": "2450"}
    )
    assert answer.status_code == 302
    assert Order.objects.get().line1 == "Domplein 1"


def test_with_no_id_or_somebody_elses_what_was_typed_counts(
    alice: User, bob: User, as_alice: Client, cart: Any
) -> None:
    theirs = addresses.add(bob, WORK)
    for odd in (str(theirs.pk), "", "x", "9" * 30):
        assert as_alice.post("/checkout/", typed(address=odd)).status_code == 302
        assert Order.objects.get().line1 == FORM["line1"]
    refused = as_alice.post("/checkout/", {"address": theirs.pk, "delivery": "post", "total": "2450"})
    assert refused.status_code == 400
    assert "Domplein" not in refused.text


def test_what_was_typed_is_kept_where_asked_for_and_once(alice: User, as_alice: Client, cart: Any) -> None:
    as_alice.post("/checkout/", typed())
    assert not Address.objects.exists()
    for _time in range(2):
        as_alice.post("/checkout/", typed(save_address="on"))
    assert defaults(alice) == [FORM["line1"]]
    assert Address.objects.count() == 1


def test_a_guest_has_no_saved_addresses(client: Client, alice: User, standin: Standin) -> None:
    address = addresses.add(alice, WORK)
    client.post("/cart/lines/", {"variant": VariantFactory(price=2000, stock=9).pk, "quantity": 1})
    assert 'name="address"' not in client.get("/checkout/").text
    guest = {"email": "carol@example.org", "address": str(address.pk), "save_address": "on"}
    assert client.post("/checkout/", typed(**guest)).status_code == 302
    assert (Order.objects.get().line1, Address.objects.count()) == (FORM["line1"], 1)


# --- Two at once ---


def add_two_at_once(alice: User) -> list[Any]:
    tabs = [logged_in(alice), logged_in(alice)]
    posts = (
        lambda tab=tab, new=new: tab.post(f"{BOOK}add/", new).status_code
        for tab, new in zip(tabs, (HOME, WORK), strict=True)
    )
    return at_once(*posts)


@pytest.mark.django_db(transaction=True)
def test_of_two_first_addresses_at_once_one_is_the_default(alice: User) -> None:
    offer_delivery()
    assert add_two_at_once(alice) == [302, 302]
    assert (Address.objects.count(), len(defaults(alice))) == (2, 1)


@pytest.mark.only_on("postgresql")
@pytest.mark.django_db(transaction=True)
def test_without_holding_the_book_one_of_them_would_fail(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: both find the book empty, and the constraint stops one. SQLite lets one writer in."""
    monkeypatch.setattr(addresses, "_hold", lambda _user: None)
    monkeypatch.setattr(addresses, "of", met(addresses.of))
    answers = add_two_at_once(alice)
    assert sorted(str(type(answer).__name__) for answer in answers) == ["IntegrityError", "int"]
