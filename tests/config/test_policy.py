from typing import Any

import pytest
from csp.constants import NONCE
from csp.decorators import csp_exempt, csp_replace, csp_update
from csp.exceptions import CSPNonceError
from csp.middleware import CSPMiddleware
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from config import policy
from config.policy import PolicyMiddleware

HEADER = "Content-Security-Policy"


def plain(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


@csp_update({"script-src": [NONCE]})
def with_nonce(request: Any) -> HttpResponse:
    return HttpResponse(str(request.csp_nonce))


def with_its_own(request: HttpRequest) -> HttpResponse:
    return HttpResponse(headers={HEADER: "default-src 'none'"})


VIEWS = {
    "plain": plain,
    "updated": csp_update({"img-src": ["https://covers.example"]})(plain),
    "replaced": csp_replace({"img-src": ["https://covers.example"]})(plain),
    "exempt": csp_exempt()(plain),
    "its own": with_its_own,
}


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
def test_every_answer_has_the_header_that_django_csp_gives_it(view: Any) -> None:
    ours, theirs = (kind(view)(RequestFactory().get("/")) for kind in (PolicyMiddleware, CSPMiddleware))

    assert dict(ours.items()) == dict(theirs.items())


def test_a_nonce_is_in_the_header_of_its_own_answer_only() -> None:
    first, second = (PolicyMiddleware(with_nonce)(RequestFactory().get("/")) for _ in range(2))
    after = PolicyMiddleware(plain)(RequestFactory().get("/"))

    assert f"'nonce-{first.content.decode()}'" in first[HEADER]
    assert first.content.decode() not in second[HEADER]
    assert "nonce" not in after[HEADER]


def test_a_nonce_that_comes_too_late_is_an_error() -> None:
    request: Any = RequestFactory().get("/")
    PolicyMiddleware(plain)(request)

    with pytest.raises(CSPNonceError):
        str(request.csp_nonce)


def test_the_usual_policy_is_built_once(monkeypatch: pytest.MonkeyPatch) -> None:
    shop = PolicyMiddleware(plain)
    shop(RequestFactory().get("/"))
    monkeypatch.setattr("csp.middleware.build_policy", None)
    monkeypatch.setattr(policy, "build_policy", None)

    assert "default-src 'none'" in shop(RequestFactory().get("/"))[HEADER]


def test_addresses_that_are_left_out_and_a_policy_that_only_reports_are_minded(
    settings: Any,
) -> None:
    directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": directives, "EXCLUDE_URL_PREFIXES": ["/partner/"]}
    settings.CONTENT_SECURITY_POLICY_REPORT_ONLY = {"DIRECTIVES": {"default-src": ["'none'"]}}
    shop = PolicyMiddleware(plain)

    assert HEADER not in shop(RequestFactory().get("/partner/"))
    assert shop(RequestFactory().get("/")).headers.keys() > {HEADER, f"{HEADER}-Report-Only"}
