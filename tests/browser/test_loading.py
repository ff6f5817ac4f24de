"""How a page comes: few requests, nothing that jumps, nothing that moves for those who asked for stillness."""

import pytest
from playwright.sync_api import expect

from checkout.models import Order
from shop.demo import loading, titles
from tests.browser.shopper import Shopper
from tests.factories import EARLY

pytestmark = pytest.mark.browser

WATCH_SHIFTS = """
    window.shift = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value;
    }).observe({ type: "layout-shift", buffered: true });
"""


@pytest.fixture
def demo(shelf, settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path
    shelves = titles.read()[:2]
    monkeypatch.setattr(titles, "read", lambda: shelves)
    loading.load_products(now=EARLY)


@pytest.mark.parametrize("path", ["/", "/products/", "/products/middlemarch/", "/cart/"])
def test_the_first_view_takes_few_requests_and_nothing_jumps(demo: None, visitor: Shopper, path: str) -> None:
    asked: list[tuple[str, str]] = []
    visitor.page.on("request", lambda request: asked.append((request.url, request.resource_type)))
    visitor.page.add_init_script(WATCH_SHIFTS)

    visitor.go(path)
    visitor.page.wait_for_load_state("networkidle")

    assert len(asked) <= 30, asked
    assert all(address.startswith(visitor.url) for address, _kind in asked)
    assert "font" not in {kind for _address, kind in asked}
    assert visitor.page.evaluate("window.shift") < 0.001


def test_who_asked_for_stillness_gets_it(demo: None, visitor: Shopper) -> None:
    visitor.page.emulate_media(reduced_motion="reduce")
    visitor.go("/products/")

    moving = visitor.page.evaluate(
        """() => [...document.querySelectorAll("*")].flatMap((element) => {
            const style = getComputedStyle(element);
            const seconds = [style.transitionDuration, style.animationDuration].join().split(",").map(parseFloat);
            return Math.max(...seconds) > 0.01 ? [element.outerHTML.slice(0, 80)] : [];
        })"""
    )

    assert moving == []
    assert visitor.page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"


@pytest.mark.parametrize("width", [360, 1280])
def test_the_card_form_finds_its_room_kept(shopper: Shopper, order: Order, width: int) -> None:
    shopper.page.set_viewport_size({"width": width, "height": 800})
    shopper.page.add_init_script(WATCH_SHIFTS)

    shopper.open_pay_page(order)
    expect(shopper.card_form.locator("[name=number]")).to_be_visible()

    assert shopper.page.evaluate("window.shift") < 0.05
