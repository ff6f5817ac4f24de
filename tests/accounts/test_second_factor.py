"""The second factor: set up, asked for, got round by recovery codes, and demanded of staff."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.core import mail
from django.test import Client

from accounts.models import User
from tests.accounts.reading import Page
from tests.accounts.test_entering import log_in, who
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
PLACES = [
    "/accounts/two-steps/",
    "/accounts/two-steps/totp/activate/",
    "/accounts/two-steps/recovery-codes/",
    "/accounts/two-steps/recovery-codes/generate/",
    "/accounts/two-steps/webauthn/",
    "/accounts/two-steps/webauthn/add/",
    "/accounts/sessions/",
]


def code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


@pytest.fixture
def secret(alice: User) -> str:
    """The secret of alice's app."""
    secret = generate_totp_secret()
    TOTP.activate(alice, secret)
    RecoveryCodes.activate(alice)
    return secret


def prove(client: Client) -> None:
    """Give the password once more."""
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})


def set_up_app(client: Client) -> Any:
    prove(client)
    page = Page(client.get("/accounts/two-steps/totp/activate/"))
    shown = next(element.text for element in page.elements if "secret" in element.classes)
    return client.post("/accounts/two-steps/totp/activate/", {"code": code_of(shown)})


@pytest.mark.django_db(transaction=True)
def test_an_app_is_set_up_with_its_first_code(alice: User, as_alice: Client) -> None:
    EmailAddress.objects.create(user=alice, email=alice.email, verified=True, primary=True)
    assert set_up_app(as_alice).url == "/accounts/two-steps/recovery-codes/"
    page = Page(as_alice.get("/accounts/two-steps/recovery-codes/"))
    assert len([code for code in page.all("li") if "mono" in code.classes]) == 10
    assert "Logging in takes two steps now" in {letter.subject for letter in mail.outbox}
    downloaded = as_alice.get("/accounts/two-steps/recovery-codes/download/")
    assert len(downloaded.text.split()) == 11


def test_after_the_password_the_code_is_asked_for(alice: User, client: Client, secret: str) -> None:
    assert log_in(client, next="/orders/").url == "/accounts/two-steps/authenticate/"
    assert who(client) is None
    page = Page(client.post("/accounts/two-steps/authenticate/", {"code": "000000"}))
    assert page.summary == [("id_code", "Check the code. It may be too old")]
    done = client.post("/accounts/two-steps/authenticate/", {"code": code_of(secret)})
    assert done.url == "/orders/"
    assert who(client) == alice.email


def test_a_code_of_an_app_opens_once(alice: User, secret: str) -> None:
    code = code_of(secret)
    for expected in (alice.email, None):
        client = Client()
        log_in(client)
        client.post("/accounts/two-steps/authenticate/", {"code": code})
        assert who(client) == expected


def test_a_recovery_code_opens_once(alice: User, secret: str) -> None:
    codes = Authenticator.objects.get(user=alice, type="recovery_codes").wrap().get_unused_codes()
    for expected in (alice.email, None):
        client = Client()
        log_in(client)
        client.post("/accounts/two-steps/authenticate/", {"code": codes[0]})
        assert who(client) == expected


@pytest.mark.parametrize("code", ["", "x" * 5000, "\x00", "\u202e123456", "١٢٣٤٥٦"])
def test_what_is_no_code_is_said(client: Client, secret: str, code: str) -> None:
    log_in(client)
    assert client.post("/accounts/two-steps/authenticate/", {"code": code}).status_code == 200
    assert client.post("/accounts/two-steps/authenticate/", {"credential": code}).status_code == 200
    assert who(client) is None


def test_a_new_password_by_mail_does_not_skip_the_second_step(
    alice: User, client: Client, secret: str
) -> None:
    EmailAddress.objects.create(user=alice, email=alice.email, verified=True, primary=True)
    client.post("/accounts/password/reset/", {"email": alice.email})
    link = next(word for word in mail.outbox[-1].body.split() if "/password/reset/key/" in word)
    form = client.get(link, follow=True).redirect_chain[-1][0]
    client.post(form, {"password1": "another-good-battery"})
    assert who(client) is None
    asked = log_in(client, password="another-good-battery")
    assert asked.url == "/accounts/two-steps/authenticate/"
    assert who(client) is None


def test_an_app_is_asked_for_the_code_too(alice: User, secret: str) -> None:
    facts = {"email": alice.email, "password": PASSWORD}
    begun = Client().post("/_allauth/app/v1/auth/login", facts, "application/json")
    assert begun.status_code == 401
    token = begun.json()["meta"]["session_token"]
    assert Client().get("/api/v1/me", headers={"X-Session-Token": token}).status_code == 401
    done = Client().post(
        "/_allauth/app/v1/auth/2fa/authenticate",
        {"code": code_of(secret)},
        "application/json",
        headers={"X-Session-Token": token},
    )
    token = done.json()["meta"].get("session_token", token)
    assert Client().get("/api/v1/me", headers={"X-Session-Token": token}).json()["email"] == alice.email


