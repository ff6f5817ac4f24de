"""What people type: no text shows as something else, and none is longer than what keeps it."""

from typing import Any

import pytest
from django import forms
from django.contrib import admin
from django.core import mail
from django.test import Client, RequestFactory

from accounts.models import User
from accounts.text import ManyLinesField, OneLineField, many_lines, one_line
from checkout.admin.countries_field import CountriesField
from checkout.models import Order
from checkout.pages.forms import CheckoutForm
from tests.accounts.reading import Page
from tests.conftest import PASSWORD

ADDRESS = {
    "full_name": "Alice Liddell",
    "line1": "Oudegracht 12",
    "city": "Utrecht",
    "postal_code": "3511 AB",
    "country": "NL",
}
NOTHING = [
    "\u200b",
    "\u200b\u200d\ufeff",
    " \u00a0\u3000",
    "\u3164",
    "\u2800",
    "\u202e",
    "\u0301",
    "\x00\x1f",
]


@pytest.mark.parametrize("typed", NOTHING)
def test_f04_a_text_that_nobody_sees_is_none(typed: str) -> None:
    assert one_line(typed) == many_lines(typed) == ""


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("  Alice \t Liddell ", "Alice Liddell"),
        ("Alice\r\nBcc: bob@example.org", "Alice Bcc: bob@example.org"),
        ("Alice\u2028Liddell\x00", "Alice Liddell"),
        ("\u202eecilA\u202c", "ecilA"),
        ("a\u200bl\u00adi\ufeffc\u2066e", "alice"),
        ("a\u200dlice\u200c", "alice"),
        ("Zoe\u0308", "Zoë"),
        ("half \ud800 of one", "half of one"),
        # Spelt so, and seen.
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("👩\u200d🔬", "👩\u200d🔬"),
        ("O’Brien – 李", "O’Brien – 李"),
    ],
)
def test_f04_a_line_is_kept_as_it_shows(typed: str, shown: str) -> None:
    assert one_line(typed) == shown
    assert one_line(shown) == shown


def test_f04_a_text_of_several_lines_keeps_them() -> None:
    assert many_lines(" One\u202e town \r\n\r\n  and\x00 four\u200b \n") == "One town\n\n  and  four"


@pytest.mark.parametrize("typed", [*NOTHING[:2], "\u202e"])
def test_f04_a_name_that_nobody_sees_is_missing_at_checkout(typed: str) -> None:
    form = CheckoutForm({**ADDRESS, "full_name": typed})
    assert form.errors == {"full_name": ["Enter your full name"]}


def test_f04_an_address_is_of_lines_as_they_show() -> None:
    form = CheckoutForm({**ADDRESS, "line2": "c/o\r\nBob\u202e", "phone": "\u200b"})
    assert form.is_valid(), form.errors
    assert (form.address().line2, form.address().phone) == ("c/o Bob", "")


def test_f03_an_address_fits_its_columns() -> None:
    names = [name for name in Order.ADDRESS_FIELDS if name != "country"]
    form = CheckoutForm({**ADDRESS, **dict.fromkeys(names, "क़" * 161)})
    assert set(form.errors) == set(names)
    for name in names:
        assert form.fields[name].max_length <= Order._meta.get_field(name).max_length


@pytest.mark.django_db
def test_f04_a_name_is_cleaned_on_the_page_and_in_json(as_alice: Client, alice: User) -> None:
    as_alice.post("/accounts/", {"name": "Alice\u202e\r\nP."})
    alice.refresh_from_db()
    assert alice.name == "Alice P."
    token = as_alice.get("/api/v1/me").json()["csrf_token"]
    body = {"name": "\u200bAlice\u2028\u202eQ."}
    headers = {"X-CSRFToken": token}
    said = as_alice.patch("/api/v1/me", body, "application/json", headers=headers)
    assert said.json()["name"] == "Alice Q."
    too_long = as_alice.patch("/api/v1/me", {"name": "\u0958" * 76}, "application/json", headers=headers)
    assert (too_long.status_code, list(too_long.json()["error"]["fields"])) == (422, ["name"])


@pytest.mark.django_db
@pytest.mark.parametrize(
    "email",
    [
        "a" * 300 + "@example.org",
        "a" * 65 + "@example.org",
        "a@" + ".".join(["b" * 60] * 5) + ".org",
        "alice@exam\u200bple.org",
        "alice@\u202eelpmaxe.org",
    ],
)
def test_f03_an_address_that_is_none_is_refused_with_words_at_every_door(
    as_alice: Client, email: str
) -> None:
    words = "Write the e-mail address like name@example.org"
    doors = [
        (Client(), "/accounts/signup/", {"email": email, "password1": PASSWORD}),
        (Client(), "/accounts/password/reset/", {"email": email}),
        (as_alice, "/accounts/email/", {"email": email, "action_add": "1"}),
    ]
    for client, address, typed in doors:
        answer = client.post(address, typed)
        assert (answer.status_code, Page(answer).summary) == (200, [("id_email", words)]), address
    for action, more in (("signup", {"password": PASSWORD}), ("password/request", {})):
        answer = Client().post(
            f"/_allauth/app/v1/auth/{action}", {"email": email, **more}, "application/json"
        )
        assert answer.status_code == 400
        assert [error["param"] for error in answer.json()["errors"]] == ["email"]
    assert Client().post("/accounts/login/", {"login": email, "password": PASSWORD}).status_code == 200
    assert User.objects.count() == 1
    assert mail.outbox == []


@pytest.mark.django_db
def test_f03_staff_cannot_make_an_account_whose_address_is_too_long(as_sam: Client) -> None:
    typed = {"email": "a" * 65 + "@example.org", "usable_password": "false"}
    answer = as_sam.post("/admin/accounts/user/add/", typed)
    assert (answer.status_code, "like name@example.org" in answer.text) == (200, True)


def _text_fields(form: type[forms.BaseForm]) -> dict[str, forms.CharField]:
    special = (
        forms.EmailField,
        forms.URLField,
        forms.SlugField,
        forms.JSONField,
        forms.GenericIPAddressField,
        CountriesField,
    )
    return {
        name: field
        for name, field in form.base_fields.items()
        if isinstance(field, forms.CharField)
        and not isinstance(field, special)
        and not isinstance(field.widget, (forms.PasswordInput, forms.URLInput, forms.HiddenInput))
        and not name.endswith("slug")
    }


@pytest.mark.django_db
@pytest.mark.parametrize("model", list(admin.site._registry), ids=lambda model: model._meta.label)
def test_f04_what_staff_type_is_cleaned_in_every_form(sam: User, model: Any) -> None:
    request = RequestFactory().get("/admin/")
    request.user = sam
    owner = admin.site._registry[model]
    may = owner.has_add_permission(request) or owner.has_change_permission(request)
    found = [owner.get_form(request)] if may else []
    found += [
        inline.get_formset(request).form
        for inline in (owner.get_inline_instances(request) if may else [])
        if inline.has_change_permission(request)
    ]
    for form in found:
        for name, field in _text_fields(form).items():
            assert isinstance(field, (OneLineField, ManyLinesField)), f"{form.__name__}.{name}"
