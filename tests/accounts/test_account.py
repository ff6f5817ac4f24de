"""The account's own page and its addresses."""

import pytest
from allauth.account.models import EmailAddress
from django.core import mail

from accounts.models import User
from tests.accounts.reading import Page
from tests.accounts.test_second_factor import prove

pytestmark = pytest.mark.django_db


def test_the_account_is_for_who_is_logged_in(client):
    assert client.get("/accounts/").url == "/accounts/login/?next=/accounts/"


def test_the_account_leads_to_all_that_is_ones_own(as_alice):
    page = Page(as_alice.get("/accounts/"))
    led_to = {link.attrs["href"] for link in page.all("a") if "main" in link.inside}
    assert {"/orders/", "/cart/", "/accounts/email/", "/accounts/password/change/"} <= led_to
    assert page.one("form", action="/accounts/logout/").attrs["method"] == "post"


def test_a_name_can_be_given_and_taken_away(as_alice, alice):
    assert as_alice.post("/accounts/", {"name": "Alice Pleasance"}).url == "/accounts/"
    alice.refresh_from_db()
    assert alice.get_short_name() == "Alice"
    as_alice.post("/accounts/", {"name": ""})
    alice.refresh_from_db()
    assert alice.get_short_name() == "alice"


def test_a_name_that_is_too_long_changes_nothing(as_alice, alice):
    page = Page(as_alice.post("/accounts/", {"name": "a" * 151}))
    assert page.summary[0][0] == "id_name"
    alice.refresh_from_db()
    assert alice.name == "Alice Liddell"


def test_a_second_address_becomes_the_main_one_after_it_is_confirmed(as_alice, alice):
    EmailAddress.objects.create(user=alice, email=alice.email, verified=True, primary=True)
    prove(as_alice)
    as_alice.post("/accounts/email/", {"action_add": "1", "email": "Liddell@Example.org"})
    assert mail.outbox[-1].to == ["liddell@example.org"]
    link = next(word for word in mail.outbox[-1].body.split() if "/confirm-email/" in word)
    as_alice.post(link)
    as_alice.post("/accounts/email/", {"action_primary": "1", "email": "liddell@example.org"})
    alice.refresh_from_db()
    assert alice.email == "liddell@example.org"
    as_alice.post("/accounts/email/", {"action_remove": "1", "email": "alice@example.org"})
    assert not EmailAddress.objects.filter(email="alice@example.org").exists()


@pytest.mark.parametrize("act", ["action_add", "action_primary", "action_remove"])
def test_an_address_changes_only_after_the_password_was_given_once_more(as_alice, alice, act):
    for number, address in enumerate((alice.email, "other@example.org")):
        EmailAddress.objects.create(user=alice, email=address, verified=True, primary=not number)
    wanted = "new@example.org" if act == "action_add" else "other@example.org"
    asked = as_alice.post("/accounts/email/", {act: "1", "email": wanted})
    assert asked["Location"].startswith("/accounts/reauthenticate/")
    assert EmailAddress.objects.count() == 2
    assert EmailAddress.objects.get(primary=True).email == alice.email
    assert mail.outbox == []


def test_the_only_address_cannot_be_removed(as_alice, alice):
    page = Page(as_alice.get("/accounts/email/"))
    assert not page.all("button", name="action_remove")
    prove(as_alice)
    as_alice.post("/accounts/email/", {"action_remove": "1", "email": "alice@example.org"})
    assert EmailAddress.objects.filter(user=alice, email="alice@example.org").exists()


def test_a_user_is_one_address_in_any_letter_case(db):
    User.objects.create_user(" Carol@Example.ORG ", "x")
    assert User.objects.get_by_natural_key("CAROL@example.org").email == "carol@example.org"


def test_the_database_itself_refuses_an_address_that_differs_in_letter_case_only(alice):
    from django.db import IntegrityError, transaction

    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(email="ALICE@example.org")


def test_a_user_needs_an_email(db):
    with pytest.raises(ValueError, match="needs an e-mail"):
        User.objects.create_user("  ")


def test_staff_make_and_change_users_in_the_admin(as_sam, alice):
    made = {
        "email": "Dinah@Example.org",
        "usable_password": "true",
        "password1": "x-long-enough-9",
        "password2": "x-long-enough-9",
    }
    assert as_sam.post("/admin/accounts/user/add/", made).status_code == 302
    dinah = User.objects.get(email="dinah@example.org")
    assert dinah.check_password("x-long-enough-9")
    taken = as_sam.post("/admin/accounts/user/add/", {**made, "email": "ALICE@example.org"})
    assert "There is already an account with this e-mail." in taken.content.decode()
    assert as_sam.get(f"/admin/accounts/user/{dinah.pk}/change/").status_code == 200
    assert as_sam.get("/admin/accounts/user/?q=alice").status_code == 200
