"""Search as you type: by keyboard, by mouse, and what a screen reader hears; and without JavaScript."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Locator, expect

from shop.models import Variant
from tests.browser.shopper import Shopper

pytestmark = pytest.mark.browser


def field(shopper: Shopper) -> Locator:
    return shopper.page.locator("#q")


def options(shopper: Shopper) -> Locator:
    return shopper.page.get_by_role("option")


def test_books_are_offered_while_one_types_and_the_arrow_keys_choose(visitor: Shopper) -> None:
    visitor.go("/")
    box = visitor.page.get_by_role("combobox", name="Search")
    expect(box).to_have_attribute("aria-expanded", "false")

    box.press_sequentially("eliot")

    expect(options(visitor)).to_have_count(4)
    expect(box).to_have_attribute("aria-expanded", "true")
    expect(visitor.page.locator("#live")).to_have_text("4 books below. Arrow keys choose.")
    box.press("ArrowDown")
    box.press("ArrowDown")
    chosen = visitor.page.get_by_role("option", selected=True)
    expect(chosen).to_have_count(1)
    expect(box).to_have_attribute("aria-activedescendant", "suggestion-2")
    expect(box).to_be_focused()
    box.press("ArrowUp")
    box.press("ArrowUp")
    expect(chosen).to_have_count(0)
    box.press("ArrowUp")
    expect(options(visitor).last).to_have_attribute("aria-selected", "true")
    address = options(visitor).last.get_attribute("data-url")
    box.press("Enter")
    visitor.page.wait_for_url(f"**{address}")


def test_escape_closes_the_list_and_enter_searches_for_what_is_typed(visitor: Shopper) -> None:
    visitor.go("/")
    field(visitor).press_sequentially("wald")
    expect(options(visitor)).to_have_text(["Walden George Eliot"])

    field(visitor).press("Escape")

    expect(options(visitor)).to_have_count(0)  # hidden
    expect(field(visitor)).to_have_value("wald")
    field(visitor).press("Enter")
    expect(visitor.heading).to_have_text("Search")
    expect(visitor.main).to_contain_text("1 book")


def test_a_click_leads_to_the_book_and_leaving_the_field_closes_the_list(visitor: Shopper) -> None:
    visitor.go("/")
    field(visitor).press_sequentially("wald")
    expect(options(visitor)).to_have_count(1)
    visitor.heading.click()
    expect(options(visitor)).to_have_count(0)

    field(visitor).press("ArrowDown")
    options(visitor).click()

    expect(visitor.heading).to_have_text("Walden")


def test_without_javascript_the_form_searches(
    shelf: dict[str, Variant],
    new_context: Callable[..., BrowserContext],
    open_tab: Callable[[BrowserContext], Shopper],
) -> None:
    plain = open_tab(new_context(java_script_enabled=False))
    plain.go("/")
    plain.page.get_by_role("searchbox", name="Search").fill("waldne")
    plain.page.get_by_role("button", name="Search").click()

    plain.page.get_by_role("link", name="walden", exact=True).click()

    expect(plain.main).to_contain_text("1 book")
    expect(plain.page.get_by_role("link", name="Walden", exact=True)).to_be_visible()
