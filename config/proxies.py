"""The client's address behind trusted proxies, for limits per address.

Each proxy adds the address it was asked from at the right of `X-Forwarded-For`, so with n proxies of ours the n-th from
the right was written by the first of them; what stands further left, anybody may have invented.
https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/X-Forwarded-For#security_and_privacy_concerns
"""

from collections.abc import Callable

from allauth.core.internal.httpkit import clean_client_ip
from django.conf import settings
from django.http import HttpRequest, HttpResponse


class TrustedProxies:
    """Makes `REMOTE_ADDR` the customer's address. Only in use where TRUSTED_PROXIES says how many there are."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Let the view see who asked the outermost proxy; with fewer addresses than proxies, who asked us."""
        told = request.headers.get("X-Forwarded-For", "").split(",")
        if len(told) >= settings.TRUSTED_PROXIES and (
            # Some proxies write the port too. What is no address says nothing.
            address := clean_client_ip(told[-settings.TRUSTED_PROXIES])
        ):
            request.META["REMOTE_ADDR"] = address
        return self.get_response(request)
