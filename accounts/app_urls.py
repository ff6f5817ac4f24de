"""allauth's JSON for apps (`allauth.headless`), without what the shop does not have and what allauth trips over."""

from typing import NoReturn

from allauth.headless.account.inputs import ResetPasswordKeyInput
from django.core.validators import RegexValidator
from django.http import Http404, HttpRequest
from django.urls import include, path, re_path

# A key is the account's number, a dash and the rest. Without the number it would be asked for, and raise.
ResetPasswordKeyInput.base_fields["key"].validators.append(RegexValidator(r"^[0-9A-Za-z]+-"))


def no_phone(_request: HttpRequest) -> NoReturn:
    """Raise Http404: an account has no telephone number, and allauth's view would ask for it."""
    raise Http404


urlpatterns = [
    re_path(r"^app/v1/(?:account/phone|auth/phone/.*)$", no_phone),
    path("", include("allauth.headless.urls")),
]
