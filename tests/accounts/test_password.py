"""A forgotten password, and a changed one."""

import re

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client

from accounts.models import User
from tests.accounts.reading import Page
from tests.accounts.test_entering import log_in, who
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
NEW = "a-second-horse"


def link_from_mail() -> str:
    return re.search(rf"{settings.STORE_URL}(\S+/password/reset/key/\S+)", mail.outbox[-1].body)[1]


def test_a_forgotten_password_is_replaced_by_mail(client, alice):
    assert client.post("/accounts/password/reset/", {"email": "ALICE@example.org"}).url.endswith("/done/")
    assert mail.outbox[-1].to == ["alice@example.org"]
    form = client.get(link_from_mail(), follow=True)
    address = form.redirect_chain[-1][0]
    # The key is in no address that the page's links could give away.
    assert address.endswith("-set-password/")
    assert Page(form).one("h1").text == "A new password"
    done = client.post(address, {"password1": NEW}, follow=True)
    assert Page(done).one("h1").text == "Log in again"
    log_in(client, password=PASSWORD)
    assert who(client) is None
    log_in(client, password=NEW)
    assert who(client) == "alice@example.org"


def test_a_mail_tells_that_the_password_was_replaced(client, alice):
    client.post("/accounts/password/reset/", {"email": "alice@example.org"})
    address = client.get(link_from_mail()).url
    client.post(address, {"password1": NEW})
    assert mail.outbox[-1].subject == "Your password was changed"


def test_the_link_works_once(client, alice):
    client.post("/accounts/password/reset/", {"email": "alice@example.org"})
    link = link_from_mail()
    client.post(client.get(link).url, {"password1": NEW})
    page = Page(Client().get(link))
    assert page.one("h1").text == "This link is used up"
    assert page.all("a", href="/accounts/password/reset/")


def test_asking_for_a_password_tells_nobody_who_has_an_account(client, alice):
    known = client.post("/accounts/password/reset/", {"email": "alice@example.org"})
    unknown = client.post("/accounts/password/reset/", {"email": "nobody@example.org"})
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    assert mail.outbox[-1].to == ["nobody@example.org"]
    assert "/accounts/signup/" in mail.outbox[-1].body
    assert "key" not in mail.outbox[-1].body


def test_changing_the_password_keeps_one_logged_in(as_alice, alice):
    answer = as_alice.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": NEW})
    assert answer.status_code == 302
    assert who(as_alice) == "alice@example.org"
    assert User.objects.get(pk=alice.pk).check_password(NEW)


def test_changing_the_password_needs_the_old_one(as_alice, alice):
    page = Page(as_alice.post("/accounts/password/change/", {"oldpassword": "wrong", "password1": NEW}))
    assert page.summary == [("id_oldpassword", "That is not the password that you have now")]
    assert User.objects.get(pk=alice.pk).check_password(PASSWORD)


def test_an_account_without_a_password_is_led_to_choose_one(client, db):
    carol = User.objects.create_user("carol@example.org")
    client.force_login(carol)
    assert client.get("/accounts/password/change/").url == "/accounts/password/set/"
    client.post("/accounts/password/set/", {"password1": NEW})
    carol.refresh_from_db()
    assert carol.check_password(NEW)