@pytest.mark.parametrize("address", PLACES)
def test_the_pages_are_in_our_words_and_look(
    as_alice: Client, alice: User, settings: Any, address: str
) -> None:
    if "recovery" in address:
        RecoveryCodes.activate(alice)
    prove(as_alice)
    answer = as_alice.get(address)
    page = Page(answer)
    assert page.title == f"{page.one('h1').text} · {settings.STORE_NAME}"
    labelled = {label.attrs.get("for") for label in page.all("label")}
    assert [control for control in page.controls if control.attrs["id"] not in labelled] == []
    assert "style" not in {name for element in page.elements for name in element.attrs}
    assert not [foreign for foreign in ("Two-Factor", "Authenticator", "Sign") if foreign in answer.text]


def test_setting_up_asks_for_the_password_once_more(as_alice: Client, secret: str) -> None:
    for address in PLACES[3:6:2]:
        assert as_alice.get(address).url.startswith("/accounts/reauthenticate/")


# --- Staff ---


@pytest.fixture
def required(settings: Any) -> None:
    settings.STAFF_MFA = "required"


def test_staff_without_a_second_factor_are_led_to_set_one_up(
    alice: User, sam: User, as_sam: Client, required: None
) -> None:
    assert as_sam.get("/admin/").url == "/admin/login/?next=/admin/"
    assert as_sam.get("/admin/login/").url == "/accounts/two-steps/"
    assert as_sam.post(f"/admin/accounts/user/{alice.pk}/change/", {"name": "X"}).status_code == 302
    alice.refresh_from_db()
    assert alice.name == "Alice Liddell"
    set_up_app(as_sam)
    assert as_sam.get("/admin/").status_code == 200


def test_staff_may_do_without_where_that_is_said(as_sam: Client) -> None:
    assert as_sam.get("/admin/").status_code == 200


def test_the_admins_own_log_in_asks_for_the_code_too(sam: User, required: None) -> None:
    secret = generate_totp_secret()
    TOTP.activate(sam, secret)
    client = Client()
    facts = {"username": sam.email, "password": PASSWORD}
    assert client.post("/admin/login/?next=/admin/", facts).url == "/accounts/two-steps/authenticate/"
    assert client.get("/admin/").status_code == 302
    done = client.post("/accounts/two-steps/authenticate/", {"code": code_of(secret)})
    assert done.url == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_staff_keep_their_last_factor(sam: User, as_sam: Client, required: None) -> None:
    set_up_app(as_sam)
    prove(as_sam)
    as_sam.post("/accounts/two-steps/totp/deactivate/")
    assert Authenticator.objects.filter(user=sam, type="totp").exists()


@pytest.mark.parametrize("door", ["/accounts/login/", "/admin/login/?next=/admin/"])
def test_a_session_of_staff_ends_after_twelve_hours(sam: User, alice: User, door: str) -> None:
    now = datetime.now(UTC)
    client = Client()
    client.post(door, {"login": sam.email, "username": sam.email, "password": PASSWORD})
    assert who(client) == sam.email
    ends = client.session.get_expiry_date()
    assert timedelta(hours=11, minutes=59) < ends - now < timedelta(hours=12, minutes=1)
    customer = Client()
    log_in(customer)
    assert customer.session.get_expiry_date() - now > timedelta(days=29)


def test_a_session_of_staff_is_not_made_longer_by_using_it(sam: User, time_machine: Any) -> None:
    time_machine.move_to("2026-11-29 08:00")
    client = Client()
    log_in(client, sam.email)
    for hour in (12, 16):
        time_machine.move_to(f"2026-11-29 {hour}:00")
        assert client.post("/accounts/", {"name": f"Sam at {hour}"}).status_code == 302
        assert client.get("/admin/").status_code == 200
    time_machine.move_to("2026-11-29 20:01")
    assert client.get("/admin/").status_code == 302


def test_f25_the_admins_password_page_is_limited(as_sam: Client, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"change_password": "2/m/user"}
    wrong = {"old_password": "wrong", "new_password1": "a-second-horse", "new_password2": "a-second-horse"}
    tries = [as_sam.post("/admin/password_change/", wrong).status_code for _try in range(3)]
    assert tries == [200, 200, 429]
    wrong = {"oldpassword": "wrong", "password1": "a-second-horse"}
    assert as_sam.post("/accounts/password/change/", wrong).status_code == 429
