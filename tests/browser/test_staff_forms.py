"""S1, S2: the forms of staff, with a long title, two editions and a picture."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from playwright.sync_api import BrowserContext, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from checkout.models import DeliveryOption
from shop.models import Variant
from tests.browser.shopper import Shopper, let_in
from tests.browser.test_access import check_with_axe
from tests.factories import ProductImageFactory

pytestmark = pytest.mark.browser

LONG = "The Life and Opinions of Tristram Shandy, Gentleman, with an Account of a Great Many Voyages and Digressions"


@pytest.fixture
def staff(
    shelf: dict[str, Variant],
    sam: User,
    live_server: LiveServer,
    new_context: Callable[..., BrowserContext],
    open_tab: Callable[[BrowserContext], Shopper],
    settings: Any,
    tmp_path: Path,
) -> Shopper:
    product = shelf["hardback"].product
    product.title = LONG
    product.save()
    settings.MEDIA_ROOT = tmp_path
    default_storage.save(
        "covers/shandy.svg", ContentFile(b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 2 3"/>')
    )
    ProductImageFactory(product=product, file="covers/shandy.svg")
    context = new_context()
    let_in(context, sam, live_server.url)
    return open_tab(context)


def pages(shelf: dict[str, Variant]) -> list[str]:
    book, edition = shelf["hardback"].product, shelf["hardback"]
    option = DeliveryOption.objects.all()[0]
    return [
        f"/admin/shop/product/{book.pk}/change/",
        "/admin/shop/product/add/",
        f"/admin/shop/variant/count/?ids={edition.pk}",
        "/admin/shop/category/",
        f"/admin/checkout/deliveryoption/{option.pk}/change/",
    ]


def test_s2_every_input_has_a_label_and_nothing_is_cut_off(staff: Shopper, shelf: dict[str, Variant]) -> None:
    for path in pages(shelf):
        staff.go(path)
        for scheme in ("light", "dark"):
            staff.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            check_with_axe(staff, f"{path}, {scheme}")
        for width in (1280, 768, 360):
            staff.page.set_viewport_size({"width": width, "height": 900})
            cut_off = staff.page.evaluate(
                """[document.documentElement, ...document.querySelectorAll(".inline-group, fieldset.module")]
                .filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.id || one.className)"""
            )
            assert cut_off == [], f"{path} at {width}"


@pytest.mark.parametrize("width", [1280, 768, 360])
def test_s2_a_long_title_lies_over_no_button(staff: Shopper, shelf: dict[str, Variant], width: int) -> None:
    staff.page.set_viewport_size({"width": width, "height": 900})
    staff.go(pages(shelf)[0])
    title = staff.page.evaluate(
        """() => { const range = document.createRange();
        range.selectNodeContents(document.querySelector("#content > h2")); return range.getBoundingClientRect().toJSON() }"""
    )
    button = staff.page.get_by_role("link", name="History").bounding_box()
    assert button
    assert title["right"] <= button["x"] or title["bottom"] <= button["y"]


def test_s1_a_price_is_typed_as_money(staff: Shopper, shelf: dict[str, Variant]) -> None:
    staff.go(pages(shelf)[0])
    price = staff.page.get_by_label("Price (€)").first
    expect(price).to_have_value("24.00")
    price.fill("24,50")
    staff.press("Save and continue editing")
    expect(staff.page.get_by_label("Price (€)").first).to_have_value("24.50")
    assert Variant.objects.get(pk=shelf["hardback"].pk).price == 2450


def test_s2_a_row_for_a_picture_that_nobody_chose_asks_for_nothing(
    staff: Shopper, shelf: dict[str, Variant]
) -> None:
    staff.go(pages(shelf)[0])
    staff.page.get_by_role("button", name="Add another Image").or_(
        staff.page.get_by_role("link", name="Add another Image")
    ).click()
    staff.page.locator("#id_images-1-position").fill("3")
    staff.press("Save and continue editing")
    expect(staff.page.locator(".notice.good")).to_contain_text("was changed successfully")
