import pytest
from django.test import RequestFactory

from shop.cart.origin import is_same_origin
from shop.models import Cart
from tests.factories import VariantFactory

OURS = [
    {},  # no browser: nobody's cookies came along behind their back
    {"Sec-Fetch-Site": "same-origin"},
    {"Sec-Fetch-Site": "none"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
    {"Origin": "http://testserver"},
    {"Origin": "https://shop.example.org"},
    {"Origin": "https://eu.books.example.org"},
    {"Referer": "http://testserver/products/walden/"},
]
OTHERS = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"},
    {"Sec-Fetch-Site": ""},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": "https://testserver"},
    {"Origin": "http://testserver:8000"},
    {"Origin": "http://testserver.evil.example"},
    {"Origin": "http://shop.example.org"},
    {"Origin": "https://shop.example.org.evil.example"},
    {"Origin": "https://evil.example", "Referer": "http://testserver/"},
    {"Origin": "http://[half"},
    {"Referer": "https://evil.example/http://testserver/"},
]


@pytest.fixture(autouse=True)
def trusted(settings):
    settings.CSRF_TRUSTED_ORIGINS = ["https://shop.example.org", "https://*.books.example.org"]


def sent(headers):
    return RequestFactory().post("/cart/lines/", headers=headers)


@pytest.mark.parametrize("headers", OURS, ids=str)
def test_a_page_of_ours_is_recognised(headers):
    assert is_same_origin(sent(headers))


@pytest.mark.parametrize("headers", OTHERS, ids=str)
def test_every_other_page_is_a_stranger(headers):
    assert not is_same_origin(sent(headers))


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/cart/lines/", "/cart/lines/1/"])
def test_a_form_of_another_website_gets_403_in_our_look_and_changes_nothing(client, path):
    form = {"variant": VariantFactory().pk, "quantity": "1"}

    response = client.post(path, form, headers={"Origin": "https://evil.example"})

    assert response.status_code == 403
    assert "This came from another website, so we did nothing." in response.content.decode()
    assert not response.cookies
    assert not Cart.objects.exists()
