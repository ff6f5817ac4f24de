"""E-books as downloads: who may, how often, in which parts, and what they are told who may not."""

import re
from datetime import timedelta
from http import HTTPStatus
from io import StringIO
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core import mail
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import transaction
from django.db.models import F
from django.test import Client
from django.utils import timezone
from django.utils.http import http_date

from accounts.models import User
from checkout.fulfilment import downloads
from checkout.fulfilment.downloads import DownloadLimitError
from checkout.models import Order, OrderLine, Refund, RefundLine
from shop.media import private
from shop.models import Variant
from tests import orders
from tests.factories import VariantFactory
from tests.orders import NOW
from tests.races.together import at_once, met

pytestmark = pytest.mark.django_db

CONTENT = bytes(range(256)) * 20
SIZE = len(CONTENT)


@pytest.fixture(autouse=True)
def root(settings: Any, tmp_path: Any) -> Any:
    settings.PRIVATE_ROOT = tmp_path
    return tmp_path


def ebook(**facts: Any) -> Variant:
    variant: Variant = VariantFactory(name="E-book", format="ebook", is_digital=True, price=500, **facts)
    variant.file.save("walden-0123456789ab.epub", ContentFile(CONTENT))
    return variant


@pytest.fixture
def variant() -> Variant:
    return ebook(product__title="Walden; or, Life in the Woods", sku="WALDEN-EB")


@pytest.fixture
def unpaid(alice: User, variant: Variant) -> Order:
    return orders.place(alice, (variant, 1))


@pytest.fixture
def order(unpaid: Order) -> Order:
    return orders.pay(unpaid)


def line_of(order: Order) -> OrderLine:
    return order.lines.get()


def address(order: Order, key: str = "") -> str:
    return f"/orders/{order.number}/files/{line_of(order).pk}/" + (f"?key={key}" if key else "")


def ask(client: Client, url: str, data: Any = None, **headers: Any) -> Any:
    """Get it and read it to the end, which closes the file."""
    answer: Any = client.get(url, data, **headers)
    answer.body = b"".join(answer) if answer.streaming else answer.content
    return answer


def body(answer: Any) -> bytes:
    content: bytes = answer.body
    return content


def refund(order: Order, amount: int, status: str = "succeeded", **facts: Any) -> Refund:
    """Write a refund as it would stand after Stripe's answer, or before with `unknown`."""
    return Refund.objects.create(
        order=order,
        payment=order.payments.get(),
        refund_id="" if status == "unknown" else "re_1",
        status=status,
        amount=amount,
        currency=order.currency,
        created_at=NOW,
        **facts,
    )


def test_whoever_may_see_the_order_gets_the_file_as_an_attachment(order: Order, as_alice: Client) -> None:
    answer = ask(as_alice, address(order))
    assert (answer.status_code, body(answer)) == (HTTPStatus.OK, CONTENT)
    assert answer["Content-Type"] == "application/epub+zip"
    assert answer["Content-Disposition"] == 'attachment; filename="Walden; or, Life in the Woods.epub"'
    assert answer["Content-Length"] == str(SIZE)
    assert (answer["Cache-Control"], answer["X-Content-Type-Options"]) == ("private, no-store", "nosniff")
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["Accept-Ranges"] == "bytes"


def test_the_key_of_the_order_opens_it_too_in_the_address_in_a_header_and_in_the_session(
    order: Order,
) -> None:
    reader = Client()
    assert ask(reader, address(order, order.key)).status_code == HTTPStatus.OK
    assert ask(reader, address(order)).status_code == HTTPStatus.NOT_FOUND
    assert ask(reader, address(order), headers={"X-Order-Key": order.key}).status_code == HTTPStatus.OK
    reader.get(order.get_keyed_url())
    assert ask(reader, address(order)).status_code == HTTPStatus.OK


@pytest.mark.parametrize("key", ["", "x" * 32, "ключ", "\x00"])
def test_nobody_else_finds_it_however_they_ask(order: Order, as_bob: Client, key: str) -> None:
    for stranger in (Client(), as_bob):
        assert ask(stranger, address(order), {"key": key} if key else {}).status_code == HTTPStatus.NOT_FOUND


def test_a_line_of_another_order_or_of_none_is_no_file_of_this_one(
    order: Order, as_alice: Client, bob: User, variant: Variant
) -> None:
    other = orders.pay(orders.place(bob, (variant, 1)))
    for line in (line_of(other).pk, 0, 10**30):
        answer = ask(as_alice, f"/orders/{order.number}/files/{line}/")
        assert answer.status_code == HTTPStatus.NOT_FOUND
        assert 'data-error="unknown_file"' in answer.text


