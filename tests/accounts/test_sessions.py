"""Where an account is logged in: a browser's cookie and an app's token are two kinds, listed and ended by its owner."""

from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client

from accounts.models import SessionToken, User
from accounts.sessions import program_of
from tests.accounts.reading import Page
from tests.accounts.test_entering import log_in, who
from tests.api.app import App
from tests.conftest import PASSWORD
from tests.factories import VariantFactory

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.5 Mobile/15E148 Safari/604.1"
)


def app_of(user: User) -> App:
    app = App()
    app.log_in(user)
    return app


def browser_of(user: User, program: str = FIREFOX) -> Client:
    client = Client(HTTP_USER_AGENT=program)
    log_in(client, user.email)
    return client


def test_f24_a_token_of_an_app_does_not_open_the_shop_as_a_cookie(alice: User) -> None:
    token = app_of(alice).session_token
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = token
    assert client.get("/accounts/")["Location"].startswith("/accounts/login/")
    assert client.get("/api/v1/me").status_code == 401


def test_f24_a_browsers_cookie_is_no_token(alice: User) -> None:
    app = App()
    app.session_token = browser_of(alice).cookies[settings.SESSION_COOKIE_NAME].value
    assert app.ask("GET", "/me").status_code == 401
    asked = Client().get("/_allauth/app/v1/auth/session", headers={"X-Session-Token": app.session_token})
    assert asked.status_code == 410


def test_f24_a_token_is_in_no_table(alice: User) -> None:
    token = app_of(alice).session_token
    kept = [str(row) for model in (Session, SessionToken, UserSession) for row in model.objects.values_list()]
    assert kept
    assert not any(token in row for row in kept)


def test_f24_a_token_stays_the_same_until_the_app_logs_out(alice: User) -> None:
    app = app_of(alice)
    held = {"X-Session-Token": app.session_token}
    again = Client().get("/_allauth/app/v1/auth/session", headers=held)
    assert (again.status_code, again.json()["meta"].get("session_token")) == (200, None)
    changed = Client().post(
        "/_allauth/app/v1/account/password/change",
        {"current_password": PASSWORD, "new_password": "a-second-horse"},
        "application/json",
        headers=held,
    )
    assert changed.status_code == 200
    app.session_token = changed.json()["meta"].get("session_token") or app.session_token
    assert app.get("/me")["email"] == alice.email
    Client().delete("/_allauth/app/v1/auth/session", headers={"X-Session-Token": app.session_token})
    assert app.ask("GET", "/me").status_code == 401
    assert not SessionToken.objects.exists()


def test_f24_browsers_and_apps_are_listed_and_ended_under_the_account(alice: User) -> None:
    here, elsewhere, app = browser_of(alice), browser_of(alice, SAFARI), app_of(alice)
    page = Page(here.get("/accounts/sessions/"))
    rows = [row.text for row in page.all("li") if "main" in row.inside]
    assert [("Here" in row, "App" in row) for row in rows] == [(True, False), (False, True), (False, False)]
    assert "Safari on iPhone" in rows[2]
    buttons = page.all("button", name="session")
    assert len(buttons) == 2
    here.post("/accounts/sessions/", {"session": buttons[0].attrs["value"]})
    assert app.ask("GET", "/me").status_code == 401
    assert who(elsewhere) == alice.email
    here.post("/accounts/sessions/")
    assert elsewhere.get("/accounts/").status_code == 302
    assert here.get("/accounts/").status_code == 200


@pytest.mark.parametrize("session", ["0", "-1", "9" * 30, "x", "\x00"])
def test_f24_nobody_ends_a_session_of_somebody_else(alice: User, bob: User, session: str) -> None:
    bobs, alices = browser_of(bob), browser_of(alice)
    of_bob = UserSession.objects.get(user=bob)
    for chosen in (str(of_bob.pk), session):
        assert alices.post("/accounts/sessions/", {"session": chosen}).status_code == 302
    assert who(bobs) == bob.email
    assert who(alices) == alice.email


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (FIREFOX, "Firefox on Linux"),
        (SAFARI, "Safari on iPhone"),
        ("folio-terminal/1 \u202e", "folio-terminal/1"),
        ("", "An unknown program"),
    ],
)
def test_a_program_is_called_as_people_call_it(said: str, words: str) -> None:
    assert program_of(said) == words


HOSTS = ["shop.example.org:1337", "evil.example.org"]


@pytest.mark.parametrize("host", HOSTS)
def test_f22_links_in_mails_lead_to_the_shops_own_address(alice: User, settings: Any, host: str) -> None:
    settings.ALLOWED_HOSTS = [".example.org"]
    settings.STORE_URL = "https://books.example.org"
    client = Client(HTTP_HOST=host)
    client.post("/accounts/signup/", {"email": "carol@example.org", "password1": PASSWORD})
    client.post("/accounts/logout/")
    for email in (alice.email, "nobody@example.org"):
        client.post("/accounts/password/reset/", {"email": email})
        asked = {"email": email}
        client.post("/_allauth/app/v1/auth/password/request", asked, "application/json")
    client.post("/de/accounts/password/reset/", {"email": alice.email})
    log_in(client, alice.email)
    client.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": "a-second-horse"})
    links = [word for letter in mail.outbox for word in letter.body.split() if "://" in word]
    assert len(links) == len(mail.outbox) == 7
    assert {link.partition("/accounts/")[0] for link in links} == {
        "https://books.example.org",
        "https://books.example.org/de",
    }
    assert not [letter for letter in mail.outbox if host in f"{letter.subject}{letter.body}"]


def test_f22_the_link_for_a_new_password_works(alice: User) -> None:
    asked = {"email": alice.email}
    Client().post("/_allauth/app/v1/auth/password/request", asked, "application/json")
    link = next(word for word in mail.outbox[0].body.split() if "/key/" in word)
    assert Client().get(link, follow=True).status_code == 200


def test_every_cookie_goes_by_the_name_that_the_settings_give_it(alice: User, settings: Any) -> None:
    names = {
        "SESSION_COOKIE_NAME": "__Host-sessionid",
        "CSRF_COOKIE_NAME": "__Host-csrftoken",
        "LANGUAGE_COOKIE_NAME": "__Host-language",
        "CART_COOKIE_NAME": "__Host-cart",
        "DEVICE_COOKIE_NAME": "__Host-device",
        "MESSAGES_COOKIE_NAME": "__Host-messages",
    }
    for name, value in names.items():
        setattr(settings, name, value)
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = settings.LANGUAGE_COOKIE_SECURE = True
    variant = VariantFactory()
    client = Client(headers={"Accept-Language": "en"})
    client.post("/cart/lines/", {"variant": variant.pk, "quantity": 1}, secure=True)
    assert variant.product.title in client.get("/cart/", secure=True).text
    client.get("/accounts/login/", secure=True)
    client.get("/language/de/", secure=True)
    facts = {"login": alice.email, "password": PASSWORD}
    client.post("/accounts/login/", facts, secure=True)
    assert set(client.cookies) == set(names.values())
    for cookie in client.cookies.values():
        assert (cookie["path"], cookie["secure"], cookie["domain"]) == ("/", True, ""), cookie.key
        assert cookie["samesite"] == "Lax", cookie.key
        assert cookie["httponly"] or not cookie.value, cookie.key
    assert client.get("/accounts/", secure=True).status_code == 200
    assert client.get("/", secure=True)["Location"] == "/de/"
    assert variant.product.title in client.get("/cart/", secure=True).text
    gone = client.cookies["__Host-cart"]
    assert (gone.value, gone["secure"]) == ("", True)
