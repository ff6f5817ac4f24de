"""Writers and readers at once, in threads and in processes: no page is older than what was committed before it."""

from collections.abc import Iterator
from typing import Any

import pytest

from shop import views
from shop.models import Variant
from shop.page_cache import middleware, version
from tests.factories import ProductFactory, VariantFactory
from tests.front import Front
from tests.processes import Act, Processes
from tests.races.acts import CHANGE, LOOK, LOOK_WITHOUT, change_prices, look
from tests.races.together import at_once, elsewhere
from tests.redis_server import free_port, redis_server

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.broken_books]

PATH = "/products/walden/"
FIRST, LAST = 1001, 1020


@pytest.fixture(autouse=True)
def walden() -> Variant:
    variant: Variant = VariantFactory(product=ProductFactory(slug="walden"), price=1000)
    return variant


def raise_the_price_while_a_page_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let another commit a new price after a page's data were read and before the page is kept."""
    made = views.product_page

    def made_meanwhile(slug: str) -> Any:
        page = made(slug)
        elsewhere(lambda: Variant.objects.update(price=9900))
        return page

    monkeypatch.setattr(views, "product_page", made_meanwhile)


def shown() -> str:
    return Front().get(PATH).content.decode()


def test_a_price_that_changed_while_a_page_was_made_is_on_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as meanwhile:
        raise_the_price_while_a_page_is_made(meanwhile)
        assert "€10.00" in shown()

    assert "€99.00" in shown()


def test_with_the_version_read_after_the_data_the_old_price_would_stay(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The negative control."""
    keep = middleware._keep

    def keep_under_the_version_of_now(request: Any, response: Any, asked: Any) -> Any:
        return keep(request, response, asked._replace(version=middleware.page_version(version.current())))

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(middleware, "_keep", keep_under_the_version_of_now)
        raise_the_price_while_a_page_is_made(meanwhile)
        assert "€10.00" in shown()

    assert "€10.00" in shown()


def test_threads_see_no_price_older_than_what_was_committed() -> None:
    results = at_once(lambda: change_prices(PATH, FIRST, LAST), *[lambda: look(PATH, LAST)] * 2)

    assert [result["stale"] for result in results] == [0, 0, 0]


@pytest.fixture(scope="module", params=["own memory", "redis"])
def processes(
    request: Any, django_db_setup: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Processes]:
    """Processes that keep pages in their own memory alone, or in a Redis as well. Each act is done by a fork of its own."""
    if request.param == "own memory":
        with Processes("http://127.0.0.1:1") as started:
            yield started
        return
    port = free_port()
    with (
        redis_server(tmp_path_factory.mktemp("redis"), port),
        Processes("http://127.0.0.1:1", CACHE_URL=f"redis://127.0.0.1:{port}/0") as started,
    ):
        yield started


def writer_and_readers(processes: Processes, looking: str) -> list[int]:
    """Let one process change the price and two look at it meanwhile; return how often each saw an old one."""
    outcomes = processes.run(
        Act(CHANGE, {"path": PATH, "first": FIRST, "last": LAST}),
        *[Act(looking, {"path": PATH, "until": LAST})] * 2,
    )
    assert [outcome.error for outcome in outcomes] == ["", "", ""]
    return [outcome.answer["stale"] for outcome in outcomes]


def test_processes_see_no_price_older_than_what_was_committed(processes: Processes) -> None:
    assert writer_and_readers(processes, LOOK) == [0, 0, 0]


def test_with_the_version_taken_out_of_the_key_they_would(processes: Processes) -> None:
    """The negative control."""
    assert sum(writer_and_readers(processes, LOOK_WITHOUT)) > 0
