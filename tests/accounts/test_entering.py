"""Sign-up, log-in, log-out."""

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client

from accounts.models import User
from tests.accounts.reading import Page
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


def who(client: Client) -> str | None:
    """The e-mail of the one who is logged in."""
    key = client.session.get("_auth_user_id")
    return User.objects.get(pk=key).email if key else None


def log_in(client, email="alice@example.org", password=PASSWORD, **more):
    return client.post("/accounts/login/", {"login": email, "password": password, **more})


def test_sign_up_logs_in_at_once_and_asks_for_no_confirmation_first(client):
    answer = client.post("/accounts/signup/", {"email": "Carol@Example.org", "password1": PASSWORD})
    assert (answer.status_code, answer.url) == (302, "/")
    assert who(client) == "carol@example.org"
    assert not EmailAddress.objects.get(email="carol@example.org").verified
    assert client.get("/accounts/").status_code == 200


def test_sign_up_welcomes_by_a_mail_that_names_the_shop(client, settings):
    client.post("/accounts/signup/", {"email": "carol@example.org", "password1": PASSWORD})
    (letter,) = mail.outbox
    assert letter.to == ["carol@example.org"]
    assert letter.subject == f"Welcome to {settings.STORE_NAME}"
    assert "/accounts/confirm-email/" in letter.body


def test_the_link_of_the_welcome_confirms_the_address(client):
    client.post("/accounts/signup/", {"email": "carol@example.org", "password1": PASSWORD})
    link = next(word for word in mail.outbox[0].body.split() if "/confirm-email/" in word)
    assert Page(client.get(link)).one("h1").text == "Is this your address?"
    assert not EmailAddress.objects.get(email="carol@example.org").verified
    client.post(link)
    assert EmailAddress.objects.get(email="carol@example.org").verified


def test_a_confirmation_link_that_is_none_leads_on(client):
    page = Page(client.get("/accounts/confirm-email/nonsense/"))
    assert page.one("h1").text == "This link is used up"


def test_nobody_signs_up_twice_whatever_the_letter_case(client, alice):
    answer = client.post("/accounts/signup/", {"email": "ALICE@example.org", "password1": PASSWORD})
    assert answer.status_code == 200
    assert Page(answer).summary[0][1].startswith("There is already an account with this e-mail")
    assert User.objects.count() == 1


@pytest.mark.parametrize("typed", ["alice@example.org", "Alice@Example.ORG", " alice@example.org "])
def test_log_in_takes_the_email_in_any_letter_case(client, alice, typed):
    answer = log_in(client, typed)
    assert (answer.status_code, answer.url) == (302, "/")
    assert who(client) == "alice@example.org"


@pytest.mark.parametrize(
    ("email", "password"), [("alice@example.org", "wrong"), ("nobody@example.org", PASSWORD)]
)
def test_a_wrong_log_in_gets_one_sentence_that_tells_nobody_which_was_wrong(client, alice, email, password):
    page = Page(log_in(client, email, password))
    assert who(client) is None
    assert page.one("h2", id="form_wrongs").text == "That did not match"
    assert page.summary == [("id_login", "Check the e-mail address and the password")]
    assert page.by_id("id_login").attrs["value"] == email
    assert "value" not in page.by_id("id_password").attrs


def test_a_closed_account_does_not_log_in(client, alice):
    User.objects.update(is_active=False)
    answer = log_in(client)
    assert who(client) is None
    assert (answer.status_code, answer.url) == (302, "/accounts/inactive/")
    assert Page(client.get(answer.url)).one("h1").text == "This account is closed"


def test_next_is_kept_from_the_log_in_page_to_the_end(client, alice):
    page = Page(client.get("/accounts/login/?next=/checkout/"))
    assert page.one("input", name="next").attrs["value"] == "/checkout/"
    wrong = Page(log_in(client, password="wrong", next="/checkout/"))
    assert wrong.one("input", name="next").attrs["value"] == "/checkout/"
    assert log_in(client, next="/checkout/").url == "/checkout/"


def test_next_goes_along_to_sign_up_and_back(client):
    page = Page(client.get("/accounts/login/?next=/checkout/"))
    assert page.all("a", href="/accounts/signup/?next=%2Fcheckout%2F")
    page = Page(client.get("/accounts/signup/?next=/checkout/"))
    assert page.all("a", href="/accounts/login/?next=%2Fcheckout%2F")
    data = {"email": "carol@example.org", "password1": PASSWORD, "next": "/checkout/"}
    assert client.post("/accounts/signup/", data).url == "/checkout/"


def test_next_leads_nowhere_outside_the_shop(client, alice):
    assert log_in(client, next="https://elsewhere.example/").url == "/"


def test_log_out_is_one_post(as_alice):
    answer = as_alice.post("/accounts/logout/")
    assert (answer.status_code, answer.url) == (302, "/")
    assert who(as_alice) is None


def test_a_link_to_log_out_does_not_log_out(as_alice):
    page = Page(as_alice.get("/accounts/logout/"))
    assert page.one("h1").text == "Log out"
    assert who(as_alice) == "alice@example.org"


def test_the_forms_want_a_csrf_token(alice):
    client = Client(enforce_csrf_checks=True)
    assert log_in(client).status_code == 403
    assert who(client) is None


def test_too_many_tries_are_told_to_wait(client, alice, settings):
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "2/m/key"}
    for _ in range(2):
        log_in(client, password="wrong")
    page = Page(log_in(client, password="wrong"))
    assert page.summary == [("id_login", "Too many tries. Wait a few minutes, then log in again")]
    assert page.one("h2", id="form_wrongs").text == "One thing to put right"