def test_an_unpaid_order_gives_nothing_and_says_so(unpaid: Order, as_alice: Client) -> None:
    page = ask(as_alice, address(unpaid))
    assert page.status_code == HTTPStatus.FORBIDDEN
    assert 'data-error="not_paid"' in page.text
    told = ask(as_alice, address(unpaid), headers={"Accept": "application/json"})
    assert (told.status_code, told.json()["error"]["code"]) == (HTTPStatus.FORBIDDEN, "not_paid")
    assert line_of(unpaid).downloads == 0


@pytest.mark.broken_books  # only its refund is written here
@pytest.mark.parametrize("status", ["unknown", "pending", "succeeded"])
def test_after_a_full_refund_and_while_it_is_under_way_it_is_gone(
    order: Order, as_alice: Client, status: str
) -> None:
    refund(order, order.total, status)
    page = ask(as_alice, address(order))
    assert page.status_code == HTTPStatus.GONE
    assert 'data-error="gone"' in page.text
    listed = as_alice.get(f"/api/v1/orders/{order.number}/files")
    assert (listed.status_code, listed.json()["error"]["code"]) == (HTTPStatus.GONE, "gone")
    assert "/files/" not in as_alice.get(order.get_absolute_url()).text


@pytest.mark.broken_books
def test_a_refund_that_failed_or_of_a_part_leaves_the_file(order: Order, as_alice: Client) -> None:
    refund(order, order.total, "failed")
    assert ask(as_alice, address(order)).status_code == HTTPStatus.OK
    Refund.objects.all().delete()
    refund(order, order.total - 1)
    assert ask(as_alice, address(order)).status_code == HTTPStatus.OK


@pytest.mark.broken_books
def test_what_was_refunded_line_by_line_is_gone_and_the_other_book_is_not(
    alice: User, as_alice: Client, variant: Variant
) -> None:
    order = orders.pay(orders.place(alice, (variant, 1), (ebook(product__title="Emma"), 1)))
    back, kept = order.lines.all()
    RefundLine.objects.create(refund=refund(order, back.total), line=back, quantity=1)
    asked = [ask(as_alice, f"/orders/{order.number}/files/{line.pk}/").status_code for line in (back, kept)]
    assert asked == [HTTPStatus.GONE, HTTPStatus.OK]
    assert [one["line"] for one in as_alice.get(f"/api/v1/orders/{order.number}/files").json()] == [kept.pk]


def test_after_ten_downloads_a_person_must_help(order: Order, as_alice: Client, settings: Any) -> None:
    settings.DOWNLOAD_LIMIT = 3
    answers = [ask(as_alice, address(order)) for _time in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert 'data-error="download_limit"' in answers[-1].text
    assert as_alice.head(address(order)).status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert line_of(order).downloads == 3


def test_staff_see_how_often_and_let_a_customer_download_again(
    order: Order, as_alice: Client, as_sam: Client, settings: Any
) -> None:
    settings.DOWNLOAD_LIMIT = 2
    page, act = f"/admin/checkout/order/{order.pk}/change/", f"/admin/checkout/order/{order.pk}/downloads/"
    assert act not in as_sam.get(page).text
    for _time in range(2):
        ask(as_alice, address(order))
    assert "downloaded 2 times" in as_sam.get(page).text
    assert act in as_sam.get(page).text
    assert as_alice.post(act).status_code == HTTPStatus.FOUND  # to log in as staff
    assert ask(as_alice, address(order)).status_code == HTTPStatus.TOO_MANY_REQUESTS
    as_sam.post(act)
    assert ask(as_alice, address(order)).status_code == HTTPStatus.OK


def test_the_limit_is_ten_unless_set() -> None:
    from config import settings

    assert settings.DOWNLOAD_LIMIT == 10


def test_head_a_known_copy_and_a_continued_part_use_up_none(order: Order, as_alice: Client) -> None:
    first = ask(as_alice, address(order))
    etag = first["ETag"]
    assert as_alice.head(address(order))["Content-Length"] == str(SIZE)
    known = ask(as_alice, address(order), headers={"If-None-Match": etag})
    assert known.status_code == HTTPStatus.NOT_MODIFIED
    part = ask(as_alice, address(order), headers={"Range": "bytes=1000-", "If-Range": etag})
    assert (part.status_code, body(part)) == (HTTPStatus.PARTIAL_CONTENT, CONTENT[1000:])
    assert line_of(order).downloads == 1


def test_a_part_counts_where_it_begins_the_file_or_where_nothing_began_within_a_day(
    order: Order, as_alice: Client
) -> None:
    ask(as_alice, address(order), headers={"Range": "bytes=5-"})
    assert line_of(order).downloads == 1
    ask(as_alice, address(order), headers={"Range": "bytes=0-9"})
    assert line_of(order).downloads == 2
    OrderLine.objects.update(downloaded_at=timezone.now() - downloads.CONTINUED_WITHIN - timedelta(minutes=1))
    ask(as_alice, address(order), headers={"Range": "bytes=5-"})
    assert line_of(order).downloads == 3


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=10-19", 10, 20),
        ("bytes=5000-", 5000, SIZE),
        ("bytes=-7", SIZE - 7, SIZE),
        ("bytes=-999999", 0, SIZE),
        ("bytes=100-999999", 100, SIZE),
        ("BYTES=1-2", 1, 3),
    ],
)
def test_a_range_gets_its_part(order: Order, as_alice: Client, asked: str, start: int, end: int) -> None:
    answer = ask(as_alice, address(order), headers={"Range": asked})
    assert answer.status_code == HTTPStatus.PARTIAL_CONTENT
    assert answer["Content-Range"] == f"bytes {start}-{end - 1}/{SIZE}"
    assert answer["Content-Length"] == str(end - start)
    assert body(answer) == CONTENT[start:end]


