"""A German browser on a phone: led to German pages, and through the purchase, with words that fit."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from accounts.models import User
from checkout.models import Order
from shop.models import Variant
from stripe_standin.testing import Standin
from tests.browser.shopper import POOR, Shopper, let_in
from tests.german import english_in

pytestmark = pytest.mark.browser

PHONE = {"width": 320, "height": 780}  # also what 400 % zoom leaves of a desk


@pytest.fixture
def german(
    shelf: dict[str, Variant],
    standin: Standin,
    new_context: Callable[..., BrowserContext],
    open_tab: Callable[[BrowserContext], Shopper],
) -> Shopper:
    """Somebody whose browser asks for German."""
    return open_tab(new_context(locale="de-DE", viewport=PHONE))


def fits(shopper: Shopper) -> None:
    """Nothing is wider than the phone, and nothing that the page fetched or changed is English."""
    assert shopper.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert english_in(shopper.page.content()) == []


def test_a_german_browser_buys_in_german(german: Shopper, alice: User) -> None:
    page = german.page
    german.go("/")
    expect(page).to_have_url(f"{german.url}/de/")
    expect(page.locator("#personal")).to_contain_text("Anmelden")
    fits(german)

    let_in(page.context, alice, german.url)
    german.go("/de/products/middlemarch/")
    page.get_by_role("radio", name="Taschenbuch").check()
    german.press("In den Warenkorb")
    expect(page.locator("#added")).to_contain_text("In Ihrem Warenkorb. Middlemarch, Taschenbuch.")
    expect(page.get_by_role("status")).to_have_text(
        "Middlemarch, Taschenbuch ist in Ihrem Warenkorb. 1 Buch."
    )
    fits(german)

    german.go("/de/cart/")
    page.get_by_role("button", name="Ein Exemplar mehr von Middlemarch").click()
    expect(page.get_by_role("complementary")).to_contain_text("24,00 €")
    fits(german)

    german.press("Zur Kasse")
    labels = {"Vor- und Nachname": "Alice Liddell", "Straße und Hausnummer": "Marktplatz 1"}
    for label, text in {**labels, "Postleitzahl": "10115", "Ort": "Berlin"}.items():
        page.get_by_label(label).fill(text)
    page.get_by_label("Land", exact=True).select_option(label="Deutschland")
    fits(german)
    german.press("Zahlungspflichtig bestellen")
    page.wait_for_url("**/de/checkout/*/pay/")
    german.wait_for_card_form()
    expect(german.card_form.get_by_text("Kartennummer")).to_be_visible()
    german.type_card(POOR)
    german.pay_button.press("Enter")
    expect(german.notice).to_contain_text("Auf dieser Karte ist nicht genug Geld. Es wurde nichts abgebucht.")
    fits(german)

    german.type_card()
    german.pay_button.press("Enter")
    german.lands_on_status()
    expect(german.heading).to_have_text("Bezahlt. Vielen Dank, Alice.")
    assert page.url == f"{german.url}/de/checkout/{Order.objects.get().number}/status/"
    fits(german)


def test_the_language_chosen_in_the_footer_is_kept(german: Shopper) -> None:
    page = german.page
    german.go("/de/products/?category=fiction")
    page.get_by_role("link", name="English", exact=True).click()
    expect(page).to_have_url(f"{german.url}/products/?category=fiction")
    expect(german.heading).to_have_text("Fiction")
    german.go("/")
    expect(page).to_have_url(f"{german.url}/")
    page.get_by_role("link", name="Deutsch", exact=True).click()
    expect(page).to_have_url(f"{german.url}/de/")
