"""Each card that is not simply good, in the Payment Element."""

import pytest
from playwright.sync_api import expect

from stripe_standin import cards

pytestmark = pytest.mark.browser
SPECIAL = [card for card in cards.every() if card.behaviour != "success" or card.three_d_secure != "optional"]
BRANDS = list(
    {card.brand: card for card in cards.every() if card.behaviour == "success" and not card.networks}.values()
)
CHALLENGED = ("required", "required_unless_set_up", "required_on_session_only")


@pytest.mark.parametrize("card", [*SPECIAL, *BRANDS], ids=lambda card: card.number)
def test_a_card_does_in_the_browser_what_the_table_says(shop, card):
    shop.open(redirect="if_required", options={"layout": "tabs"})
    shop.field("number").fill(card.number)
    shop.field("expiry").fill("12 / 34")
    shop.field("cvc").fill("1" * card.cvc_length)
    shop.pay()
    if card.three_d_secure in CHALLENGED:
        shop.bank.locator("#test-source-authorize-3ds").click()
    else:
        expect(shop.page.locator('iframe[title="3D Secure authentication"]')).to_have_count(0)
    if card.behaviour == "invalid_number":
        assert shop.message() == "Your card number is invalid."
        return
    assert shop.message() == (card.message if card.declines else "succeeded")
    assert shop.stored()["status"] == ("requires_payment_method" if card.declines else "succeeded")