@pytest.mark.parametrize(
    "asked", ["", "bytes=", "bytes=-", "bytes=9-5", "bytes=a-b", "items=0-1", "bytes=0-1,5-6", "bytes=0-1٢"]
)
def test_what_is_no_single_range_gets_the_whole_file(order: Order, as_alice: Client, asked: str) -> None:
    answer = ask(as_alice, address(order), headers={"Range": asked})
    assert (answer.status_code, body(answer)) == (HTTPStatus.OK, CONTENT)


@pytest.mark.parametrize("asked", [f"bytes={SIZE}-", f"bytes={SIZE + 5}-{SIZE + 9}", "bytes=-0"])
def test_a_range_behind_the_end_is_refused_and_counts_nothing(
    order: Order, as_alice: Client, asked: str
) -> None:
    answer = ask(as_alice, address(order), headers={"Range": asked})
    assert answer.status_code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
    assert answer["Content-Range"] == f"bytes */{SIZE}"
    assert line_of(order).downloads == 0


def test_a_range_of_another_version_gets_the_whole_file(order: Order, as_alice: Client) -> None:
    modified = private.storage().get_modified_time(line_of(order).variant.file.name)
    for known, status in (
        ('"other"', HTTPStatus.OK),
        ("yesterday", HTTPStatus.OK),
        (http_date(modified.timestamp() - 60), HTTPStatus.OK),
        (http_date(modified.timestamp()), HTTPStatus.PARTIAL_CONTENT),
    ):
        answer = ask(as_alice, address(order), headers={"Range": "bytes=9-", "If-Range": known})
        assert answer.status_code == status, known


def test_behind_nginx_it_is_told_which_file_and_counted_all_the_same(
    order: Order, as_alice: Client, settings: Any
) -> None:
    settings.X_ACCEL_REDIRECT, settings.DOWNLOAD_LIMIT = "/private/", 1
    answer = ask(as_alice, address(order))
    assert answer["X-Accel-Redirect"] == f"/private/{line_of(order).variant.file.name}"
    assert answer.content == b""
    assert answer["Content-Type"] == "application/epub+zip"
    assert "attachment" in answer["Content-Disposition"]
    assert ask(as_alice, address(order)).status_code == HTTPStatus.TOO_MANY_REQUESTS


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("../../etc/passwd", 'filename="etc passwd.epub"'),
        ('A "quoted"\r\nSet-Cookie: x', 'filename="A quoted Set-Cookie x.epub"'),
        ("Über die Brücke", "filename*=utf-8''%C3%9Cber%20die%20Br%C3%BCcke.epub"),
        ("...", 'filename="BOOK-EB.epub"'),
    ],
)
def test_no_title_writes_a_header_or_a_path(alice: User, as_alice: Client, title: str, name: str) -> None:
    order = orders.pay(orders.place(alice, (ebook(sku="BOOK-EB"), 1)))
    order.lines.update(title=title)
    assert ask(as_alice, address(order))["Content-Disposition"] == f"attachment; {name}"


def test_json_lists_the_files_with_links_that_open_without_a_log_in(
    order: Order, as_alice: Client, as_bob: Client, settings: Any
) -> None:
    listed = as_alice.get(f"/api/v1/orders/{order.number}/files")
    [found] = listed.json()
    assert (found["line"], found["size"]) == (line_of(order).pk, SIZE)
    assert found["name"] == "Walden; or, Life in the Woods.epub"
    assert found["url"].startswith(f"{settings.STORE_URL}/orders/")
    assert ask(Client(), found["url"]).status_code == HTTPStatus.OK
    by_key = Client().get(f"/api/v1/orders/{order.number}/files", headers={"X-Order-Key": order.key})
    assert by_key.json() == listed.json()
    assert as_bob.get(f"/api/v1/orders/{order.number}/files").status_code == HTTPStatus.NOT_FOUND


