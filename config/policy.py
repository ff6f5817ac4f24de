"""The Content-Security-Policy: django-csp's, with what is the same in nearly every answer built once."""

from collections.abc import Callable
from typing import Any

from csp.constants import HEADER
from csp.middleware import CheckableLazyObject, CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase


class PolicyMiddleware(CSPMiddleware):
    """Sends the policy of the settings. An answer that asks for another, or for a nonce, gets it from django-csp."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        super().__init__(get_response)
        self._built_from: dict[str, Any] | None = None
        self._built: str | None = None

    @property
    def _usual(self) -> str | None:
        policy = settings.CONTENT_SECURITY_POLICY
        if self._built_from is not policy:  # never so, but for the first time and in tests
            # Excluded addresses and a policy that only reports are left to django-csp, too.
            plain = policy.keys() == {"DIRECTIVES"} and not settings.DEBUG and not _only_reports()
            self._built_from, self._built = policy, build_policy() if plain else None
        return self._built

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Send the policy, unless the answer has one already."""
        usual = self._usual
        if usual is None or _asks_for_another(request, response):
            return super().process_response(request, response)
        response.headers.setdefault(HEADER, usual)
        # A nonce that is asked for from now on would not be in the header: django-csp then says so.
        vars(request)["csp_nonce"] = CheckableLazyObject(self._csp_nonce_post_response)
        return response


def _only_reports() -> bool:
    return bool(getattr(settings, "CONTENT_SECURITY_POLICY_REPORT_ONLY", None))


def _asks_for_another(request: HttpRequest, response: HttpResponseBase) -> bool:
    # This is how its decorators and its nonce leave word.
    return "_csp_nonce" in vars(request) or any(name.startswith("_csp_") for name in vars(response))
