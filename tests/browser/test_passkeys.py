"""A passkey in a real browser, with an authenticator of Chromium's own: added, and used in both ways."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator

from accounts.models import User
from tests.conftest import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def shop(live_server: Any, settings: Any) -> str:
    """The shop under a name: browsers keep no passkey for a bare IP address."""
    url: str = live_server.url.replace("127.0.0.1", "localhost")
    settings.STORE_URL = url
    settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
    return url


def log_in(page: Any, shop: str, user: User) -> None:
    page.goto(f"{shop}/accounts/login/")
    page.fill("#id_login", user.email)
    page.fill("#id_password", PASSWORD)
    page.press("#id_password", "Enter")


def log_out(page: Any, shop: str) -> None:
    page.goto(f"{shop}/accounts/")
    page.locator("form[action='/accounts/logout/'] button").click()
    page.wait_for_url(f"{shop}/")


def test_a_passkey_is_added_then_opens_the_account_with_and_without_the_password(
    page: Any, shop: str, alice: User
) -> None:
    EmailAddress.objects.create(user=alice, email=alice.email, verified=True, primary=True)
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "automaticPresenceSimulation": True}
    options |= {"hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True}
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})

    log_in(page, shop, alice)
    page.wait_for_url(f"{shop}/")
    page.goto(f"{shop}/accounts/two-steps/webauthn/add/")
    page.fill("#id_password", PASSWORD)
    page.press("#id_password", "Enter")
    page.check("#id_passwordless")
    page.click("#passkey")
    page.wait_for_url(f"{shop}/accounts/two-steps/recovery-codes/")
    assert set(Authenticator.objects.values_list("type", flat=True)) == {"webauthn", "recovery_codes"}

    log_out(page, shop)
    page.goto(f"{shop}/accounts/login/?next=/orders/")
    page.click("#passkey")
    page.wait_for_url(f"{shop}/orders/")

    log_out(page, shop)
    log_in(page, shop, alice)
    page.wait_for_url(f"{shop}/accounts/two-steps/authenticate/")
    page.click("#passkey")
    page.wait_for_url(f"{shop}/")
    page.goto(f"{shop}/accounts/")
    assert page.locator("h1").inner_text() == "Your account"
