"""The Angular storefront: built, served from an origin of its own, and walked in Chromium."""

import pytest

from tests.browser.client_walks import ClientWalks

pytestmark = pytest.mark.browser


class TestAngular(ClientWalks):
    client = "angular"
