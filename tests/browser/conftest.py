from collections.abc import Callable, Iterator

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from checkout.models import Order
from shop.models import Variant
from stripe_standin.testing import Standin
from tests import orders
from tests.browser.shopper import Shopper, let_in
from tests.factories import CategoryFactory, ProductFactory, VariantFactory

WIDE = {"width": 1280, "height": 900}

# A machine that is busy with other tests answers late; what never comes still fails.
expect.set_options(timeout=20_000)


@pytest.fixture
def shelf(transactional_db: None) -> dict[str, Variant]:
    """A few books: one in two editions, one an e-book, one sold out."""
    fiction = CategoryFactory(name="Fiction", slug="fiction")
    middlemarch = ProductFactory(category=fiction, title="Middlemarch", slug="middlemarch")
    walden = ProductFactory(category=fiction, title="Walden", slug="walden")
    elements = ProductFactory(
        category=CategoryFactory(name="Science", slug="science"), title="The Elements", slug="the-elements"
    )
    candide = ProductFactory(category=fiction, title="Candide", slug="candide")
    return {
        "hardback": VariantFactory(product=middlemarch, name="Hardback", price=2400, stock=9),
        "paperback": VariantFactory(product=middlemarch, name="Paperback", price=1200, stock=9),
        "walden": VariantFactory(product=walden, name="Paperback", price=1100, stock=5),
        "ebook": VariantFactory(product=elements, name="E-book", price=1200, stock=50, is_digital=True),
        "gone": VariantFactory(product=candide, name="Paperback", price=600, stock=0),
    }


@pytest.fixture
def new_context(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Open browsers of their own: each is another device, with its own cookies."""
    contexts: list[BrowserContext] = []

    def make(**options: object) -> BrowserContext:
        settings = {"locale": "en-GB", "timezone_id": "Europe/Amsterdam", "viewport": WIDE, **options}
        contexts.append(browser.new_context(**settings))
        return contexts[-1]

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def open_tab(live_server: LiveServer) -> Iterator[Callable[[BrowserContext], Shopper]]:
    """Open a tab; whatever any tab's console complains about fails the test, a breach of the content policy too."""
    tabs: list[Shopper] = []

    def make(context: BrowserContext) -> Shopper:
        tabs.append(Shopper(context.new_page(), live_server.url))
        return tabs[-1]

    yield make
    assert [trouble for tab in tabs for trouble in tab.troubles] == []


@pytest.fixture
def visitor(
    shelf: dict[str, Variant],
    standin: Standin,
    new_context: Callable[..., BrowserContext],
    open_tab: Callable[[BrowserContext], Shopper],
) -> Shopper:
    """Somebody who has never been here, before a shop with a few books and a Stripe."""
    return open_tab(new_context())


@pytest.fixture
def shopper(visitor: Shopper, alice: User) -> Shopper:
    """Alice, logged in."""
    let_in(visitor.page.context, alice, visitor.url)
    return visitor


@pytest.fixture
def order(shopper: Shopper, alice: User, shelf: dict[str, Variant]) -> Order:
    """An order of alice's that awaits payment: €35.00 and €4.50 to send it."""
    return orders.place(alice, (shelf["hardback"], 1), (shelf["walden"], 1), now=timezone.now())
