"""The Vue storefront: built, served from an origin of its own, and walked in Chromium."""

import pytest

from tests.browser.client_troubles import ClientTroubles

pytestmark = pytest.mark.browser


class TestVue(ClientTroubles):
    client = "vue"