def test_json_says_that_an_order_is_not_paid(unpaid: Order, as_alice: Client) -> None:
    listed = as_alice.get(f"/api/v1/orders/{unpaid.number}/files")
    assert (listed.status_code, listed.json()["error"]["code"]) == (HTTPStatus.FORBIDDEN, "not_paid")


def test_an_order_of_printed_books_has_no_files(alice: User, as_alice: Client) -> None:
    order = orders.pay(orders.place(alice, (VariantFactory(), 1)))
    assert as_alice.get(f"/api/v1/orders/{order.number}/files").json() == []
    assert ask(as_alice, address(order)).status_code == HTTPStatus.NOT_FOUND


def test_the_orders_page_lists_the_files_once_it_is_paid(unpaid: Order, as_alice: Client) -> None:
    assert address(unpaid) not in as_alice.get(unpaid.get_absolute_url()).text
    orders.pay(unpaid)
    assert address(unpaid) in as_alice.get(unpaid.get_absolute_url()).text


def test_the_mail_of_a_paid_order_has_links_that_open_without_a_log_in(
    unpaid: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transaction, "on_commit", lambda call, **_options: call())
    order = orders.pay(unpaid)
    [sent] = mail.outbox
    [link] = re.findall(r"http\S+/files/\S+", str(sent.body))
    assert link in str(sent.alternatives[0].content).replace("&amp;", "&")
    parts = urlsplit(link)
    answer = ask(Client(), f"{parts.path}?{parts.query}")
    assert body(answer) == CONTENT
    assert line_of(order).downloads == 1


def test_a_file_that_is_missing_breaks_no_page(order: Order, as_alice: Client, root: Any) -> None:
    (root / line_of(order).variant.file.name).unlink()
    assert as_alice.get(order.get_absolute_url()).status_code == HTTPStatus.OK
    assert ask(as_alice, address(order)).status_code == HTTPStatus.NOT_FOUND


def test_a_variant_that_is_gone_takes_its_file_along(order: Order, as_alice: Client) -> None:
    order.lines.update(variant=None)
    assert ask(as_alice, address(order)).status_code == HTTPStatus.NOT_FOUND
    assert as_alice.get(order.get_absolute_url()).status_code == HTTPStatus.OK


def test_no_address_leads_to_a_private_file(variant: Variant, settings: Any, root: Any) -> None:
    with pytest.raises(ValueError, match="not accessible"):
        variant.file.url  # noqa: B018
    assert (root / variant.file.name).read_bytes() == CONTENT
    assert not str(root).startswith(str(settings.MEDIA_ROOT))
    for path in (f"/media/{variant.file.name}", f"/private/{variant.file.name}"):
        assert Client().get(path).status_code == HTTPStatus.NOT_FOUND


def test_a_downloaded_e_book_of_the_demonstration_opens(
    alice: User, as_alice: Client, settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from shop.demo import titles
    from tests.shop.demo.epubs import opened

    settings.MEDIA_ROOT = tmp_path / "media"
    monkeypatch.setattr(
        titles, "covers", lambda shelves: {t.slug: "<svg/>" for s in shelves for t in s.titles}
    )
    call_command("load_demo", stdout=StringIO())
    order = orders.pay(orders.place(alice, (Variant.objects.get(sku="MIDDLEM-EB"), 1)))
    assert opened(body(ask(as_alice, address(order)))) == "Middlemarch"


@pytest.mark.django_db(transaction=True)
def test_however_many_download_at_once_no_more_get_through_than_may(order: Order, settings: Any) -> None:
    settings.DOWNLOAD_LIMIT = 3
    line = line_of(order)
    results = at_once(*(lambda: downloads.count(line, now=NOW) for _time in range(8)))
    assert [type(result) for result in results].count(DownloadLimitError) == 5
    assert line_of(order).downloads == 3


@pytest.mark.django_db(transaction=True)
def test_looking_first_and_counting_later_lets_more_through(
    order: Order, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control."""
    settings.DOWNLOAD_LIMIT = 1
    monkeypatch.setattr(downloads, "check", met(downloads.check))

    def look_then_count() -> None:
        line = line_of(order)
        downloads.check(line)
        OrderLine.objects.filter(pk=line.pk).update(downloads=F("downloads") + 1)

    results = at_once(look_then_count, look_then_count)
    assert results == [None, None]
    assert line_of(order).downloads == 2
