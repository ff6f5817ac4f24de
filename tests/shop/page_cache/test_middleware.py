"""Public pages are kept ready to send, and are never older than the catalogue."""

import gzip
import re
from datetime import UTC, datetime
from typing import Any

import brotli
import pytest
import time_machine
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.utils.cache import patch_vary_headers

from shop import stock
from shop.models import Product, Variant
from shop.page_cache import cached_pages, middleware, release, version
from shop.page_cache.cached_pages import CachedPage, Key, Memory
from shop.page_cache.middleware import PublicPages, public
from tests.factories import EARLY, ProductFactory, ProductImageFactory, VariantFactory
from tests.front import Front

# Where the database writes the version at commit, a test's transaction must end.
pytestmark = pytest.mark.django_db(transaction=True)

PAGES = [
    "/",
    "/products/",
    "/products/?category=fiction&sort=new",
    "/products/walden/",
    "/de/products/walden/",
]
HEADERS = {
    "Content-Security-Policy",
    "X-Content-Type-Options",
    "X-Frame-Options",
    "Referrer-Policy",
    "Cross-Origin-Opener-Policy",
    "Content-Language",
    "Content-Length",
    "ETag",
}


CONN_MAX_AGE = {"sqlite": None, "postgresql": 0}


@pytest.fixture(autouse=True)
def walden() -> Variant:
    product = ProductFactory(title="Walden", slug="walden", quote="Simplify.")
    ProductImageFactory(product=product)
    variant: Variant = VariantFactory(product=product, price=1100, stock=10)
    return variant


