"""An account's address: one fact, changed in one place, and worth something only once it is proven."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core import mail
from django.test import Client

from accounts.models import User
from tests.accounts.reading import Page
from tests.accounts.test_entering import log_in, who
from tests.api.app import App
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
NEW = "a-second-horse"
PAGE = "/accounts/email/"


def proven(user: User) -> EmailAddress:
    return EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)


def reset(email: str) -> Client:
    """Choose a new password by the link that goes to an address."""
    client = Client()
    client.post("/accounts/password/reset/", {"email": email})
    letter = mail.outbox[-1]
    assert letter.to == [email]
    links = [word for word in letter.body.split() if "/password/reset/key/" in word]
    if links:
        client.post(client.get(links[0]).url, {"password1": NEW})
    return client


def change_by_staff(as_sam: Client, user: User, email: str) -> Any:
    return as_sam.post(
        f"/admin/accounts/user/{user.pk}/change/", {"email": email, "name": user.name, "is_active": "on"}
    )


@pytest.mark.django_db(transaction=True)
def test_f01_staff_change_an_address_everywhere(alice: User, as_sam: Client) -> None:
    proven(alice)
    EmailAddress.objects.create(user=alice, email="liddell@example.org", verified=True)
    browser, app = Client(), App()
    log_in(browser)
    app.log_in(alice)
    assert change_by_staff(as_sam, alice, "Pleasance@Example.org").status_code == 302
    alice.refresh_from_db()
    assert alice.email == "pleasance@example.org"
    assert list(EmailAddress.objects.filter(user=alice).values_list("email", "primary", "verified")) == [
        ("pleasance@example.org", True, False)
    ]
    [letter] = mail.outbox
    assert letter.to == ["alice@example.org"]
    assert "pleasance@example.org" in letter.body
    assert browser.get("/accounts/").status_code == 302
    assert app.ask("GET", "/me").status_code == 401
    for old in ("alice@example.org", "liddell@example.org"):
        log_in(client := Client(), old)
        assert who(client) is None
        client.post("/accounts/password/reset/", {"email": old})
        assert "/key/" not in mail.outbox[-1].body
    log_in(client := Client(), alice.email)
    assert who(client) == alice.email


def test_f01_a_session_that_nobody_listed_ends_too(alice: User, as_alice: Client, as_sam: Client) -> None:
    assert as_alice.get("/accounts/").status_code == 200
    change_by_staff(as_sam, alice, "pleasance@example.org")
    assert as_alice.get("/accounts/").status_code == 302


def test_f01_staff_give_nobody_the_address_of_another_account(alice: User, bob: User, as_sam: Client) -> None:
    EmailAddress.objects.create(user=bob, email="cratchit@example.org", verified=True)
    for taken in ("BOB@example.org", "cratchit@example.org"):
        answer = change_by_staff(as_sam, alice, taken)
        assert (answer.status_code, "already an account" in answer.text) == (200, True)
    alice.refresh_from_db()
    assert alice.email == "alice@example.org"


def test_f01_other_changes_by_staff_leave_the_address_and_the_sessions(
    alice: User, as_alice: Client, as_sam: Client
) -> None:
    proven(alice)
    alice.name = "Alice P."
    assert change_by_staff(as_sam, alice, alice.email).status_code == 302
    assert as_alice.get("/accounts/").status_code == 200
    assert mail.outbox == []


def test_f01_ones_own_change_tells_the_old_address_and_ends_other_sessions(alice: User) -> None:
    proven(alice)
    EmailAddress.objects.create(user=alice, email="liddell@example.org", verified=True)
    here, elsewhere, app = Client(), Client(), App()
    log_in(here)
    log_in(elsewhere)
    app.log_in(alice)
    here.post("/accounts/reauthenticate/", {"password": PASSWORD})
    here.post(PAGE, {"action_primary": "1", "email": "liddell@example.org"})
    assert User.objects.get().email == "liddell@example.org"
    assert (mail.outbox[-1].to, mail.outbox[-1].subject) == (
        ["alice@example.org"],
        "Your e-mail address was changed",
    )
    assert here.get("/accounts/").status_code == 200
    assert elsewhere.get("/accounts/").status_code == 302
    assert app.ask("GET", "/me").status_code == 401


# --- Before an address is proven ---


def sign_up(email: str) -> Client:
    client = Client()
    client.post("/accounts/signup/", {"email": email, "password1": PASSWORD})
    assert who(client) == email
    return client


def test_f02_nothing_is_added_before_the_first_address_is_proven() -> None:
    thief = sign_up("alice@example.org")
    page = Page(thief.post(PAGE, {"action_add": "1", "email": "thief@example.org"}))
    assert page.summary == [("id_email", "Confirm this address first, by the link that we sent to it")]
    thief.post("/accounts/reauthenticate/", {"password": PASSWORD})
    for factor in ("totp/activate", "webauthn/add"):
        assert thief.get(f"/accounts/two-steps/{factor}/").url == "/accounts/two-steps/"
    app = App()
    app.log_in(User.objects.get())
    added = Client().post(
        "/_allauth/app/v1/account/email",
        {"email": "thief@example.org"},
        "application/json",
        headers={"X-Session-Token": app.session_token},
    )
    assert added.status_code in {400, 401}
    assert EmailAddress.objects.count() == 1
    assert not Authenticator.objects.exists()


def test_f02_a_new_password_by_mail_drops_all_that_came_before() -> None:
    thief = sign_up("alice@example.org")
    user = User.objects.get()
    app = App()
    app.log_in(user)
    # As an older version let it be.
    EmailAddress.objects.create(user=user, email="thief@example.org", verified=False)
    TOTP.activate(user, generate_totp_secret())
    reset("alice@example.org")
    assert list(EmailAddress.objects.values_list("email", "verified")) == [("alice@example.org", True)]
    assert not Authenticator.objects.exists()
    assert thief.get("/accounts/").status_code == 302
    assert app.ask("GET", "/me").status_code == 401
    reset("thief@example.org")
    assert "/key/" not in mail.outbox[-1].body
    log_in(client := Client(), password=NEW)
    assert who(client) == "alice@example.org"


def test_f02_an_address_that_was_not_proven_gets_no_link(alice: User) -> None:
    proven(alice)
    EmailAddress.objects.create(user=alice, email="thief@example.org", verified=False)
    reset("thief@example.org")
    assert "There is no account with this address" in mail.outbox[-1].body


def test_f02_confirming_the_first_address_drops_what_was_added_before() -> None:
    owner = sign_up("alice@example.org")
    user = User.objects.get()
    link = next(word for word in mail.outbox[0].body.split() if "/confirm-email/" in word)
    EmailAddress.objects.create(user=user, email="thief@example.org", verified=False)
    TOTP.activate(user, generate_totp_secret())
    owner.post(link)
    assert list(EmailAddress.objects.values_list("email", "verified", "primary")) == [
        ("alice@example.org", True, True)
    ]
    assert not Authenticator.objects.exists()
    assert who(owner) == "alice@example.org"


def test_f02_after_that_addresses_and_factors_stay(alice: User) -> None:
    proven(alice)
    EmailAddress.objects.create(user=alice, email="liddell@example.org", verified=True)
    TOTP.activate(alice, generate_totp_secret())
    reset("liddell@example.org")
    assert EmailAddress.objects.count() == 2
    assert Authenticator.objects.count() == 1
