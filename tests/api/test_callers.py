"""Who may ask what, and by which proof: a session's token, a browser's cookie, a cart's token."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from shop.cart.session import COOKIE
from shop.models import Cart, CartLine, Variant
from tests.api.app import ROOT, App
from tests.conftest import PASSWORD
from tests.factories import VariantFactory
from tests.orders import fill_cart

pytestmark = pytest.mark.django_db
OTHER_SITE = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}


@pytest.fixture
def variant(db: None) -> Variant:
    return VariantFactory(price=2400, stock=50)


def code(response: Any) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["code"]


def app_of(user: User) -> App:
    app = App()
    app.log_in(user)
    return app


def browser(user: User | None = None) -> Client:
    """A browser in which the CSRF check is on, as it is in real life."""
    client = Client(enforce_csrf_checks=True)
    if user:
        client.force_login(user)
    return client


def add(client: Client, variant: Variant, **headers: str) -> Any:
    body = {"variant": variant.pk, "quantity": 1}
    return client.post(f"{ROOT}/cart/lines", body, "application/json", headers=headers)


# --- Apps ---


def test_an_app_signs_up_asks_who_it_is_and_logs_out(db: None) -> None:
    app = App()
    signed_up = Client().post(
        "/_allauth/app/v1/auth/signup",
        {"email": "carol@example.org", "password": PASSWORD},
        "application/json",
    )
    app.session_token = signed_up.json()["meta"]["session_token"]
    assert app.get("/me") == {"email": "carol@example.org", "name": "", "is_staff": False, "csrf_token": None}
    assert app.patch("/me", {"name": " Carol "})["name"] == "Carol"
    Client().delete("/_allauth/app/v1/auth/session", headers={"X-Session-Token": app.session_token})
    assert code(app.ask("GET", "/me")) == (401, "session_over")


def test_an_app_asks_for_a_new_password(alice: User, mailoutbox: Any) -> None:
    asked = Client().post(
        "/_allauth/app/v1/auth/password/request", {"email": alice.email}, "application/json"
    )
    assert asked.status_code == 200
    assert "/accounts/password/reset/key/" in mailoutbox[0].body


def test_log_ins_are_limited(alice: User, settings: Any) -> None:
    del settings.ACCOUNT_RATE_LIMITS
    wrong = {"email": alice.email, "password": "wrong"}
    tries = [Client().post("/_allauth/app/v1/auth/login", wrong, "application/json") for _try in range(11)]
    assert {answer.status_code for answer in tries} <= {400, 429}
    right = Client().post(
        "/_allauth/app/v1/auth/login", {"email": alice.email, "password": PASSWORD}, "application/json"
    )
    assert right.status_code in {400, 429}


@pytest.mark.parametrize("token", ["nonsense", "", "x" * 5000, "ä"])
def test_a_token_that_is_none_is_not_taken_for_a_visitor(token: str) -> None:
    app = App()
    assert code(app.ask("GET", "/cart", headers={"X-Session-Token": token or " "})) == (401, "session_over")


def test_a_closed_account_has_no_session(alice: User) -> None:
    app = app_of(alice)
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert code(app.ask("GET", "/me")) == (401, "session_over")


def test_an_app_needs_no_csrf_token_and_gets_no_cookie(alice: User, variant: Variant) -> None:
    app = app_of(alice)
    added = add(browser(), variant, **{"X-Session-Token": app.session_token, **OTHER_SITE})
    assert added.status_code == 201
    assert not added.cookies
    assert CartLine.objects.get().cart.user == alice


# --- Browsers ---


def test_a_browsers_session_reads_without_and_writes_with_the_csrf_token(
    alice: User, variant: Variant
) -> None:
    client = browser(alice)
    me = client.get(f"{ROOT}/me")
    assert me.json()["email"] == alice.email
    assert code(add(client, variant)) == (403, "csrf_failed")
    assert code(add(client, variant, **{"X-CSRFToken": "x" * 64})) == (403, "csrf_failed")
    assert not CartLine.objects.exists()
    assert add(client, variant, **{"X-CSRFToken": me.json()["csrf_token"]}).status_code == 201
    assert CartLine.objects.get().cart.user == alice


def test_another_website_can_do_nothing_with_a_browsers_cookies(alice: User, variant: Variant) -> None:
    logged_in, visitor = browser(alice), browser()
    token = logged_in.get(f"{ROOT}/me").json()["csrf_token"]
    assert add(visitor, variant).status_code == 201
    for client in (logged_in, visitor):
        assert code(add(client, variant, **{"X-CSRFToken": token, **OTHER_SITE})) == (403, "cross_origin")
    assert CartLine.objects.get().quantity == 1


def test_a_visitors_browser_keeps_the_cart_in_the_shops_own_cookie(variant: Variant) -> None:
    client = browser()
    token = add(client, variant).json()["token"]
    assert client.cookies[COOKIE].value.partition(":")[0] == token.partition(":")[0]
    assert add(client, variant).json()["count"] == 2
    assert variant.product.title in client.get("/cart/").text


# --- Visitors' carts ---


def test_a_storefront_of_another_origin_keeps_the_token_itself(variant: Variant) -> None:
    first = add(browser(), variant, **OTHER_SITE)
    assert (first.status_code, len(first.cookies)) == (201, 0)
    token = first.json()["token"]
    assert add(browser(), variant, **{"X-Cart-Token": token, **OTHER_SITE}).json()["count"] == 2
    assert Cart.objects.count() == 1


@pytest.mark.parametrize("forged", ["nonsense", "a:b:c", ""])
def test_a_cart_token_that_we_did_not_sign_is_of_no_cart(variant: Variant, forged: str) -> None:
    add(browser(), variant)
    unsigned = Cart.objects.get().token
    for token in (forged, str(unsigned)):
        assert App().ask("GET", "/cart", headers={"X-Cart-Token": token}).json()["lines"] == []


def test_after_log_in_both_carts_are_one_and_that_is_told_once(
    alice: User, variant: Variant, settings: Any
) -> None:
    fill_cart(alice, (variant, 40))
    app = App()
    app.cart_token = app.post("/cart/lines", {"variant": variant.pk, "quantity": 45}, status=201)["token"]
    settings.MAX_LINE_QUANTITY = 50
    app.log_in(alice)
    merged = app.get("/cart")
    assert (merged["count"], merged["token"]) == (50, None)
    assert [notice.partition(".")[0] for notice in merged["notices"]] == [
        "Your cart came with you",
        f"We sell at most 50 of one edition, so there are now 50 of: {variant.product.title}, paperback",
    ]
    assert app.get("/cart")["notices"] == []
    assert Cart.objects.count() == 1


def test_a_line_of_somebody_elses_cart_is_as_if_it_were_not(alice: User, bob: User, variant: Variant) -> None:
    fill_cart(alice, (variant, 2))
    line = CartLine.objects.get()
    for stranger in (app_of(bob), App()):
        for ask in (("PATCH", {"quantity": 9}), ("DELETE", None)):
            assert code(stranger.ask(ask[0], f"/cart/lines/{line.pk}", ask[1])) == (404, "unknown_line")
    assert CartLine.objects.get().quantity == 2


def test_lines_are_changed_and_taken_out(variant: Variant) -> None:
    app = App()
    cart = app.post("/cart/lines", {"variant": variant.pk}, status=201)
    app.cart_token = cart["token"]
    path = f"/cart/lines/{cart['lines'][0]['id']}"
    assert app.patch(path, {"quantity": 3})["subtotal"] == 7200
    assert app.patch(path, {"quantity": 0})["lines"] == []
    app.post("/cart/lines", {"variant": variant.pk}, status=201)
    [line] = app.get("/cart")["lines"]
    assert app.delete(f"/cart/lines/{line['id']}")["count"] == 0


def test_what_changed_since_the_last_look_is_told_once(variant: Variant) -> None:
    app = App()
    app.cart_token = app.post("/cart/lines", {"variant": variant.pk, "quantity": 4}, status=201)["token"]
    Variant.objects.filter(pk=variant.pk).update(price=2500)
    [change] = app.get("/cart")["changes"]
    assert (change["kind"], change["before"], change["after"]) == ("price", 2400, 2500)
    assert app.get("/cart")["changes"] == []


# --- Other origins ---


@pytest.fixture
def storefront(settings: Any) -> dict[str, str]:
    settings.CORS_ALLOWED_ORIGINS = ["https://books.example.org"]
    return {"Origin": "https://books.example.org", "Sec-Fetch-Site": "cross-site"}


def test_a_storefront_that_is_named_may_ask_with_its_tokens(storefront: dict[str, str]) -> None:
    asked = {
        **storefront,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type,idempotency-key,x-cart-token,x-order-key,x-session-token",
    }
    for path in (f"{ROOT}/orders", "/_allauth/app/v1/auth/login"):
        answer = Client().options(path, headers=asked)
        assert answer["Access-Control-Allow-Origin"] == storefront["Origin"]
        allowed = set(answer["Access-Control-Allow-Headers"].split(", "))
        assert set(asked["Access-Control-Request-Headers"].split(",")) <= allowed
    shown = Client().get(f"{ROOT}/products", headers=storefront)
    assert shown["Access-Control-Allow-Origin"] == storefront["Origin"]
    assert "retry-after" in shown["Access-Control-Expose-Headers"]
    # Cookies are of no use from there.
    assert "Access-Control-Allow-Credentials" not in shown


def test_no_other_origin_and_no_page_of_the_shop_is_opened(storefront: dict[str, str]) -> None:
    assert "Access-Control-Allow-Origin" not in Client().get(f"{ROOT}/products", headers=OTHER_SITE)
    assert "Access-Control-Allow-Origin" not in Client().get("/cart/", headers=storefront)