@pytest.fixture(params=["before Django", "by Django"])
def client(request: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Ask as a server does, and as it is under ASGI, where nothing stands before Django."""
    if request.param == "by Django":
        return Client()
    # As in production: there a connection stays open, or goes back to a pool, which asks for no statement either.
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", CONN_MAX_AGE[connection.vendor])
    connection.close()
    return Front()


def text(response: HttpResponse) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", response.content.decode()))


# What a kept page costs


def test_a_kept_page_costs_one_statement_and_is_the_same(
    client: Client, django_assert_num_queries: Any
) -> None:
    for path in PAGES:
        first = client.get(path)

        with django_assert_num_queries(1):
            second = client.get(path)

        assert (second.status_code, second.content) == (200, first.content)
        assert dict(second.headers) == dict(first.headers)
        assert second.headers.keys() >= HEADERS
        assert second.headers["Cache-Control"] == "public, max-age=0, must-revalidate"


def test_a_kept_page_is_not_made_again(client: Client, monkeypatch: Any) -> None:
    client.get("/")
    monkeypatch.setattr("django.template.base.Template.render", None)

    assert client.get("/").status_code == 200


def test_a_kept_page_does_not_reach_django(monkeypatch: Any) -> None:
    front = Front()
    for path in PAGES:
        front.get(path)
    monkeypatch.setattr("django.core.handlers.wsgi.WSGIHandler.__call__", None)

    for path in PAGES:
        assert front.get(path).status_code == 200
        assert front.head(path).status_code == 200


def test_a_connection_that_broke_is_made_anew_and_costs_nobody_an_answer() -> None:
    front = Front()
    page = front.get("/products/").content

    connection.ensure_connection()
    assert connection.connection is not None
    connection.connection.close()  # as when the database was restarted

    assert front.get("/products/").content == page
    assert front.get("/products/").status_code == 200


def test_each_connection_goes_back_after_a_kept_page(monkeypatch: Any) -> None:
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", 0)
    connection.close()
    front = Front()

    for _cold_then_kept in range(2):
        assert front.get("/products/").status_code == 200
        assert connection.connection is None


def test_private_pages_do_not_ask_for_the_version(client: Client, django_assert_num_queries: Any) -> None:
    for path in ("/cart/", "/fragments/personal/"):
        client.get(path)
        with django_assert_num_queries(
            2 if path == "/cart/" else 0
        ):  # categories and pages of text in the frame
            client.get(path)


def test_a_head_gets_the_headers_of_a_get(client: Client) -> None:
    for _cold_then_warm in range(2):
        head, get = client.head("/products/"), client.get("/products/")
        assert (head.status_code, head.content) == (200, b"")
        assert dict(head.headers) == dict(get.headers)
        assert int(head.headers["Content-Length"]) == len(get.content) > 1000


def test_each_encoding_has_its_own_bytes_and_tag(client: Client) -> None:
    for path in PAGES * 2:  # cold, then kept
        plain = client.get(path)
        zipped = client.get(path, headers={"Accept-Encoding": "gzip, deflate"})
        smaller = client.get(path, headers={"Accept-Encoding": "gzip, deflate, br, zstd"})
        answers = (plain, zipped, smaller)
        assert gzip.decompress(zipped.content) == brotli.decompress(smaller.content) == plain.content
        assert [answer.headers.get("Content-Encoding") for answer in answers] == [None, "gzip", "br"]
        assert len({answer.headers["ETag"] for answer in answers}) == 3
        assert all("Accept-Encoding" in answer.headers["Vary"] for answer in answers)


def test_what_a_browser_does_not_accept_it_does_not_get() -> None:
    expected = {
        "": "",
        "identity": "",
        "gzip;q=1.0, br;q=0": "gzip",
        "BR": "br",
        "x-gzip": "",
        ",;q=,": "",
    }
    assert {accepted: middleware._encoding(accepted) for accepted in expected} == expected


def test_who_has_the_page_gets_304_and_who_has_another_encoding_of_it_does_not(client: Client) -> None:
    plain = client.get("/products/").headers["ETag"]
    zipped = client.get("/products/", headers={"Accept-Encoding": "gzip"}).headers["ETag"]

    for asked in (plain, f"W/{plain}", f'"other", {plain}', "*"):
        answer = client.get("/products/", headers={"If-None-Match": asked})
        assert (answer.status_code, answer.content, answer.headers["ETag"]) == (304, b"", plain)
        assert answer.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
        assert client.head("/products/", headers={"If-None-Match": asked}).status_code == 304
    assert client.get("/products/", headers={"If-None-Match": zipped}).status_code == 200
    assert client.get("/nothing/", headers={"If-None-Match": "*"}).status_code == 404


# Fresh at once


def test_a_price_that_changed_in_bulk_is_shown_at_once(client: Client) -> None:
    for path in ("/", "/products/", "/products/walden/"):
        assert "€11.00" in text(client.get(path))

    Variant.objects.update(price=1250)

    for path in ("/", "/products/", "/products/walden/"):
        assert "€12.50" in text(client.get(path))
        assert "€11.00" not in text(client.get(path))


def test_what_staff_save_is_shown_at_once(client: Client, as_sam: Client) -> None:
    assert "Fiction" in text(client.get("/"))
    category = Product.objects.get().category

    as_sam.post(
        f"/admin/shop/category/{category.pk}/change/", {"name": "Novels", "slug": "fiction", "position": "1"}
    )

    assert "Novels" in text(client.get("/"))


def test_stock_is_shown_as_soon_as_what_is_said_of_it_changes(
    client: Client, walden: Variant, django_assert_num_queries: Any
) -> None:
    client.get("/products/walden/")
    stock.take({walden.pk: 1}, reference="ORDER", now=EARLY)  # nine are as good as ten
    with django_assert_num_queries(1):
        client.get("/products/walden/")

    stock.take({walden.pk: 6}, reference="ORDER", now=EARLY)
    assert "Only 3 left" in text(client.get("/products/walden/"))

    stock.take({walden.pk: 3}, reference="ORDER", now=EARLY)
    assert "Every edition is sold out." in text(client.get("/products/walden/"))


def test_the_day_is_part_of_what_pages_show(client: Client) -> None:
    with time_machine.travel(datetime(2026, 1, 31, 12, tzinfo=UTC), tick=False):
        assert "The choice for January" in text(client.get("/"))
    with time_machine.travel(datetime(2026, 2, 1, 12, tzinfo=UTC), tick=False):
        assert "The choice for February" in text(client.get("/"))


def test_inside_a_transaction_that_wrote_one_sees_what_it_wrote_and_nobody_else_does() -> None:
    client = Client()  # what stands where a server does ends a transaction that somebody left open
    client.get("/products/walden/")

    with transaction.atomic():
        Variant.objects.update(price=1250)
        assert "€12.50" in text(client.get("/products/walden/"))
        transaction.set_rollback(True)

    assert "€11.00" in text(client.get("/products/walden/"))


# What is kept, and what is not


def test_odd_parameters_are_no_pages_of_their_own(client: Client, django_assert_num_queries: Any) -> None:
    usual = client.get("/products/")
    kept = cached_pages.memory.bytes

    for query in ("utm_source=x", "q=&category=", "x", "&&", "y=%00&" * 99):
        with django_assert_num_queries(1):
            assert client.get(f"/products/?{query}").content == usual.content

    assert cached_pages.memory.bytes == kept


def asked(view: Any, path: str = "/page/", **headers: str) -> HttpResponse:
    return PublicPages(view)(RequestFactory().get(path, headers=headers))


def test_a_public_view_sees_nothing_of_who_asks() -> None:
    seen: list[HttpRequest] = []

    @public("q")
    def view(request: HttpRequest) -> HttpResponse:
        seen.append(request)
        return HttpResponse("page")

    request = RequestFactory().get("/?q=a&q=b&x=c", headers={"Cookie": "cart=1", "HX-Request": "true"})
    request.user = request.session = request.htmx = "alice"
    PublicPages(view)(request)

    [shown] = seen
    assert not {"user", "session", "htmx"} & vars(shown).keys()
    assert shown.COOKIES == {}
    assert set(shown.headers) == set()
    assert shown.GET.urlencode() == shown.META["QUERY_STRING"] == "q=a&q=b"
    assert shown.get_full_path() == "/?q=a&q=b"
    assert request.COOKIES == {"cart": "1"}
    assert request.GET.urlencode() == "q=a&q=b&x=c"


def with_cookie(response: HttpResponse) -> None:
    response.set_cookie("cart", "1")


def with_nonce(response: HttpResponse) -> None:
    response["Content-Security-Policy"] = "script-src 'nonce-abc'"


def for_one(response: HttpResponse) -> None:
    patch_vary_headers(response, ["Cookie"])


def private(response: HttpResponse) -> None:
    response["Cache-Control"] = "private"


def missing(response: HttpResponse) -> None:
    response.status_code = 404


def test_what_is_not_for_everybody_is_not_kept() -> None:
    view = public()(lambda request: HttpResponse("page"))

    def spoilt(spoil: Any) -> Any:
        def spoilt_view(request: HttpRequest) -> HttpResponse:
            response = view(request)
            spoil(response)
            return response

        return spoilt_view

    for spoil in (with_cookie, with_nonce, for_one, private, missing):
        assert asked(spoilt(spoil)).content == b"page"
        assert cached_pages.memory.bytes == 0
    assert asked(view).content == b"page"
    assert cached_pages.memory.bytes > 0


def test_a_host_that_is_not_ours_gets_nothing_and_each_of_ours_its_own(client: Client, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["testserver", "shop.example.org"]
    client.get("/")
    kept = cached_pages.memory.bytes

    assert client.get("/", headers={"Host": "evil.example.org"}).status_code == 400
    assert cached_pages.memory.bytes == kept
    assert client.get("/", headers={"Host": "shop.example.org"}).status_code == 200
    assert cached_pages.memory.bytes > kept


def test_a_kept_first_page_still_leads_on_who_reads_another_language(client: Client) -> None:
    client.get("/", headers={"Accept-Language": "en"})

    assert client.get("/", headers={"Accept-Language": "de"}).headers["Location"] == "/de/"
    assert client.get("/", headers={"Cookie": "language=de"}).headers["Location"] == "/de/"
    assert client.get("/", headers={"Accept-Language": "en"}).status_code == 200


def test_what_is_kept_in_one_language_is_not_sent_to_who_asks_for_another(client: Client) -> None:
    for _turn in range(2):
        for language, name in (("en", "Paperback"), ("de", "Taschenbuch")):
            answer = client.get("/api/v1/products/walden", headers={"Accept-Language": language})
            assert [variant["name"] for variant in answer.json()["variants"]] == [name]
            assert answer.headers["Content-Language"] == language
        assert "Add to cart" in text(client.get("/products/walden/"))
        assert "In den Warenkorb" in text(client.get("/de/products/walden/"))


@pytest.mark.parametrize("switch", [{"PAGE_CACHE": False}, {"DEBUG": True}])
def test_with_the_cache_off_or_debug_on_nothing_is_kept(client: Client, settings: Any, switch: Any) -> None:
    for name, value in switch.items():
        setattr(settings, name, value)

    first = client.get("/products/")

    assert first.headers["ETag"] == client.get("/products/").headers["ETag"]
    assert cached_pages.memory.bytes == 0


# How much is kept


def test_the_memory_is_bounded_and_lets_go_of_what_is_not_asked_for() -> None:
    memory = Memory(10_000)
    keys = [Key(f"/{number}", "en", "") for number in range(9)]

    for key in keys:
        memory.put(key, CachedPage("1", {}, b"x" * 1000))
        memory.get(keys[0])

    assert memory.bytes <= 10_000
    assert [key for key in keys if memory.get(key)] == [keys[0], *keys[-2:]]
    memory.put(keys[0], CachedPage("2", {}, b"x" * 20_000))
    assert memory.bytes == 0


@pytest.fixture
def shared(settings: Any) -> None:
    """Let the cache be one that processes share, as Redis is. To forget the memory is then to be another process."""
    settings.CACHE_IS_SHARED = True


def test_another_process_finds_the_page_in_the_shared_cache(
    client: Client, shared: None, django_assert_num_queries: Any
) -> None:
    first = client.get("/products/walden/")
    cached_pages.memory.clear()

    with django_assert_num_queries(1):
        second = client.get("/products/walden/")

    assert second.content == first.content
    assert dict(second.headers) == dict(first.headers)
    cached_pages.memory.clear()
    Variant.objects.update(price=1250)
    assert "€12.50" in text(client.get("/products/walden/"))


def test_addresses_that_share_a_place_never_get_each_others_page(
    client: Client, shared: None, monkeypatch: Any
) -> None:
    monkeypatch.setattr(cached_pages, "PLACES", 1)
    for path in PAGES * 2:
        cached_pages.memory.clear()
        in_place = client.get(path).content
        cached_pages.memory.clear()
        assert client.get(path).content == in_place
    assert client.get("/").content != client.get("/products/").content


def test_a_shared_cache_that_is_away_costs_no_page(client: Client, shared: None, monkeypatch: Any) -> None:
    def away(*_args: Any) -> None:
        raise ConnectionError

    monkeypatch.setattr(cached_pages.cache, "get", away)
    monkeypatch.setattr(cached_pages.cache, "set", away)

    assert client.get("/products/walden/").status_code == 200


def test_a_release_is_another_with_other_settings_but_knows_no_secret(settings: Any) -> None:
    release.digest.cache_clear()
    first = release.digest()
    release.digest.cache_clear()
    settings.SECRET_KEY = "another"
    assert release.digest() == first
    release.digest.cache_clear()
    settings.STORE_NAME = "Another"
    assert release.digest() != first
    release.digest.cache_clear()


def test_postgresql_gives_no_version_to_who_has_written() -> None:
    with transaction.atomic():
        assert version.current()
        Variant.objects.update(price=1)
        assert (version.current() is None) == (connection.vendor == "postgresql")
