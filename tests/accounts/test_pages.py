"""What every account page owes to those who cannot see it, and the error pages."""

import pytest
from django.test import Client
from django.test.utils import override_settings
from django.urls import path
from django.views.csrf import csrf_failure
from django.views.defaults import bad_request, page_not_found, permission_denied, server_error

from config.urls import urlpatterns as shop_urls
from tests.accounts.reading import Page

pytestmark = pytest.mark.django_db

FOR_ALL = [
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/password/reset/",
    "/accounts/password/reset/done/",
    "/accounts/password/reset/key/done/",
    "/accounts/password/reset/key/1-x/",
    "/accounts/confirm-email/",
    "/accounts/confirm-email/x/",
    "/accounts/inactive/",
]
FOR_ONE = [
    "/accounts/",
    "/accounts/email/",
    "/accounts/password/change/",
    "/accounts/logout/",
    "/accounts/reauthenticate/",
]
WRONG = [
    ("/accounts/login/", {}, ["id_login", "id_password"]),
    ("/accounts/signup/", {"email": "x", "password1": "short"}, ["id_email", "id_password1"]),
    ("/accounts/password/reset/", {"email": "x"}, ["id_email"]),
    ("/accounts/password/change/", {}, ["id_oldpassword", "id_password1"]),
    ("/accounts/email/", {"action_add": "1", "email": "x"}, ["id_email"]),
    ("/accounts/reauthenticate/", {"password": "wrong"}, ["id_password"]),
]


def get(address, client, as_alice):
    return (as_alice if address in FOR_ONE else client).get(address)


@pytest.mark.parametrize("address", FOR_ALL + FOR_ONE)
def test_a_page_has_one_h1_and_its_title_says_the_same(client, as_alice, settings, address):
    page = Page(get(address, client, as_alice))
    assert page.title == f"{page.one('h1').text} · {settings.STORE_NAME}"


@pytest.mark.parametrize("address", FOR_ALL + FOR_ONE)
def test_every_control_has_a_label_and_no_id_is_there_twice(client, as_alice, address):
    page = Page(get(address, client, as_alice))
    labelled = {label.attrs.get("for") for label in page.all("label")}
    assert [control for control in page.controls if control.attrs["id"] not in labelled] == []
    ids = [element.attrs["id"] for element in page.elements if "id" in element.attrs]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("address", FOR_ALL + FOR_ONE)
def test_a_page_has_no_inline_style_or_script(client, as_alice, address):
    page = Page(get(address, client, as_alice))
    assert not page.all("style")
    assert [element for element in page.elements if "style" in element.attrs] == []
    assert [script for script in page.all("script") if "src" not in script.attrs] == []


@pytest.mark.parametrize("address", FOR_ALL + FOR_ONE)
def test_no_wording_of_the_library_is_left(client, as_alice, address):
    words = get(address, client, as_alice).content.decode()
    assert not [
        foreign for foreign in ("Sign In", "Sign Up", "Sign Out", "Email", "Oops", "!<") if foreign in words
    ]


@pytest.mark.parametrize(("address", "data", "wrong"), WRONG)
def test_what_is_wrong_is_said_first_and_at_the_field_in_the_same_words(
    client, as_alice, address, data, wrong
):
    by = as_alice if "change" in address or address in FOR_ONE else client
    page = Page(by.post(address, data))
    assert page.title.startswith("Error: ")
    assert [target for target, _ in page.summary] == wrong
    for target, sentence in page.summary:
        control = page.by_id(target)
        assert control.attrs["aria-invalid"] == "true"
        described_by = control.attrs["aria-describedby"].split()
        assert sentence in [page.by_id(name).text for name in described_by]


@pytest.mark.parametrize(("address", "data", "wrong"), WRONG)
def test_the_error_summary_can_take_the_focus_and_counts_in_words(client, as_alice, address, data, wrong):
    by = as_alice if "change" in address or address in FOR_ONE else client
    page = Page(by.post(address, data))
    box = next(element for element in page.elements if "wrongs" in element.classes)
    assert box.attrs["tabindex"] == "-1"
    counted = {1: "One thing to put right", 2: "Two things to put right"}[len(wrong)]
    assert page.by_id(box.attrs["aria-labelledby"]).text == counted


def test_a_hint_is_tied_to_its_field(client):
    page = Page(client.get("/accounts/signup/"))
    assert page.by_id("id_password1").attrs["aria-describedby"] == "id_password1_helptext"
    assert page.by_id("id_password1_helptext").text == "At least 8 characters."


def test_fields_tell_the_browser_what_they_are_for(client):
    page = Page(client.get("/accounts/login/"))
    assert page.by_id("id_login").attrs["autocomplete"] == "email"
    assert page.by_id("id_password").attrs["autocomplete"] == "current-password"
    assert Page(client.get("/accounts/signup/")).by_id("id_password1").attrs["autocomplete"] == "new-password"


def boom(request):
    raise RuntimeError


urlpatterns = [
    *shop_urls,
    path("e/400/", lambda request: bad_request(request, None)),
    path("e/403/", lambda request: permission_denied(request, None)),
    path("e/404/", lambda request: page_not_found(request, None)),
    path("e/500/", server_error),
    path("e/csrf/", csrf_failure),
]


@pytest.mark.parametrize(
    ("name", "status", "heading"),
    [
        ("400", 400, "We could not read that."),
        ("403", 403, "This page is not open to you."),
        ("404", 404, "That page is not on our shelves."),
        ("500", 500, "Something broke on our side."),
        ("csrf", 403, "This form was open for too long."),
    ],
)
@override_settings(ROOT_URLCONF="tests.accounts.test_pages")
def test_an_error_page_is_in_our_look_and_the_same_for_everybody(as_alice, name, status, heading):
    answer = Client().get(f"/e/{name}/")
    assert answer.status_code == status
    page = Page(answer)
    assert page.one("h1").text == heading
    assert page.title.startswith(f"Error: {heading}")
    assert as_alice.get(f"/e/{name}/").content == answer.content


@override_settings(ROOT_URLCONF="tests.accounts.test_pages")
def test_the_page_after_a_crash_asks_the_database_for_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        Client().get("/e/500/")


def test_too_many_tries_get_a_page_of_ours(client, settings):
    settings.ACCOUNT_RATE_LIMITS = {"login": "1/m/ip"}
    client.post("/accounts/login/")
    answer = client.post("/accounts/login/")
    assert answer.status_code == 429
    assert Page(answer).one("h1").text == "Too many tries."
